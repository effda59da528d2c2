"""A server that answers every request with the same bytes, right or wrong, and keeps what it got.

For what real SPARQL servers do too rarely, or too slowly, to test against.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Scripted:
    """The server as its tests see it."""

    url: str
    answers: list[bytes]
    is_holding: bool
    drip_seconds: float
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: int = 0
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set once a client has closed its connection."""


@contextmanager
def scripted(
    *answers: bytes, is_holding: bool = False, drip_seconds: float = 0
) -> Iterator[Scripted]:
    """Serve: the n-th request gets the n-th answer, the last for ever; then close, or hold.

    With `drip_seconds`, that long passes before each ten bytes.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = Scripted(
            f"http://127.0.0.1:{port}/sparql", list(answers), is_holding, drip_seconds
        )
        threads: list[threading.Thread] = []
        acceptor = threading.Thread(target=_accept, args=(listener, server, threads))
        acceptor.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (acceptor, *threads):
                thread.join(5)
                assert not thread.is_alive()


def _accept(listener: socket.socket, server: Scripted, threads: list[threading.Thread]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            server.connections += 1
            thread = threading.Thread(target=_answer, args=(connection, server))
            threads.append(thread)
            thread.start()


def _answer(connection: socket.socket, server: Scripted) -> None:
    try:
        with connection:
            _converse(connection, server)
    finally:
        server.closed += 1


def _converse(connection: socket.socket, server: Scripted) -> None:
    with contextlib.suppress(OSError):
        connection.settimeout(10)
        while request := _read(connection):
            server.requests.append(request)
            answer = server.answers[min(len(server.requests), len(server.answers)) - 1]
            step = 10 if server.drip_seconds else len(answer) or 1
            for start in range(0, len(answer), step):
                time.sleep(server.drip_seconds)
                connection.sendall(answer[start : start + step])
            if not server.is_holding:
                return
        server.hung_up.set()


def _read(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        if not (piece := connection.recv(65_536)):
            return b""
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def response(
    body: bytes,
    kind: str = "application/sparql-results+json",
    *,
    status: int = 200,
    length: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return a response; `length` is told instead of the body's own, -1 tells none."""
    told = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} As Told", f"Content-Type: {kind}"]
    lines += [f"Content-Length: {told}"] if told >= 0 else []
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(*pieces: bytes, is_ended: bool = True) -> bytes:
    """Return a chunked JSON response."""
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head + body + (b"0\r\n\r\n" if is_ended else b"")
