"""Peers in Python: rdflib-endpoint and shmarql as servers, and pyoxigraph in a process alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from peers.peer import MANY_QUADS, Data, Peer, Running, command, installed, server
from runner.connection import Endpoint
from runner.processes import free_port

_SMALL: Final = 300_000
"""Quads: rdflib reads about 20,000 triples a second."""
_VERSION: Final = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


def install_rdflib_endpoint(home: Path) -> str:
    """Install it; return its version."""
    folder = home / "rdflib-endpoint"
    installed(folder, ["rdflib-endpoint[cli]==0.6.3"], "bin/rdflib-endpoint")
    return command([str(folder / "bin" / "python"), "-c", _VERSION, "rdflib-endpoint"]).strip()


@contextmanager
def rdflib_endpoint(data: Data, folder: Path, home: Path) -> Iterator[Running]:
    """Run it with the default graph, in rdflib's own memory store.

    Its union of named graphs holds what superseded passages state, which a release's default
    graph does not, and its Oxigraph store evaluates by rdflib all the same.
    """
    begun, endpoint = time.perf_counter(), Endpoint(free_port(), "/")
    program = str(home / "rdflib-endpoint" / "bin" / "rdflib-endpoint")
    words = [program, "serve", "--host", "127.0.0.1", "--port", str(endpoint.port)]
    file = str(data.graph.resolve())
    with server([*words, file], endpoint, folder, ready_seconds=600) as process:
        yield Running([process], endpoint, time.perf_counter() - begun)


def install_shmarql(home: Path) -> str:
    """Install it; return its version."""
    folder = home / "shmarql"
    installed(folder, ["shmarql==0.70"], "bin/uvicorn")
    return command([str(folder / "bin" / "python"), "-c", _VERSION, "shmarql"]).strip()


@contextmanager
def shmarql(data: Data, folder: Path, home: Path) -> Iterator[Running]:
    """Run it with the default graph: it loads no N-Quads, and asks the union of all graphs."""
    begun, endpoint = time.perf_counter(), Endpoint(free_port(), "/sparql")
    program = str(home / "shmarql" / "bin" / "uvicorn")
    words = [program, "shmarql:app", "--port", str(endpoint.port), "--log-level", "error"]
    environment = {"DATA_LOAD_PATHS": str(data.graph.resolve())}
    with server(words, endpoint, folder, environment=environment) as process:
        yield Running([process], endpoint, time.perf_counter() - begun)


RDFLIB_ENDPOINT = Peer(
    "rdflib-endpoint",
    "rdflib-endpoint",
    install_rdflib_endpoint,
    rdflib_endpoint,
    has_named_graphs=False,
    most_quads=_SMALL,
)
SHMARQL = Peer(
    "shmarql",
    "shmarql",
    install_shmarql,
    shmarql,
    has_named_graphs=False,
    most_quads=MANY_QUADS,
)
