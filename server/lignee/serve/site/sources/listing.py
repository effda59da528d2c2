"""All sources of a release, each with its clauses counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lignee.serve.site.resource.cuts import Cut, Cuts
from lignee.serve.site.resource.facts import natural
from lignee.serve.site.resource.names import Named
from lignee.serve.site.resource.naming import Reader, names_for
from lignee.serve.site.resource.questions import Questions, values_of
from lignee.serve.site.sources.clauses import Coverage, covered
from lignee.serve.site.sources.said import first
from lignee.vocabulary import LIG, NIF, RDFS, SCHEMA

MOST_CLAUSES: Final = 100_000
"""Clauses that are counted; one of more is some hundred bytes for a moment."""
_SOURCES: Final = f"""\
SELECT ?source ?length WHERE {{
  {{ SELECT DISTINCT ?source WHERE {{
    {{ ?source a <{LIG}Source> }} UNION {{ ?clause <{NIF}referenceContext> ?source }}
  }} }}
  OPTIONAL {{ ?source <{LIG}textLength> ?length }}
}}"""
_CLAUSES: Final = f"""\
SELECT ?source ?clause ?begin ?end ?newer WHERE {{
  ?clause <{NIF}referenceContext> ?source
  OPTIONAL {{ ?clause <{NIF}beginIndex> ?begin ; <{NIF}endIndex> ?end }}
  OPTIONAL {{ ?clause <{LIG}supersededBy> ?newer }}
}} LIMIT {MOST_CLAUSES + 1}"""
_ALL_CLAUSES: Final = f"SELECT ?source ?clause WHERE {{ ?clause <{NIF}referenceContext> ?source }}"
_STATEMENTS: Final = f"""\
SELECT ?source (COUNT(*) AS ?number) WHERE {{
  ?clause <{NIF}referenceContext> ?source . GRAPH ?clause {{ ?thing ?property ?value }}
}} GROUP BY ?source"""


@dataclass(slots=True)
class _Counts:
    """What is counted of one source."""

    clauses: dict[str, None] = field(default_factory=dict)
    superseded: set[str] = field(default_factory=set)
    pieces: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A source in the list of all."""

    name: Named
    about: Named | None
    url: str
    clauses: int
    superseded: int
    statements: int
    coverage: Coverage | None


@dataclass(frozen=True, slots=True)
class Group:
    """The sources of one tier."""

    tier: Named | None
    sources: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """All sources by tier, those whose text is known first."""

    groups: tuple[Group, ...]
    cuts: tuple[Cut, ...]


def listing(questions: Questions, reader: Reader, limit: int) -> Listing:
    """Return the sources of the release; raises QueryError or EngineError."""
    cuts = Cuts()
    found = [values_of(solution) for solution in questions.ask(_SOURCES)]
    listed = cuts.first("sources", found, limit, _ALL_CLAUSES)
    lengths = {source: int(length or 0) for source, length in listed if source}
    counted = _counted(questions, cuts)
    stated = {
        source: int(number)
        for source, number in map(values_of, questions.ask(_STATEMENTS))
        if source
    }
    opening = {source: next(iter(counted[source].clauses), source) for source in lengths}
    names = names_for(reader, questions, {*lengths, *opening.values()})
    by_tier: dict[str, list[str]] = defaultdict(list)
    # Sources are put in order by what their clauses are called: that is what readers cite.
    for source in sorted(lengths, key=lambda source: natural(names.of(opening[source]).text)):
        by_tier[first(names, source, LIG + "tier")].append(source)

    def told(source: str) -> Listed:
        counts, length = counted[source], lengths[source]
        return Listed(
            names.of(source),
            names.texts(source, RDFS + "comment"),
            first(names, source, SCHEMA + "url"),
            len(counts.clauses),
            len(counts.superseded),
            stated.get(source, 0),
            Coverage(covered(counts.pieces), length) if length else None,
        )

    groups = (
        Group(names.of(tier) if tier else None, tuple(map(told, sources)))
        for tier, sources in by_tier.items()
    )
    return Listing(tuple(sorted(groups, key=_rank)), tuple(cuts.found))


def _counted(questions: Questions, cuts: Cuts) -> Mapping[str, _Counts]:
    found: dict[str, _Counts] = defaultdict(_Counts)
    clauses = cuts.first("counted", questions.ask(_CLAUSES), MOST_CLAUSES, _ALL_CLAUSES)
    for source, clause, begin, end, newer in map(values_of, clauses):
        counts = found[source]
        if clause not in counts.clauses and begin and end:
            counts.pieces.append((int(begin), int(end)))
        counts.clauses[clause] = None
        if newer:
            counts.superseded.add(clause)
    return found


def _rank(group: Group) -> tuple[bool, str]:
    has_text = any(source.coverage for source in group.sources)
    return not has_text, group.tier.text if group.tier else "\uffff"
