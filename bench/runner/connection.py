"""One keep-alive connection over a raw socket: the same light client for every server."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

JSON: Final = "application/sparql-results+json"
CSV: Final = "text/csv"
TURTLE: Final = "text/turtle"
_PIECE_BYTES: Final = 262_144
_UNKNOWN: Final = 1 << 62
"""The length of a body that the end of the connection ends."""


class Silent(Exception):
    """A server did not answer in time, or closed the connection instead."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server takes queries."""

    port: int
    path: str = "/sparql"
    default_graph: str = ""
    """What names the default graph, where a server has none of its own: Virtuoso.

    It is left out of queries by graph, whose patterns all name theirs: Virtuoso finds no other
    graph beside it.
    """

    def request(self, query: str, accept: str = JSON, *headers: str) -> bytes:
        """Return the bytes that ask for the query's answer."""
        extra = f"&{self.default_graph}" if self.default_graph and "GRAPH " not in query else ""
        return self.get(f"{self.path}?query={quote(query)}{extra}", accept, *headers)

    def get(self, target: str, accept: str, *headers: str) -> bytes:
        """Return the bytes that ask for something else of the same server."""
        lines = [f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Accept: {accept}"]
        return "\r\n".join([*lines, *headers, "", ""]).encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came, with the seconds to the first byte of its body and to the last."""

    status: int
    head: str
    body: bytes
    first_byte_seconds: float
    seconds: float

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        for line in self.head.split("\r\n")[1:]:
            field, _, value = line.partition(":")
            if field.lower() == name.lower():
                return value.strip()
        return ""


class Incoming:
    """Takes an answer piece by piece, and tells when it is whole (RFC 9112, section 6.3)."""

    __slots__ = ("_at", "_chunked", "_end", "_head_end", "data")

    def __init__(self) -> None:
        self.data = bytearray()
        self._head_end, self._end, self._at, self._chunked = -1, _UNKNOWN, 0, False

    def feed(self, piece: bytes) -> bool:
        """Add a piece; return whether the answer is whole."""
        self.data += piece
        if self._head_end < 0:
            found = self.data.find(b"\r\n\r\n")
            if found < 0:
                return False
            self._read_head(bytes(self.data[:found]).lower(), found + 4)
        return self._walk() if self._chunked else len(self.data) >= self._end

    @property
    def has_body(self) -> bool:
        """Whether the first byte after the head is there."""
        return 0 <= self._head_end < len(self.data)

    def reply(self, first_byte_seconds: float, seconds: float) -> Reply:
        """Return what came."""
        head = bytes(self.data[: self._head_end]).decode("latin-1")
        status = int(head[9:12])
        return Reply(status, head, self._body(), first_byte_seconds, seconds)

    def _read_head(self, head: bytes, end: int) -> None:
        self._head_end = self._at = end
        if head[9:12] in {b"304", b"204"}:
            self._end = end
        elif (found := head.find(b"\r\ncontent-length:")) >= 0:
            self._end = end + int(head[found + 17 :].split(b"\r\n", 1)[0])
        self._chunked = b"\r\ntransfer-encoding: chunked" in head

    def _walk(self) -> bool:
        while (line_end := self.data.find(b"\r\n", self._at)) >= 0:
            size = int(self.data[self._at : line_end].split(b";")[0], 16)
            after = line_end + size + 4
            if len(self.data) < after:
                return False
            if not size:
                return True
            self._at = after
        return False

    def _body(self) -> bytes:
        if not self._chunked:
            return bytes(self.data[self._head_end :])
        body, at = bytearray(), self._head_end
        while True:
            line_end = self.data.find(b"\r\n", at)
            size = int(self.data[at:line_end].split(b";")[0], 16)
            if not size:
                return bytes(body)
            body += self.data[line_end + 2 : line_end + 2 + size]
            at = line_end + size + 4


class Connection:
    """A connection that is kept, and opened anew where the server has closed it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._socket: socket.socket | None = None

    def ask(self, query: str, accept: str = JSON, *, seconds: float = 60.0) -> Reply:
        """Return the answer to a query; raises Silent where none comes in that time."""
        return self.exchange(self._endpoint.request(query, accept), seconds=seconds)

    def exchange(self, request: bytes, *, seconds: float = 60.0) -> Reply:
        """Return the answer to a request; raises Silent where none comes in that time."""
        try:
            return _exchange(self._opened(), request, seconds)
        except OSError as error:
            self.close()
            raise Silent(str(error) or type(error).__name__) from error
        except Silent:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; asking opens another."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def _opened(self) -> socket.socket:
        if self._socket and select.select([self._socket], [], [], 0)[0]:
            self.close()  # nothing was asked: what can be read is the end
        if not self._socket:
            self._socket = connect(self._endpoint.port)
        return self._socket


def connect(port: int, client: int = 0) -> socket.socket:
    """Return a connection to a port of this machine; each client has an address of its own.

    Servers share out their time by address, and 64 people do not sit at one.
    """
    source = (f"127.0.{client // 250}.{client % 250 + 1}", 0)
    connection = socket.create_connection(("127.0.0.1", port), 5, source)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _exchange(connection: socket.socket, request: bytes, seconds: float) -> Reply:
    incoming, first_byte, begun = Incoming(), 0.0, time.perf_counter()
    connection.settimeout(seconds)
    connection.sendall(request)
    whole = False
    while not whole:
        piece = connection.recv(_PIECE_BYTES)
        if not piece:
            if not incoming.has_body:
                raise Silent("the connection was closed")
            break
        whole = incoming.feed(piece)
        if not first_byte and incoming.has_body:
            first_byte = time.perf_counter() - begun
        if (left := begun + seconds - time.perf_counter()) <= 0 and not whole:
            raise Silent(f"no whole answer within {seconds:g} s")
        connection.settimeout(max(left, 0.001))
    ended = time.perf_counter() - begun
    if not whole:
        connection.close()
    return incoming.reply(first_byte or ended, ended)
