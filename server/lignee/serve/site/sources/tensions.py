"""Where sources differ, with the sides beside each other.

What is a tension, the release says itself, by published queries of the kind `tensions`. Each of
their solutions is a part of one side: `?passage` says it, of `?about` or `?thing`, by `?property`,
as `?value`; only the passage has to be there. A figure as value shows its amount. Beside these,
clauses that a later one replaces are set against it in every release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from lignee import query_files
from lignee.serve.site.published import PublishedQuery
from lignee.serve.site.resource.cuts import Cut, Cuts
from lignee.serve.site.resource.facts import natural
from lignee.serve.site.resource.names import Named, Names
from lignee.serve.site.resource.naming import Reader, names_for
from lignee.serve.site.resource.questions import Node, Questions, Solution
from lignee.serve.site.sources.said import Clause, clause_of, iris_in, said_by
from lignee.vocabulary import LIG, NIF

KIND: Final = "tensions"
_REPLACED: Final = f"""\
SELECT ?about (?old AS ?passage) ?thing ?property ?value WHERE {{
  ?old <{LIG}supersededBy> ?new . GRAPH ?old {{ ?about ?property ?value }}
}}"""
_REPLACING: Final = f"""\
SELECT DISTINCT ?about (?new AS ?passage) ?thing ?property ?value WHERE {{
  ?old <{LIG}supersededBy> ?new . GRAPH ?old {{ ?about ?property ?other }}
  GRAPH ?new {{ ?about ?property ?value }}
}}"""
_COLUMNS: Final = ("about", "passage", "thing", "property", "value")

Row = tuple[Node | None, Node | None, Node | None, Node | None, Node | None]
"""The columns of a solution, in their order."""


@dataclass(frozen=True, slots=True)
class Case:
    """The sides on one thing, or on several where `about` is None."""

    about: Named | None
    sides: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Tension:
    """One way in which sources differ."""

    name: str
    """That of the query; empty for clauses that are replaced."""
    title: str
    question: str
    note: str
    cases: tuple[Case, ...]
    cuts: tuple[Cut, ...]


def tensions_of(
    queries: Iterable[PublishedQuery], questions: Questions, reader: Reader, limit: int
) -> list[Tension]:
    """Return what the release's own queries find, those without a solution left out.

    Raises QueryError or EngineError.
    """
    own = sorted(
        (query for query in queries if query.kind == KIND and query.file.form == "SELECT"),
        key=lambda query: (query_files.stratum(query.file), query.name),
    )
    found = []
    for query in own:
        cuts = Cuts()
        rows = _rows(questions.named(query.file.text))
        shown = cuts.first("tension", rows, limit, query.file.text)
        if shown:
            language = reader.language
            note = query.file.notes.get(language) or query.file.notes.get("en", "")
            titles = query.title(language), query.question(language), note
            found.append(_tension(query.name, titles, shown, cuts, questions, reader))
    return found


def replaced(questions: Questions, reader: Reader, limit: int) -> Tension | None:
    """Return the clauses that later ones replace, each beside the one that does, None for none.

    Raises QueryError or EngineError.
    """
    cuts = Cuts()
    rows = _differing(_rows([*questions.named(_REPLACED), *questions.named(_REPLACING)]))
    shown = cuts.first("tension", rows, limit, _REPLACED)
    titles = (
        reader.text("tensions.replaced"),
        reader.text("tensions.replaced.question"),
        reader.text("tensions.replaced.note"),
    )
    return _tension("", titles, shown, cuts, questions, reader) if shown else None


def _rows(solutions: Iterable[dict[str, Node]]) -> list[Row]:
    rows = ([solution.get(column) for column in _COLUMNS] for solution in solutions)
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows if row[1] is not None]


def _differing(rows: Iterable[Row]) -> list[Row]:
    """Return the rows whose property does not have the same values in all passages."""
    rows = list(rows)
    values: dict[tuple[Node | None, ...], dict[Node | None, set[Node | None]]] = {}
    for about, passage, thing, path, value in rows:
        sides = values.setdefault((about, thing, path), {})
        sides.setdefault(passage, set()).add(value)
    return [
        row
        for row in rows
        if len(sides := values[row[0], row[2], row[3]]) == 1
        or any(side != sides[row[1]] for side in sides.values())
    ]


def _tension(
    name: str,
    titles: tuple[str, str, str],
    rows: Sequence[Row],
    cuts: Cuts,
    questions: Questions,
    reader: Reader,
) -> Tension:
    names = names_for(reader, questions, iris_in(rows))
    cases: dict[Node | None, dict[str, list[Solution]]] = {}
    for about, passage, thing, path, value in rows:
        sides = cases.setdefault(about, {})
        clause = passage.value if isinstance(passage, NamedNode) else str(passage)
        sides.setdefault(clause, []).append((thing, path, value))
    told = [
        Case(
            names.value(about) if about else None,
            tuple(
                clause_of(names, clause, said_by(names, statements))
                for clause, statements in sorted(
                    sides.items(), key=lambda side: _rank(names, side[0])
                )
            ),
        )
        for about, sides in cases.items()
    ]
    told.sort(key=lambda case: natural(case.about.text if case.about else ""))
    return Tension(name, *titles, tuple(told), tuple(cuts.found))


def _rank(names: Names, clause: str) -> tuple[bool, list[tuple[int, str]]]:
    """Put clauses whose text can be checked first, then in the order of their names."""
    return not names.nodes(clause, NIF + "beginIndex"), natural(names.of(clause).text)
