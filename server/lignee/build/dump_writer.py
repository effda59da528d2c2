"""The process that writes the dumps in other formats than the canonical one they are made from.

`python -m lignee.build.dump_writer FOLDER dataset.nq`; it begins with the first byte of standard
input, ends when that does, and says in one line on standard error what it could not do.
"""

from __future__ import annotations

import contextlib
import gc
import json
import mmap
import os
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Final

import deflate
from pyoxigraph import RdfFormat, parse, serialize

from lignee import own_modules
from lignee.build import jsonld
from lignee.build.reading_order import Node, in_reading_order, lines_of
from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.release import CONTEXT, DATASET_DUMPS, GRAPH_DUMPS, PREFIXES

_GZIP_LEVEL: Final = 6
"""As small as zlib's level 6 makes them, in less than half of the time; level 7 takes half more."""


def write_dumps(folder: Path, canonical: str) -> None:
    """Write every dump that is made from the canonical one, and the compressed form of each."""
    has_graph = canonical in DATASET_DUMPS
    dumps = [file for file in (DATASET_DUMPS if has_graph else GRAPH_DUMPS) if file != canonical]
    context = jsonld.from_document(json.loads((folder / CONTEXT).read_bytes())["@context"])
    prefixes = json.loads((folder / PREFIXES).read_bytes())
    with ThreadPoolExecutor(max_workers=1) as compressor:  # libdeflate lets the serialiser run on
        compressing = [compressor.submit(compress, folder / canonical)]
        with (
            tempfile.NamedTemporaryFile(dir=folder, prefix=".ordered-") as file,
            (folder / canonical).open("rb") as lines,
        ):
            ordered = _Ordered(file)
            nodes = in_reading_order((line[:-1] for line in lines), has_graph=has_graph)
            # JSON-LD is written first, from nodes as they come; keeping all would take memory.
            for name in sorted(dumps, key=lambda name: not name.endswith(".jsonld")):
                if name.endswith(".jsonld"):
                    with (folder / name).open("wb") as output:
                        output.writelines(jsonld.to_json(ordered.passing(nodes), context))
                else:
                    ordered.serialize(folder / name, prefixes)
                compressing.append(compressor.submit(compress, folder / name))
        for done in compressing:
            done.result()


def write_graph(file: Path, triples: Iterable[bytes], prefixes: Mapping[str, str]) -> None:
    """Write canonical N-Triples lines in reading order, in the format of the file's name."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".ordered-") as lines:
        ordered = _Ordered(lines)
        for _ in ordered.passing(in_reading_order(triples, has_graph=False)):
            pass
        ordered.serialize(file, prefixes)


def compress(file: Path) -> None:
    """Write the file's gzip form beside it, without name or time, so that it is always the same."""
    with file.open("rb") as source, _mapped(source) as content:
        packed = deflate.gzip_compress(content, _GZIP_LEVEL)
    file.with_name(file.name + ".gz").write_bytes(packed)


class _Ordered:
    """Statements in reading order, in a file of N-Quads, and the names that stand in them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._names: set[bytes] = set()

    def passing(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """Yield the nodes, each written down."""
        names = self._names
        for node in nodes:
            self._file.writelines(lines_of(node))
            graph, subject, said = node
            names.add(graph)
            names.add(subject)
            for predicate, values in said:
                names.add(predicate)
                for value in values:
                    if value[:1] != b'"':
                        names.add(value)
                    elif value[-1:] == b">":
                        names.add(value[value.rindex(b'"') + 3 :])
            yield node
        self._file.flush()

    def serialize(self, file: Path, prefixes: Mapping[str, str]) -> None:
        """Write what has passed in the format of the file's name, with the prefixes it needs."""
        form = GRAPH_FORMATS_BY_EXTENSION[file.suffix[1:]].rdf_format
        with file.open("wb") as output:
            quads = parse(path=self._file.name, format=RdfFormat.N_QUADS, lenient=True)
            serialize(quads, output, format=form, prefixes=self._used(prefixes))
        if form == RdfFormat.RDF_XML:
            _escape_returns(file)

    def _used(self, prefixes: Mapping[str, str]) -> dict[str, str]:
        names = sorted(self._names)
        used = {}
        for prefix, namespace in prefixes.items():
            start = b"<" + namespace.encode()
            if any(name.startswith(start) for name in names[bisect_left(names, start) :][:1]):
                used[prefix] = namespace
        return used


def _escape_returns(file: Path) -> None:
    """Replace the carriage returns in an RDF/XML file.

    pyoxigraph 0.5.13 writes them raw, and XML readers take a raw one for a line feed
    (https://www.w3.org/TR/xml/#sec-line-ends); it writes none of its own.
    """
    with file.open("rb") as source, _mapped(source) as content:
        found = content.find(b"\r") >= 0
    if found:
        file.write_bytes(file.read_bytes().replace(b"\r", b"&#13;"))


@contextlib.contextmanager
def _mapped(file: IO[bytes]) -> Iterator[bytes | mmap.mmap]:
    """Give the content of a file without keeping a copy of it."""
    if os.fstat(file.fileno()).st_size == 0:
        yield b""  # which cannot be mapped
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content


def main() -> None:
    """Write the dumps that the arguments name."""
    if not os.read(0, 1):
        sys.exit(1)
    own_modules.end_with_parent()
    gc.disable()  # millions of small tuples and no cycles: collecting took half of the time
    folder, canonical = Path(sys.argv[1]), sys.argv[2]
    try:
        write_dumps(folder, canonical)
    except OSError as error:
        sys.exit(f"{error.filename or folder}: {error.strerror or error}")


if __name__ == "__main__":
    main()
