"""The query operation's cases of the W3C protocol test suite, as requests of our own.

The suite is `sparql/sparql11/protocol` of https://github.com/w3c/rdf-tests; ids are its names. It
asks for graphs `data0` to `data3`, each of which says of itself that it is a document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import httpx
import pytest
from pyoxigraph import NamedNode, Quad

import handmade
import serving
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS
from lignee.vocabulary import FOAF, RDF_TYPE

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
BOOLEAN = {form.media_type for form in RESULT_FORMATS[:2]}
TABULAR = {form.media_type for form in RESULT_FORMATS}
RDF = {form.media_type for form in GRAPH_FORMATS}
GRAPH = [f"{handmade.BASE}data{number}.rdf" for number in range(4)]
BOTH = f"ASK {{ <{GRAPH[1]}> a ?type . <{GRAPH[2]}> a ?type . }}"
BOTH_NAMED = f"GRAPH ?g1 {{ <{GRAPH[1]}> a ?type }} GRAPH ?g2 {{ <{GRAPH[2]}> a ?type }}"
ASK = "ASK {}"


@dataclass(frozen=True)
class Case:
    """One request and what the suite expects: a refusal where `kind` is empty."""

    name: str
    kind: set[str]
    method: str = "POST"
    content_type: str = QUERY
    body: bytes = b""
    url: list[tuple[str, str]] = field(default_factory=list)
    is_true: bool = True


def default(*numbers: int) -> list[tuple[str, str]]:
    return [("default-graph-uri", GRAPH[number]) for number in numbers]


def named(*numbers: int) -> list[tuple[str, str]]:
    return [("named-graph-uri", GRAPH[number]) for number in numbers]


def direct(name: str, kind: set[str], query: str, url: list[tuple[str, str]]) -> Case:
    return Case(name, kind, body=query.encode(), url=url)


def get(name: str, kind: set[str], url: list[tuple[str, str]]) -> Case:
    return Case(name, kind, "GET", "", url=url)


FORMED = urlencode({"query": ASK}).encode()
CASES = [
    Case("query_post_form", BOOLEAN, content_type=FORM, body=FORMED, url=default(0)),
    get("query_dataset_default_graphs_get", BOOLEAN, [("query", BOTH), *default(1, 2)]),
    direct("query_dataset_default_graphs_post", BOOLEAN, BOTH, default(1, 2)),
    direct("query_dataset_named_graphs_post", BOOLEAN, f"ASK {{ {BOTH_NAMED} }}", named(1, 2)),
    get(
        "query_dataset_named_graphs_get",
        BOOLEAN,
        [("query", f"ASK {{ {BOTH_NAMED} }}"), *named(1, 2)],
    ),
    direct(
        "query_dataset_full",
        BOOLEAN,
        f"ASK {{ <{GRAPH[3]}> a ?type {BOTH_NAMED} }}",
        [*default(3), *named(1, 2)],
    ),
    direct(
        "query_multiple_dataset",
        BOOLEAN,
        f"ASK FROM <{GRAPH[3]}> {{ {BOTH_NAMED} FILTER NOT EXISTS {{ <{GRAPH[3]}> a ?other }} }}",
        named(1, 2),
    ),
    get("query_get", BOOLEAN, [("query", ASK), *default(0)]),
    direct("query_content_type_select", TABULAR, "SELECT (1 AS ?value) {}", default(0)),
    direct("query_content_type_ask", BOOLEAN, ASK, default(0)),
    direct("query_content_type_describe", RDF, f"DESCRIBE <{GRAPH[0]}>", default(0)),
    direct("query_content_type_construct", RDF, "CONSTRUCT { <s> <p> 1 } WHERE {}", default(0)),
    direct("query_post_direct", BOOLEAN, ASK, []),
    Case("bad_query_method", set(), "PUT", FORM, url=[("query", ASK), *default(0)]),
    get("bad_multiple_queries", set(), [("query", ASK), ("query", "SELECT * {}")]),
    Case("bad_query_wrong_media_type", set(), content_type="text/plain", body=ASK.encode()),
    Case("bad_query_missing_form_type", set(), content_type="", body=FORMED),
    Case("bad_query_missing_direct_type", set(), content_type="", body=ASK.encode()),
    Case(
        "bad_query_non_utf8",
        set(),
        content_type=f"{QUERY}; charset=UTF-16",
        body=ASK.encode("utf-16"),
    ),
    Case("bad_query_syntax", set(), "GET", "", url=[("query", "ASK {")]),
    get("bad_update_get", set(), [("update", "CLEAR ALL")]),
    Case("update_post_form", set(), content_type=FORM, body=b"update=CLEAR+ALL"),
    Case("update_post_direct", set(), content_type=UPDATE, body=b"CLEAR ALL"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    documents = [
        Quad(NamedNode(iri), RDF_TYPE, NamedNode(FOAF + "Document"), NamedNode(iri))
        for iri in GRAPH
    ]
    releases = handmade.releases(tmp_path_factory.mktemp("protocol"), documents)
    with serving.serve(releases) as server, server.client() as opened:
        yield opened


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_of_the_suite(client: httpx.Client, case: Case, path: str) -> None:
    answer = client.request(
        case.method,
        f"{path}?{urlencode(case.url, quote_via=quote)}",
        content=case.body,
        headers={"Content-Type": case.content_type} if case.content_type else {},
    )
    media_type = answer.headers["Content-Type"].partition(";")[0]
    if case.kind:
        assert (answer.status_code, media_type in case.kind) == (200, True)
        assert case.kind is not BOOLEAN or answer.json()["boolean"] is True
    else:
        assert 400 <= answer.status_code < 500
        assert media_type == "application/problem+json"


def test_relative_iri_is_the_datasets_own(client: httpx.Client) -> None:
    query = "SELECT ?number { <id/thing/7> <number> ?number }"
    found = client.get("/sparql", params={"query": query, "format": "csv"})
    assert found.text == "number\r\n7\r\n"


def test_relative_iri_in_a_prologue_and_in_from_is_resolved_likewise(client: httpx.Client) -> None:
    head = "PREFIX g: <graph/> SELECT (COUNT(*) AS ?n) FROM <graph/letters> FROM g:notes"
    query = f"{head} {{ ?s ?p ?o }}"
    found = client.get("/sparql", params={"query": query, "format": "csv"})
    assert found.text == "n\r\n2\r\n"


def test_fault_beside_a_relative_iri_is_placed(client: httpx.Client) -> None:
    problem = client.get("/sparql", params={"query": "SELECT * {\n <a> <b> }"}).json()
    assert (problem["line"], problem["column"]) == (2, 10)
    assert "`}` is unexpected here" in problem["detail"]


def test_protocol_dataset_wins_over_from(client: httpx.Client) -> None:  # 2.1.4
    query = f"SELECT ?s FROM <{GRAPH[1]}> {{ ?s a ?type }}"
    given = {"query": query, "default-graph-uri": GRAPH[2], "format": "csv"}
    assert client.get("/sparql", params=given).text == f"s\r\n{GRAPH[2]}\r\n"


def test_named_graphs_alone_leave_the_default_graph_empty(client: httpx.Client) -> None:  # 2.1.4
    given = {"query": "ASK { ?s ?p ?o }", "named-graph-uri": GRAPH[1]}
    assert client.get("/sparql", params=given).json()["boolean"] is False


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_relative_name_of_a_graph_is_refused_even_without_a_query(
    client: httpx.Client, name: str
) -> None:
    answer = client.get("/sparql", params={name: "letters"})
    assert (answer.status_code, name in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_options_names_the_methods(client: httpx.Client, path: str) -> None:
    answer = client.options(path)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_description_names_one_endpoint_whatever_its_address_ends_with(
    client: httpx.Client,
) -> None:
    assert client.get("/sparql/").content == client.get("/sparql").content


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv;q=0.2, application/sparql-results+xml;q=0.1, */*;q=0", "text/csv"),
        ("application/*;q=0.5, text/tab-separated-values;q=0.6", "text/tab-separated-values"),
        ("*/*, application/sparql-results+json;q=0.1", "application/sparql-results+xml"),
        ("text/csv;charset=utf-8", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("application/sparql-results+xml; q=1.0 , */*;q=0.9", "application/sparql-results+xml"),
        ("application/xml", "application/sparql-results+xml"),
        ("nonsense, text/csv", "text/csv"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "text/html"),
        ("text/html;q=0.1, text/csv;q=0.2", "text/csv"),
        ("text/html;q=0, */*", "application/sparql-results+json"),
    ],
)
def test_accept_is_weighed(client: httpx.Client, accept: str, media_type: str) -> None:
    query = {"query": "SELECT (1 AS ?n) {}"}
    answer = client.get("/sparql", params=query, headers={"Accept": accept})
    assert answer.headers["Content-Type"].partition(";")[0] == media_type
    head = client.head("/sparql", params=query, headers={"Accept": accept})
    assert head.headers["Content-Type"] == answer.headers["Content-Type"]
    assert head.headers.get("Content-Length") in (None, answer.headers["Content-Length"])
