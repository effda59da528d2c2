"""Reading a release's catalogue by queries; nothing of any one dataset is known here.

Entities are what the dataset names and says the class of. Graphs that the build makes, and those of
the ontology, the shapes and the queries, tell of other things and are left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from pyoxigraph import NamedNode

from lignee.engines.engine import Engine
from lignee.iris import Namespaces, PrefixTable
from lignee.linking.matcher import Entry, Matcher
from lignee.linking.words import Name, primary
from lignee.matching.index import LabelIndex
from lignee.matching.texts import Label
from lignee.release import Release
from lignee.serve.by_release import ByRelease
from lignee.serve.reconciliation.catalogue import (
    Catalogue,
    Kind,
    Link,
    Property,
    Sort,
)
from lignee.serve.reconciliation.facts import ask
from lignee.serve.reconciliation.targets import links_of
from lignee.serve.reconciliation.targets import targets as linksets
from lignee.serve.site.asking import Terms
from lignee.serve.site.labels import labels_of

_NOT_ENTITIES: Final = (
    "ontology", "shapes", "queries", "derived", "description", "release", "validation",
)  # fmt: skip
"""Graphs of the dataset, by name, that tell of no entity."""
_TYPES: Final = """\
SELECT DISTINCT ?thing ?kind WHERE {{
  {{ GRAPH ?graph {{ ?thing a ?kind }}
     FILTER(?graph NOT IN ({graphs}) && !STRSTARTS(STR(?graph), "{linksets}")) }}
  UNION {{ ?thing skos:inScheme|skos:topConceptOf|^skos:hasTopConcept ?kind }}
  FILTER(ISIRI(?thing) && ISIRI(?kind))
}}"""
_RETIRED: Final = "SELECT DISTINCT ?thing WHERE { ?thing owl:deprecated true }"
_BROADER: Final = """\
SELECT DISTINCT ?kind ?above WHERE {
  ?kind rdfs:subClassOf ?above FILTER(ISIRI(?kind) && ISIRI(?above) && ?kind != ?above)
}"""
_DESCRIPTIONS: Final = """\
SELECT ?thing ?label ?grade WHERE {
  VALUES (?property ?grade) {
    (skos:definition 0) (dcterms:description 0) (schema:description 0)
    (rdfs:comment 1) (skos:scopeNote 2)
  }
  ?thing ?property ?label FILTER(ISIRI(?thing) && ISLITERAL(?label))
}"""
_PROPERTIES: Final = """\
SELECT ?kind ?property (COUNT(DISTINCT ?thing) AS ?number) WHERE {
  { ?thing a ?kind } UNION { ?thing skos:inScheme ?kind }
  ?thing ?property ?value
} GROUP BY ?kind ?property"""
_LONGEST_DESCRIPTION: Final = 300
_MOST_LANGUAGES: Final = 4
"""Languages in which a text of unknown language is looked for."""


class Catalogues:
    """Catalogues by what their release is called."""

    def __init__(self) -> None:
        self._known: ByRelease[Catalogue] = ByRelease()

    def of(self, engine: Engine, release: Release, label: str) -> Catalogue:
        """Return the catalogue of what the engine answers from; raises EngineError."""
        return self._known.get(label, lambda: read(engine, release))


def read(engine: Engine, release: Release) -> Catalogue:
    """Return the catalogue of a release; raises EngineError, also where it is too large for it."""
    prefixes = release.prefixes()
    labels = _by_thing(labels_of(engine))
    types_of, schemes = _types(engine, release.namespaces, labels)
    targets = linksets(engine)
    links = links_of(engine, set(types_of), targets, prefixes)
    kinds = _kinds(engine, types_of, schemes)
    kept = types_of.keys() | kinds.keys()
    titles = {target.iri: target.titles for target in targets if target.titles}
    properties = _properties(engine, kinds, types_of, links)
    retired = {one["thing"]["value"] for one in ask(engine, _RETIRED)}
    entries = [
        Entry(iri, tuple(_names(labels[iri])), frozenset().union(*(kinds[k].above for k in found)))
        for iri, found in types_of.items()
        if iri not in retired
    ]
    return Catalogue(
        prefixes=prefixes,
        labels=labels,
        descriptions=_descriptions(engine, kept | properties.keys()),
        types_of=types_of,
        kinds=kinds,
        properties=properties,
        links=links,
        matcher=Matcher(entries),
        indexes=_indexes(entries, kinds, properties, {**labels, **titles}, prefixes),
        languages=_languages(entries),
        titles=titles,
    )


def _types(
    engine: Engine, namespaces: Namespaces, labels: Mapping[str, list[Label]]
) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    """Return the classes and schemes of each entity, and which of them are schemes.

    Whatever is in a scheme is also in a graph that says its class, or is no entity.
    """
    graphs = ", ".join(str(NamedNode(namespaces.graph(name))) for name in _NOT_ENTITIES)
    query = _TYPES.format(graphs=graphs, linksets=namespaces.graph("linkset/"))
    typed = [(one["thing"]["value"], one["kind"]["value"]) for one in ask(engine, query)]
    schemed = "SELECT DISTINCT ?kind WHERE { ?thing skos:inScheme ?kind }"
    schemes = {one["kind"]["value"] for one in ask(engine, schemed)}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for thing, kind in typed:
        if thing in labels:
            found[thing].add(kind)
    return {
        thing: tuple(sorted(kinds)) for thing, kinds in found.items() if kinds - schemes
    }, schemes


def _kinds(
    engine: Engine, types_of: Mapping[str, Iterable[str]], schemes: set[str]
) -> dict[str, Kind]:
    broader: defaultdict[str, set[str]] = defaultdict(set)
    for one in ask(engine, _BROADER):
        broader[one["kind"]["value"]].add(one["above"]["value"])
    for types in types_of.values():
        classes = [kind for kind in types if kind not in schemes]
        for scheme in schemes.intersection(types):
            broader[scheme].update(classes)
    above = {kind: _closure(kind, broader) for types in types_of.values() for kind in types}
    numbers = Counter(
        kind
        for types in types_of.values()
        for kind in frozenset().union(*(above[direct] for direct in types))
    )
    return {
        kind: Kind(kind, number, tuple(sorted(broader[kind])), _closure(kind, broader))
        for kind, number in numbers.items()
    }


def _closure(kind: str, broader: Mapping[str, set[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = [kind]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(broader.get(one, ()))
    return frozenset(found)


def _properties(
    engine: Engine,
    kinds: Mapping[str, Kind],
    types_of: Mapping[str, Iterable[str]],
    links: Mapping[str, tuple[Link, ...]],
) -> dict[str, Property]:
    numbers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in ask(engine, _PROPERTIES):
        if kind := kinds.get(one["kind"]["value"]):
            for above in kind.above & kinds.keys():
                numbers[one["property"]["value"]][above] += int(one["number"]["value"])
    targets: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for thing, mapped in links.items():
        of_thing = frozenset().union(*(kinds[kind].above for kind in types_of[thing]))
        for target in {link.target for link in mapped}:
            targets[target].update(of_thing)
    found = {iri: Property(iri, False, dict(known)) for iri, known in numbers.items()}
    return found | {iri: Property(iri, True, dict(known)) for iri, known in targets.items()}


def _descriptions(engine: Engine, kept: Iterable[str]) -> dict[str, list[Label]]:
    wanted = set(kept)
    found = (_label(one) for one in ask(engine, _DESCRIPTIONS))
    return _by_thing(replace(one, text=_shortened(one.text)) for one in found if one.iri in wanted)


def _label(one: Terms) -> Label:
    label = one["label"]
    tag = label.get("xml:lang", "")
    return Label(one["thing"]["value"], label["value"], tag, int(one["grade"]["value"]))


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    return text[:_LONGEST_DESCRIPTION].rsplit(" ", 1)[0] + " …"


def _by_thing(labels: Iterable[Label]) -> dict[str, list[Label]]:
    found: defaultdict[str, list[Label]] = defaultdict(list)
    for label in labels:
        found[label.iri].append(label)
    return dict(found)


def _names(labels: Iterable[Label]) -> list[Name]:
    names: dict[tuple[str, str], Name] = {}
    for label in sorted(labels, key=lambda label: label.grade):
        name = Name(label.text, label.language, label.grade == 0)
        names.setdefault((label.text, label.language), name)
    return list(names.values())


def _languages(entries: Iterable[Entry]) -> tuple[str, ...]:
    counted = Counter(primary(name.language) for entry in entries for name in entry.names)
    return tuple(tag for tag, _ in counted.most_common() if tag)[:_MOST_LANGUAGES]


def _indexes(
    entries: Iterable[Entry],
    kinds: Iterable[str],
    properties: Iterable[str],
    labels: Mapping[str, Iterable[Label]],
    prefixes: PrefixTable,
) -> dict[Sort, LabelIndex]:
    """Return what finds entities, types and properties by what they are called or written as."""

    def called(iris: Iterable[str]) -> Iterator[Label]:
        for iri in iris:
            yield from labels.get(iri, ())
            if short := prefixes.shorten(iri):
                yield Label(iri, short, "", 3)

    entries = list(entries)
    types = [(entry.iri, kind) for entry in entries for kind in entry.kinds]
    return {
        Sort.ENTITY: LabelIndex.of(called(entry.iri for entry in entries), types),
        Sort.TYPE: LabelIndex.of(called(kinds), ()),
        Sort.PROPERTY: LabelIndex.of(called(properties), ()),
    }
