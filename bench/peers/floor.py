"""The floor: a front in uvloop and workers that only evaluate, with nothing that Lignée adds.

Two processes of Python see each query, as with Lignée, since only a process can be ended at a
deadline. No limits, no negotiation, no cache, no record. The front alone answers
`/constant`.
Run as a program it is that server: a port, and the files to load.
"""

from __future__ import annotations

import asyncio
import marshal
import os
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final, cast
from urllib.parse import unquote_to_bytes

import uvloop
from pyoxigraph import Store

if __name__ == "__main__":  # beside the packages of the bench, not inside this one
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from peers import in_process
from peers.peer import MANY_QUADS, Data, Peer, Running, server
from runner.connection import CSV, JSON, TURTLE, Endpoint
from runner.processes import free_port

_LENGTH: Final = 8
_READY_SECONDS: Final = 900.0
_HEAD: Final = b"HTTP/1.1 %d -\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
CONSTANT: Final = "/constant"
_CONSTANT: Final = _HEAD % (200, JSON.encode(), 26) + b'{"head":{},"boolean":true}'


def install(_home: Path) -> str:
    """Return the version of its event loop."""
    return f"uvloop {version('uvloop')}"


@contextmanager
def start(data: Data, folder: Path, _home: Path) -> Iterator[Running]:
    """Run it with the data in memory."""
    begun, endpoint = time.perf_counter(), Endpoint(free_port())
    files = [str(file.resolve()) for file in (data.dataset, data.graph)]
    words = [sys.executable, str(Path(__file__).resolve()), str(endpoint.port), *files]
    with server(words, endpoint, folder, ready_seconds=_READY_SECONDS) as process:
        yield Running([process], endpoint, time.perf_counter() - begun)


class _Front:
    """Hands queries to workers that are idle, in the order in which they came."""

    def __init__(self) -> None:
        self.idle: list[_Worker] = []
        self._waiting: deque[tuple[asyncio.Transport, bytes]] = deque()

    def ask(self, client: asyncio.Transport, job: bytes) -> None:
        self._waiting.append((client, job))
        self.hand_out()

    def hand_out(self) -> None:
        while self.idle and self._waiting:
            client, job = self._waiting.popleft()
            if not client.is_closing():
                self.idle.pop().ask(client, job)


class _Worker(asyncio.Protocol):
    """The front's end of a process that evaluates: a query goes out, a whole answer comes."""

    def __init__(self, front: _Front) -> None:
        self._front, self._came = front, bytearray()
        self._client: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, no subclass
        self._front.idle.append(self)

    def ask(self, client: asyncio.Transport, job: bytes) -> None:
        self._client = client
        self._transport.write(len(job).to_bytes(_LENGTH) + job)

    def data_received(self, data: bytes) -> None:
        self._came += data
        if len(self._came) - _LENGTH < int.from_bytes(self._came[:_LENGTH]):
            return
        assert self._client
        if not self._client.is_closing():  # whoever asked may have left
            self._client.write(bytes(self._came[_LENGTH:]))
        self._came.clear()
        self._front.idle.append(self)
        self._front.hand_out()


class _Client(asyncio.Protocol):
    """A connection over HTTP, as far as the bench's own client speaks it."""

    def __init__(self, front: _Front) -> None:
        self._front, self._came = front, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, no subclass

    def data_received(self, data: bytes) -> None:
        self._came += data
        if not self._came.endswith(b"\r\n\r\n"):
            return
        request, self._came = self._came, b""
        target = request[4 : request.index(b" ", 4)]
        if target == CONSTANT.encode():
            self._transport.write(_CONSTANT)
            return
        accept = next(kind for kind in (JSON, CSV, TURTLE, "") if kind.encode() in request)
        query = unquote_to_bytes(target.partition(b"?query=")[2]).decode()
        self._front.ask(self._transport, marshal.dumps((query, accept)))


def _evaluate(store: Store, place: socket.socket) -> None:
    """Answer what comes, until the front's end is closed."""
    with place, place.makefile("rb") as jobs:
        while length := jobs.read(_LENGTH):
            query, accept = marshal.loads(jobs.read(int.from_bytes(length)))
            status, body, _, _ = in_process.answer(store, query, accept)
            reply = _HEAD % (status, accept.encode(), len(body)) + body
            place.sendall(len(reply).to_bytes(_LENGTH) + reply)


def _workers(files: list[str]) -> list[socket.socket]:
    """Return a socket to each worker: as many as cores, all over the same pages of memory."""
    store = in_process.opened(files)
    ends: list[socket.socket] = []
    for _ in range(os.cpu_count() or 1):
        here, there = socket.socketpair()
        if os.fork() == 0:
            for end in (here, *ends):
                end.close()
            with suppress(OSError):  # the front has ended
                _evaluate(store, there)
            os._exit(0)
        there.close()
        ends.append(here)
    return ends


async def _serve(port: int, ends: list[socket.socket]) -> None:
    loop, front = asyncio.get_running_loop(), _Front()
    for end in ends:
        await loop.create_connection(lambda: _Worker(front), sock=end)
    listening = await loop.create_server(lambda: _Client(front), "127.0.0.1", port)
    await listening.serve_forever()


PEER = Peer(
    "floor",
    "The floor: a front and workers that only evaluate",
    install,
    start,
    most_quads=MANY_QUADS,
)

if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), _workers(sys.argv[2:])))
