"""Lignée itself: over its own engine, and over `oxigraph serve`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from peers import oxigraph
from peers.peer import MANY_QUADS, Data, Peer, Running, command, server, size
from runner.connection import Endpoint
from runner.processes import free_port


def install(_home: Path) -> str:
    """Return the version of the package that runs this."""
    return version("lignee")


@contextmanager
def serve(data: Data, folder: Path, *flags: str) -> Iterator[Running]:
    """Run `lignee serve` with its defaults, but for the flags."""
    begun, endpoint = time.perf_counter(), Endpoint(free_port())
    words = [program(), "serve", "--releases", str(data.releases), "--port", str(endpoint.port)]
    with server([*words, *flags], endpoint, folder, ready_seconds=600) as process:
        took = time.perf_counter() - begun
        release = (data.releases / "current").resolve()
        yield Running([process], endpoint, took, size(release), {"ready": round(took, 3)})


@contextmanager
def start(data: Data, folder: Path, _home: Path) -> Iterator[Running]:
    """Run it over its own engine."""
    with serve(data, folder) as running:
        yield running


@contextmanager
def start_remote(data: Data, folder: Path, home: Path) -> Iterator[Running]:
    """Load the release into `oxigraph serve` by `lignee publish`, and run Lignée over that."""
    begun = time.perf_counter()
    behind = folder / "behind"
    behind.mkdir()
    with oxigraph.empty(behind, home) as engine:
        assert engine.endpoint
        url = f"http://127.0.0.1:{engine.endpoint.port}{engine.endpoint.path}"
        command([program(), "publish", "--releases", str(data.releases), "--engine", url])
        published = time.perf_counter() - begun
        with serve(data, folder, "--engine", url) as running:
            running.processes += engine.processes
            running.load_seconds = time.perf_counter() - begun
            running.steps["publish"] = round(published, 3)
            yield running


def program() -> str:
    """Return the command beside this Python."""
    return str(Path(sys.executable).with_name("lignee"))


PEER = Peer("lignee", "Lignée", install, start)
REMOTE = Peer(
    "lignee-remote", "Lignée over `oxigraph serve`", install, start_remote, most_quads=MANY_QUADS
)
