"""What the trees ask of a release: schemes, what lies below a concept, labels, mappings, counts.

All but the count are in the words of SKOS (https://www.w3.org/TR/skos-reference/), in whichever
direction a vocabulary says them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.engines.engine import Engine
from lignee.iris import PrefixTable
from lignee.release import Release
from lignee.serve.site.asking import published_text, solutions
from lignee.serve.site.languages import LANGUAGES
from lignee.serve.site.resource.names import best
from lignee.serve.site.resource.questions import Questions, Solution, values_of
from lignee.vocabulary import DCTERMS, RDFS, SCHEMA, SKOS

COUNTS: Final = "sessions-by-concept"
"""The published query that counts; a release without it has trees without numbers."""
MOST_MEMBERS: Final = 100_000
"""Concepts of schemes that are looked through for those that lie below no other."""
_PREFIX: Final = f"PREFIX skos: <{SKOS}>\n"
_SCHEMES: Final = (
    _PREFIX
    + """\
SELECT ?scheme (COUNT(DISTINCT ?concept) AS ?number) WHERE {
  ?scheme a skos:ConceptScheme OPTIONAL { ?concept skos:inScheme ?scheme }
} GROUP BY ?scheme"""
)
_DECLARED: Final = (
    _PREFIX
    + """\
SELECT DISTINCT ?scheme ?concept WHERE {{
  {{ VALUES ?scheme {{ {schemes} }} ?scheme skos:hasTopConcept ?concept }}
  UNION {{ VALUES ?scheme {{ {schemes} }} ?concept skos:topConceptOf ?scheme }}
}}"""
)
_MEMBERS_NUMBER: Final = (
    _PREFIX
    + """\
SELECT (COUNT(*) AS ?number) WHERE {{
  {{ SELECT ?concept {{
    VALUES ?scheme {{ {schemes} }} ?concept skos:inScheme ?scheme
  }} LIMIT {limit} }}
}}"""
)
_UNPLACED: Final = (
    _PREFIX
    + """\
SELECT DISTINCT ?scheme ?concept WHERE {{
  VALUES ?scheme {{ {schemes} }} ?concept skos:inScheme ?scheme
  MINUS {{
    VALUES ?scheme {{ {schemes} }} ?wider skos:inScheme ?scheme .
    ?concept skos:broader|^skos:narrower ?wider
  }}
}}"""
)
"""pyoxigraph takes two hundred times as long for the same with NOT EXISTS."""
_BELOW: Final = """\
  {{ VALUES ?parent {{ {parents} }} ?child skos:broader ?parent }}
  UNION {{ VALUES ?parent {{ {parents} }} ?parent skos:narrower ?child }}
"""
"""pyoxigraph joins values from outside a UNION only after it, with all that it finds."""
_CHILDREN: Final = (
    f"{_PREFIX}SELECT DISTINCT ?parent ?child WHERE {{{{\n{_BELOW}}}}} LIMIT {{limit}}"
)
_NUMBERS: Final = (
    f"{_PREFIX}SELECT ?parent (COUNT(DISTINCT ?child) AS ?number) WHERE {{{{\n{_BELOW}}}}} "
    "GROUP BY ?parent"
)
_ABOVE: Final = (
    _PREFIX
    + """\
SELECT DISTINCT ?wider ?scheme WHERE {
  { ?this skos:broader|^skos:narrower ?wider }
  UNION { ?this skos:inScheme|skos:topConceptOf|^skos:hasTopConcept ?scheme }
}"""
)
_PROPERTIES: Final = (SKOS + "prefLabel", RDFS + "label", DCTERMS + "title", SCHEMA + "name")
_LABELS: Final = f"""\
SELECT ?thing ?path ?label WHERE {{{{
  VALUES ?thing {{{{ {{things}} }}}}
  ?thing ?path ?label
  FILTER(?path IN ({", ".join(f"<{path}>" for path in _PROPERTIES)}){{only}})
}}}}"""
_ONLY: Final = f" && LANG(?label) IN ({', '.join(map(repr, (*LANGUAGES, '')))})"
"""A vocabulary may have labels in thirty languages."""
_MAPPINGS: Final = (
    _PREFIX
    + """\
SELECT DISTINCT ?thing ?relation ?target WHERE {{
  VALUES ?thing {{ {things} }}
  VALUES ?relation {{
    skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:relatedMatch
  }}
  ?thing ?relation ?target
}} ORDER BY ?thing ?relation ?target"""
)
_MEMBERS: Final = (
    _PREFIX + "SELECT ?scheme ?concept WHERE {{ VALUES ?concept {{ {concepts} }} "
    "?concept skos:inScheme ?scheme }}"
)
_KINDS: Final = (
    _PREFIX
    + "SELECT ?kind WHERE { ?this a ?kind FILTER(?kind IN (skos:Concept, skos:ConceptScheme)) }"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A mapping to a concept of another vocabulary: how near, to what, and its prefixed name."""

    relation: str
    target: str
    name: str


