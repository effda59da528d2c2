"""The graphs of a release, each as lines of N-Triples, however large its dump is."""

from __future__ import annotations

import hashlib
import mmap
from array import array
from collections.abc import Iterator
from typing import Final

from pyoxigraph import RdfFormat, parse, serialize

from lignee.engines.engine import Closing
from lignee.release import OUTSIDE_FILES, Release

_DUMP: Final = "dataset.nq"
_DEFAULT_GRAPH: Final = "graph.nt"


class ReleaseGraphs(Closing):
    """Reads graphs from the canonical dump, whose lines are in another order than by graph.

    What is kept of it in memory is 8 bytes a quad: where each of a graph's lines starts.
    """

    def __init__(self, release: Release) -> None:
        self._release = release
        self._file = (release.folder / _DUMP).open("rb")
        self._text = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._starts = self._index()

    def names(self) -> list[str]:
        """Return the names of the graphs in the dump, sorted."""
        return sorted(self._starts)

    def size(self, name: str) -> int:
        """Return how many triples the graph has."""
        return len(self._starts[name])

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the graph's triples, a line each."""
        for line in self.quads(name):
            yield line.rsplit(b" ", 2)[0] + b" .\n"

    def quads(self, name: str) -> Iterator[bytes]:
        """Yield the graph's quads, a line of N-Quads each."""
        for start in self._starts[name]:
            yield self._line(start)

    def digest(self, name: str) -> str:
        """Return the SHA-256 of the graph's lines, in hexadecimal."""
        digest = hashlib.sha256()
        for line in self.lines(name):
            digest.update(line)
        return digest.hexdigest()

    def default_graph(self) -> Iterator[bytes]:
        """Yield the triples of the default graph, a line each."""
        with (self._release.folder / _DEFAULT_GRAPH).open("rb") as file:
            yield from file

    def outside(self, name: str) -> bytes:
        """Return a graph that is about the release and lies beside its dumps, as N-Triples."""
        path = self._release.folder / OUTSIDE_FILES[name]
        triples = (quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE))
        text = serialize(triples, format=RdfFormat.N_TRIPLES)
        assert text is not None  # None only where an output is given
        return text

    def close(self) -> None:
        """Close the dump."""
        self._text.close()
        self._file.close()

    def _index(self) -> dict[str, array[int]]:
        found: dict[bytes, array[int]] = {}
        start = 0
        while start < len(self._text):
            line = self._line(start)
            found.setdefault(line.rsplit(b" ", 2)[1], array("Q")).append(start)
            start += len(line)
        return {name[1:-1].decode("utf-8"): starts for name, starts in found.items()}

    def _line(self, start: int) -> bytes:
        end = self._text.find(b"\n", start)
        return self._text[start : end + 1]
