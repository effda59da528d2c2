"""The remote engine against servers that fail in every way: nothing wrong passes for an answer."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal

from handmade import ask, chosen, request, whole
from lignee.engines.engine import Cancellation
from lignee.engines.remote import RemoteEngine
from lignee.engines.remote_request import Scope
from lignee.engines.wholeness import JsonEnding
from lignee.errors import (
    CalledOff,
    DeadlineReached,
    EngineUnavailable,
    LigneeError,
    MalformedQuery,
    QueueFull,
    ServiceRefused,
    SettingError,
    UnsupportedFormat,
)
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from lignee.settings import Secret, Settings
from scripted import Scripted, chunked, response, scripted
from serving import free_port

YES = b'{"head":{},"boolean":true}'
ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"a}\\"]"}}'
"""All but the end of a result set; what looks like an end stands in a string."""
JSON, XML, CSV, TSV = RESULT_FORMATS
TURTLE = GRAPH_FORMATS[0]


@contextmanager
def opened(server: Scripted, **settings: float) -> Iterator[RemoteEngine]:
    with RemoteEngine(chosen(engine=server.url, **settings)) as engine:
        yield engine


def json_values() -> st.SearchStrategy[object]:
    texts = st.text('ab"\\{}[]\n', max_size=6)
    return st.recursive(
        texts, lambda more: st.lists(more, max_size=3) | st.dictionaries(texts, more, max_size=3)
    )


def form_of(sent: bytes) -> dict[str, list[str]]:
    return parse_qs(sent.partition(b"\r\n\r\n")[2].decode("ascii"))


def test_answer_comes_back_as_the_server_wrote_it() -> None:
    with scripted(response(ROWS + b"]}}\n")) as server, opened(server) as engine:
        answer = engine.evaluate(request("SELECT ?s { ?s ?p ?o }"))
        assert answer.is_complete
        assert answer.size_bytes == len(ROWS) + 4
        assert whole(answer) == ROWS + b"]}}\n"
    assert b"Accept: application/sparql-results+json\r\n" in server.requests[0]


def test_graphs_and_bindings_are_passed_on() -> None:
    with scripted(response(YES)) as server, opened(server) as engine:
        ask(
            engine,
            "ASK { ?s ?p ?o }",
            default_graphs=("urn:a", "urn:b"),
            named_graphs=("urn:c",),
            bindings={"o": Literal("x")},
        )
    form = form_of(server.requests[0])
    assert form["default-graph-uri"] == ["urn:a", "urn:b"]
    assert form["named-graph-uri"] == ["urn:c"]
    assert form["query"] == ['ASK { VALUES (?o) { ("x") }  ?s ?p ?o }']


def test_graphs_of_the_release_are_named_where_the_query_names_none() -> None:
    scope = Scope("urn:default", ("urn:a", "urn:b"))
    queries = {
        "ASK { ?s ?p ?o }": "ASK { ?s ?p ?o }",
        "ASK WHERE { GRAPH ?g { ?s ?p ?o } }": (
            "ASK  FROM <urn:default> FROM NAMED <urn:a> FROM NAMED <urn:b> "
            "WHERE { GRAPH ?g { ?s ?p ?o } }"
        ),
        "ASK FROM <urn:c> { ?s ?p ?o }": "ASK FROM <urn:c> { ?s ?p ?o }",
    }
    with (
        scripted(response(YES), is_holding=True) as server,
        RemoteEngine(Settings(engine=server.url), scope) as engine,
    ):
        for query in queries:
            ask(engine, query)
    forms = [form_of(sent) for sent in server.requests]
    assert [form["query"] for form in forms] == [[text] for text in queries.values()]
    assert [form.get("default-graph-uri") for form in forms] == [["urn:default"], None, None]


def test_virtuoso_is_told_the_deadline_and_others_are_not() -> None:
    for name, told in (("Virtuoso/07.20.3229", ["1500"]), ("Oxigraph/0.5.13", None)):
        answer = response(YES, headers={"Server": name})
        with (
            scripted(answer, is_holding=True) as server,
            opened(server, timeout_seconds=1.5) as engine,
        ):
            for _ in range(2):
                ask(engine, "ASK {}")
        assert form_of(server.requests[1]).get("timeout") == told


STATUSES = [
    (400, "<h1>Bad</h1>\n<p>expected &lt;<b>x</b></p>", MalformedQuery, r"refused: Bad expected <"),
    (400, "Virtuoso 37000 Error SP030\n\nSPARQL query:\nsecret", MalformedQuery, r"SP030$"),
    (401, "who are you", EngineUnavailable, r"\(401\).*LIGNEE_ENGINE_USER"),
    (403, "", EngineUnavailable, r"\(403\).*LIGNEE_ENGINE_TOKEN"),
    (302, "", EngineUnavailable, r"no SPARQL endpoint where --engine says \(302\)"),
    (404, "", EngineUnavailable, r"no SPARQL endpoint where --engine says"),
    (406, "", UnsupportedFormat, r"does not write that format"),
    (408, "", DeadlineReached, r"longer than the SPARQL server"),
    (500, "Virtuoso S1T00 Error SR171: Transaction timed out", DeadlineReached, r"longer than"),
    (500, "The estimated execution time 900 (sec) exceeds", DeadlineReached, r"longer than"),
    (503, "Query timed out", DeadlineReached, r"longer than"),
    (503, "busy", EngineUnavailable, r"\(503\): busy"),
    (400, "x" * 5_000, MalformedQuery, r": x{1000}$"),
    (500, "x" * 5_000, EngineUnavailable, r"\(500\): x{300}$"),
]


@pytest.mark.parametrize(
    ("status", "words", "error", "message"),
    STATUSES,
    ids=[f"{status}-{words[:12]}" for status, words, _, _ in STATUSES],
)
def test_status_of_the_server_becomes_an_error_of_ours(
    status: int, words: str, error: type[LigneeError], message: str
) -> None:
    answer = response(words.encode(), "text/html", status=status)
    with (
        scripted(answer) as server,
        opened(server) as engine,
        pytest.raises(error, match=message) as raised,
    ):
        engine.evaluate(request("ASK {}"))
    assert type(raised.value) is error
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 1_100


def test_place_in_the_query_is_kept() -> None:
    answer = response(b"error at 3:14: expected }", "text/plain", status=400)
    with scripted(answer) as server, opened(server) as engine, pytest.raises(MalformedQuery) as it:
        engine.evaluate(request("ASK {}"))
    assert (it.value.line, it.value.column) == (3, 14)


BROKEN = {
    "content shorter than its length": response(ROWS, length=5_000),
    "chunks without the last": chunked(ROWS + b"]}}", is_ended=False),
    "clean end of broken JSON": chunked(ROWS),
    "clean end within a string": response(ROWS[:-20]),
    "nothing": response(b""),
    "connection closed at once": b"",
    "no HTTP": b"hello\r\n\r\n",
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_answer_that_is_not_whole_is_an_error(answer: bytes) -> None:
    with (
        scripted(answer) as server,
        opened(server) as engine,
        pytest.raises(EngineUnavailable, match="broke its answer off"),
    ):
        engine.evaluate(request("SELECT ?s { ?s ?p ?o }"))


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (XML, b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><results>'),
        (CSV, b"s\nhttp://exam"),
        (TURTLE, b"<urn:a> <urn:b> "),
        (GRAPH_FORMATS[2], b"<rdf:RDF><rdf:Description/>"),
    ],
    ids=["xml", "csv", "turtle", "rdfxml"],
)
def test_format_that_ends_in_the_middle_is_an_error(
    form: ResultFormat | GraphFormat, body: bytes
) -> None:
    if isinstance(form, ResultFormat):
        asked = request("SELECT ?s { ?s ?p ?o }", result_format=form)
    else:
        asked = request("CONSTRUCT WHERE { ?s ?p ?o }", graph_format=form)
    with (
        scripted(response(body, form.media_type)) as server,
        opened(server) as engine,
        pytest.raises(EngineUnavailable, match="broke its answer off"),
    ):
        engine.evaluate(asked)


def test_table_of_unknown_length_is_refused_and_json_is_not() -> None:
    for form, body in ((CSV, b"s\r\na\r\n"), (JSON, YES)):
        answer = response(body, form.media_type, length=-1)
        with scripted(answer) as server, opened(server) as engine:
            if form is JSON:
                assert ask(engine, "ASK {}") == YES
                continue
            with pytest.raises(EngineUnavailable):
                ask(engine, "ASK {}", result_format=form)


def test_answer_that_breaks_off_later_breaks_ours_off() -> None:
    rows = b',{"s":{"type":"literal","value":"b"}}' * 1_000
    with scripted(chunked(ROWS + rows)) as server, opened(server, spool_bytes=1_000) as engine:
        answer = engine.evaluate(request("SELECT ?s { ?s ?p ?o }"))
        assert not answer.is_complete
        with pytest.raises(EngineUnavailable, match="broke its answer off"):
            whole(answer)


def test_strings_cut_between_pieces_are_still_strings() -> None:
    answer = chunked(*(ROWS[start : start + 1] for start in range(len(ROWS))), b"]", b"}", b"}")
    with scripted(answer) as server, opened(server, spool_bytes=0) as engine:
        assert ask(engine, "SELECT ?s { ?s ?p ?o }") == ROWS + b"]}}"


@pytest.mark.parametrize(
    ("headers", "error", "message"),
    [
        ({"X-SPARQL-MaxRows": "10000"}, EngineUnavailable, "10000 solutions or more"),
        ({"X-SQL-State": "S1TAT"}, DeadlineReached, "only a part of its answer"),
    ],
    ids=["solutions cut", "time cut"],
)
def test_part_that_says_so_is_an_error(
    headers: dict[str, str], error: type[LigneeError], message: str
) -> None:
    with (
        scripted(response(YES, headers=headers)) as server,
        opened(server) as engine,
        pytest.raises(error, match=message),
    ):
        engine.evaluate(request("ASK {}"))


def test_other_media_type_than_asked_for_is_an_error() -> None:
    with (
        scripted(response(b"<html></html>", "text/html; charset=utf-8")) as server,
        opened(server) as engine,
        pytest.raises(EngineUnavailable, match=r"asked for application/sparql-results\+json and"),
    ):
        engine.evaluate(request("ASK {}"))


def test_tsv_that_is_none_is_refused() -> None:
    with (
        scripted(response(b'"s"\n"urn:a"\n', TSV.media_type)) as server,
        opened(server) as engine,
        pytest.raises(UnsupportedFormat, match="quoted text as TSV"),
    ):
        engine.evaluate(request("SELECT ?s { ?s ?p ?o }", result_format=TSV))


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", MalformedQuery, "releases are read-only"),
        ("DROP ALL", MalformedQuery, "releases are read-only"),
        (
            "define get:soft 'soft' SELECT * FROM <urn:x> { ?s ?p ?o }",
            MalformedQuery,
            "starts",
        ),
        ("SELECT * { ?s ?p ?o } ; DROP ALL", MalformedQuery, "one query at a time"),
        ("", MalformedQuery, "starts with SELECT"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", ServiceRefused, "SERVICE"),
        ("SELECT * " + "{" * 129 + "}" * 129, MalformedQuery, "nested more than 128 deep"),
    ],
    ids=["insert", "drop", "define", "two operations", "empty", "service", "nested"],
)
def test_query_that_must_not_be_sent_is_not_sent(
    query: str, error: type[LigneeError], message: str
) -> None:
    with scripted(response(YES)) as server, opened(server, workers=1) as engine:
        with pytest.raises(error, match=message):
            engine.evaluate(request(query))
        assert not server.requests
        assert ask(engine, "ASK { ?s ?p 'a ; b', ?o ; ?q ?r }") == YES


def test_format_of_the_other_kind_is_refused_before_sending() -> None:
    with scripted(response(YES)) as server, opened(server) as engine:
        with pytest.raises(UnsupportedFormat, match="gives a result set"):
            engine.evaluate(request("ASK {}", result_format=None))
        with pytest.raises(UnsupportedFormat, match="gives a graph"):
            engine.evaluate(request("DESCRIBE <urn:a>", graph_format=None))
    assert not server.requests


def test_deadline_ends_a_silent_server_and_hangs_up() -> None:
    with (
        scripted(b"", is_holding=True) as server,
        opened(server, timeout_seconds=0.2, workers=1) as engine,
    ):
        start = time.monotonic()
        with pytest.raises(DeadlineReached, match=r"0\.2 seconds"):
            engine.evaluate(request("ASK {}"))
        assert time.monotonic() - start < 1
        assert server.hung_up.wait(3)
        server.answers = [response(YES)]
        assert ask(engine, "ASK {}") == YES


def test_deadline_is_for_the_whole_answer_and_not_for_each_byte() -> None:
    with (
        scripted(response(ROWS + b"]}}"), drip_seconds=0.05) as server,
        opened(server, timeout_seconds=0.3) as engine,
    ):
        start = time.monotonic()
        with pytest.raises(DeadlineReached):
            engine.evaluate(request("SELECT ?s { ?s ?p ?o }"))
        assert time.monotonic() - start < 0.8


def test_deadline_ends_an_answer_under_way() -> None:
    held = chunked(ROWS, is_ended=False)
    with (
        scripted(held, is_holding=True) as server,
        opened(server, timeout_seconds=0.2, spool_bytes=10) as engine,
    ):
        answer = engine.evaluate(request("SELECT ?s { ?s ?p ?o }"))
        with pytest.raises(DeadlineReached):
            whole(answer)


def test_cancellation_hangs_up_at_once() -> None:
    with scripted(b"", is_holding=True) as server, opened(server, workers=1) as engine:
        cancellation = Cancellation()
        threading.Timer(0.1, cancellation.cancel).start()
        with pytest.raises(CalledOff):
            engine.evaluate(request("ASK {}", cancellation=cancellation))
        assert server.hung_up.wait(3)


def test_answer_closed_early_hangs_up_and_frees_the_engine() -> None:
    held = chunked(ROWS, is_ended=False)
    with (
        scripted(held, response(YES), is_holding=True) as server,
        opened(server, workers=1, spool_bytes=10, queue_seconds=1) as engine,
    ):
        engine.evaluate(request("SELECT ?s { ?s ?p ?o }")).close()
        assert server.hung_up.wait(3)
        assert ask(engine, "ASK {}") == YES


def test_slow_reader_does_not_hold_the_engine_for_ever() -> None:
    held = chunked(ROWS, is_ended=False)
    with (
        scripted(held, response(YES), is_holding=True) as server,
        opened(
            server, workers=1, spool_bytes=10, transfer_seconds=1, timeout_seconds=0.5
        ) as engine,
    ):
        answer = engine.evaluate(request("SELECT ?s { ?s ?p ?o }"))
        assert server.hung_up.wait(3)
        with pytest.raises(DeadlineReached, match="was not taken within"):
            whole(answer)
        assert ask(engine, "ASK {}", timeout_seconds=None) == YES


def test_no_more_queries_at_once_than_workers_and_queue_allow() -> None:
    with (
        scripted(b"", is_holding=True) as server,
        opened(server, workers=1, queue_length=0) as engine,
    ):
        cancellation = Cancellation()
        asking = threading.Thread(target=_ask_in_vain, args=(engine, cancellation))
        asking.start()
        while not server.requests:
            time.sleep(0.01)
        with pytest.raises(QueueFull, match="--queue-length"):
            engine.evaluate(request("ASK {}"))
        cancellation.cancel()
        asking.join()
    assert len(server.requests) == 1


def _ask_in_vain(engine: RemoteEngine, cancellation: Cancellation) -> None:
    with pytest.raises(CalledOff):
        engine.evaluate(request("ASK {}", cancellation=cancellation))


def test_connection_is_used_again() -> None:
    with scripted(response(YES), is_holding=True) as server, opened(server) as engine:
        for _ in range(3):
            assert ask(engine, "ASK {}") == YES
        assert (len(server.requests), server.connections) == (3, 1)


def test_connection_that_the_server_closed_meanwhile_is_replaced() -> None:
    with scripted(response(YES)) as server, opened(server) as engine:
        for asked in range(1, 4):
            assert ask(engine, "ASK {}") == YES
            while server.closed < asked:
                time.sleep(0.01)
        assert server.connections == 3


def test_server_that_does_not_run_is_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    url = f"http://127.0.0.1:{free_port()}/sparql"
    with (
        RemoteEngine(Settings(engine=url)) as engine,
        pytest.raises(EngineUnavailable, match="cannot be reached") as raised,
    ):
        engine.evaluate(request("ASK {}"))
    assert "127.0.0.1" not in str(raised.value)
    assert "refused" in caplog.text


@pytest.mark.parametrize("way", ["basic", "bearer"])
def test_credentials_are_sent_and_never_told(way: str, caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret("open sesame")
    settings = (
        Settings(engine_user="ada", engine_password=secret)
        if way == "basic"
        else Settings(engine_token=secret)
    )
    caplog.set_level(logging.DEBUG)
    with scripted(response(b"no: open", "text/plain", status=401)) as server:
        engine = RemoteEngine(replace(settings, engine=server.url))
        with engine, pytest.raises(EngineUnavailable) as raised:
            engine.evaluate(request("ASK {}"))
    pair = base64.b64encode(b"ada:open sesame")
    sent = b"Basic " + pair if way == "basic" else b"Bearer open sesame"
    assert b"Authorization: " + sent in server.requests[0]
    told = f"{raised.value} {caplog.text} {settings!r} {vars(raised.value)}"
    assert "sesame" not in told
    assert pair.decode() not in told


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.org/", "must be a URL such as"),
        ("nonsense", "must be a URL such as"),
        ("http://ada:sesame@example.org/", "LIGNEE_ENGINE_PASSWORD"),
        ("http://example.org:port/", "no URL"),
    ],
)
def test_url_that_is_none_is_refused_without_its_secrets(url: str, message: str) -> None:
    with pytest.raises(SettingError, match=message) as raised:
        RemoteEngine(Settings(engine=url))
    assert "sesame" not in str(raised.value)


@given(json_values(), st.integers(1, 7), st.integers(0, 400))
def test_json_is_whole_when_nothing_of_it_is_missing(value: object, step: int, cut: int) -> None:
    text = json.dumps([value], ensure_ascii=False).encode()
    ending = JsonEnding()
    for start in range(0, len(text[:cut]), step):
        ending.feed(text[:cut][start : start + step])
    assert ending.is_whole() == (cut >= len(text))


def test_large_answer_passes_with_flat_memory() -> None:
    row = b',{"s":{"type":"literal","value":"' + b"x" * 60_000 + b'"}}'
    body = ROWS + row * 500 + b"]}}"
    with scripted(response(body)) as server, opened(server) as engine:
        tracemalloc.start()
        answer = engine.evaluate(request("SELECT ?s { ?s ?p ?o }"))
        size = sum(len(piece) for piece in answer.body)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        answer.close()
    assert size == len(body)
    assert peak < 10_000_000
    assert json.loads(body)
