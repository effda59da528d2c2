"""The one table of RDF and result-set formats: name, media type, extension, pyoxigraph format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat


@dataclass(frozen=True, slots=True)
class GraphFormat:
    """A serialisation of RDF graphs; `carries_graphs` tells whether graph names survive in it."""

    name: str
    media_type: str
    extension: str
    rdf_format: RdfFormat
    carries_graphs: bool
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultFormat:
    """A serialisation of the result set of SELECT or ASK."""

    name: str
    media_type: str
    extension: str
    results_format: QueryResultsFormat
    aliases: tuple[str, ...] = ()


Format = GraphFormat | ResultFormat

GRAPH_FORMATS: Final = (
    GraphFormat("turtle", "text/turtle", "ttl", RdfFormat.TURTLE, False),
    GraphFormat(
        "ntriples", "application/n-triples", "nt", RdfFormat.N_TRIPLES, False, ("text/plain",)
    ),
    GraphFormat("rdfxml", "application/rdf+xml", "rdf", RdfFormat.RDF_XML, False),
    GraphFormat(
        "jsonld", "application/ld+json", "jsonld", RdfFormat.JSON_LD, True, ("application/json",)
    ),
    GraphFormat("trig", "application/trig", "trig", RdfFormat.TRIG, True),
    GraphFormat("nquads", "application/n-quads", "nq", RdfFormat.N_QUADS, True),
)
"""Formats for graphs; the first is the default. Aliases are media types accepted, never sent."""

RESULT_FORMATS: Final = (
    ResultFormat(
        "json",
        "application/sparql-results+json",
        "json",
        QueryResultsFormat.JSON,
        ("application/json",),
    ),
    ResultFormat(
        "xml",
        "application/sparql-results+xml",
        "xml",
        QueryResultsFormat.XML,
        ("application/xml", "text/xml"),
    ),
    ResultFormat("csv", "text/csv", "csv", QueryResultsFormat.CSV),
    ResultFormat("tsv", "text/tab-separated-values", "tsv", QueryResultsFormat.TSV),
)
"""Formats for result sets; the first is the default."""

GRAPH_FORMATS_BY_EXTENSION: Final = {form.extension: form for form in GRAPH_FORMATS} | {
    "xml": GRAPH_FORMATS[2],
    "owl": GRAPH_FORMATS[2],
}
"""Graph formats by the extension of a file to read, without its dot."""


def graph_format(name: str) -> GraphFormat | None:
    """Return the graph format of that name or extension, or None."""
    return next((form for form in GRAPH_FORMATS if name in (form.name, form.extension)), None)


def result_format(name: str) -> ResultFormat | None:
    """Return the result format of that name or extension, or None."""
    return next((form for form in RESULT_FORMATS if name in (form.name, form.extension)), None)
