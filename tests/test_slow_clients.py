"""Clients that take their time, and results that are large: bounded, and no burden to others."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

import serving
from serving import Server

HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
COUNT = 40
ALLOWED_SECONDS = 1.0


LIMITS: dict[str, float | str] = {
    "workers": 1,
    "request_seconds": ALLOWED_SECONDS,
    "stall_seconds": ALLOWED_SECONDS,
}


@pytest.fixture(scope="module")
def server(tiny_releases: Path) -> Iterator[Server]:
    with serving.serve(tiny_releases, errors=None, **LIMITS) as running:
        yield running


def answers_at_once(server: Server) -> bool:
    start = time.monotonic()
    answer = httpx.get(f"{server.url}/sparql", params={"query": "ASK {}"})
    return answer.json()["boolean"] is True and time.monotonic() - start < 1


def connect(server: Server, sent: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=ALLOWED_SECONDS + 4)
    connection.sendall(sent.replace("\n", "\r\n").encode())
    return connection


def trickled(connection: socket.socket, start: float) -> bytes:
    """Send a byte at a time until the server answers or hangs up; return what it sent."""
    connection.settimeout(0.05)
    while time.monotonic() - start < ALLOWED_SECONDS + 4:
        try:
            connection.sendall(b"a")
            return connection.recv(65_536) + rest_of(connection)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
    raise AssertionError("still open")


def rest_of(connection: socket.socket) -> bytes:
    """Return what the server sends until it hangs up: a head and a body may come apart."""
    connection.settimeout(ALLOWED_SECONDS + 4)
    rest = b""
    with suppress(ConnectionError):  # it hangs up on what was sent and not read
        while piece := connection.recv(65_536):
            rest += piece
    return rest


@pytest.mark.parametrize(
    "sent",
    ["", "GET /sparql HTTP/1.1\nHost: x\nX: a", "POST /sparql HTTP/1.1\nContent-Length: 9\n\nA"],
    ids=["nothing", "head", "body"],
)
def test_many_that_send_no_further_are_dropped_in_time(server: Server, sent: str) -> None:
    start = time.monotonic()
    with ExitStack() as stack:
        opened = [stack.enter_context(connect(server, sent)) for _ in range(COUNT)]
        assert answers_at_once(server)
        for connection in opened:
            assert connection.recv(65_536)[:12] in (b"", b"HTTP/1.1 408", b"HTTP/1.1 415")
    assert time.monotonic() - start < ALLOWED_SECONDS + 3


def test_head_sent_byte_by_byte_has_an_end(server: Server) -> None:
    start = time.monotonic()
    with connect(server, "GET /sparql HTTP/1.1\nX: ") as connection:
        assert trickled(connection, start)[:12] in (b"", b"HTTP/1.1 408")


def test_body_sent_byte_by_byte_is_answered_with_408(server: Server) -> None:
    start = time.monotonic()
    head = "POST /sparql HTTP/1.1\nHost: x\nContent-Type: application/sparql-query\n"
    with connect(server, f"{head}Content-Length: 1000\n\n") as connection:
        answer = trickled(connection, start)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"--request-seconds" in answer


def test_reader_that_stops_gives_its_worker_back(tiny_releases: Path) -> None:
    request = f"GET /sparql?query={quote(HUGE)} HTTP/1.1\nHost: x\n\n"
    with (
        serving.serve(tiny_releases, errors=None, **LIMITS) as server,
        connect(server, request) as connection,
    ):
        assert connection.recv(12) == b"HTTP/1.1 200"
        start = time.monotonic()
        answer = httpx.get(f"{server.url}/sparql", params={"query": "ASK {}"}, timeout=10)
        assert answer.status_code == 200
        assert time.monotonic() - start < ALLOWED_SECONDS + 2


def test_hundred_megabytes_pass_with_flat_memory_in_every_process(tiny_releases: Path) -> None:
    with serving.serve(tiny_releases, workers=1) as server:
        before = {process.pid: process.memory_info().rss for process in server.processes()}
        received = 0
        with httpx.stream(
            "GET",
            f"{server.url}/sparql",
            params={"query": HUGE},
            headers={"Accept-Encoding": "identity"},
        ) as answer:
            pieces = answer.iter_raw()
            while received < 100_000_000:
                received += len(next(pieces))
            after = {process.pid: process.memory_info().rss for process in server.processes()}
    assert before.keys() == after.keys()
    assert max(after[pid] - rss for pid, rss in before.items()) < 30_000_000
