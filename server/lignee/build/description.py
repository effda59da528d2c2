"""The description of the knowledge: VoID statistics, named graphs, prefixes, vocabularies.

It follows VoID (https://www.w3.org/TR/void/) and the partitions that query editors discover an
endpoint by: class partitions with property partitions, and in these the classes and datatypes of
objects (`void-ext`, http://ldf.fi/void-ext#). Every node has an IRI below `graph/description#`.
It holds nothing that depends on the release's version: the version is made from its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    Triple,
)

from lignee.build import linksets
from lignee.build.census import Census, Name
from lignee.build.linksets import Linkset
from lignee.build.published_queries import QUERIES
from lignee.canonical import canonical_lines, to_nquads
from lignee.dataset import OUTSIDE_THE_DEFAULT_GRAPH, Dataset
from lignee.vocabulary import (
    DCTERMS,
    RDF_TYPE,
    RDFS_LABEL,
    SD,
    SH,
    SH_NAMESPACE,
    SH_PREFIX,
    SPDX,
    VOID,
    VOID_EXT,
    XSD,
)

DESCRIPTION: Final = "description"

_GRAPH_SIZES: Final = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"

_DEFAULT_GRAPH_LABELS: Final = {
    "en": "Default graph: the union of all graphs but superseded passages, validation and release",
    "fr": "Graphe par défaut : l’union de tous les graphes, hormis les passages remplacés, la "
    "validation et la version publiée",
}


@dataclass(frozen=True, slots=True)
class _Names:
    """Names for the nodes of the description, made from what they are about."""

    dataset: Dataset

    def node(self, *parts: NamedNode | str) -> NamedNode:
        """Return the name of the node about these terms, such as a class and a property."""
        words = (part if isinstance(part, str) else self._word(part.value) for part in parts)
        return NamedNode(f"{self.dataset.graph(DESCRIPTION).value}#{'/'.join(words)}")

    def _word(self, iri: str) -> str:
        short = self.dataset.prefixes.shorten(iri)
        return short or hashlib.sha256(iri.encode()).hexdigest()[:16]


def describe(dataset: Dataset, found: Iterable[Linkset], shapes_digest: str) -> None:
    """Add to the dataset what describes it as a whole; the default graph must be written.

    The digest of the shapes graph is stated so that other shapes make another release.
    """
    triples = [
        *_prefixes(dataset),
        *_shapes(dataset, shapes_digest),
        *linksets.described(found, dataset),
    ]
    dataset.add(dataset.graph(DESCRIPTION), triples)


def beside_the_knowledge(dataset: Dataset) -> list[str]:
    """Return the names of the graphs whose triples VoID's statistics leave out."""
    beside = (*OUTSIDE_THE_DEFAULT_GRAPH, DESCRIPTION, QUERIES)
    return [dataset.graph(name).value for name in beside]


def lines_of(dataset: Dataset, triples: Iterable[Triple]) -> list[bytes]:
    """Return the lines of N-Quads that state the triples in the description's graph, sorted.

    What is said of graphs and of statistics is much, and nothing asks the store for it.
    """
    graph = dataset.graph(DESCRIPTION)
    quads = (Quad(one.subject, one.predicate, one.object, graph) for one in triples)
    return canonical_lines(to_nquads(quads))


def statistics(dataset: Dataset, found: Census) -> Iterator[Triple]:
    """Yield what VoID says of the knowledge, that is, of what was counted."""
    names = _Names(dataset)
    yield from _totals(dataset, found)
    yield from _partitions(dataset, found, names)
    yield from _partitions_of_classes(found, names)


def _totals(dataset: Dataset, found: Census) -> Iterator[Triple]:
    me = dataset.head.iri
    yield Triple(me, RDF_TYPE, _void("Dataset"))
    yield Triple(me, RDF_TYPE, NamedNode(SD + "Dataset"))
    yield Triple(me, _void("uriSpace"), Literal(dataset.namespaces.resources))
    yield _count(me, "triples", found.triples)
    yield _count(me, "distinctSubjects", found.distinct_subjects)
    yield _count(me, "distinctObjects", found.distinct_objects)
    yield _count(me, "properties", len(found.properties))
    yield _count(me, "classes", len(found.classes))
    yield _count(me, "entities", found.entities)


def _partitions(dataset: Dataset, found: Census, names: _Names) -> Iterator[Triple]:
    me = dataset.head.iri
    for name, entities in found.classes.items():
        kind = _iri(name)
        part = names.node(kind)
        for whole in (me, names.node("default-graph")):
            yield Triple(whole, _void("classPartition"), part)
        yield Triple(part, _void("class"), kind)
        yield _count(part, "entities", entities)
    for name, use in found.properties.items():
        predicate = _iri(name)
        part = names.node("any", predicate)
        yield Triple(me, _void("propertyPartition"), part)
        yield Triple(part, _void("property"), predicate)
        yield _count(part, "triples", use.triples)
        yield _count(part, "distinctSubjects", use.distinct_subjects)
        yield _count(part, "distinctObjects", use.distinct_objects)
    terms = found.classes.keys() | found.properties.keys()
    for namespace in {_vocabulary(dataset, _iri(name)) for name in terms} - {""}:
        yield Triple(me, _void("vocabulary"), NamedNode(namespace))


