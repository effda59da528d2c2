"""The description of the endpoint, in RDF: what it really does, from the tables it does it by.

See https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple, serialize

from lignee.engines.functions import FUNCTIONS
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat
from lignee.release import Release
from lignee.vocabulary import DCAT, DCAT_VERSION, DCTERMS, RDF_TYPE, RDFS, SD, VOID, XSD_INTEGER

_FORMATS: Final = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES: Final = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD",
    "trig": "TriG",
    "nquads": "N-Quads",
}
"""The W3C's names for our formats, all of which it has one for."""
_SIMPLE_ENTAILMENT: Final = NamedNode("http://www.w3.org/ns/entailment/Simple")
_SPARQL_12: Final = NamedNode("https://www.w3.org/TR/sparql12-query/")
"""The vocabulary has no term for SPARQL 1.2 yet, whose queries are understood too."""
_GEOSPARQL: Final = "http://www.opengis.net/def/function/geosparql/"
_FUNCTION_NAMES: Final = (
    "area asGeoJSON centroid convexHull difference distance ehContains ehCoveredBy ehCovers "
    "ehDisjoint ehEquals ehInside ehMeet ehOverlap envelope getSRID intersection length rcc8dc "
    "rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi relate sfContains sfCrosses "
    "sfDisjoint sfEquals sfIntersects sfOverlaps sfTouches sfWithin symDifference union"
)
EXTENSION_FUNCTIONS: Final = tuple(NamedNode(_GEOSPARQL + name) for name in _FUNCTION_NAMES.split())
"""Functions beyond the standard's that pyoxigraph 0.5.13 knows."""
_POLICY: Final = {
    "en": (
        "Releases are read-only: updates are refused, and graphs named by FROM are never fetched. "
        "SERVICE is refused {}."
    ),
    "fr": (
        "Les versions publiées sont en lecture seule : les mises à jour sont refusées, et les "
        "graphes nommés par FROM ne sont jamais cherchés ailleurs. SERVICE est refusé {}."
    ),
}
_TO_ALL: Final = {"en": "to any endpoint", "fr": "vers tout autre point d’accès"}
_TO_MOST: Final = {"en": "but to: {}", "fr": "sauf vers : {}"}


@dataclass(frozen=True, slots=True)
class Service:
    """What is told of the endpoint: its address, its graphs, whom it may ask, what to see also.

    The label names what it serves: the release, and the files beside it.
    """

    endpoint: str
    release: Release
    label: str
    graphs: tuple[NamedNode, ...] = ()
    services: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()


def describe(service: Service, form: GraphFormat) -> bytes:
    """Return the description in that format."""
    prefixes = {
        "sd": SD,
        "void": VOID,
        "dcat": DCAT,
        "dcterms": DCTERMS,
        "rdfs": RDFS,
        "formats": _FORMATS,
    }
    body = serialize(
        _triples(service),
        format=form.rdf_format,
        prefixes=prefixes,
    )
    assert body is not None
    return body


def _triples(about: Service) -> Iterator[Triple]:
    service = NamedNode(f"{about.endpoint}#service")
    yield Triple(service, RDF_TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), NamedNode(about.endpoint))
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield Triple(service, _sd("languageExtension"), _SPARQL_12)
    for form in (*RESULT_FORMATS, *GRAPH_FORMATS):
        yield Triple(service, _sd("resultFormat"), NamedNode(_FORMATS + _FORMAT_NAMES[form.name]))
    for function in (*EXTENSION_FUNCTIONS, *FUNCTIONS):
        yield Triple(service, _sd("extensionFunction"), function)
        yield Triple(function, RDF_TYPE, _sd("Function"))
    yield Triple(service, _sd("defaultEntailmentRegime"), _SIMPLE_ENTAILMENT)
    yield from _policy(service, about.services)
    for address in about.see_also:
        yield Triple(service, NamedNode(RDFS + "seeAlso"), NamedNode(address))
    yield from _dataset(service, about)


def _policy(service: NamedNode, services: Iterable[str]) -> Iterator[Triple]:
    listed = " ".join(f"<{iri}>" for iri in services)
    if listed:
        yield Triple(service, _sd("feature"), _sd("BasicFederatedQuery"))
    for language, text in _POLICY.items():
        whom = _TO_MOST[language].format(listed) if listed else _TO_ALL[language]
        comment = Literal(text.format(whom), language=language)
        yield Triple(service, NamedNode(RDFS + "comment"), comment)


def _dataset(service: NamedNode, about: Service) -> Iterator[Triple]:
    dataset = NamedNode(f"{about.endpoint}#dataset")
    available = NamedNode(f"{about.endpoint}#graphs")
    graph = NamedNode(f"{about.endpoint}#default-graph")
    manifest = about.release.manifest
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(service, _sd("availableGraphs"), available)
    yield Triple(available, RDF_TYPE, _sd("GraphCollection"))
    yield Triple(dataset, RDF_TYPE, _sd("Dataset"))
    yield Triple(dataset, _sd("defaultGraph"), graph)
    yield Triple(dataset, NamedNode(DCTERMS + "isVersionOf"), NamedNode(manifest.dataset))
    yield Triple(dataset, DCAT_VERSION, Literal(about.label))
    yield Triple(graph, RDF_TYPE, _sd("Graph"))
    triples = Literal(str(manifest.triples), datatype=XSD_INTEGER)
    yield Triple(graph, NamedNode(VOID + "triples"), triples)
    # How the build says what the default graph is made of.
    described = NamedNode(about.release.namespaces.graph("description#default-graph"))
    yield Triple(graph, NamedNode(RDFS + "seeAlso"), described)
    for name in about.graphs:
        for whole in (dataset, available):
            yield Triple(whole, _sd("namedGraph"), name)
        yield Triple(name, RDF_TYPE, _sd("NamedGraph"))
        yield Triple(name, _sd("name"), name)


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
