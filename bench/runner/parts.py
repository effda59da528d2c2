"""Measure one case: build a generated graph, then serve its release until it is ready."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lignee.release import open_release
from runner.processes import Run, free_port, measured, time_until_ready


@dataclass(frozen=True, slots=True)
class Graph:
    """A generated graph on disk."""

    folder: Path
    asked_quads: int
    stated_quads: int
    generate_seconds: float


@dataclass(frozen=True, slots=True)
class Part:
    """One measured case: a graph of a size, built with or without validation, then served."""

    asked_quads: int
    stated_quads: int
    release_quads: int
    """Quads in named graphs of the release: stated, of the ontology, derived and described."""
    default_triples: int
    validated: bool
    load_before: float
    """Processes that wanted a core in the last minute; above the number of cores, times suffer."""
    generate_seconds: float
    build: Run
    release_bytes: int
    store_bytes: int
    ready: Run | None


def measure(
    graph: Graph, releases: Path, *, validated: bool, told: Callable[[str], object]
) -> Part:
    """Return what building and serving the graph took; a build that fails has a status."""
    load = os.getloadavg()[0]
    command = [_lignee(), "build", "--kg", str(graph.folder), "--releases", str(releases)]
    build = measured(command if validated else [*command, "--without-validation"], told)
    release_bytes = store_bytes = quads = triples = 0
    ready: Run | None = None
    if build.status == 0:
        release = open_release(releases)
        quads, triples = release.manifest.quads, release.manifest.triples
        release_bytes, store_bytes = _size(release.folder), _size(release.store)
        ready = _serve(releases)
    return Part(
        asked_quads=graph.asked_quads,
        stated_quads=graph.stated_quads,
        release_quads=quads,
        default_triples=triples,
        validated=validated,
        load_before=round(load, 2),
        generate_seconds=round(graph.generate_seconds, 2),
        build=build,
        release_bytes=release_bytes,
        store_bytes=store_bytes,
        ready=ready,
    )


def _serve(releases: Path) -> Run:
    port = free_port()
    command = [_lignee(), "serve", "--releases", str(releases), "--port", str(port)]
    return time_until_ready(command, port)


def _lignee() -> str:
    return str(Path(sys.executable).with_name("lignee"))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
