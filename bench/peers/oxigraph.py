"""`oxigraph serve`: the engine that Lignée has inside, as a server in Rust."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from peers.peer import Data, Peer, PeerUnavailable, Running, command, installed, server, size
from runner.connection import Endpoint
from runner.processes import free_port


def _program(home: Path) -> str:
    return str(home / "oxigraph" / "bin" / "oxigraph")


def install(home: Path) -> str:
    """Install it; return its version."""
    installed(home / "oxigraph", ["oxigraph==0.5.13"], "bin/oxigraph")
    return command([_program(home), "--version"]).split()[-1]


@contextmanager
def empty(folder: Path, home: Path) -> Iterator[Running]:
    """Run it in memory, with nothing in it."""
    endpoint = Endpoint(free_port(), "/query")
    words = [_program(home), "serve", "--bind", f"127.0.0.1:{endpoint.port}"]
    with server(words, endpoint, folder) as process:
        yield Running([process], endpoint)


@contextmanager
def in_memory(data: Data, folder: Path, home: Path) -> Iterator[Running]:
    """Run it in memory, with the data sent to it."""
    begun = time.perf_counter()
    with empty(folder, home) as running:
        assert running.endpoint
        _post(running.endpoint.port, data.dataset, "application/n-quads", "/store")
        _post(running.endpoint.port, data.graph, "application/n-triples", "/store?default")
        running.load_seconds = time.perf_counter() - begun
        yield running


@contextmanager
def on_disk(data: Data, folder: Path, home: Path) -> Iterator[Running]:
    """Load the data by `oxigraph load`, once, and run it over the files, read-only."""
    steps, begun = {}, time.perf_counter()
    store = folder.resolve() / "store"  # the server has another current folder
    for file in () if store.exists() else (data.dataset, data.graph):
        started = time.perf_counter()
        command([_program(home), "load", "--location", str(store), "--file", str(file)])
        steps[file.name] = round(time.perf_counter() - started, 3)
    endpoint = Endpoint(free_port(), "/query")
    bind = f"127.0.0.1:{endpoint.port}"
    words = [_program(home), "serve-read-only", "--location", str(store), "--bind", bind]
    with server(words, endpoint, folder) as process:
        took = time.perf_counter() - begun
        yield Running([process], endpoint, took, size(store), steps)


def _post(port: int, file: Path, media_type: str, target: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=900)
    with file.open("rb") as body:
        headers = {"Content-Type": media_type, "Content-Length": str(file.stat().st_size)}
        connection.request("POST", target, body, headers)
        answer = connection.getresponse()
    said = answer.read().decode(errors="replace")
    connection.close()
    if answer.status >= 300:
        raise PeerUnavailable(f"it refused {file.name}: {answer.status} {said[:200]}")


MEMORY = Peer("oxigraph", "`oxigraph serve`, in memory", install, in_memory)
DISK = Peer(
    *("oxigraph-disk", "`oxigraph serve`, on disk", install, on_disk),
    quad_bytes=300,
    keeps_data=True,
)
