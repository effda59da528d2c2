"""The order in which a release is loaded into a SPARQL server, so that no half is taken for it.

The release's own record, `graph/release`, is what `serve` looks for. It is deleted first and put
last. In between, a graph of notes says which graphs of which version are there already, so that
publishing again goes on where it was interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from lignee.build.progress import Progress
from lignee.engines.remote import RemoteEngine
from lignee.engines.remote_release import copy_of_default_graph, loaded_version, solutions
from lignee.errors import EngineUnavailable, SettingError
from lignee.publishing.graph_store import DEFAULT_GRAPH, QUADS, GraphStore
from lignee.publishing.release_graphs import ReleaseGraphs
from lignee.release import OUTSIDE_FILES, Release
from lignee.settings import Settings
from lignee.vocabulary import DCTERMS, SPDX

NOTES: Final = "publication"
_COUNTS: Final = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
_PIECE_LINES: Final = 20_000
_NOTED_TOGETHER: Final = 50
_PATIENCE_SECONDS: Final = 600.0


def publish(release: Release, settings: Settings, *, graph_store: str, progress: Progress) -> bool:
    """Load the release into the server at `--engine`; False where it was there already.

    Raises SettingError for URLs that are none, EngineError where the server does not do as asked.
    """
    if not settings.engine:
        raise SettingError("--engine is not given; name the SPARQL server to publish to")
    patient = replace(settings, timeout_seconds=_PATIENCE_SECONDS, workers=1)
    with RemoteEngine(patient) as engine, ReleaseGraphs(release) as graphs:
        is_there = loaded_version(engine, release) == release.version
        loading = _Loading(release, graphs, engine, progress)
        if is_there and not loading.faults(loading.counts()):
            return False
        url = graph_store or graph_store_of(settings.engine, engine.server)
        with GraphStore(url, settings) as store:
            loading.load(store)
    return True


def graph_store_of(engine: str, server: str) -> str:
    """Return where the server takes graphs, as its makers ship it; raises SettingError."""
    start, slash, last = engine.partition("?")[0].rpartition("/")
    if server.startswith("Oxigraph") and last == "query":
        return f"{start}{slash}store"
    if server.startswith("Virtuoso") and last == "sparql":
        return f"{start}{slash}sparql-graph-crud-auth"
    host = urlsplit(engine).hostname
    raise SettingError(f"--graph-store is not given; name the URL where {host} takes graphs")


class _Loading:
    """One release on its way into one server."""

    def __init__(
        self, release: Release, graphs: ReleaseGraphs, engine: RemoteEngine, progress: Progress
    ) -> None:
        self._release = release
        self._graphs = graphs
        self._engine = engine
        self._progress = progress
        self._notes = release.namespaces.graph(NOTES)
        self._copy = copy_of_default_graph(release)
        self._record = release.namespaces.graph("release")
        self._outside = {
            release.namespaces.graph(name): graphs.outside(name) for name in OUTSIDE_FILES
        }

    def load(self, store: GraphStore) -> None:
        """Do every step; the graphs that an earlier attempt loaded are left as they are."""
        store.delete(self._record)
        done = self._earlier_notes(store)
        self._progress.step("load", self._release.manifest.quads + self._release.manifest.triples)
        loaded = self._load_graphs(store, done)
        for name, triples in self._outside.items():
            if name != self._record:
                store.replace(name, triples)
        self._load_default_graph(store)
        self._progress.done(graphs=loaded, left_as_they_were=len(done))
        self._progress.step("check")
        store.delete(self._notes)
        store.replace(self._record, self._outside[self._record])
        counts = self.counts()
        if faults := self.faults(counts):
            store.delete(self._record)
            raise EngineUnavailable(f"the server does not hold what it was given: {faults[0]}")
        self._progress.done(graphs=len(counts))

    def counts(self) -> dict[str, int]:
        """Return how many triples the server has in each graph of this dataset, "" the default."""
        found = {
            name: int(number)
            for name, number in solutions(self._engine, _COUNTS)
            if name.startswith(self._release.namespaces.base)
        }
        if self._copy not in found:
            everything = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
            found[self._copy] = int(solutions(self._engine, everything)[0][0])
        return found

    def faults(self, counts: dict[str, int]) -> list[str]:
        """Return what is wrong with the counts, a sentence each."""
        expected = {name: self._graphs.size(name) for name in self._graphs.names()}
        expected |= {name: text.count(b"\n") for name, text in self._outside.items()}
        expected[self._copy] = self._release.manifest.triples
        return [
            f"{name} has {counts.get(name, 0):,} triples instead of {expected.get(name, 0):,}"
            for name in sorted(counts.keys() | expected.keys())
            if counts.get(name, 0) != expected.get(name, 0)
        ]

    def _earlier_notes(self, store: GraphStore) -> set[str]:
        """Return the graphs that are loaded; begin new notes unless they are of this version."""
        version = f'<{self._notes}> <{DCTERMS}hasVersion> "{self._release.version}" .\n'
        notes = self._read_notes()
        if notes.pop(self._notes, "") != self._release.version:
            store.replace(self._notes, version.encode("utf-8"))
            notes = {}
        counts = self.counts()
        known = {*self._graphs.names(), *self._outside, self._notes, self._copy}
        for name in counts.keys() - known:
            store.delete(name)
        return {
            name
            for name in self._graphs.names()
            if counts.get(name) == self._graphs.size(name)
            and notes.get(name) == self._graphs.digest(name)
        }

    def _read_notes(self) -> dict[str, str]:
        query = "SELECT ?about ?text { ?about ?p ?text }"
        found = solutions(self._engine, query, graphs=(self._notes,))
        return {row[0]: row[1] for row in found}

    def _load_graphs(self, store: GraphStore, done: set[str]) -> int:
        wanted = [name for name in self._graphs.names() if name not in done]
        self._progress.advance(sum(self._graphs.size(name) for name in done))
        if self._takes_quads(store):
            self._load_together(store, wanted)
            return len(wanted)
        self._load_one_by_one(store, wanted)
        return len(wanted)

    def _load_one_by_one(self, store: GraphStore, names: list[str]) -> None:
        """Load each graph by a request of its own, and note many of them by one more."""
        notes: list[bytes] = []
        try:
            for name in names:
                self._replace(store, name, self._graphs.lines(name))
                notes.append(self._note(name) + b" .\n")
                if len(notes) == _NOTED_TOGETHER:
                    store.extend(self._notes, b"".join(notes))
                    notes.clear()
        finally:
            if notes:
                store.extend(self._notes, b"".join(notes))

    def _takes_quads(self, store: GraphStore) -> bool:
        """Tell whether the server takes many graphs at once, which the protocol does not ask for.

        Seen by trying: a note, without which loading would go on the same.
        """
        note = f'<urn:lignee:{QUADS}> <{DCTERMS}type> "{QUADS}"'
        is_taken = store.extend_all(f"{note} <{self._notes}> .\n".encode())
        return is_taken and QUADS in self._read_notes().values()

    def _load_together(self, store: GraphStore, names: list[str]) -> None:
        """Load small graphs many at a time, each with its note."""
        there = self.counts()
        for name in names:
            if name in there:
                store.delete(name)
        for piece in _pieces(chain.from_iterable(map(self._quads, names))):
            if not store.extend_all(b"".join(piece)):
                raise EngineUnavailable(
                    "the graph store took some quads and refuses others; see its log, then publish "
                    "again: what is loaded stays"
                )
            self._progress.advance(len(piece))

    def _quads(self, name: str) -> Iterator[bytes]:
        yield from self._graphs.quads(name)
        yield self._note(name) + f" <{self._notes}> .\n".encode()

    def _note(self, name: str) -> bytes:
        return f'<{name}> <{SPDX}checksumValue> "{self._graphs.digest(name)}"'.encode()

    def _load_default_graph(self, store: GraphStore) -> None:
        """Load the default graph, as a named one where the server's own is a union.

        The notes tell: they are in a named graph, and never in a default graph of its own.
        """
        is_union = solutions(
            self._engine, "SELECT ?p { ?notes ?p ?o } LIMIT 1", notes=NamedNode(self._notes)
        )
        graph = self._copy if is_union else DEFAULT_GRAPH
        self._replace(store, graph, self._graphs.default_graph())

    def _replace(self, store: GraphStore, graph: str | None, lines: Iterable[bytes]) -> None:
        send = store.replace
        for piece in _pieces(lines):
            send(graph, b"".join(piece))
            send = store.extend
            self._progress.advance(len(piece))


def _pieces(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(lines)
    while piece := list(islice(rest, _PIECE_LINES)):
        yield piece
