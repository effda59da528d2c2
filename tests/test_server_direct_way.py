"""Queries handed to a worker by the thread that received them: as the long way answers them."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from urllib.parse import quote

import httpx
import psutil
import pytest

from inside import Inside, serve_inside, until
from lignee.release import Release

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 10000"
BRIEF = """SELECT (COUNT(*) AS ?n) {
  { SELECT * { ?a ?b ?c } LIMIT 100 } { SELECT * { ?d ?e ?f } LIMIT 100 }
}"""
LONG_WAY = {"X-Other": "headers that are not known go the long way"}


@pytest.fixture(scope="module")
def inside(tiny_release: Release) -> Iterator[Inside]:
    with serve_inside(tiny_release, cache_bytes=0) as server:
        yield server


@pytest.fixture
def fresh(tiny_release: Release) -> Iterator[Inside]:
    with serve_inside(tiny_release, timeout_seconds=0.3) as server:
        yield server


def ask(server: Inside, query: str, **headers: str) -> httpx.Response:
    url = f"http://127.0.0.1:{server.port}/sparql?query={quote(query)}"
    with httpx.Client() as client:
        for name in ("accept", "accept-encoding"):
            client.headers.pop(name)
        return client.get(url, headers=headers, timeout=20)


@contextmanager
def asked(server: Inside, *queries: str) -> Iterator[list[http.client.HTTPConnection]]:
    """Give a connection for each query, on which it has been asked."""
    with ExitStack() as opened:
        connections = []
        for query in queries:
            connections.append(opened.enter_context(closing(server.client())))
            connections[-1].request("GET", f"/sparql?query={quote(query)}")
        yield connections


def statuses(connections: list[http.client.HTTPConnection]) -> list[int]:
    return [answer.status for connection in connections if (answer := connection.getresponse())]


def plain(answer: httpx.Response) -> dict[str, str]:
    changing = ("date", "server-timing", "x-request-id")
    return {name: value for name, value in answer.headers.items() if name not in changing}


def request_threads() -> set[int | None]:
    return {thread.ident for thread in threading.enumerate() if "request-" in thread.name}


def engine_processes() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o } LIMIT 3",
        "SELECT (1+1 AS ?é) {}",
        "PREFIX a: <x:> ASK { a:b ?p '&+%' }",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 2",
        "DESCRIBE <x:y>",
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "application/sparql-results+xml, application/n-triples"])
def test_no_thread_is_needed_and_the_answer_is_that_of_the_long_way(
    inside: Inside, query: str, accept: str
) -> None:
    before = request_threads()
    answer = ask(inside, query, accept=accept)
    assert request_threads() == before
    expected = ask(inside, query, accept=accept, **LONG_WAY)
    assert (answer.status_code, answer.content) == (200, expected.content)
    assert plain(answer) == plain(expected)
    assert "evaluate;dur=" in answer.headers["Server-Timing"]


@pytest.mark.parametrize(
    "query", ["ASKED {}", "INSERT DATA {}", "ASK { SERVICE <x:y> {} }", ENDLESS]
)
def test_what_fails_is_told_as_by_the_long_way(fresh: Inside, query: str) -> None:
    answer, expected = ask(fresh, query), ask(fresh, query, **LONG_WAY)
    assert answer.status_code == expected.status_code >= 400
    assert answer.json()["detail"] == expected.json()["detail"]


@pytest.mark.parametrize(
    ("query", "coding"), [(LONG, "identity"), (LONG, "gzip"), ("SELECT * { ?s ?p ?o }", "gzip")]
)
def test_long_and_coded_answers_are_whole(inside: Inside, query: str, coding: str) -> None:
    answer = ask(inside, query, **{"accept-encoding": coding})
    expected = ask(inside, query, **{"accept-encoding": coding}, **LONG_WAY)
    assert answer.content == expected.content
    assert plain(answer) == plain(expected)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("query=ASK%7B%7D%zz", 400),
        ("query=ASK%7B%7D%20%23%ff", 400),
        ("query=ASK%7B%7D%20%23%%41", 400),
        ("query=ASK%7B%7D%20%23=41+%2B%3D41=", 200),
        ("query=ASK%7B%7D%20%23%", 400),
        ("query=ASK {}", 400),
        ("query=ASK%7B%7D&query=ASK%7B%7D", 400),
        ("query=ASK%7B%7D&timeout=soon", 422),
    ],
)
def test_what_is_not_plainly_a_query_is_left_to_the_long_way(
    inside: Inside, target: str, status: int
) -> None:
    with inside.connect() as connection:
        connection.sendall(f"GET /sparql?{target} HTTP/1.1\r\nHost: a\r\n\r\n".encode("ascii"))
        assert connection.recv(20).startswith(f"HTTP/1.1 {status}".encode("ascii"))


def test_request_that_follows_waits_for_the_answer_before_it(inside: Inside) -> None:
    requests = [
        f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: a\r\n\r\n".encode("ascii")
        for query in (SLOW, "ASK {}")
    ]
    with inside.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            connection.sendall(request)
        received = b""
        while b'"boolean"' not in received:
            received += connection.recv(65_536)
    assert received.index(b'"n"') < received.index(b'"boolean"')


def test_record_tells_of_it(inside: Inside) -> None:
    answer = ask(inside, "ASK { <x:told> ?p ?o }")
    record = inside.records[-1]
    assert (record.kind, record.status, record.cache) == ("sparql", 200, "miss")
    assert (record.sent_bytes, record.is_broken_off) == (len(answer.content), False)
    assert record.request_id == answer.headers["X-Request-Id"]


def test_worker_is_free_again_when_the_client_leaves_at_once(tiny_release: Release) -> None:
    with serve_inside(tiny_release) as server:
        with server.connect() as connection:
            head = f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: a\r\n\r\n"
            connection.sendall(head.encode("ascii"))
        until(lambda: any(record.is_broken_off for record in server.records))
        assert server.records[-1].error == "CalledOff"
        assert ask(server, "ASK {}").status_code == 200


BRIEF_ONES = [f"{BRIEF} # {number}" for number in range(9)]


def test_queries_wait_for_their_turn_without_a_thread(
    tiny_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_PATIENCE_SECONDS", "_QUEUEING_SECONDS"):  # a busy machine takes longer
        monkeypatch.setattr(f"lignee.serve.connection.{name}", 10)
    with serve_inside(tiny_release) as server, asked(server, *BRIEF_ONES) as connections:
        before = request_threads()
        answers = [connection.getresponse() for connection in connections]
        assert [answer.status for answer in answers] == [200] * 9
        assert request_threads() == before
        waited = [answer.headers["Server-Timing"].partition(",")[0] for answer in answers]
        assert waited[-1] > "queue;dur=0.00"


def test_queries_behind_a_long_one_are_answered_after_it(tiny_release: Release) -> None:
    with (
        serve_inside(tiny_release, timeout_seconds=0.3) as server,
        asked(server, ENDLESS, "ASK {}", "ASK { ?s ?p ?o }") as connections,
    ):
        assert statuses(connections) == [503, 200, 200]


def test_client_that_leaves_the_queue_holds_nobody_up(tiny_release: Release) -> None:
    with serve_inside(tiny_release) as server, asked(server, *BRIEF_ONES) as connections:
        for connection in connections[1:-1]:
            connection.close()
        assert statuses([connections[0], connections[-1]]) == [200, 200]
        assert ask(server, "ASK {}").status_code == 200


def test_query_survives_that_its_idle_worker_has_gone(tiny_release: Release) -> None:
    others = engine_processes()
    with serve_inside(tiny_release) as server:
        assert ask(server, "ASK { <x:before> ?p ?o }").status_code == 200
        zygote, worker = sorted(engine_processes() - others, key=lambda found: found.pid)
        assert worker.ppid() == zygote.pid
        worker.kill()
        assert ask(server, "ASK { <x:after> ?p ?o }").status_code == 200


def test_others_who_ask_the_same_share_the_evaluation(tiny_release: Release) -> None:
    with serve_inside(tiny_release, workers=3) as server, ThreadPoolExecutor(5) as clients:
        asked = [clients.submit(ask, server, SLOW) for _ in range(5)]
        assert len({future.result().content for future in asked}) == 1
        outcomes = [record.cache for record in server.records]
        assert outcomes.count("miss") == 1
