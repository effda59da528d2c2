"""SPARQL 1.2 and RDF 1.2 where the engine has them, and refusals where a format cannot carry them.

See https://www.w3.org/TR/sparql12-query/ and https://www.w3.org/TR/rdf12-concepts/.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    QuerySolutions,
    Triple,
    parse,
    parse_query_results,
)

import handmade
import serving
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat

TERM = "<<( <x:s> <x:p> 'o'@ar--rtl )>>"
SELECT = f"SELECT ?t ?l {{ BIND({TERM} AS ?t) BIND('o'@ar--rtl AS ?l) }}"
CONSTRUCT = f"CONSTRUCT {{ <x:a> <x:states> {TERM} }} {{}}"
DIRECTED = "CONSTRUCT { <x:a> <x:says> 'o'@ar--rtl } {}"
BLANK = "SELECT ?a ?b ?c { BIND(BNODE() AS ?a) BIND(?a AS ?b) BIND(BNODE() AS ?c) }"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    releases: Path = handmade.releases(tmp_path_factory.mktemp("rdf12"))
    with serving.serve(releases) as server, server.client() as opened:
        yield opened


def named(form: GraphFormat | ResultFormat) -> str:
    return form.name


def get(client: httpx.Client, query: str, form: GraphFormat | ResultFormat) -> httpx.Response:
    return client.get("/sparql", params={"query": query}, headers={"Accept": form.media_type})


def first(answer: httpx.Response, form: ResultFormat) -> tuple[object, ...]:
    found = parse_query_results(answer.content, format=form.results_format)
    assert isinstance(found, QuerySolutions)
    return tuple(next(found))


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("VERSION '1.2' SELECT (1 AS ?x) {}", "1"),
        ("SELECT (LANGDIR('o'@ar--rtl) AS ?x) {}", "rtl"),
        ("SELECT (STR(SUBJECT(<<( <x:s> <x:p> 1 )>>)) AS ?x) {}", "x:s"),
        ("SELECT (ISTRIPLE(TRIPLE(<x:s>, <x:p>, 1)) AS ?x) {}", "true"),
        ("SELECT (HASLANG('o'@en) AS ?x) {}", "true"),
    ],
    ids=["VERSION", "LANGDIR", "SUBJECT", "TRIPLE", "HASLANG"],
)
def test_query_of_sparql_12_is_answered(client: httpx.Client, query: str, value: str) -> None:
    assert get(client, query, RESULT_FORMATS[2]).text == f"x\r\n{value}\r\n"


@pytest.mark.parametrize("form", [RESULT_FORMATS[0], RESULT_FORMATS[1]], ids=named)
def test_results_carry_triple_terms_and_directions(
    client: httpx.Client, form: ResultFormat
) -> None:
    triple, literal = first(get(client, SELECT, form), form)
    assert str(triple) == '<x:s> <x:p> "o"@ar--rtl'
    assert str(literal) == '"o"@ar--rtl'


def test_tsv_writes_terms_as_turtle_does(client: httpx.Client) -> None:
    text = get(client, SELECT, RESULT_FORMATS[3]).text
    assert text == '?t\t?l\n<<( <x:s> <x:p> "o"@ar--rtl )>>\t"o"@ar--rtl\n'


@pytest.mark.parametrize(
    "query",
    [
        SELECT,
        "SELECT (TRIPLE(<x:s>, <x:p>, 1) AS ?t) {}",
        "SELECT * { VALUES ?t { <<( <x:s> <x:p> 1 )>> } }",
    ],
    ids=["term", "function", "values"],
)
def test_triple_term_that_csv_cannot_carry_is_refused(client: httpx.Client, query: str) -> None:
    answer = get(client, query, RESULT_FORMATS[2])
    assert answer.status_code == 406
    assert "CSV cannot carry a triple term" in answer.json()["detail"]


def test_csv_of_a_query_that_only_looks_at_triple_terms_is_given(client: httpx.Client) -> None:
    query = f"SELECT (OBJECT({TERM}) AS ?o) ?n {{ VALUES ?n {{ 1 2 }} }}"
    assert get(client, query, RESULT_FORMATS[2]).text == "o,n\r\no,1\r\no,2\r\n"


@pytest.mark.parametrize(
    "form", [form for form in GRAPH_FORMATS if form.name != "jsonld"], ids=named
)
def test_graphs_carry_triple_terms(client: httpx.Client, form: GraphFormat) -> None:
    answer = get(client, CONSTRUCT, form)
    (quad,) = parse(answer.content, format=form.rdf_format)
    assert isinstance(quad.object, Triple)
    assert str(quad.object.object) == '"o"@ar--rtl'


def test_json_ld_which_cannot_carry_triple_terms_is_refused(client: httpx.Client) -> None:
    answer = get(client, CONSTRUCT, GRAPH_FORMATS[3])
    assert answer.status_code == 406
    assert "JSON-LD does not support RDF 1.2" in answer.json()["detail"]


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=named)
def test_graphs_carry_directions(client: httpx.Client, form: GraphFormat) -> None:
    (quad,) = parse(get(client, DIRECTED, form).content, format=form.rdf_format)
    assert str(quad.object) == '"o"@ar--rtl'


@pytest.mark.parametrize("form", RESULT_FORMATS[:2], ids=named)
def test_blank_node_keeps_its_label_within_a_result(
    client: httpx.Client, form: ResultFormat
) -> None:
    one, same, other = first(get(client, BLANK, form), form)
    assert isinstance(one, BlankNode)
    assert one == same != other


@pytest.mark.parametrize("form", RESULT_FORMATS[2:], ids=named)
def test_blank_node_keeps_its_label_in_tables(client: httpx.Client, form: ResultFormat) -> None:
    lines = get(client, BLANK, form).text.split("\n")
    one, same, other = lines[1].strip().replace("\t", ",").split(",")
    assert one.startswith("_:")
    assert one == same != other


@pytest.mark.parametrize("form", RESULT_FORMATS[:2], ids=named)
@pytest.mark.parametrize(
    "term",
    [
        Literal("a\rb\r\nc\n"),
        Literal("  <&>\"' "),
        Literal("été", language="fr-CA"),
        Literal("P1D", datatype=handmade.iri("own")),
        Literal("\u2028\U0001f600"),
    ],
    ids=["line ends", "markup", "tag", "datatype", "beyond the BMP"],
)
def test_literal_is_read_as_it_was(client: httpx.Client, form: ResultFormat, term: Literal) -> None:
    assert first(get(client, f"SELECT ({term} AS ?x) {{}}", form), form) == (term,)
