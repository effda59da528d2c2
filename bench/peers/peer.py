"""A peer: what a researcher would use instead, how it is installed, started and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import psutil

from lignee.settings import Settings
from runner.connection import Connection, Endpoint, Reply, Silent

MANY_QUADS: Final = 3_000_000
"""Of a release; beyond, only those peers are started that tell something new of its size."""
_ENDING_SECONDS: Final = 20
_COMMAND_SECONDS: Final = 900
INSTALL_SECONDS: Final = 240
"""Longer than any takes where registries answer; where one does not, the others go on."""
_LAST_WORDS: Final = 400
_PROBE_SECONDS: Final = 2.0
_TAKEN: Final = ("in use", "Failed HTTP listen", "address is not available")
_PROBE: Final = "SELECT ?s { ?s ?p ?o } LIMIT 1"
"""Not the smallest query, ASK: shmarql answers that with 500."""


class PeerUnavailable(Exception):
    """A peer cannot be installed, started or loaded; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Data:
    """What the peers are given: a built release, and its size."""

    releases: Path
    quads: int

    @property
    def graph(self) -> Path:
        """The default graph, as N-Triples."""
        return self.releases / "current" / "graph.nt"

    @property
    def is_on_disk(self) -> bool:
        """Whether Lignée opens it on disk instead of holding it in memory, by default."""
        return self.quads > Settings().memory_store_max_quads

    @property
    def store(self) -> Path:
        """The store on disk, where one was built."""
        return self.releases / "current" / "store"

    @property
    def dataset(self) -> Path:
        """The named graphs, as N-Quads."""
        return self.releases / "current" / "dataset.nq"


class Asker(Protocol):
    """Asks one query after the other."""

    def ask(self, query: str, accept: str = ..., *, seconds: float = ...) -> Reply:
        """Return the answer; raises Silent where none comes in that time."""

    def close(self) -> None:
        """Let go of what asking held."""


@dataclass(slots=True)
class Running:
    """A peer that has the data and answers."""

    processes: list[psutil.Process]
    endpoint: Endpoint | None = None
    """None where it is no server."""
    load_seconds: float = 0.0
    """From files to the first answer: loading and starting."""
    disk_bytes: int = 0
    steps: dict[str, float] = field(default_factory=dict)
    asker: Callable[[], Asker] | None = None

    def connection(self) -> Asker:
        """Return something to ask by."""
        if self.asker:
            return self.asker()
        assert self.endpoint
        return Connection(self.endpoint)


Start = Callable[[Data, Path, Path], AbstractContextManager[Running]]
"""Starts a peer with the data, in an empty folder of its own; last, where peers are installed."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer."""

    name: str
    title: str
    install: Callable[[Path], str]
    """Installs it below a folder, if it is not there; returns its version."""
    start: Start
    has_named_graphs: bool = True
    """Where not, it is given the default graph only, and queries by graph are not put to it."""
    quad_bytes: int = 1_000
    """Memory for each quad in named graphs of a release, its triples in the default graph too."""
    most_quads: int = sys.maxsize
    """Quads of a release beyond which it is not started, because loading alone takes minutes."""
    keeps_data: bool = False
    """Whether it loads nothing where its folder holds what it has loaded before."""


@contextmanager
def server(
    command: Sequence[str],
    endpoint: Endpoint,
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    ready_seconds: float = 120.0,
) -> Iterator[psutil.Process]:
    """Run a server until the block ends; raises PeerUnavailable with its last words."""
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | dict(environment or {}),
            start_new_session=True,
        )
    try:
        _wait_for(process, endpoint, log, ready_seconds)
        yield psutil.Process(process.pid)
    finally:
        _end(process)


def installed(folder: Path, packages: Sequence[str], program: str) -> Path:
    """Return a program, by its pattern, of a virtual environment that has the packages.

    The environment is made where the program is not there; raises PeerUnavailable.
    """
    if not any(folder.glob(program)):
        command([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        command([*pip, *packages], INSTALL_SECONDS)
    for found in folder.glob(program):
        return found
    raise PeerUnavailable(f"{' '.join(packages)} has no {program}")


def command(words: Sequence[str], seconds: float = _COMMAND_SECONDS) -> str:
    """Run a command to its end and return what it prints; raises PeerUnavailable."""
    name = " ".join(Path(word).name for word in words[:2])
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=seconds)
    except OSError as error:
        raise PeerUnavailable(f"`{name}` cannot be run: {error.strerror or error}") from error
    except subprocess.TimeoutExpired:
        raise PeerUnavailable(f"`{name}` took longer than {seconds:g} s and was ended") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-_LAST_WORDS:]
        raise PeerUnavailable(f"`{name}` failed: {said}")
    return done.stdout


def size(folder: Path) -> int:
    """Return the bytes that the files of a folder have on disk."""
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def _wait_for(
    process: subprocess.Popen[bytes], endpoint: Endpoint, log: Path, ready_seconds: float
) -> None:
    end, connection = time.monotonic() + ready_seconds, Connection(endpoint)
    while time.monotonic() < end:
        if process.poll() is not None:
            raise PeerUnavailable(_why(endpoint, log))
        try:
            if connection.ask(_PROBE, seconds=_PROBE_SECONDS).status == 200:
                return connection.close()
        except Silent:
            pass
        time.sleep(0.02)
    raise PeerUnavailable(f"it did not answer within {ready_seconds:g} s")


def _why(endpoint: Endpoint, log: Path) -> str:
    said = log.read_text(encoding="utf-8", errors="replace").strip()
    if any(sign in said for sign in _TAKEN):
        return f"port {endpoint.port} was taken by another program; run the bench again"
    return f"it ended: {said[:_LAST_WORDS] or 'without a word'}"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDING_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # children that outlived it, too
    process.wait()
