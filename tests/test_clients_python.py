"""Python's clients of SPARQL endpoints, as researchers use them, against a real server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import cast
from xml.dom.minidom import Document

import httpx
import pandas as pd
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad
from rdflib import Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.namespace import XSD
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import ResultRow
from SPARQLWrapper import (
    CSV,
    JSON,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper import JSONLD as JSON_LD
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

import handmade
import serving
from serving import Server

NAME = NamedNode(handmade.BASE + "name")
TEXTS = [
    Literal("été", language="fr"),
    Literal("a\rb\r\nc\nd\te", language="en"),
    Literal('"quoted", <b>&amp;</b>'),
    Literal("2024-02-01", datatype=NamedNode(str(XSD.date))),
]
GRAPH = NamedNode(handmade.BASE + "graph/texts")
QUERY = f"SELECT ?text {{ GRAPH <{GRAPH.value}> {{ ?s <{NAME.value}> ?text }} }}"
CONSTRUCT = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{GRAPH.value}> {{ ?s ?p ?o }} }}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    subject = handmade.iri("id/texts")
    texts = [Quad(subject, NAME, text, GRAPH) for text in TEXTS]
    nameless = BlankNode("n")
    knows = NamedNode(handmade.BASE + "knows")
    people = [Quad(nameless, knows, nameless, GRAPH), Quad(subject, knows, nameless, GRAPH)]
    releases = handmade.releases(tmp_path_factory.mktemp("python"), [*texts, *people])
    with serving.serve(releases) as running:
        yield running


def expected() -> set[RdflibLiteral]:
    return {
        RdflibLiteral(
            text.value,
            lang=text.language,
            datatype=URIRef(text.datatype.value) if text.datatype.value == str(XSD.date) else None,
        )
        for text in TEXTS
    }


def wrapped(server: Server, query: str) -> SPARQLWrapper:
    client = SPARQLWrapper(f"{server.url}/sparql")
    client.setQuery(query)
    client.setTimeout(20)
    return client


def solutions(client: SPARQLWrapper) -> list[dict[str, dict[str, str]]]:
    client.setReturnFormat(JSON)
    content = cast(dict[str, dict[str, list[dict[str, dict[str, str]]]]], client.queryAndConvert())
    return content["results"]["bindings"]


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("way", ["urlencoded", POSTDIRECTLY])
def test_sparqlwrapper_reads_json(server: Server, method: str, way: str) -> None:
    client = wrapped(server, QUERY)
    client.setMethod(method)
    client.setRequestMethod(way)
    found = {solution["text"]["value"] for solution in solutions(client)}
    assert found == {text.value for text in TEXTS}


def test_sparqlwrapper_reads_xml_with_its_carriage_returns(server: Server) -> None:
    client = wrapped(server, QUERY)
    client.setReturnFormat(XML)
    document = cast(Document, client.queryAndConvert())
    found = {
        "".join(str(part.nodeValue) for part in element.childNodes)
        for element in document.getElementsByTagName("literal")
    }
    assert found == {text.value for text in TEXTS}


@pytest.mark.parametrize("form", [CSV, TSV])
def test_sparqlwrapper_reads_tables(server: Server, form: str) -> None:
    client = wrapped(server, f"SELECT ?n {{ ?s <{handmade.BASE}number> ?n }} ORDER BY ?n LIMIT 3")
    client.setReturnFormat(form)
    assert cast(bytes, client.queryAndConvert()).split() in (
        [b"n", b"0", b"1", b"2"],
        [b"?n", b"0", b"1", b"2"],
    )


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # SPARQLWrapper uses it
@pytest.mark.parametrize("form", [TURTLE, RDFXML, JSON_LD, "n3"])
def test_sparqlwrapper_reads_graphs(server: Server, form: str) -> None:
    client = wrapped(server, CONSTRUCT)
    client.setReturnFormat(form)
    found = client.queryAndConvert()
    text = cast(bytes, found)
    graph = found if isinstance(found, Graph) else Graph().parse(data=text, format="turtle")
    assert set(graph.objects(predicate=URIRef(NAME.value))) == expected()


def test_sparqlwrapper_is_told_of_a_malformed_query(server: Server) -> None:
    with pytest.raises(QueryBadFormed, match="line 1, column 11"):
        wrapped(server, "SELECT * {").query()


def test_sparqlwrapper_asks_a_dataset_of_its_own(server: Server) -> None:
    client = wrapped(server, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    client.addDefaultGraph(f"{handmade.BASE}graph/letters")
    client.addDefaultGraph(f"{handmade.BASE}graph/notes")
    assert solutions(client)[0]["n"]["value"] == "2"


@pytest.fixture
def graph(server: Server) -> Iterator[Graph]:
    opened = Graph(SPARQLStore(f"{server.url}/sparql"), bind_namespaces="none")
    yield opened
    opened.close()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_store_reads_terms_as_they_are(server: Server, method: str) -> None:
    opened = Graph(SPARQLStore(f"{server.url}/sparql", method=method), bind_namespaces="none")
    assert set(opened.objects(predicate=URIRef(NAME.value))) == expected()


def test_rdflib_store_selects_asks_and_constructs(graph: Graph) -> None:
    names = {row[0] for row in graph.query(QUERY) if isinstance(row, ResultRow)}
    assert names == expected()
    assert graph.query(f"ASK {{ ?s <{NAME.value}> ?o }}").askAnswer is True
    constructed = graph.query(CONSTRUCT).graph
    assert constructed is not None
    assert set(constructed.objects(predicate=URIRef(NAME.value))) == expected()


def test_rdflib_store_counts_by_its_own_query(graph: Graph) -> None:
    assert len(graph) == handmade.THINGS + 2 + len(TEXTS) + 2


def test_blank_node_is_one_within_a_result(graph: Graph) -> None:
    found = graph.query(f"SELECT ?a ?b {{ ?a <{handmade.BASE}knows> ?b FILTER(ISBLANK(?b)) }}")
    pairs = [cast(tuple[object, object], row) for row in found]
    assert len({pair[1] for pair in pairs}) == 1
    assert any(first == second for first, second in pairs)


def test_pandas_reads_csv_from_the_address(server: Server) -> None:
    query = f"SELECT ?thing ?n {{ ?thing <{handmade.BASE}number> ?n }} ORDER BY ?n"
    address = httpx.URL(f"{server.url}/sparql", params={"query": query, "format": "csv"})
    table = pd.read_csv(str(address))
    assert list(table.columns) == ["thing", "n"]
    assert (len(table), int(table["n"].sum())) == (handmade.THINGS, 300 * 299 // 2)


def test_pandas_reads_quotes_commas_and_line_ends(server: Server) -> None:
    answer = httpx.get(f"{server.url}/sparql", params={"query": QUERY, "format": "csv"})
    table = pd.read_csv(io.BytesIO(answer.content), dtype=str, lineterminator=None)
    found = set(table["text"])
    assert {'"quoted", <b>&amp;</b>', "été", "2024-02-01"} <= found


def test_pandas_reads_unbound_as_missing(server: Server) -> None:
    query = "SELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) (2 3) } }"
    answer = httpx.get(f"{server.url}/sparql", params={"query": query, "format": "csv"})
    table = pd.read_csv(io.BytesIO(answer.content))
    assert table["b"].isna().tolist() == [True, False]
