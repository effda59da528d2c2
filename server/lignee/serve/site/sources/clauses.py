"""One source: its clauses in order as references, and how much of its text they cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from lignee.serve.site.resource.cuts import Cut, Cuts
from lignee.serve.site.resource.naming import Reader, names_for
from lignee.serve.site.resource.questions import Questions, Solution, values_of
from lignee.serve.site.sources.said import Clause, clause_of, iris_in, said_by
from lignee.vocabulary import LIG, NIF, SCHEMA

MOST_STATEMENTS: Final = 5_000
"""Statements of a source's clauses that its page shows."""
_CLAUSES: Final = f"""\
SELECT ?clause ?position ?begin ?end WHERE {{{{
  ?clause <{NIF}referenceContext> ?this
  OPTIONAL {{{{ ?clause <{SCHEMA}position> ?position }}}}
  OPTIONAL {{{{ ?clause <{NIF}beginIndex> ?begin ; <{NIF}endIndex> ?end }}}}
}}}} ORDER BY ?position ?begin ?clause LIMIT {{limit}}"""
_STATED: Final = """\
SELECT ?clause ?thing ?property ?value WHERE {{
  VALUES ?clause {{ {clauses} }} GRAPH ?clause {{ ?thing ?property ?value }}
}} LIMIT {limit}"""
_TEXT: Final = f"""\
SELECT ?file ?digest ?length WHERE {{
  ?this <{SCHEMA}identifier> ?file ; <{LIG}textDigest> ?digest ; <{LIG}textLength> ?length
}}"""


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a source, which the release knows and does not hold."""

    file: str
    digest: str
    characters: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a text lies in clauses; `pieces` are where each begins and ends."""

    characters: int
    of: int
    pieces: tuple[tuple[int, int, Clause], ...] = ()

    @property
    def share(self) -> float:
        """The part of the text that lies in clauses, 1 for all of it."""
        return self.characters / self.of if self.of else 0


@dataclass(frozen=True, slots=True)
class Source:
    """The clauses of a source in their order, and what the release knows of its text."""

    clauses: tuple[Clause, ...]
    text: Text | None
    coverage: Coverage | None
    statements: int
    cuts: tuple[Cut, ...]

    @property
    def example(self) -> Clause | None:
        """A clause whose digest can be computed from the text."""
        return next((clause for clause in self.clauses if clause.digest and clause.end), None)


def source_of(iri: str, questions: Questions, reader: Reader, limit: int) -> Source:
    """Return what a page tells of a source's clauses; raises QueryError or EngineError."""
    this, cuts = NamedNode(iri), Cuts()
    found = questions.of(iri, _CLAUSES, limit + 1)
    query = f"SELECT ?clause WHERE {{ ?clause <{NIF}referenceContext> {this} }}"
    listed = cuts.first("clauses", found, limit, query)
    clauses_listed = " ".join(str(clause) for clause, *_ in listed)
    stated = questions.ask(_STATED.format(clauses=clauses_listed, limit=MOST_STATEMENTS + 1))
    of_stated = (
        f"SELECT ?clause ?thing ?property ?value WHERE {{ ?clause <{NIF}referenceContext> {this} . "
        "GRAPH ?clause { ?thing ?property ?value } }"
    )
    stated = cuts.first("stated", stated, MOST_STATEMENTS, of_stated)
    names = names_for(reader, questions, iris_in(listed) | iris_in(stated))
    by_clause: dict[str, list[Solution]] = defaultdict(list)
    for solution in stated:
        by_clause[values_of(solution)[0]].append(solution[1:])
    clauses = []
    for clause, position, _, _ in map(values_of, listed):
        said = said_by(names, by_clause[clause])
        clauses.append(clause_of(names, clause, said, position))
    text = _text(questions.of(iri, _TEXT))
    coverage = _coverage(clauses, text) if text else None
    return Source(tuple(clauses), text, coverage, len(stated), tuple(cuts.found))


def covered(pieces: Iterable[tuple[int, int]]) -> int:
    """Return how many characters lie in one piece at least."""
    total, reached = 0, 0
    for begin, end in sorted(pieces):
        total += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def _coverage(clauses: Iterable[Clause], text: Text) -> Coverage:
    pieces = tuple(
        (int(clause.begin), int(clause.end), clause)
        for clause in clauses
        if clause.begin and clause.end
    )
    characters = covered((begin, end) for begin, end, _ in pieces)
    return Coverage(characters, text.characters, pieces)


def _text(found: list[Solution]) -> Text | None:
    for file, digest, length in map(values_of, found):
        return Text(file, digest, int(length))
    return None
