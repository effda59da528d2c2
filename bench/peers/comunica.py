"""Comunica's server over a file (npm); it wants Node.js 22."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from peers.peer import Data, Peer, PeerUnavailable, Running, command, server
from runner.connection import Endpoint
from runner.processes import free_port

_NODE: Final = 22
_PACKAGE: Final = "@comunica/query-sparql-file"


def install(home: Path) -> str:
    """Install it; return its version."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise PeerUnavailable(f"no {program} here; Comunica wants Node.js {_NODE} and npm")
    node = command(["node", "--version"]).strip()
    if int(node.removeprefix("v").split(".")[0]) < _NODE:
        raise PeerUnavailable(f"Comunica's server wants Node.js {_NODE}, here is {node}")
    folder = home / "comunica"
    record = folder / "node_modules" / _PACKAGE / "package.json"
    if not record.exists():
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        command(["npm", "install", "--prefix", str(folder), *quiet, f"{_PACKAGE}@5.3.0"])
    version: str = json.loads(record.read_text(encoding="utf-8"))["version"]
    return version


@contextmanager
def start(data: Data, folder: Path, home: Path) -> Iterator[Running]:
    """Run it with the default graph."""
    begun, endpoint = time.perf_counter(), Endpoint(free_port())
    program = home / "comunica" / "node_modules" / ".bin" / "comunica-sparql-file-http"
    words = ["node", str(program), "--port", str(endpoint.port), str(data.graph.resolve())]
    with server(words, endpoint, folder) as process:
        yield Running([process], endpoint, time.perf_counter() - begun)


PEER = Peer("comunica", "Comunica", install, start, has_named_graphs=False, most_quads=300_000)
