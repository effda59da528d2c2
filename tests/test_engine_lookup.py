"""Lookups by the server's own process: the same answers as a worker's, and no worker taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store
from rdflib import URIRef
from rdflib.plugins.sparql import prepareQuery

from handmade import BASE, VERSION, ask, iri, release
from inside import Inside, serve_inside
from lignee.engines import additions
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.lookup import Lookups, given_by
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS, Format, GraphFormat, ResultFormat
from lignee.release import Release, open_store
from lignee.serve.http.cache import Cache
from lignee.settings import Settings
from waiting import until

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ADA = iri("id/ada")
HUB = iri("id/hub")
SPOKES = 3_000


@pytest.fixture(scope="module")
def inside(tiny_release: Release) -> Iterator[Inside]:
    with serve_inside(tiny_release, with_lookups=True) as server:
        yield server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return a release with a subject that thousands of statements are about."""
    folder = tmp_path_factory.mktemp("releases") / VERSION
    folder.mkdir()
    spokes = (iri(f"id/thing/{n}") for n in range(SPOKES))
    return release(folder, [Quad(HUB, iri("has"), spoke, iri("graph/hub")) for spoke in spokes])


def looking(made: Release) -> Lookups:
    lookups = Lookups(made)
    assert until(lambda: lookups.is_ready)
    return lookups


def get(server: Inside, query: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{server.port}/sparql?query={quote(query)}", timeout=5)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { <https://example.org/a> ?p ?o }",
        "select ?o where{<https://example.org/a> a ?o.}limit 3",
        "PREFIX ex: <https://example.org/> # ours\nSELECT ?p $o WHERE { ex:a ?p $o . } # now",
        'PREFIX : <https://example.org/> ASK { :a :b "text"@en }',
        "PREFIX : <https://example.org/> DESCRIBE :a # whole",
    ],
)
def test_what_is_said_of_one_subject_is_a_lookup(query: str) -> None:
    assert given_by(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT * { <https://example.org/a> ?x ?x }",
        "SELECT ?other { <https://example.org/a> ?p ?o }",
        "SELECT ?p ?o ?p { <https://example.org/a> ?p ?o }",
        "SELECT * { <https://example.org/a> ?x $x }",
        "SELECT DISTINCT ?p { <https://example.org/a> ?p ?o }",
        "SELECT ?p { <https://example.org/a> ?p ?o } OFFSET 9",
        "SELECT ?p { <https://example.org/a> ?p ?o } ORDER BY ?p",
        "SELECT ?p { <https://example.org/a> ?p ?o ; ?q ?r }",
        "SELECT ?p { <https://example.org/a> <https://example.org/b>* ?o }",
        "SELECT ?p FROM <https://example.org/g> { <https://example.org/a> ?p ?o }",
        "SELECT ?p { GRAPH ?g { <https://example.org/a> ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) { <https://example.org/a> ?p ?o }",
        "DESCRIBE ?s { ?s ?p ?o }",
        "DESCRIBE <https://example.org/a> <https://example.org/b>",
        "DESCRIBE <https://example.org/a> FROM <https://example.org/g>",
    ],
)
def test_whatever_might_take_long_is_none(query: str) -> None:
    assert not given_by(query)


PROLOGUE = "PREFIX ex: <https://e.example/> PREFIX : <https://f.example/> "
LOOKUP = ("SELECT", "?p", "?o", "WHERE", "{", "ex:c", "?p", "?o", ".", "}", "LIMIT", "2", "#x")
DESCRIPTION = ("DESCRIBE", "ex:c", "#x")
WORDS = (
    *("ASK", "DISTINCT", "{", "}", ".", ";", ",", "*", "+", "/", "^", "|", "a", "#", "\n", "[]"),
    *(
        "?p",
        "$o",
        "?s",
        "<https://a.example/b>",
        ":d",
        '"x"',
        "@en",
        "1",
        "_:b",
        "(",
        ")",
        "OFFSET",
    ),
)


@st.composite
def changed_lookups(draw: st.DrawFn) -> str:
    """Draw a lookup in which some words are left out, replaced or put in."""
    words = list(draw(st.sampled_from([LOOKUP, DESCRIPTION])))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(words)))
        words[start : start + draw(st.integers(0, 1))] = draw(
            st.lists(st.sampled_from(WORDS), max_size=2)
        )
    return draw(st.sampled_from(["", " "])).join(words)


@settings(deadline=None)
@given(changed_lookups())
def test_a_lookup_is_one_pattern_about_a_subject_that_is_named(text: str) -> None:
    query = PROLOGUE + text
    if not given_by(query):
        return
    try:
        Store().query(query)
    except SyntaxError:
        return
    algebra = prepareQuery(query).algebra
    if algebra.name == "DescribeQuery":
        (subject,) = algebra.PV
        assert isinstance(subject, URIRef)
        assert algebra.p is algebra.datasetClause is None
        return
    while algebra.name != "BGP":
        assert algebra.name in ("SelectQuery", "AskQuery", "Project", "Slice")
        algebra = algebra.p
    ((subject, _, _),) = algebra.triples
    assert isinstance(subject, URIRef)


