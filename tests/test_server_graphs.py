"""The Graph Store Protocol's read part and the descriptions, read by a parser as clients do."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import httpx
import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, Triple, parse

from lignee.formats import GRAPH_FORMATS, GraphFormat
from lignee.release import Release, open_store
from lignee.serve.protocol.service_description import EXTENSION_FUNCTIONS
from lignee.vocabulary import DCAT, RDF_TYPE, SD, VOID
from serving import Server

GRAPH = "https://example.org/tiny/graph/concepts"
TURTLE = {"Accept": "text/turtle"}
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def store(tiny_release: Release) -> Store:
    return open_store(tiny_release, in_memory=True)


def triples(answer: httpx.Response, form: GraphFormat = GRAPH_FORMATS[0]) -> set[Triple]:
    assert answer.headers["Content-Type"].partition(";")[0] == form.media_type
    return {quad.triple for quad in parse(answer.content, format=form.rdf_format)}


def held(store: Store, graph: NamedNode | DefaultGraph) -> set[Triple]:
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, graph)}


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
def test_graph_is_the_stores(client: httpx.Client, store: Store, form: GraphFormat) -> None:
    answer = client.get("/graphs", params={"graph": GRAPH}, headers={"Accept": form.media_type})
    assert triples(answer, form) == held(store, NamedNode(GRAPH))
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/graphs?default", "/graphs/?default="])
def test_default_graph_is_the_stores(client: httpx.Client, store: Store, path: str) -> None:
    assert triples(client.get(path, headers=TURTLE)) == held(store, DefaultGraph())


@pytest.mark.parametrize(
    "path", [f"/graphs?graph={GRAPH}", "/graphs", "/sparql", "/dataset", "/.well-known/void"]
)
def test_content_location_names_the_format_that_was_chosen(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers=TURTLE)
    again = client.get(answer.headers["Content-Location"], headers={"Accept": "image/png"})
    assert triples(again) == triples(answer)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/graphs?default", 200), ("/graphs?graph=" + GRAPH, 200), ("/graphs?graph=x:no", 404)],
)
def test_head_has_the_headers_of_get(client: httpx.Client, path: str, status: int) -> None:
    head, answer = client.head(path, headers=TURTLE), client.get(path, headers=TURTLE)
    assert head.status_code == answer.status_code == status
    assert head.headers["Content-Type"] == answer.headers["Content-Type"]
    assert head.headers.get("Content-Location") == answer.headers.get("Content-Location")
    assert head.content == b""


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("default&graph=x:y", 400, "both `default` and `graph`"),
        ("graph=x:y&graph=x:z", 400, "given 2 times"),
        ("graph=concepts", 400, "not an absolute IRI"),
        ("graph=", 400, "not an absolute IRI"),
        ("graph=http://x/%3E%7Bx", 400, "not an absolute IRI"),
        ("graph=%ff", 400, "not UTF-8"),
        ("graph=https://example.org/none", 404, "there is no graph <https://example.org/none>"),
        ("default&format=csv", 406, "text/turtle"),
    ],
)
def test_what_cannot_be_had_is_refused(
    client: httpx.Client, query: str, status: int, words: str
) -> None:
    answer = client.get(f"/graphs?{query}")
    assert answer.status_code == status
    assert words.lower() in answer.json()["detail"].lower()


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_writing_is_not_allowed(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/graphs", params={"graph": GRAPH})
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_list_names_every_graph_with_its_size(client: httpx.Client, store: Store) -> None:
    listed = triples(client.get("/graphs", headers=TURTLE))
    sizes = {
        (triple.subject, int(str(triple.object).split('"')[1]))
        for triple in listed
        if triple.predicate == NamedNode(VOID + "triples")
    }
    expected = {
        (graph, len(held(store, graph)))
        for graph in store.named_graphs()
        if isinstance(graph, NamedNode)
    }
    assert sizes == expected


def test_browser_gets_a_page_whose_links_lead_to_the_graphs(client: httpx.Client) -> None:
    text = client.get("/graphs", headers=BROWSER).text
    links = [html.unescape(link) for link in re.findall(r'href="(/graphs\?[^"]*)"', text)]
    (link,) = [link for link in links if "concepts" in link and "turtle" in link]
    assert triples(client.get(link, headers=BROWSER))


def test_browser_sees_a_graph_as_a_table(client: httpx.Client) -> None:
    answer = client.get("/graphs", params={"graph": GRAPH}, headers=BROWSER)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert re.search(r'<th scope="col"[^>]*>(<a [^>]*>)?predicate<', answer.text)


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("path", ["/.well-known/void", "/dataset"])
def test_description_is_the_releases_own_and_names_the_endpoint(
    client: httpx.Client, tiny_release: Release, path: str, form: GraphFormat
) -> None:
    found = triples(client.get(path, headers={"Accept": form.media_type}), form)
    written = {quad.triple for quad in parse(path=str(tiny_release.folder / "void.ttl"))}
    assert written <= found
    (endpoint,) = [t.object for t in found if t.predicate.value == VOID + "sparqlEndpoint"]
    assert endpoint == NamedNode(str(client.base_url.join("/sparql")))


def test_dataset_has_its_catalogue_record(client: httpx.Client) -> None:
    found = triples(client.get("/dataset"))
    assert any(triple.predicate.value == DCAT + "distribution" for triple in found)


def test_description_known_to_the_client_is_not_sent_again(client: httpx.Client) -> None:
    tag = client.get("/dataset").headers["ETag"]
    again = client.get("/dataset", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.fixture(scope="module")
def service(client: httpx.Client) -> set[tuple[str, str]]:
    answer = client.get("/sparql", headers={"Accept": "application/n-triples"})
    return {
        (triple.predicate.value.removeprefix(SD), str(triple.object))
        for triple in triples(answer, GRAPH_FORMATS[1])
        if str(triple.subject).endswith("#service>")
    }


def test_service_tells_every_format_it_answers_in(service: set[tuple[str, str]]) -> None:
    told = {
        value.rpartition("/")[2].rstrip(">") for name, value in service if name == "resultFormat"
    }
    assert len(told) == 10
    assert {"SPARQL_Results_TSV", "JSON-LD", "N-Quads"} <= told


def test_service_claims_no_entailment_and_no_feature_it_lacks(
    service: set[tuple[str, str]],
) -> None:
    regime = "<http://www.w3.org/ns/entailment/Simple>"
    assert ("defaultEntailmentRegime", regime) in service
    assert not [value for name, value in service if name == "feature"]
    assert any("SERVICE is refused" in value for _, value in service)


@pytest.mark.parametrize("function", EXTENSION_FUNCTIONS, ids=lambda iri: iri.value[49:])
def test_function_that_the_service_tells_of_is_known(
    client: httpx.Client, function: NamedNode
) -> None:
    literal = "'POINT(1 1)'^^<http://www.opengis.net/ont/geosparql#wktLiteral>"
    query = f"SELECT ({function}({literal}, {literal}) AS ?x) {{}}"
    assert client.get("/sparql", params={"query": query}).status_code == 200


def test_service_lists_its_graphs_but_those_of_passages(client: httpx.Client, store: Store) -> None:
    found = triples(client.get("/sparql"))
    named = {
        t.subject
        for t in found
        if (t.predicate, t.object) == (RDF_TYPE, NamedNode(SD + "NamedGraph"))
    }
    assert named == {
        graph
        for graph in store.named_graphs()
        if isinstance(graph, NamedNode) and "/id/passage/" not in graph.value
    }


def test_addresses_to_see_also_answer(client: httpx.Client, service: set[tuple[str, str]]) -> None:
    also = [value.strip("<>") for name, value in service if name.endswith("seeAlso")]
    assert len(also) >= 2
    for address in also:
        assert client.get(address).status_code == 200


def test_turtle_of_a_description_is_read_by_its_own_prefixes(client: httpx.Client) -> None:
    text = client.get("/.well-known/void", headers=TURTLE).text
    assert "@prefix sd:" in text
    assert list(parse(text, format=RdfFormat.TURTLE))
