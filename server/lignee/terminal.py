"""What the command line shows: progress of a build, a result table, the settings in force."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from pyoxigraph import Literal, NamedNode, QuerySolutions, parse_query_results
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from lignee import query_files
from lignee import settings as settings_table
from lignee.build.progress import Progress
from lignee.engines import additions
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.engine import Request
from lignee.errors import BadParameter, MalformedQuery, UnsupportedFormat
from lignee.formats import (
    GRAPH_FORMATS,
    RESULT_FORMATS,
    GraphFormat,
    ResultFormat,
    graph_format,
    result_format,
)
from lignee.iris import PrefixTable
from lignee.release import Release
from lignee.settings import Settings


@contextlib.contextmanager
def progress() -> Iterator[Progress]:
    """Give a progress display for the block: a bar on a terminal, plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield PlainProgress()
        return
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        yield BarProgress(bar)


class PlainProgress:
    """One line a step once it is done, for logs and pipes."""

    def __init__(self) -> None:
        self._name = ""
        self._start = 0.0

    def step(self, name: str, total: int | None = None) -> None:
        """Begin a step."""
        del total
        self._name, self._start = name, time.monotonic()

    def advance(self, count: int = 1) -> None:
        """Say nothing: a log wants results."""

    def done(self, **counts: int) -> None:
        """Print what the step did and how long it took."""
        click.echo(_finished(self._name, time.monotonic() - self._start, counts), err=True)


class BarProgress:
    """A bar for the step at work, and a line for each that is done."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._name = ""
        self._start = 0.0
        self._task: TaskID | None = None

    def step(self, name: str, total: int | None = None) -> None:
        """Show the step's bar."""
        self._name, self._start = name, time.monotonic()
        self._task = self._bar.add_task(name, total=total)

    def advance(self, count: int = 1) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bar.advance(self._task, count)

    def done(self, **counts: int) -> None:
        """Replace the bar by a line that says what the step did."""
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
        self._bar.console.print(
            _finished(self._name, time.monotonic() - self._start, counts), highlight=False
        )


def _finished(name: str, seconds: float, counts: dict[str, int]) -> str:
    listed = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
    return f"{name:<12} {seconds:6.2f} s  {listed}".rstrip()


def answer(
    release: Release,
    settings: Settings,
    text_or_file: str,
    *,
    files: tuple[Path, ...],
    form: str | None,
    parameters: tuple[str, ...],
) -> None:
    """Print the answer to a query: a table on a terminal, a format otherwise.

    Raises QueryError, EngineError, InputError or SettingError.
    """
    prefixes = release.prefixes()
    query = _query(text_or_file)
    given = dict(_name_and_value(parameter) for parameter in parameters)
    table = form is None and sys.stdout.isatty()
    results, graphs = _formats(form)
    request = Request(
        query=query.text,
        result_format=results,
        graph_format=graphs,
        bindings=query.bindings(given, prefixes),
    )
    added = additions.read(files, release, settings)
    with (
        EmbeddedEngine(release, replace(settings, workers=1), additions=added) as engine,
        contextlib.closing(engine.evaluate(request)) as found,
    ):
        if table and found.media_type == RESULT_FORMATS[0].media_type:
            _print_table(b"".join(found.body), prefixes)
            return
        for piece in found.body:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def settings(current: Settings) -> None:
    """Print every setting with its value in force, as a table."""
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("flag", "variable", "value", "meaning"):
        table.add_column(heading, overflow="fold")
    for row in settings_table.table():
        described = settings_table.described(row)
        table.add_row(row.flag, row.variable, row.shown(current), described)
    Console().print(table)


def settings_markdown() -> str:
    """Return the table of settings as Markdown, with defaults and limits."""
    lines = ["| flag | variable | default | from | to | meaning |", "|---|---|---|---|---|---|"]
    for row in settings_table.table():
        default = "" if row.default in (Path(), settings_table.Iris(), "") else f"`{row.default}`"
        low, high = ("" if limit is None else f"{limit:,}" for limit in (row.minimum, row.maximum))
        flag = f"`{row.flag}`" if row.flag else ""
        meaning = settings_table.described(row)
        lines.append(f"| {flag} | `{row.variable}` | {default} | {low} | {high} | {meaning} |")
    return "\n".join(lines)


def _query(text_or_file: str) -> query_files.QueryFile:
    if not text_or_file.strip():
        raise MalformedQuery("the query is empty; give its text or a .rq file")
    if text_or_file.endswith(".rq"):
        return query_files.load(Path(text_or_file))
    return query_files.QueryFile(Path("query"), "query", text_or_file, {}, {}, "", ())


def _name_and_value(parameter: str) -> tuple[str, str]:
    name, equals, value = parameter.partition("=")
    if not equals:
        raise BadParameter(f"--param {parameter}: write it as NAME=VALUE")
    return name, value


def _formats(name: str | None) -> tuple[ResultFormat | None, GraphFormat | None]:
    if name is None:
        return RESULT_FORMATS[0] if sys.stdout.isatty() else RESULT_FORMATS[3], GRAPH_FORMATS[0]
    results, graphs = result_format(name), graph_format(name)
    if results is None and graphs is None:
        known = ", ".join(form.name for form in (*RESULT_FORMATS, *GRAPH_FORMATS))
        raise UnsupportedFormat(f"--format {name}: there is no such format; choose of {known}")
    return results, graphs


def _print_table(body: bytes, prefixes: PrefixTable) -> None:
    found = parse_query_results(body, format=RESULT_FORMATS[0].results_format)
    if not isinstance(found, QuerySolutions):
        click.echo("yes" if found else "no")
        return
    table = Table(show_edge=False, pad_edge=False)
    for variable in found.variables:
        table.add_column(variable.value, overflow="fold")
    count = 0
    for solution in found:
        table.add_row(*(_cell(term, prefixes) for term in solution))
        count += 1
    Console().print(table)
    click.echo(f"{count:,} solution{'' if count == 1 else 's'}")


def _cell(term: object, prefixes: PrefixTable) -> Text:
    if term is None:
        return Text("")
    if isinstance(term, NamedNode):
        return Text(prefixes.shorten(term.value) or term.value)
    if isinstance(term, Literal):
        return Text(f"{term.value} @{term.language}" if term.language else term.value)
    return Text(str(term))
