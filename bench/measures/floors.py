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
from pyoxigraph import parse, serialize

from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.matching.index import LabelIndex
from lignee.release import DATASET_DUMPS, GRAPH_DUMPS, open_release
from runner.queries import Query

_GZIP_LEVEL: Final = 6
_PIECE_BYTES: Final = 1 << 20
_TIMES: Final = 21
_MOST_FOUND: Final = 50
"""As many as the page of results lists."""


def build(kg: Path, releases: Path) -> dict[str, float]:
    """Return the seconds on one core that a build cannot do without, and the bytes it writes.

    Reading the graph's Turtle and writing the same dumps, both by pyoxigraph alone; compressing
    them; and writing as many bytes as the release has to the disk.
    """
    folder = open_release(releases).folder
    dumps = [folder / name for name in (*DATASET_DUMPS, *GRAPH_DUMPS)]
    with tempfile.TemporaryDirectory(prefix="floor-", dir=releases) as name:
        scratch = Path(name)
        read = _seconds(_read, kg.rglob("*.ttl"))
        write = _seconds(lambda dump: _write(dump, scratch), dumps)
        compress = _seconds(_compress, dumps)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        disk = _seconds(lambda file: _fill(file, size), [scratch / "bytes"])
    return {"read": read, "write": write, "compress": compress, "disk": disk, "bytes": size}


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
            found[query.name] = round(statistics.median(taken) * 1000, 4)
    return found


def _seconds(task: Callable[[Path], None], files: Iterable[Path]) -> float:
    begun = time.perf_counter()
    for file in files:
        task(file)
    return round(time.perf_counter() - begun, 2)


def _read(file: Path) -> None:
    for _ in parse(path=str(file)):
        pass


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
