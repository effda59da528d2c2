"""The description of the knowledge: VoID statistics, named graphs, prefixes, vocabularies.

It follows VoID (https://www.w3.org/TR/void/) and the partitions that query editors discover an
endpoint by: class partitions with property partitions, and in these the classes and datatypes of
objects (`void-ext`, http://ldf.fi/void-ext#). Every node has an IRI below `graph/description#`.
It holds nothing that depends on the release's version: the version is made from its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolution,
    QuerySolutions,
    Store,
    Triple,
)

from lignee.build import linksets
from lignee.build.linksets import Linkset
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
    XSD_INTEGER,
)

DESCRIPTION: Final = "description"

_TOTALS: Final = """
SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects)
       (COUNT(DISTINCT ?p) AS ?properties) (COUNT(DISTINCT ?o) AS ?distinctObjects)
WHERE { ?s ?p ?o }
"""
_CLASSES: Final = "SELECT ?c (COUNT(*) AS ?n) WHERE { ?s a ?c FILTER(ISIRI(?c)) } GROUP BY ?c"
_PROPERTIES: Final = """
SELECT ?p (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects)
       (COUNT(DISTINCT ?o) AS ?distinctObjects)
WHERE { ?s ?p ?o } GROUP BY ?p
"""
_PROPERTIES_OF_CLASSES: Final = """
SELECT ?c ?p (COUNT(*) AS ?n)
WHERE { ?s a ?c . ?s ?p ?o FILTER(ISIRI(?c)) } GROUP BY ?c ?p
"""
_OBJECT_CLASSES: Final = """
SELECT ?c ?p ?k (COUNT(*) AS ?n)
WHERE { ?s a ?c . ?s ?p ?o . ?o a ?k FILTER(ISIRI(?c) && ISIRI(?k)) } GROUP BY ?c ?p ?k
"""
_OBJECT_DATATYPES: Final = """
SELECT ?c ?p ?k (COUNT(*) AS ?n)
WHERE { ?s a ?c . ?s ?p ?o FILTER(ISIRI(?c) && ISLITERAL(?o)) BIND(DATATYPE(?o) AS ?k) }
GROUP BY ?c ?p ?k
"""
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


def statistics(dataset: Dataset) -> list[Triple]:
    """Return what VoID counts of the knowledge: the default graph without its own description.

    The default graph must be written, and must not hold the published queries yet.
    """
    graph = dataset.graph(DESCRIPTION)
    head = list(dataset.store.quads_for_pattern(None, None, None, graph))
    _leave_out(dataset.store, head)
    names = _Names(dataset)
    counts: Sequence[Iterator[Triple]] = (
        _totals(dataset),
        _partitions(dataset, names),
        _partitions_of_classes(dataset, names),
    )
    with ThreadPoolExecutor(max_workers=len(counts)) as pool:  # the store lets others run on
        counted = list(chain.from_iterable(pool.map(_listed, counts)))
    dataset.add(graph, (quad.triple for quad in head))
    return counted


def _listed(triples: Iterator[Triple]) -> list[Triple]:
    return list(triples)


def describe(
    dataset: Dataset, counted: list[Triple], found: Iterable[Linkset], shapes_digest: str
) -> int:
    """Add the statistics and all else that describes the dataset to it; return how many triples.

    The digest of the shapes graph is stated so that other shapes make another release.
    """
    triples = [
        *counted,
        *_graphs(dataset),
        *_prefixes(dataset),
        *_shapes(dataset, shapes_digest),
        *linksets.described(found, dataset),
    ]
    return dataset.add(dataset.graph(DESCRIPTION), triples)


def _leave_out(store: Store, quads: Iterable[Quad]) -> None:
    """Take from the default graph what only these quads say."""
    for quad in quads:
        said = store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        if {found.graph_name for found in said} == {DefaultGraph(), quad.graph_name}:
            store.remove(Quad(quad.subject, quad.predicate, quad.object))


def _totals(dataset: Dataset) -> Iterator[Triple]:
    me = dataset.head.iri
    yield Triple(me, RDF_TYPE, _void("Dataset"))
    yield Triple(me, RDF_TYPE, NamedNode(SD + "Dataset"))
    yield Triple(me, _void("uriSpace"), Literal(dataset.namespaces.resources))
    for solution in _ask(dataset, _TOTALS):
        for name in ("triples", "distinctSubjects", "distinctObjects", "properties"):
            yield Triple(me, _void(name), _term(solution, name))
    entities = f"""
        SELECT (COUNT(DISTINCT ?s) AS ?n)
        WHERE {{ ?s a ?c FILTER(STRSTARTS(STR(?s), {Literal(dataset.namespaces.resources)})) }}
    """
    yield Triple(me, _void("entities"), _term(next(_ask(dataset, entities)), "n"))


def _partitions(dataset: Dataset, names: _Names) -> Iterator[Triple]:
    me = dataset.head.iri
    vocabularies: set[str] = set()
    classes = list(_ask(dataset, _CLASSES))
    yield Triple(me, _void("classes"), Literal(str(len(classes)), datatype=XSD_INTEGER))
    for solution in classes:
        kind = _iri(solution, "c")
        part = names.node(kind)
        vocabularies.add(_vocabulary(dataset, kind))
        for whole in (me, names.node("default-graph")):
            yield Triple(whole, _void("classPartition"), part)
        yield Triple(part, _void("class"), kind)
        yield Triple(part, _void("entities"), _term(solution, "n"))
    for solution in _ask(dataset, _PROPERTIES):
        predicate = _iri(solution, "p")
        part = names.node("any", predicate)
        vocabularies.add(_vocabulary(dataset, predicate))
        yield Triple(me, _void("propertyPartition"), part)
        yield Triple(part, _void("property"), predicate)
        for name in ("triples", "distinctSubjects", "distinctObjects"):
            yield Triple(part, _void(name), _term(solution, name))
    for namespace in vocabularies - {""}:
        yield Triple(me, _void("vocabulary"), NamedNode(namespace))


def _partitions_of_classes(dataset: Dataset, names: _Names) -> Iterator[Triple]:
    for solution in _ask(dataset, _PROPERTIES_OF_CLASSES):
        kind, predicate = _iri(solution, "c"), _iri(solution, "p")
        part = names.node(kind, predicate)
        yield Triple(names.node(kind), _void("propertyPartition"), part)
        yield Triple(part, _void("property"), predicate)
        yield Triple(part, _void("triples"), _term(solution, "n"))
    for solution in _ask(dataset, _OBJECT_CLASSES):
        kind, predicate, target = _iri(solution, "c"), _iri(solution, "p"), _iri(solution, "k")
        part = names.node(kind, predicate, target)
        yield Triple(names.node(kind, predicate), _void("classPartition"), part)
        yield Triple(part, _void("class"), target)
        yield Triple(part, _void("triples"), _term(solution, "n"))
    for solution in _ask(dataset, _OBJECT_DATATYPES):
        kind, predicate, target = _iri(solution, "c"), _iri(solution, "p"), _iri(solution, "k")
        part = names.node(kind, predicate, target)
        whole = names.node(kind, predicate)
        yield Triple(whole, NamedNode(VOID_EXT + "datatypePartition"), part)
        yield Triple(part, NamedNode(VOID_EXT + "datatype"), target)
        yield Triple(part, _void("triples"), _term(solution, "n"))


def _graphs(dataset: Dataset) -> Iterator[Triple]:
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
    sizes = {_iri(solution, "g"): _term(solution, "n") for solution in _ask(dataset, _GRAPH_SIZES)}
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


def _ask(dataset: Dataset, query: str) -> Iterator[QuerySolution]:
    solutions = dataset.store.query(query)
    assert isinstance(solutions, QuerySolutions)
    return iter(solutions)


def _iri(solution: QuerySolution, name: str) -> NamedNode:
    term = solution[name]
    assert isinstance(term, NamedNode)
    return term


def _term(solution: QuerySolution, name: str) -> Literal:
    term = solution[name]
    assert isinstance(term, Literal)
    return term


def _void(name: str) -> NamedNode:
    return NamedNode(VOID + name)
