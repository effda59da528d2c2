"""pyoxigraph in a process of its own, without HTTP: the limit for everything built on it.

Run as a program it is that process: lines of JSON in, a line of JSON and the answer's bytes out.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

import psutil
from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, Store

if __name__ == "__main__":  # beside the packages of the bench, not inside this one
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from peers.peer import Data, Peer, PeerUnavailable, Running
from runner.connection import CSV, JSON, Reply, Silent

_LOAD_SECONDS: Final = 600.0


def install(_home: Path) -> str:
    """Return the version that Lignée runs with."""
    return version("pyoxigraph")


@contextmanager
def start(data: Data, _folder: Path, _home: Path) -> Iterator[Running]:
    """Run the process and wait until it has the data, in the same kind of store as Lignée."""
    begun = time.perf_counter()
    files = [data.store] if data.is_on_disk else [data.dataset, data.graph]
    words = [sys.executable, __file__, *map(str, files)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdin
            assert process.stdout
            pipe = _Pipe(process.stdin, process.stdout)
            _wait_for(pipe)
            took = time.perf_counter() - begun
            running = Running([psutil.Process(process.pid)], None, took)
            running.asker = lambda: pipe
            yield running
        finally:
            process.kill()


@dataclass(slots=True)
class _Pipe:
    """Asks the process; it measures itself, so that the pipe does not count."""

    requests: IO[bytes]
    answers: IO[bytes]
    late: int = 0
    """Answers that nobody waited for until they came."""

    def ask(self, query: str, accept: str = JSON, *, seconds: float = 60.0) -> Reply:
        while self.late:
            self._answer(seconds)
            self.late -= 1
        self.requests.write(json.dumps([query, accept]).encode() + b"\n")
        self.requests.flush()
        try:
            return self._answer(seconds)
        except Silent:
            self.late += 1
            raise

    def _answer(self, seconds: float) -> Reply:
        if not select.select([self.answers], [], [], seconds)[0]:
            raise Silent(f"no answer within {seconds:g} s")
        line = self.answers.readline()
        if not line:
            raise Silent("the process ended")
        status, length, first_byte, took = json.loads(line)
        return Reply(status, "", self.answers.read(length), first_byte, took)

    def close(self) -> None:
        """Keep it: there is one pipe."""


def _wait_for(pipe: _Pipe) -> None:
    try:
        pipe.ask("ASK{}", seconds=_LOAD_SECONDS)
    except Silent as error:
        raise PeerUnavailable(f"pyoxigraph did not load the data: {error}") from error


class _Output:
    """Takes an answer, and the time of its first byte."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.first_byte = 0.0

    def write(self, piece: bytes) -> int:
        if not self.pieces:
            self.first_byte = time.perf_counter()
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""


def answer(store: Store, query: str, accept: str) -> tuple[int, bytes, float, float]:
    """Return the status, the answer, and the seconds to its first byte and its last."""
    output, begun = _Output(), time.perf_counter()
    try:
        found = store.query(query)
        if isinstance(found, QueryTriples):
            found.serialize(output, RdfFormat.TURTLE)  # type: ignore[arg-type]  # only written to
        else:
            form = QueryResultsFormat.CSV if accept == CSV else QueryResultsFormat.JSON
            found.serialize(output, form)  # type: ignore[arg-type]  # only written to
    except (SyntaxError, ValueError, OSError) as error:
        return 400, str(error).encode(), 0.0, time.perf_counter() - begun
    ended = time.perf_counter()
    return 200, b"".join(output.pieces), (output.first_byte or ended) - begun, ended - begun


def opened(files: list[str]) -> Store:
    """Return a store in memory with N-Quads and N-Triples, or the one of a release, on disk."""
    if len(files) == 1:
        return Store.read_only(files[0])
    store, (dataset, graph) = Store(), files
    store.bulk_load(path=dataset, format=RdfFormat.N_QUADS)
    store.bulk_load(path=graph, format=RdfFormat.N_TRIPLES)
    return store


def _main() -> None:
    store = opened(sys.argv[1:])
    for line in sys.stdin.buffer:
        status, body, first_byte, took = answer(store, *json.loads(line))
        head = json.dumps([status, len(body), first_byte, took])
        sys.stdout.buffer.write(head.encode() + b"\n" + body)
        sys.stdout.buffer.flush()


PEER = Peer("pyoxigraph", "pyoxigraph, in process", install, start)

if __name__ == "__main__":
    _main()
