"""A column of names in a CSV file, reconciled to a release from the terminal.

The file is CSV in UTF-8 with a header (https://www.rfc-editor.org/rfc/rfc4180); semicolons or tabs
may stand for the commas, as spreadsheet programs write them in some countries.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from lignee import terminal
from lignee.engines import additions
from lignee.engines.embedded import EmbeddedEngine
from lignee.errors import CannotWrite, Place, SettingError, UnparsableInput, UnreadableInput
from lignee.release import Release
from lignee.serve.reconciliation import reading
from lignee.serve.reconciliation.candidates import Candidate, reconcile
from lignee.serve.reconciliation.catalogue import Catalogue, Relation
from lignee.serve.reconciliation.queries import Query, kind_of
from lignee.serve.reconciliation.values import Source
from lignee.settings import Settings

_DELIMITERS: Final = ",;\t"
_BOM: Final = "\ufeff"
_AT_ONCE: Final = 50
"""Names between two moves of the progress bar."""
_OURS: Final = ("iri", "label", "score", "match")
_BETWEEN: Final = " "
"""Between several identifiers in one cell: IRIs hold no space."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a file."""

    file: Path
    column: str
    language: str = ""
    """Of the names; empty where it is not known."""
    kind: str = ""
    """The type that entities are to be of; empty for any."""
    relation: Relation = Relation.EQUIVALENT
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file as it was read; an empty line is a row without cells."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str
    has_bom: bool


def fill(release: Release, settings: Settings, wanted: Wanted, files: tuple[Path, ...]) -> None:
    """Write the file anew with columns for what its names mean; say how many were found.

    Raises InputError for a file that cannot be used, with its line and column, CannotWrite,
    EngineError, or MalformedBatch for a type that is not there.
    """
    if wanted.out and wanted.out.exists() and wanted.out.samefile(wanted.file):
        raise SettingError(f"--out {wanted.out} is the file that is read; name another")
    sheet = read(wanted.file)
    position = _position(wanted, sheet)
    added = additions.read(files, release, settings)
    with (
        EmbeddedEngine(release, replace(settings, workers=1), additions=added) as engine,
        terminal.progress() as progress,
    ):
        catalogue = reading.read(engine, release)
        names = [row[position] for row in sheet.rows if row]
        progress.step("reconcile", len(set(names)))
        found: dict[str, Candidate | None] = {}
        for part in _candidates(names, Source(engine, catalogue), wanted):
            found |= part
            progress.advance(len(part))
        best = [found[name] for name in names]
        progress.done(
            rows=len(names),
            matched=sum(one is not None and one.is_match for one in best),
            to_be_looked_at=sum(one is not None and not one.is_match for one in best),
            without_candidate=best.count(None),
        )
    _write(wanted.out, _filled(sheet, position, found, catalogue, wanted), sheet)


def read(file: Path) -> Sheet:
    """Return the file's content; raises InputError with line and column of what is wrong."""
    text = _decoded(file)
    lines = io.StringIO(text.removeprefix(_BOM), newline="")
    delimiter = _delimiter(text.partition("\n")[0])
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    read_rows: list[list[str]] = []
    try:
        header = next(rows, [])
        if not any(header):
            raise UnparsableInput(
                "has no header; its first line must name the columns", place=Place(file)
            )
        for row in rows:
            _check_cells(row, header, Place(file, rows.line_num))
            read_rows.append(row)
    except csv.Error as error:
        said = f"is no CSV: {error}"
        if "unexpected end" in str(error):
            said = "ends within a cell in quotes: it was cut, or a quotation mark is not closed"
        raise UnparsableInput(said, place=Place(file, rows.line_num)) from None
    return Sheet(header, read_rows, delimiter, text.startswith(_BOM))


