"""The description of the endpoint, in RDF.

See https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple, serialize

from lignee.formats import GraphFormat
from lignee.release import Release
from lignee.vocabulary import DCAT, DCAT_VERSION, DCTERMS, RDF_TYPE, SD, VOID, XSD_INTEGER

_FORMATS: Final = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
    "TriG",
    "N-Quads",
)


def describe(endpoint: str, release: Release, label: str, form: GraphFormat) -> bytes:
    """Return the description of the endpoint at that URL; the label names what it serves."""
    body = serialize(
        _triples(endpoint, release, label),
        format=form.rdf_format,
        prefixes={"sd": SD, "void": VOID, "dcat": DCAT, "dcterms": DCTERMS, "formats": _FORMATS},
    )
    assert body is not None
    return body


def _triples(endpoint: str, release: Release, label: str) -> Iterator[Triple]:
    service = NamedNode(f"{endpoint}#service")
    dataset = NamedNode(f"{endpoint}#dataset")
    graph = NamedNode(f"{endpoint}#default-graph")
    yield Triple(service, RDF_TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), NamedNode(endpoint))
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    for name in _FORMAT_NAMES:
        yield Triple(service, _sd("resultFormat"), NamedNode(_FORMATS + name))
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(dataset, RDF_TYPE, _sd("Dataset"))
    yield Triple(dataset, _sd("defaultGraph"), graph)
    yield Triple(dataset, NamedNode(DCTERMS + "isVersionOf"), NamedNode(release.manifest.dataset))
    yield Triple(dataset, DCAT_VERSION, Literal(label))
    yield Triple(graph, RDF_TYPE, _sd("Graph"))
    triples = Literal(str(release.manifest.triples), datatype=XSD_INTEGER)
    yield Triple(graph, NamedNode(VOID + "triples"), triples)


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
