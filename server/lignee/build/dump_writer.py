"""The process that writes the dumps in other formats than the canonical one they are made from.

`python -m lignee.build.dump_writer FOLDER dataset.nq`; it ends when its standard input does, and
says in one line on standard error what it could not do.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pyoxigraph import RdfFormat, parse, serialize

from lignee.build import jsonld
from lignee.build.reading_order import Statement, in_reading_order, split
from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.release import CONTEXT, DATASET_DUMPS, GRAPH_DUMPS, PREFIXES

_GZIP_LEVEL: Final = 6
"""Level 9 took 2.4 times as long to save 4 %."""
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Used:
    """What a file holds: namespaces by their prefix, and whether there is a carriage return."""

    prefixes: dict[str, str]
    has_returns: bool


def write_dumps(folder: Path, canonical: str) -> None:
    """Write every dump that is made from the canonical one, and the compressed form of each."""
    has_graph = canonical in DATASET_DUMPS
    dumps = DATASET_DUMPS if has_graph else GRAPH_DUMPS
    context = json.loads((folder / CONTEXT).read_bytes())["@context"]
    prefixes = json.loads((folder / PREFIXES).read_bytes())
    with ThreadPoolExecutor(max_workers=1) as compressor:  # zlib lets the serialiser run on
        compressing = [compressor.submit(compress, folder / canonical)]
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".ordered-") as ordered:
            lines = list(_ordered(folder / canonical, has_graph=has_graph))
            _write_lines(ordered, lines)
            used = _used(Path(ordered.name), prefixes)
            for name in dumps:
                if name == canonical:
                    continue
                if name.endswith(".jsonld"):
                    statements = (split(line, has_graph=has_graph) for line in lines)
                    _write_jsonld(folder / name, statements, context)
                else:
                    _serialize(folder / name, Path(ordered.name), used)
                compressing.append(compressor.submit(compress, folder / name))
        for done in compressing:
            done.result()


def write_graph(file: Path, triples: Iterable[bytes], prefixes: Mapping[str, str]) -> None:
    """Write canonical N-Triples lines in reading order, in the format of the file's name."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".ordered-") as ordered:
        _write_lines(ordered, in_reading_order(triples, has_graph=False))
        _serialize(file, Path(ordered.name), _used(Path(ordered.name), prefixes))


def compress(file: Path) -> None:
    """Write the file's gzip form beside it, without name or time, so that it is always the same."""
    compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    with file.open("rb") as source, file.with_name(file.name + ".gz").open("wb") as target:
        while chunk := source.read(_CHUNK):
            target.write(compressor.compress(chunk))
        target.write(compressor.flush())


def _ordered(canonical: Path, *, has_graph: bool) -> Iterator[bytes]:
    with canonical.open("rb") as file:
        yield from in_reading_order((line[:-1] for line in file), has_graph=has_graph)


def _write_lines(file: IO[bytes], lines: Iterable[bytes]) -> None:
    file.writelines(line + b"\n" for line in lines)
    file.flush()


def _serialize(file: Path, nquads: Path, used: _Used) -> None:
    """Write the statements of an N-Quads file, in its order, in the format of the other's name."""
    form = GRAPH_FORMATS_BY_EXTENSION[file.suffix[1:]]
    with file.open("wb") as output:
        quads = parse(path=str(nquads), format=RdfFormat.N_QUADS, lenient=True)  # our own lines
        serialize(quads, output, format=form.rdf_format, prefixes=used.prefixes)
    if form.rdf_format == RdfFormat.RDF_XML and used.has_returns:
        # pyoxigraph 0.5.13 writes carriage returns raw, and XML readers take a raw one for a line
        # feed (https://www.w3.org/TR/xml/#sec-line-ends); it writes none of its own.
        file.write_bytes(file.read_bytes().replace(b"\r", b"&#13;"))


def _used(nquads: Path, prefixes: Mapping[str, str]) -> _Used:
    if not nquads.stat().st_size:
        return _Used({}, has_returns=False)
    with (
        nquads.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        used = {
            prefix: namespace
            for prefix, namespace in prefixes.items()
            if content.find(b"<" + namespace.encode()) >= 0
        }
        return _Used(used, has_returns=content.find(b"\\r") >= 0)


def _write_jsonld(
    file: Path, statements: Iterable[Statement], context: Mapping[str, object]
) -> None:
    with file.open("wb") as output:
        output.writelines(jsonld.to_json(statements, jsonld.from_document(context)))


def _end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin, whose lock a waiting thread would hold at the end
    os._exit(1)


def main() -> None:
    """Write the dumps that the arguments name."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # millions of small tuples and no cycles: collecting took half of the time
    folder, canonical = Path(sys.argv[1]), sys.argv[2]
    try:
        write_dumps(folder, canonical)
    except OSError as error:
        sys.exit(f"{error.filename or folder}: {error.strerror or error}")


if __name__ == "__main__":
    main()