@dataclass(frozen=True, slots=True)
class Texts:
    """A label in the page's language, or the next best, and one in another of the pages'."""

    label: str
    language: str
    other: str = ""
    other_language: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Asks for what pages show of the trees, in one language; raises QueryError or EngineError."""

    questions: Questions
    language: str
    prefixes: PrefixTable

    def schemes(self) -> dict[str, int]:
        """Return all concept schemes, each with how many concepts it has."""
        return dict(_numbers(self.questions.ask(_SCHEMES)))

    def tops(self, schemes: Collection[str]) -> tuple[dict[str, list[str]], bool]:
        """Return the top concepts of each scheme, and whether these are all.

        Also those that nobody calls so and that lie below no other of the scheme, unless the
        schemes are too large for that.
        """
        listed = _listed(schemes)
        found: dict[str, dict[str, None]] = {scheme: {} for scheme in schemes}
        for scheme, concept in map(values_of, self.questions.ask(_DECLARED.format(schemes=listed))):
            found[scheme][concept] = None
        number = _MEMBERS_NUMBER.format(schemes=listed, limit=MOST_MEMBERS + 1)
        is_whole = int(values_of(self.questions.ask(number)[0])[0]) <= MOST_MEMBERS
        if is_whole:
            query = _UNPLACED.format(schemes=listed)
            for scheme, concept in map(values_of, self.questions.ask(query)):
                found[scheme][concept] = None
        return {scheme: list(tops) for scheme, tops in found.items()}, is_whole

    def children(self, parents: Collection[str], limit: int) -> list[tuple[str, str]]:
        """Return at most so many pairs of concepts and narrower ones."""
        if not parents:
            return []
        query = _CHILDREN.format(parents=_listed(parents), limit=limit)
        found = map(values_of, self.questions.ask(query))
        return [(parent, child) for parent, child in found]

    def numbers(self, parents: Collection[str]) -> dict[str, int]:
        """Return how many narrower concepts each has, those that have none left out."""
        if not parents:
            return {}
        return dict(_numbers(self.questions.ask(_NUMBERS.format(parents=_listed(parents)))))

    def members(self, concepts: Collection[str]) -> list[tuple[str, str]]:
        """Return pairs of schemes and those of the concepts that are in them."""
        query = _MEMBERS.format(concepts=_listed(concepts))
        found = map(values_of, self.questions.ask(query) if concepts else ())
        return [(scheme, concept) for scheme, concept in found]

    def above(self, iri: str) -> tuple[list[str], list[str]]:
        """Return the broader concepts of a concept, and its schemes."""
        found = [values_of(solution) for solution in self.questions.of(iri, _ABOVE)]
        return (
            sorted({wider for wider, _ in found if wider}),
            sorted({scheme for _, scheme in found if scheme}),
        )

    def kinds(self, iri: str) -> set[str]:
        """Return `Concept` or `ConceptScheme`, or both, or nothing for what is neither."""
        found = self.questions.of(iri, _KINDS)
        return {kind.removeprefix(SKOS) for (kind,) in map(values_of, found)}

    def texts(self, iris: Collection[str]) -> dict[str, Texts]:
        """Return the labels of each; a prefixed name or the IRI for one that has none."""
        found = self._labels(iris, _ONLY)
        if missing := [iri for iri in iris if iri not in found]:
            found |= self._labels(missing, "")
        return {iri: self._texts(iri, found.get(iri, {})) for iri in iris}

    def links(self, iris: Collection[str]) -> dict[str, list[Link]]:
        """Return the mappings of each."""
        found: dict[str, list[Link]] = defaultdict(list)
        query = _MAPPINGS.format(things=_listed(iris))
        for thing, relation, target in map(values_of, self.questions.ask(query) if iris else ()):
            name = self.prefixes.shorten(target) or target
            found[thing].append(Link(relation.removeprefix(SKOS), target, name))
        return found

    def _labels(self, iris: Collection[str], only: str) -> dict[str, dict[str, list[Literal]]]:
        """Return the labels of each by property."""
        found: dict[str, dict[str, list[Literal]]] = defaultdict(lambda: defaultdict(list))
        query = _LABELS.format(things=_listed(iris), only=only)
        for thing, path, label in self.questions.ask(query) if iris else ():
            if isinstance(thing, NamedNode) and isinstance(label, Literal):
                found[thing.value][str(path).strip("<>")].append(label)
        return found

    def _texts(self, iri: str, labels: Mapping[str, list[Literal]]) -> Texts:
        of_property = next((labels[path] for path in _PROPERTIES if path in labels), [])
        label = best(of_property, self.language)
        if label is None:
            return Texts(self.prefixes.shorten(iri) or iri, "")
        others = [tag for tag in LANGUAGES if tag != self.language]
        other = next((one for one in of_property if one.language in others), None)
        if other is None or other.value == label.value:
            return Texts(label.value, label.language or "")
        return Texts(label.value, label.language or "", other.value, other.language or "")


def counts(engine: Engine, release: Release) -> Mapping[str, int]:
    """Return how many sessions name each concept, by the release's own query for that.

    Empty where it publishes none; raises QueryError or EngineError.
    """
    query = published_text(engine, release, COUNTS)
    found = solutions(engine, query) if query else []
    return {one["concept"]: int(one["sessions"]) for one in found if "concept" in one}


def _numbers(found: Iterable[Solution]) -> Iterator[tuple[str, int]]:
    for thing, number in map(values_of, found):
        if thing:  # an aggregate over nothing has one solution, of zero
            yield thing, int(number)


def _listed(iris: Collection[str]) -> str:
    return " ".join(str(NamedNode(iri)) for iri in iris)
