"""What the embedded engine answers, read back in every format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import (
    Literal,
    Quad,
    QueryBoolean,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from handmade import BASE, THINGS, VERSION, Asked, ask, count, iri, release, request
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.frames import PIECE_BYTES
from lignee.engines.functions import HAS_WORDS
from lignee.errors import LigneeError, MalformedQuery, ServiceRefused, UnsupportedFormat
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from lignee.settings import Settings

ADA, KNOWS, CHARLES = iri("id/ada"), iri("knows"), iri("id/charles")
LETTERS, NOTES = BASE + "graph/letters", BASE + "graph/notes"
WROTE = f"SELECT ?text {{ <{ADA.value}> <{BASE}wrote> ?text }}"
NOTE = Literal("note\r\nG", language="en")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    folder = tmp_path_factory.mktemp("releases") / VERSION
    folder.mkdir()
    with EmbeddedEngine(release(folder), Settings(workers=1)) as opened:
        yield opened


def named(form: GraphFormat | ResultFormat) -> str:
    return form.name


@pytest.mark.parametrize("form", RESULT_FORMATS[:2], ids=named)
def test_select_is_read_back(engine: EmbeddedEngine, form: ResultFormat) -> None:
    body = ask(engine, WROTE, result_format=form)
    results = parse_query_results(body, format=form.results_format)
    assert isinstance(results, QuerySolutions)
    assert [solution["text"] for solution in results] == [NOTE]


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (RESULT_FORMATS[2], b'text\r\n"note\r\nG"\r\n'),
        (RESULT_FORMATS[3], b'?text\n"note\\r\\nG"@en\n'),
    ],
    ids=["csv", "tsv"],
)
def test_select_in_text_formats(engine: EmbeddedEngine, form: ResultFormat, body: bytes) -> None:
    assert ask(engine, WROTE, result_format=form) == body


@pytest.mark.parametrize("form", RESULT_FORMATS, ids=named)
def test_ask_is_read_back(engine: EmbeddedEngine, form: ResultFormat) -> None:
    body = ask(engine, "ASK { ?s ?p ?o }", result_format=form)
    results = parse_query_results(body, format=form.results_format) if b"<" in body else None
    assert bool(results) if isinstance(results, QueryBoolean) else b"true" in body


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=named)
@pytest.mark.parametrize(
    "query",
    ["CONSTRUCT WHERE { ?s ?p ?o }", f"DESCRIBE <{ADA.value}>"],
    ids=["construct", "describe"],
)
def test_graph_is_read_back(engine: EmbeddedEngine, query: str, form: GraphFormat) -> None:
    body = ask(engine, query, graph_format=form)
    triples = {quad.triple for quad in parse(body, format=form.rdf_format)}
    assert {Triple(ADA, KNOWS, CHARLES), Triple(ADA, iri("wrote"), NOTE)} <= triples


def test_turtle_declares_the_prefixes_it_uses_and_no_other(engine: EmbeddedEngine) -> None:
    text = ask(engine, f"CONSTRUCT {{ <{BASE}a> <http://other.org/b> 1 }} {{}}").decode()
    assert text.startswith(f"@prefix ex: <{BASE}> .\nex:a <http://other.org/b> ")


def test_long_turtle_declares_all_prefixes_in_order(engine: EmbeddedEngine) -> None:
    many = " ".join(f"<{BASE}{number}>" for number in range(6_000))
    query = f"CONSTRUCT {{ ?s a <{BASE}Thing> }} {{ VALUES ?s {{ {many} }} }}"
    body = ask(engine, query)
    declared = [line.split()[1] for line in body.splitlines() if line.startswith(b"@prefix ")]
    assert len(body) > PIECE_BYTES
    assert (declared, b"ex:" in declared) == (sorted(declared), True)
    assert len(list(parse(body, format=RdfFormat.TURTLE))) == 6_000


def test_answer_says_its_media_type_and_that_it_is_complete(engine: EmbeddedEngine) -> None:
    answer = engine.evaluate(request("ASK {}"))
    assert (answer.media_type, answer.is_complete) == ("application/sparql-results+json", True)
    assert answer.size_bytes == len(b"".join(answer.body))


def test_carriage_return_survives_in_xml(engine: EmbeddedEngine) -> None:
    assert b"note&#13;" in ask(engine, WROTE, result_format=RESULT_FORMATS[1])


def test_character_that_xml_cannot_carry_is_refused(engine: EmbeddedEngine) -> None:
    with pytest.raises(UnsupportedFormat, match=r"U\+0001, which XML cannot carry"):
        ask(engine, 'SELECT ("a\\u0001" AS ?x) {}', result_format=RESULT_FORMATS[1])


def test_property_that_rdf_xml_cannot_name_is_refused(engine: EmbeddedEngine) -> None:
    with pytest.raises(UnsupportedFormat, match="RDF/XML cannot name the property"):
        ask(engine, f"CONSTRUCT {{ ?s <{BASE}12> 1 }} {{ ?s ?p 1 }}", graph_format=GRAPH_FORMATS[2])


def test_triple_terms_that_json_ld_cannot_carry_are_refused(engine: EmbeddedEngine) -> None:
    query = "CONSTRUCT { <http://a/> <http://b/> <<( <http://a/> <http://b/> 1 )>> } {}"
    with pytest.raises(UnsupportedFormat, match="JSON-LD does not support"):
        ask(engine, query, graph_format=GRAPH_FORMATS[3])


@pytest.mark.parametrize(
    ("query", "missing", "listed"),
    [
        ("ASK {}", Asked(result_format=None), "text/csv"),
        ("DESCRIBE <x:y>", Asked(graph_format=None), "text/turtle"),
    ],
    ids=["results", "graphs"],
)
def test_kind_of_answer_that_the_client_does_not_take_is_refused(
    engine: EmbeddedEngine, query: str, missing: Asked, listed: str
) -> None:
    with pytest.raises(UnsupportedFormat, match=listed):
        ask(engine, query, **missing)


@pytest.mark.parametrize(
    ("label", "words", "has_them"),
    [
        ("Propriété intellectuelle", "INTEL propriete", True),
        ("Œuvres d’art", "oeuvre art", True),
        ("Propriété", "riete", False),
        ("Propriété", "propriete intellectuelle", False),
        ("anything", "", True),
    ],
)
def test_function_compares_names_as_the_search_does(
    engine: EmbeddedEngine, label: str, words: str, has_them: bool
) -> None:
    query = f"ASK {{ FILTER({HAS_WORDS}('{label}'@fr, '{words}')) }}"
    assert json.loads(ask(engine, query))["boolean"] is has_them


def test_function_of_ours_without_two_literals_is_an_error_of_sparql(
    engine: EmbeddedEngine,
) -> None:
    query = f"SELECT * {{ BIND({HAS_WORDS}(<x:a>, 'a') AS ?x) BIND({HAS_WORDS}('a') AS ?y) }}"
    assert json.loads(ask(engine, query))["results"]["bindings"] == [{}]


def test_triple_in_two_graphs_gives_one_solution_of_the_merge(engine: EmbeddedEngine) -> None:
    assert count(engine, "{ ?s ?p ?o }", default_graphs=(LETTERS, NOTES)) == 2


def test_from_clauses_merge_likewise_and_may_be_prefixed(engine: EmbeddedEngine) -> None:
    query = (
        f"PREFIX g: <{BASE}graph/> SELECT (COUNT(*) AS ?n) FROM g:letters FROM <{NOTES}> "
        "FROM NAMED g:things { ?s ?p ?o }"
    )
    assert json.loads(ask(engine, query))["results"]["bindings"][0]["n"]["value"] == "2"


@pytest.mark.parametrize(
    ("graphs", "in_default", "in_named"),
    [
        ({}, THINGS + 2, THINGS + 3),
        ({"default_graphs": (LETTERS,)}, 1, 0),
        ({"default_graphs": (LETTERS, LETTERS)}, 1, 0),
        ({"named_graphs": (LETTERS, LETTERS, NOTES)}, 0, 3),
        ({"default_graphs": (LETTERS, NOTES), "named_graphs": (NOTES,)}, 2, 2),
        ({"default_graphs": (BASE + "graph/none",)}, 0, 0),
    ],
    ids=["none", "one", "twice", "named", "both", "unknown"],
)
def test_dataset_is_what_was_asked_for(
    engine: EmbeddedEngine, graphs: Asked, in_default: int, in_named: int
) -> None:
    found = (
        count(engine, "{ ?s ?p ?o }", **graphs),
        count(engine, "{ GRAPH ?g { ?s ?p ?o } }", **graphs),
    )
    assert found == (in_default, in_named)


def test_graphs_beside_the_query_win_over_its_from_clauses(engine: EmbeddedEngine) -> None:
    query = f"ASK FROM <{BASE}graph/things> {{ <{ADA.value}> ?p ?o }}"
    assert b"true" in ask(engine, query, default_graphs=(LETTERS,))


def test_bindings_reach_aggregates_and_optional_filters(engine: EmbeddedEngine) -> None:
    pattern = "{ ?who ?p ?o OPTIONAL { ?x ?q ?r FILTER(?x = ?who) } }"
    assert count(engine, pattern, bindings={"who": CHARLES}) == 0
    assert count(engine, pattern, bindings={"who": iri("id/thing/7")}) == 1


def test_binding_is_data_whatever_it_holds(engine: EmbeddedEngine) -> None:
    text = Literal("\") } UNION { ?s ?p ?o } #\n'")
    assert count(engine, "{ ?s ?p ?given }", bindings={"given": text}) == 0


@pytest.mark.parametrize(
    ("query", "error", "words"),
    [
        ("SELECT * {\n ?s ?p }", MalformedQuery, r"`}` is unexpected here \(line 2, column 8\)"),
        ("ASK { FILTER(<http://f/>(1)) }", MalformedQuery, "calls <http://f/>, a function"),
        ("SELECT * { SERVICE <http://x/> {} }", ServiceRefused, "asks no other endpoint"),
        ("CLEAR ALL", MalformedQuery, "is a SPARQL update"),
    ],
    ids=["syntax", "function", "service", "update"],
)
def test_fault_of_the_query_is_raised(
    engine: EmbeddedEngine, query: str, error: type[LigneeError], words: str
) -> None:
    with pytest.raises(error, match=words):
        engine.evaluate(request(query))


def test_service_behind_the_check_reaches_no_network(engine: EmbeddedEngine) -> None:
    # Read as an IRI by the check, as a comparison by the parser.
    hidden = "ASK { FILTER(1<'>'||1=1) SERVICE <http://127.0.0.1:8000/> {} FILTER('' = '') }"
    with pytest.raises(ServiceRefused, match="asks no other endpoint"):
        engine.evaluate(request(hidden))


def test_named_graph_that_is_no_iri_is_refused(engine: EmbeddedEngine) -> None:
    with pytest.raises(MalformedQuery, match="a graph's name is not an IRI"):
        engine.evaluate(request("ASK {}", default_graphs=("no iri",)))


@pytest.mark.parametrize("threshold", [0, 10_000], ids=["on disk", "in memory"])
def test_both_ways_of_holding_the_store_answer_alike(tmp_path: Path, threshold: int) -> None:
    folder = tmp_path / VERSION
    folder.mkdir()
    settings = Settings(workers=1, memory_store_max_quads=threshold)
    with EmbeddedEngine(release(folder), settings) as engine:
        assert count(engine, "{ ?s ?p ?o }") == THINGS + 2


def test_a_store_of_many_files_is_read_whole(tmp_path: Path) -> None:
    """RocksDB opens sixteen files with the store, and the others when a query needs them."""
    folder = tmp_path / VERSION
    folder.mkdir()
    made = release(folder)
    parts = [iri(f"part/{number}") for number in range(5)]
    for part in parts:
        store = Store(str(made.store))
        more = (iri(f"id/{index}") for index in range(THINGS))
        store.extend(Quad(thing, part, Literal(thing.value), part) for thing in more)
        store.flush()
        del store
    assert len(list(made.store.glob("*.sst"))) > 20
    with EmbeddedEngine(made, Settings(workers=1, memory_store_max_quads=0)) as engine:
        for part in parts:
            assert count(engine, f"{{ GRAPH ?g {{ ?s {part} ?o }} }}") == THINGS
            assert count(engine, f"{{ GRAPH {part} {{ <{BASE}id/7> ?p ?o }} }}") == 1
            assert count(engine, f'{{ GRAPH {part} {{ ?s ?p "{BASE}id/7" }} }}') == 1
