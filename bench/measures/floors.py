"""What a task takes at least: by the libraries that Lignée uses, and nothing else."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import deflate
from pyoxigraph import RdfFormat, Store, parse, serialize

from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.matching.index import LabelIndex
from lignee.release import DATASET_DUMPS, GRAPH_DUMPS, open_release
from measures.latency import milliseconds
from peers import lignee
from peers.peer import command
from runner.queries import Query

_GZIP_LEVEL: Final = 6
_PIECE_BYTES: Final = 1 << 20
_TIMES: Final = 21
_MOST_FOUND: Final = 50
"""As many as the page of results lists."""


def build(kg: Path, releases: Path) -> dict[str, float]:
    """Return the seconds that a build cannot do without, and the bytes it writes.

    Processor time of reading the graph's Turtle, of a store to ask, of sorting, of writing the
    same dumps by pyoxigraph alone and compressing them; and wall time of starting the command and
    of writing as many bytes as the release has to the disk.
    """
    folder = open_release(releases).folder
    dumps = [folder / name for name in (*DATASET_DUMPS, *GRAPH_DUMPS)]
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    with tempfile.TemporaryDirectory(prefix="floor-", dir=releases) as name:
        scratch = Path(name)
        return {
            "start": _taken(_start, [Path(lignee.program())], time.perf_counter),
            "read": _taken(_read, kg.rglob("*.ttl")),
            "load": _taken(_load, [folder / "dataset.nq"]),
            "sort": _taken(_sort, [folder / "dataset.nq", folder / "graph.nt"]),
            "write": _taken(lambda dump: _write(dump, scratch), dumps),
            "compress": _taken(_compress, dumps),
            "disk": _taken(lambda file: _fill(file, size), [scratch / "all"], time.perf_counter),
            "bytes": size,
        }


def search(asked: Iterable[Query], releases: Path) -> dict[str, float]:
    """Return the milliseconds of the searches among some queries, by the index in process."""
    index = LabelIndex.opened(open_release(releases).search)
    found = {}
    for query in asked:
        if query.known.startswith("/search?"):
            words = parse_qs(urlsplit(query.known).query)
            text, language = words["q"][0], words["lang"][0]
            taken = []
            for _ in range(_TIMES):
                begun = time.perf_counter()
                index.find(text, language=language, most=_MOST_FOUND)
                index.kinds(text)
                taken.append(time.perf_counter() - begun)
            found[query.name] = milliseconds(statistics.median(taken))
    return found


def _taken(
    task: Callable[[Path], object],
    files: Iterable[Path],
    clock: Callable[[], float] = time.process_time,
) -> float:
    begun = clock()
    for file in files:
        task(file)
    return round(clock() - begun, 2)


def _start(program: Path) -> None:
    command([str(program), "build", "--help"])


def _read(file: Path) -> None:
    for _ in parse(path=str(file)):
        pass


def _load(file: Path) -> None:
    Store().bulk_load(path=str(file), format=RdfFormat.N_QUADS)


def _sort(file: Path) -> None:
    sorted(file.read_bytes().splitlines())


def _write(dump: Path, scratch: Path) -> None:
    source = dump.with_name("dataset.nq" if dump.name in DATASET_DUMPS else "graph.nt")
    form = GRAPH_FORMATS_BY_EXTENSION[dump.suffix[1:]].rdf_format
    serialize(parse(path=str(source), lenient=True), str(scratch / dump.name), format=form)


def _compress(file: Path) -> None:
    deflate.gzip_compress(file.read_bytes(), _GZIP_LEVEL)


def _fill(file: Path, size: int) -> None:
    piece = os.urandom(_PIECE_BYTES)
    with file.open("wb") as output:
        for _ in range(0, size, _PIECE_BYTES):
            output.write(piece)
        output.flush()
        os.fsync(output.fileno())
