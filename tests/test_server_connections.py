"""Connections as clients use them: kept, pipelined, cut up, abandoned; and what is told of them."""

from __future__ import annotations

import http.client
import socket
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
import zstandard

from inside import Inside, serve_inside, until
from lignee.release import Release

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def inside(tiny_release: Release) -> Iterator[Inside]:
    with serve_inside(tiny_release, request_seconds=1, timeout_seconds=20) as server:
        yield server


@pytest.fixture
def fresh(tiny_release: Release) -> Iterator[Inside]:
    """Return a server for one test, which may lose its worker in it."""
    with serve_inside(tiny_release, timeout_seconds=1) as server:
        yield server


def get(query: str, *lines: str, version: str = "1.1") -> bytes:
    """Return a request as its bytes; it asks for a list of one value."""
    head = [f"GET /sparql?format=csv&query={quote(query)} HTTP/{version}", "Host: x", *lines]
    return "\r\n".join([*head, "", ""]).encode("ascii")


def value(text: str) -> bytes:
    return get(f"SELECT ('{text}' AS ?v) {{}}")


def read(connection: socket.socket) -> http.client.HTTPResponse:
    """Return the next answer on the connection, its body still to be read."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer


def values(connection: socket.socket, count: int) -> list[str]:
    """Return the values in the next answers, read from the connection as one stream."""
    stream = connection.makefile("rb")
    found = []
    for _ in range(count):
        assert b"200" in stream.readline()
        length = 0
        while (line := stream.readline()) != b"\r\n":
            name, _, text = line.partition(b":")
            length = int(text) if name.lower() == b"content-length" else length
        found.append(stream.read(length).decode().split()[1])
    return found


def known(inside: Inside, request: bytes) -> bytes:
    """Return the request once it is answered by the short way."""
    with inside.connect() as connection:
        for _ in range(2):
            connection.sendall(request)
            values(connection, 1)
    return request


def test_pipelined_requests_are_answered_in_order(inside: Inside) -> None:
    repeated = known(inside, value("a"))
    with inside.connect() as connection:
        for _ in range(3):
            connection.sendall(repeated + value("b") + get(SLOW) + repeated)
            first, second, _, last = values(connection, 4)
            assert (first, second, last) == ("a", "b", "a")


def test_short_way_waits_for_the_answers_before_it(inside: Inside) -> None:
    repeated = known(inside, value("c"))
    misses = inside.answers.cache.misses
    with inside.connect() as connection:
        connection.sendall(get(SLOW + "#1"))
        until(lambda: inside.answers.cache.misses > misses)
        connection.sendall(repeated)
        assert values(connection, 2)[1] == "c"


def test_requests_cut_anywhere_are_answered(inside: Inside) -> None:
    repeated = known(inside, value("d"))
    with inside.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in repeated + value("e"):
            connection.sendall(bytes([byte]))
        assert values(connection, 2) == ["d", "e"]


def test_known_request_followed_by_half_of_another(inside: Inside) -> None:
    repeated = known(inside, value("f"))
    with inside.connect() as connection:
        connection.sendall(repeated + repeated[:20])
        assert values(connection, 1) == ["f"]
        connection.sendall(repeated[20:])
        assert values(connection, 1) == ["f"]


def test_body_of_a_get_is_never_taken_for_a_request(inside: Inside) -> None:
    smuggled = value("smuggled")
    head = get("SELECT ('g' AS ?v) {}", f"Content-Length: {len(smuggled)}")
    for _ in range(3):
        with inside.connect() as connection:
            connection.sendall(head)
            connection.sendall(smuggled)
            connection.sendall(value("h"))
            assert values(connection, 2) == ["g", "h"]


@pytest.mark.parametrize(
    "request_",
    [get("ASK {}", "Connection: close"), get("ASK {}", version="1.0")],
    ids=["asked", "HTTP/1.0"],
)
def test_connection_is_closed_where_the_client_wants_it(inside: Inside, request_: bytes) -> None:
    for _ in range(3):
        with inside.connect() as connection:
            connection.sendall(request_)
            answer = connection.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer


def test_offer_of_another_protocol_is_passed_over(inside: Inside) -> None:
    offer = get("SELECT ('i' AS ?v) {}", "Connection: Upgrade", "Upgrade: h2c")
    with inside.connect() as connection:
        connection.sendall(offer)
        assert values(connection, 1) == ["i"]
        connection.sendall(value("j"))
        assert values(connection, 1) == ["j"]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /?" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 140_000, b"431"),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
    ids=["URL", "headers", "both lengths", "two lengths", "space before colon", "nonsense"],
)
def test_head_that_cannot_be_right_ends_the_connection(
    inside: Inside, head: bytes, status: bytes
) -> None:
    with inside.connect() as connection:
        connection.sendall(head)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    "begun", [b"", b"GET / HTTP/1.1\r\n", get("ASK {}") + b"GET"], ids=["none", "some", "second"]
)
def test_head_that_does_not_come_ends_the_connection(inside: Inside, begun: bytes) -> None:
    with inside.connect() as connection:
        connection.settimeout(4)
        connection.sendall(begun)
        while connection.recv(65_536):
            pass


def test_body_that_does_not_come_is_refused(inside: Inside) -> None:
    with inside.connect() as connection:
        connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nq")
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 408")


def decode(answer: http.client.HTTPResponse, decompress: Callable[[bytes], bytes]) -> None:
    try:
        while piece := answer.read(1_000_000):
            decompress(piece)
    except http.client.IncompleteRead as broken:
        decompress(broken.partial)
        raise


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_coded_stream_can_be_read_at_once_and_is_visibly_broken(fresh: Inside, coding: str) -> None:
    connection = fresh.client()
    connection.request("GET", f"/sparql?query={quote(HUGE)}", headers={"Accept-Encoding": coding})
    answer = connection.getresponse()
    decoder = (
        zlib.decompressobj(31) if coding == "gzip" else zstandard.ZstdDecompressor().decompressobj()
    )
    assert decoder.decompress(answer.read1(65_536)).startswith(b'{"head"')
    with pytest.raises(http.client.IncompleteRead):
        decode(answer, decoder.decompress)
    assert not decoder.eof
    connection.close()


def asked(inside: Inside, query: str) -> socket.socket:
    connection = inside.connect()
    connection.sendall(get(query))
    return connection


def test_query_asked_by_many_is_evaluated_once(inside: Inside) -> None:
    query = SLOW + "# asked by many"
    connections = [asked(inside, query) for _ in range(6)]
    answers = [read(connection) for connection in connections]
    bodies = {answer.read() for answer in answers}
    outcomes = sorted(answer.headers["Server-Timing"].rpartition("=")[2] for answer in answers)
    assert len(bodies) == 1
    assert outcomes == ["miss", *["shared"] * 5]
    for connection in connections:
        connection.close()


def test_deadline_is_shared_and_outlives_the_client_that_asked_first(fresh: Inside) -> None:
    first = asked(fresh, ENDLESS)
    others = [asked(fresh, ENDLESS) for _ in range(3)]
    until(lambda: fresh.answers.coalescing.waiting == 3)
    first.close()
    answers = [read(connection) for connection in others]
    assert [answer.status for answer in answers] == [503] * 3
    assert all(b"1 seconds" in answer.read() for answer in answers)
    for connection in others:
        connection.close()


def test_record_tells_what_became_of_a_request(inside: Inside) -> None:
    inside.records.clear()
    known(inside, value("recorded"))
    with inside.connect() as connection:
        connection.sendall(value("recorded"))
        values(connection, 1)
        connection.sendall(get("ASK {"))
        read(connection).read()
    until(lambda: len(inside.records) == 4)
    assert [record.cache for record in inside.records] == ["miss", "hit", "hit", "none"]
    assert [record.error for record in inside.records] == [None, None, None, "MalformedQuery"]
    assert {record.kind for record in inside.records} == {"sparql"}
    assert {record.query_digest for record in inside.records[:3]} != {None}
    assert len({record.sent_bytes for record in inside.records[:3]}) == 1
    assert inside.records[0].seconds > inside.records[2].seconds == 0


def test_record_tells_that_an_answer_was_broken_off(fresh: Inside) -> None:
    fresh.records.clear()
    with asked(fresh, HUGE) as connection:
        connection.recv(1000)
    until(lambda: bool(fresh.records))
    assert fresh.records[0].is_broken_off
    assert fresh.records[0].error