def _decoded(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableInput(
            f"cannot be read: {error.strerror}; name a CSV file", place=Place(file)
        ) from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _wrongly_encoded(file, content, error.start) from None


def _wrongly_encoded(file: Path, content: bytes, at: int) -> UnreadableInput:
    start = content.rfind(b"\n", 0, at) + 1
    before = content[start:at].decode("latin-1")
    header = content.partition(b"\n")[0].decode("latin-1")
    delimiter = _delimiter(header)
    number = len(next(csv.reader([before], delimiter=delimiter), [])) or 1
    names = next(csv.reader([header.rstrip("\r")], delimiter=delimiter), [])
    name = f" (`{names[number - 1]}`)" if start and number <= len(names) else ""
    return UnreadableInput(
        f"column {number}{name} is not UTF-8; save the file as “CSV UTF-8”",
        place=Place(file, content.count(b"\n", 0, at) + 1, at - start + 1),
    )


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _check_cells(row: list[str], header: list[str], place: Place) -> None:
    if row and len(row) != len(header):
        more = "more" if len(row) > len(header) else "fewer"
        raise UnparsableInput(
            f"the row has {len(row)} cells, {more} than the {len(header)} of the header: the file "
            "was cut there, or a cell that holds the separator is not in quotes",
            place=place,
        )


def _position(wanted: Wanted, sheet: Sheet) -> int:
    number = sheet.header.count(wanted.column)
    if number == 1:
        return sheet.header.index(wanted.column)
    listed = ", ".join(f"`{name}`" for name in sheet.header)
    said = "there is no column" if number == 0 else f"{number} columns are called"
    raise UnparsableInput(
        f"{said} `{wanted.column}`; the columns are {listed}", place=Place(wanted.file, 1)
    )


def _candidates(
    names: Iterable[str], source: Source, wanted: Wanted
) -> Iterator[dict[str, Candidate | None]]:
    kinds = (kind_of(wanted.kind, "--type", source.catalogue),) if wanted.kind else ()
    waiting = list(dict.fromkeys(names))
    for start in range(0, len(waiting), _AT_ONCE):
        part = waiting[start : start + _AT_ONCE]
        queries = {name: Query(name, kinds, limit=1) for name in part}
        found = reconcile(queries, source, wanted.language)
        yield {name: next(iter(found[name]), None) for name in part}


def _filled(
    sheet: Sheet,
    position: int,
    found: dict[str, Candidate | None],
    catalogue: Catalogue,
    wanted: Wanted,
) -> Iterator[list[str]]:
    language = wanted.language or next(iter(catalogue.languages), "")
    targets = catalogue.targets()
    added = [*_OURS, *(catalogue.name(target.iri, language) for target in targets)]
    header = list(sheet.header)
    for name in added:
        header.append(_free(name, header))
    yield header
    for row in sheet.rows:
        candidate = found[row[position]] if row else None
        if candidate is None:
            yield [*row, *("" for _ in added)] if row else row
            continue
        mapped = [
            _BETWEEN.join(catalogue.mapped(candidate.entity, target.iri, wanted.relation))
            for target in targets
        ]
        label = catalogue.name(candidate.entity, language)
        match = "true" if candidate.is_match else "false"
        yield [*row, candidate.entity, label, f"{candidate.score:g}", match, *mapped]


def _free(name: str, taken: list[str]) -> str:
    """Return the name, with a number where a column is called so already."""
    numbers = (f"{name} {number}" if number > 1 else name for number in range(1, len(taken) + 2))
    return next(one for one in numbers if one not in taken)


def _write(out: Path | None, rows: Iterable[list[str]], sheet: Sheet) -> None:
    """Write the rows; a file is there whole or not at all."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=sheet.delimiter, lineterminator="\n").writerows(rows)
    content = (_BOM if sheet.has_bom else "") + text.getvalue()
    if out is None:
        sys.stdout.buffer.write(content.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, delete=False) as file:
            file.write(content.encode("utf-8"))
        written = Path(file.name)
        written.chmod(0o644)
        written.replace(out)
    except OSError as error:
        raise CannotWrite(f"{out} cannot be written: {error.strerror}") from None
    click.echo(f"{out}: {len(sheet.rows):,} rows")
