"""The SPARQL 1.1 Protocol over real HTTP; section numbers are the specification's."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from pyoxigraph import (
    NamedNode,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

import serving
from lignee import errors
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from lignee.release import Release, open_store
from lignee.serve.http import problems
from lignee.vocabulary import RDF_TYPE, SD
from serving import Server

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
SELECT = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"
CONSTRUCT = "CONSTRUCT WHERE { ?s a ?o }"
ASK = {"query": "ASK { ?s ?p ?o }"}
JSON_RESULTS = "application/sparql-results+json"


@pytest.fixture(scope="module")
def server(tiny_releases: Path) -> Iterator[Server]:
    with serving.serve(tiny_releases, query_bytes=50_000) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def store(tiny_release: Release) -> Store:
    return open_store(tiny_release, in_memory=True)


def named(form: GraphFormat | ResultFormat) -> str:
    return form.name


def test_get_answers(client: httpx.Client) -> None:  # 2.1.1
    answer = client.get("/sparql", params=ASK)
    assert (answer.status_code, answer.json()["boolean"]) == (200, True)


def test_form_sent_by_post_answers(client: httpx.Client) -> None:  # 2.1.2
    assert client.post("/sparql", data=ASK).json()["boolean"] is True


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", ";charset=UTF-8"])
def test_query_sent_by_post_answers(client: httpx.Client, charset: str) -> None:  # 2.1.3
    headers = {"Content-Type": QUERY + charset}
    answer = client.post("/sparql", content='ASK { FILTER("é" = "\\u00E9") }', headers=headers)
    assert answer.json()["boolean"] is True


@pytest.mark.parametrize("form", RESULT_FORMATS[:2], ids=named)
def test_select_is_the_stores_answer(
    client: httpx.Client, store: Store, form: ResultFormat
) -> None:
    answer = client.get("/sparql", params={"query": SELECT}, headers={"Accept": form.media_type})
    found = parse_query_results(answer.content, format=form.results_format)
    expected = store.query(SELECT)
    assert isinstance(found, QuerySolutions)
    assert isinstance(expected, QuerySolutions)
    assert [list(solution) for solution in found] == [list(solution) for solution in expected]
    assert answer.headers["Content-Type"] == form.media_type


@pytest.mark.parametrize("form", RESULT_FORMATS[2:], ids=named)
def test_select_as_text_is_the_stores_answer(
    client: httpx.Client, store: Store, form: ResultFormat
) -> None:
    answer = client.get("/sparql", params={"query": SELECT}, headers={"Accept": form.media_type})
    expected = store.query(SELECT)
    assert isinstance(expected, QuerySolutions)
    assert answer.content == expected.serialize(format=form.results_format)
    assert answer.headers["Content-Type"] == f"{form.media_type}; charset=utf-8"


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=named)
@pytest.mark.parametrize(
    "query", [CONSTRUCT, "DESCRIBE ?s { ?s a ?o }"], ids=["construct", "describe"]
)
def test_graph_is_the_stores_answer(
    client: httpx.Client, store: Store, query: str, form: GraphFormat
) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": form.media_type})
    expected = store.query(query)
    assert isinstance(expected, QueryTriples)
    assert {quad.triple for quad in parse(answer.content, format=form.rdf_format)} == set(expected)
    assert answer.headers["Content-Type"].partition(";")[0] == form.media_type


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        (None, SELECT, JSON_RESULTS),
        ("", SELECT, JSON_RESULTS),
        ("*/*", SELECT, JSON_RESULTS),
        ("application/json", SELECT, JSON_RESULTS),
        (
            "text/csv;q=0.5, application/sparql-results+xml",
            SELECT,
            "application/sparql-results+xml",
        ),
        ("text/*", SELECT, "text/csv; charset=utf-8"),
        (
            "application/sparql-results+json;q=0, */*;q=0.1",
            SELECT,
            "application/sparql-results+xml",
        ),
        ("text/turtle, text/csv", SELECT, "text/csv; charset=utf-8"),
        ("text/turtle, text/csv", CONSTRUCT, "text/turtle; charset=utf-8"),
        (None, CONSTRUCT, "text/turtle; charset=utf-8"),
        ("application/json", CONSTRUCT, "application/ld+json"),
        ("application/rdf+xml, text/turtle;q=0.9", CONSTRUCT, "application/rdf+xml"),
    ],
)
def test_accept_chooses_the_format(
    client: httpx.Client, accept: str | None, query: str, media_type: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = client.get("/sparql", params={"query": query}, headers=headers)
    assert answer.headers["Content-Type"] == media_type
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("name", "query", "media_type"),
    [
        ("csv", SELECT, "text/csv; charset=utf-8"),
        ("application/sparql-results+xml", SELECT, "application/sparql-results+xml"),
        ("xml", CONSTRUCT, "application/rdf+xml"),
        ("json", CONSTRUCT, "application/ld+json"),
        ("nt", CONSTRUCT, "application/n-triples"),
    ],
)
def test_format_in_the_url_wins_over_accept(
    client: httpx.Client, name: str, query: str, media_type: str
) -> None:
    given = {"query": query, "format": name}
    answer = client.get("/sparql", params=given, headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    ("given", "accept", "listed"),
    [
        ({"query": SELECT}, "image/png", JSON_RESULTS),
        ({"query": SELECT}, "text/turtle", JSON_RESULTS),
        ({"query": CONSTRUCT}, "text/csv", "text/turtle"),
        ({"query": SELECT, "format": "pdf"}, "*/*", JSON_RESULTS),
    ],
    ids=["neither", "graph-only", "results-only", "by-url"],
)
def test_not_acceptable_names_what_there_is(
    client: httpx.Client, given: dict[str, str], accept: str, listed: str
) -> None:
    answer = client.get("/sparql", params=given, headers={"Accept": accept})
    assert answer.status_code == 406
    assert listed in answer.json()["detail"]


def test_head_tells_the_type_and_evaluates_nothing(client: httpx.Client) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    answer = client.head("/sparql", params={"query": endless}, timeout=2)
    assert answer.headers["Content-Type"] == JSON_RESULTS
    assert "Content-Length" not in answer.headers


def test_default_graphs_are_merged(client: httpx.Client, store: Store) -> None:  # 2.1.4
    graphs = sorted(
        str(graph.value) for graph in store.named_graphs() if isinstance(graph, NamedNode)
    )
    counting = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    answer = client.get("/sparql", params={"query": counting, "default-graph-uri": graphs})
    triples = {quad.triple for quad in store if quad.graph_name.__class__ is NamedNode}
    assert answer.json()["results"]["bindings"][0]["n"]["value"] == str(len(triples))


def test_named_graphs_are_those_given(client: httpx.Client, store: Store) -> None:  # 2.1.4
    graph = next(graph for graph in store.named_graphs() if isinstance(graph, NamedNode))
    given = {
        "query": "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
        "named-graph-uri": graph.value,
    }
    found = client.post("/sparql", data=given).json()["results"]["bindings"]
    assert [solution["g"]["value"] for solution in found] == [graph.value]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/sparql?query=ASK%7B%7D&query=ASK%7B%7D", "`query` is given 2 times"),
        ("/sparql?query=%zz", "`%zz`, which is no percent-encoded byte"),
        ("/sparql?query=%", "`%`, which is no percent-encoded byte"),
        ("/sparql?query=%ff", "not UTF-8"),
        ("/sparql?query=ASK%7B", "(line 1, column 5)"),
        ("/sparql?query=", "it is empty"),
        ("/sparql?update=CLEAR+ALL", "asks for a SPARQL update"),
        ("/sparql?query=CLEAR+ALL", "CLEAR is a SPARQL update"),
        ("/sparql?query=ASK%7B%7D&release=0.0.1", "there is no release 0.0.1"),
        ("/sparql?query=ASK%7BSERVICE%3Cx%3Ay%3E%7B%7D%7D", "calls a SERVICE"),
        ("/sparql?query=ASK%7B%7D&default-graph-uri=no+iri", "graph's name is not an IRI"),
        ("/sparql?query=ASK" + "(" * 300, "nested more than 128 deep"),
    ],
)
def test_bad_request_says_what_is_wrong(server: Server, target: str, words: str) -> None:
    with server.send(f"GET {target} HTTP/1.1\nHost: x\nConnection: close") as connection:
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert words.lower() in json.loads(body)["detail"].lower()


@pytest.mark.parametrize(
    ("content_type", "body", "status", "words"),
    [
        (FORM, b"a=1", 400, "no parameter `query`"),
        (FORM, b"query=%ff", 400, "not UTF-8"),
        (FORM, b"query=ASK{}&query=ASK{}", 400, "given 2 times"),
        (FORM, b"update=CLEAR+ALL", 400, "SPARQL update"),
        (QUERY, b"ASK { FILTER('\xff') }", 400, "not UTF-8 (at byte 14)"),
        (QUERY, b" " * 50_001, 413, "50000 bytes"),
        (FORM, b"query=" + b"a" * 50_000, 413, "50000 bytes"),
        (QUERY + "; charset=latin1", b"ASK {}", 415, "send it as UTF-8"),
        ("application/sparql-update", b"CLEAR ALL", 400, "SPARQL update"),
        ("application/json", b"{}", 415, "sent as application/sparql-query or"),
        ("", b"ASK {}", 415, "of no stated type"),
    ],
    ids=lambda value: str(value)[:25],
)
def test_bad_body_is_refused(
    client: httpx.Client, content_type: str, body: bytes, status: int, words: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.post("/sparql", content=body, headers=headers)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_body_without_a_length_is_held_to_the_limit(client: httpx.Client) -> None:
    pieces = (b" " * 10_000 for _ in range(8))
    answer = client.post("/sparql", content=pieces, headers={"Content-Type": QUERY})
    assert answer.status_code == 413


@pytest.mark.parametrize("length", [50_001, 80_000], ids=["ours", "the server's"])
def test_long_url_is_refused(server: Server, length: int) -> None:
    with server.send(f"GET /sparql?query={'a' * length} HTTP/1.1\nHost: x") as connection:
        assert connection.recv(12) == b"HTTP/1.1 414"


def test_problem_has_one_shape(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "SELECT *\n{ ?s ?p }"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "request_id": answer.headers["X-Request-Id"],
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "The query does not parse: `}` is unexpected here (line 2, column 9).",
        "error": "MalformedQuery",
        "line": 2,
        "column": 9,
    }


def test_browser_gets_a_problem_as_a_page_without_its_own_markup(client: httpx.Client) -> None:
    given = {"query": "ASK { <script>alert(1)</script> }", "format": "json"}
    answer = client.get("/sparql", params=given, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script>" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_are_allowed(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/sparql")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_any_origin_may_ask(client: httpx.Client) -> None:
    headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    preflight = client.options("/sparql", headers=headers)
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
    answer = client.get("/sparql", params={"query": "ASK {"}, headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=named)
def test_without_a_query_the_service_describes_itself(
    server: Server, client: httpx.Client, form: GraphFormat
) -> None:
    answer = client.get("/sparql", headers={"Accept": form.media_type})
    triples = {quad.triple for quad in parse(answer.content, format=form.rdf_format)}
    service = NamedNode(f"{server.url}/sparql#service")
    assert Triple(service, RDF_TYPE, NamedNode(SD + "Service")) in triples
    endpoint = NamedNode(f"{server.url}/sparql")
    assert Triple(service, NamedNode(SD + "endpoint"), endpoint) in triples


def test_absent_accept_gets_the_description_in_turtle(client: httpx.Client) -> None:
    answer = client.get("/sparql")
    assert answer.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert list(parse(answer.content, format=RdfFormat.TURTLE))


def test_browser_gets_a_page_to_write_a_query_in(client: httpx.Client) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/html"})
    assert '<textarea id="query" name="query"' in answer.text


def test_many_clients_at_once_all_get_their_own_answer(server: Server) -> None:
    with server.client() as client, ThreadPoolExecutor(16) as threads:

        def echo(number: int) -> bool:
            query = f"SELECT ({number} AS ?n) {{}}"
            answer = client.get("/sparql", params={"query": query, "format": "csv"})
            return answer.text == f"n\r\n{number}\r\n"

        assert all(threads.map(echo, range(200)))


def test_connection_is_kept_after_an_error(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for path, status in (("/sparql?query=ASK%7B", 400), ("/sparql?query=ASK%7B%7D", 200)):
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == status
        response.read()
    connection.close()


def test_half_a_request_blocks_nobody(server: Server) -> None:
    half = [server.send("GET / HTTP/1.1") for _ in range(50)]
    body = server.send("POST /sparql HTTP/1.1\nHost: x\nContent-Length: 9")
    assert httpx.get(f"{server.url}/health/ready", timeout=5).status_code == 200
    for connection in (*half, body):
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def test_every_error_of_a_query_has_a_status_of_its_own() -> None:
    kinds = [
        kind for base in (errors.QueryError, errors.EngineError) for kind in base.__subclasses__()
    ]
    assert not [kind.__name__ for kind in kinds if kind not in problems.STATUSES]
    refusals = {kind for kind, status in problems.STATUSES.items() if status in (429, 503)}
    assert set(problems.RETRY_AFTER_SECONDS) == refusals - {errors.CalledOff}
