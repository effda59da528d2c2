"""Load files into a store as N-Quads lines: quads as Python objects would cost several times more.

https://www.w3.org/TR/n-quads/
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from pyoxigraph import NamedNode, RdfFormat, Store

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_BATCH_BYTES: Final = 1 << 24
"""Loading a file at a time took twice as long where files are many and small."""
_MOST_WAITING: Final = 4
"""Halves of batches that wait for the store, so that it never lags by more than these in memory."""


class WholeLines(io.RawIOBase):
    """Takes what a serialiser writes, and hands it on as whole lines."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self._take = take
        self._pieces: list[bytes] = []

    def write(self, piece: ReadableBuffer, /) -> int:
        """Keep the piece, and hand on the lines that it ends."""
        content = bytes(piece)
        lines, line_feed, rest = content.rpartition(b"\n")
        if line_feed:
            self._take(b"".join((*self._pieces, lines, line_feed)))
            self._pieces = [rest] if rest else []
        else:
            self._pieces.append(content)
        return len(content)


def without_graph(line: bytes) -> bytes:
    """Return the line of the triple that a line of N-Quads states, in a graph or outside."""
    triple, _, last = line[:-2].rpartition(b" ")
    is_name = last.startswith((b"<", b"_:")) and b'"' not in last  # no end of a text
    return triple + b" ." if is_name and triple.count(b" ") > 1 else line


class Loader:
    """Fills a store in a thread of its own, batch by batch, while its user reads on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._waiting: deque[Future[None]] = deque()
        self._batch: list[bytes] = []
        self._union: list[bytes] = []
        self._batch_bytes = 0
        self._graph: NamedNode | None = None
        self.saw_blank_nodes = False

    def add(self, nquads: bytes, graph: NamedNode, union: bytes) -> None:
        """Load lines that were parsed before; triples outside named graphs go to the graph.

        Lines of the union are for the default graph.
        """
        self.saw_blank_nodes |= b" _:" in nquads or b"\n_:" in nquads or nquads.startswith(b"_:")
        if graph != self._graph or self._batch_bytes + len(nquads) > _BATCH_BYTES:
            self._load_batch()
        self._graph = graph
        self._batch.append(nquads)
        self._union.append(union)
        self._batch_bytes += len(nquads)

    def _load_batch(self) -> None:
        if not self._batch:
            return
        while len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft().result()
        for nquads, graph in ((self._batch, self._graph), (self._union, None)):
            self._waiting.append(self._thread.submit(self._load, b"".join(nquads), graph))
        self._batch, self._union, self._batch_bytes = [], [], 0

    def _load(self, nquads: bytes, graph: NamedNode | None) -> None:
        self._store.bulk_load(nquads, format=RdfFormat.N_QUADS, to_graph=graph, lenient=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait until all is loaded; raises what the store raised."""
        with self._thread:
            if error is None:
                self._load_batch()
            for loading in self._waiting:
                loading.result()