@pytest.mark.parametrize("form", [*RESULT_FORMATS, *GRAPH_FORMATS], ids=lambda form: form.name)
def test_it_is_answered_as_a_worker_answers_it(tiny_release: Release, form: Format) -> None:
    lookups = looking(tiny_release)
    graph_form = form if isinstance(form, GraphFormat) else None
    result_form = form if isinstance(form, ResultFormat) else None
    asked = "DESCRIBE {}" if graph_form else "SELECT * {{ {} ?p ?o }}"
    subjects = {
        quad.subject
        for quad in open_store(tiny_release, in_memory=True)
        if isinstance(quad.subject, NamedNode)
    }
    with EmbeddedEngine(tiny_release, Settings(workers=1)) as engine:
        for subject in sorted(subjects, key=str)[:: len(subjects) // 200 + 1]:
            query = asked.format(subject)
            found = lookups.answer(query, form, BASE)
            assert found == ask(engine, query, result_format=result_form, graph_format=graph_form)


def test_carriage_returns_reach_xml_as_a_worker_writes_them(made: Release) -> None:
    asked = f"SELECT ?t {{ {ADA} <{BASE}wrote> ?t }}"
    answer = looking(made).answer(asked, RESULT_FORMATS[1], BASE)
    assert answer
    assert b"note&#13;\nG" in answer


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ {HUB} ?p ?o }}",
        f"DESCRIBE {ADA}",
        f"SELECT ?unbound {{ {ADA} ?p ?o }} LIMIT 99999999999999999999999",
        "SELECT * { unknown:prefix ?p ?o }",
    ],
    ids=[
        "longer than a page",
        "another kind of answer",
        "a fault",
        "an unknown prefix",
    ],
)
def test_what_it_cannot_answer_is_left_to_a_worker(made: Release, query: str) -> None:
    assert looking(made).answer(query, RESULT_FORMATS[0], BASE) is None


def test_a_subject_with_many_statements_is_answered_whole(made: Release) -> None:
    with serve_inside(made, with_lookups=True) as server:
        answer = get(server, f"SELECT * {{ {HUB} ?p ?o }}")
    assert len(answer.json()["results"]["bindings"]) == SPOKES


def test_a_lookup_is_answered_while_all_workers_are_busy(inside: Inside) -> None:
    query = "SELECT * { <https://example.org/busy> ?p ?o }"
    with closing(inside.client()) as busy:
        busy.request("GET", f"/sparql?query={quote(ENDLESS)}")
        assert until(lambda: get(inside, f"{query} # {len(inside.records)}").status_code == 200)
        last = inside.records[-1]
    assert (last.kind, last.cache) == ("sparql", "miss")
    assert last.query_digest


def test_a_lookup_has_one_validator_and_is_held(inside: Inside) -> None:
    query = "SELECT * { <https://example.org/held> ?p ?o }"
    first, again = get(inside, query), get(inside, query)
    assert first.headers["etag"] == again.headers["etag"]
    assert first.content == again.content
    assert again.headers["server-timing"] == "cache;desc=hit"


def test_files_beside_a_release_are_seen_by_lookups_too(made: Release, tmp_path: Path) -> None:
    (tmp_path / "more.nt").write_text(f"{ADA} <{BASE}also> {HUB} .\n", encoding="utf-8")
    one = Settings(workers=1)
    added = additions.read([tmp_path / "more.nt"], made, one)
    with EmbeddedEngine(made, one, additions=added, with_lookups=True) as engine:
        assert engine.look_up(f"SELECT * {{ {ADA} ?p ?o }}", RESULT_FORMATS[0], BASE) is None
        assert str(HUB.value).encode() in ask(engine, f"SELECT * {{ {ADA} <{BASE}also> ?o }}")


def test_a_release_above_the_limit_has_none(made: Release) -> None:
    few = Settings(workers=1, lookup_max_quads=made.manifest.quads - 1)
    with EmbeddedEngine(made, few, with_lookups=True) as engine:
        assert engine.look_up(f"SELECT * {{ {ADA} ?p ?o }}", RESULT_FORMATS[0], BASE) is None


def test_a_release_that_cannot_be_read_leaves_lookups_to_workers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / VERSION
    folder.mkdir()
    broken = release(folder)
    (folder / "graph.nt").write_text("no triple", encoding="utf-8")
    lookups = Lookups(broken)
    assert until(lambda: "workers" in caplog.text)
    assert lookups.answer(f"SELECT * {{ {ADA} ?p ?o }}", RESULT_FORMATS[0], BASE) is None


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize("subject", ["nothing", "session/2"])
@pytest.mark.parametrize("asked", ["SELECT * {{ <{}> ?p ?o }}", "DESCRIBE <{}>"])
def test_it_is_sent_with_the_headers_that_a_worker_gets(
    inside: Inside, coding: str, subject: str, asked: str
) -> None:
    query = asked.format(f"https://example.org/tiny/id/{subject}")
    looked_up = headers(inside, query, {"Accept-Encoding": coding})
    inside.answers.cache = Cache(inside.answers.cache.limit_bytes)
    evaluated = headers(inside, query, {"Accept-Encoding": coding, "X-Other": "the long way"})
    assert looked_up == evaluated


def headers(server: Inside, query: str, given: dict[str, str]) -> dict[str, str]:
    url = f"http://127.0.0.1:{server.port}/sparql?query={quote(query)}"
    answer = httpx.get(url, headers=given, timeout=5)
    assert answer.status_code == 200
    changing = ("date", "server-timing", "x-request-id")
    return {name: value for name, value in answer.headers.items() if name not in changing}