def _partitions_of_classes(found: Census, names: _Names) -> Iterator[Triple]:
    for (of, by), triples in found.of_class.items():
        kind, predicate = _iri(of), _iri(by)
        part = names.node(kind, predicate)
        yield Triple(names.node(kind), _void("propertyPartition"), part)
        yield Triple(part, _void("property"), predicate)
        yield _count(part, "triples", triples)
    datatypes = NamedNode(VOID_EXT + "datatypePartition"), NamedNode(VOID_EXT + "datatype")
    for counts, leads_to, names_it in (
        (found.object_classes, _void("classPartition"), _void("class")),
        (found.object_datatypes, *datatypes),
    ):
        for (of, by, to), triples in counts.items():
            kind, predicate, target = _iri(of), _iri(by), _iri(to)
            part = names.node(kind, predicate, target)
            yield Triple(names.node(kind, predicate), leads_to, part)
            yield Triple(part, names_it, target)
            yield _count(part, "triples", triples)


def graphs(dataset: Dataset) -> Iterator[Triple]:
    """Yield the named graphs with their sizes; those of passages, which are many, in few words.

    A graph's name also names its description. The description cannot state its own size, and
    what is about the release comes after it.
    """
    me = dataset.head.iri
    default = _Names(dataset).node("default-graph")
    yield Triple(me, NamedNode(SD + "defaultGraph"), default)
    yield Triple(default, RDF_TYPE, NamedNode(SD + "Graph"))
    # SIB's sparql-overview looks for class partitions below what sd:graph leads to.
    yield Triple(default, NamedNode(SD + "graph"), default)
    for language, text in _DEFAULT_GRAPH_LABELS.items():
        yield Triple(default, RDFS_LABEL, Literal(text, language=language))
    sizes = _sizes(dataset)
    own = {dataset.graph(name) for name in (DESCRIPTION, *OUTSIDE_THE_DEFAULT_GRAPH)}
    for graph in sizes.keys() | own:
        yield Triple(me, NamedNode(SD + "namedGraph"), graph)
        yield Triple(graph, NamedNode(SD + "name"), graph)
        if graph in sizes and graph not in own:
            yield Triple(graph, _void("triples"), sizes[graph])
        if graph.value.startswith(dataset.namespaces.graphs):
            yield Triple(graph, RDF_TYPE, NamedNode(SD + "NamedGraph"))
            yield Triple(graph, NamedNode(SD + "graph"), graph)


def _prefixes(dataset: Dataset) -> Iterator[Triple]:
    for quad in dataset.store.quads_for_pattern(None, SH_PREFIX, None, DefaultGraph()):
        yield Triple(dataset.head.iri, NamedNode(SH + "declare"), quad.subject)
        yield quad.triple
        for stated in dataset.store.quads_for_pattern(
            quad.subject, SH_NAMESPACE, None, DefaultGraph()
        ):
            yield stated.triple


def _shapes(dataset: Dataset, shapes_digest: str) -> Iterator[Triple]:
    shapes = NamedNode(dataset.namespaces.base + "shapes")
    checksum = NamedNode(f"{shapes.value}#sha256")
    yield Triple(dataset.head.iri, NamedNode(DCTERMS + "conformsTo"), shapes)
    yield Triple(shapes, RDF_TYPE, NamedNode(DCTERMS + "Standard"))
    for language, text in (("en", "Shapes graph"), ("fr", "Graphe de formes")):
        yield Triple(shapes, RDFS_LABEL, Literal(text, language=language))
    yield Triple(shapes, NamedNode(SPDX + "checksum"), checksum)
    yield Triple(checksum, RDF_TYPE, NamedNode(SPDX + "Checksum"))
    algorithm = NamedNode(SPDX + "checksumAlgorithm_sha256")
    yield Triple(checksum, NamedNode(SPDX + "algorithm"), algorithm)
    value = Literal(shapes_digest, datatype=NamedNode(XSD + "hexBinary"))
    yield Triple(checksum, NamedNode(SPDX + "checksumValue"), value)


def _vocabulary(dataset: Dataset, term: NamedNode) -> str:
    prefix = (dataset.prefixes.shorten(term.value) or "").partition(":")[0]
    return dataset.prefixes.namespaces.get(prefix, "")


def _sizes(dataset: Dataset) -> dict[NamedNode, Literal]:
    """Return how many triples each named graph holds."""
    solutions = dataset.store.query(_GRAPH_SIZES)
    assert isinstance(solutions, QuerySolutions)
    sizes = {}
    for graph, size in solutions:
        assert isinstance(graph, NamedNode)
        assert isinstance(size, Literal)
        sizes[graph] = size
    return sizes


def _iri(name: Name) -> NamedNode:
    return NamedNode(name[1:-1].decode("utf-8"))


def _count(node: NamedNode, name: str, number: int) -> Triple:
    return Triple(node, _void(name), Literal(number))


def _void(name: str) -> NamedNode:
    return NamedNode(VOID + name)
