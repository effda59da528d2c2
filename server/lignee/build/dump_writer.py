"""The process that writes the dumps in other formats than the canonical one they are made from.

`python -m lignee.build.dump_writer FOLDER dataset.nq`; it ends when its standard input does, and
says in one line on standard error what it could not do.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, parse, serialize

from lignee.build import jsonld
from lignee.build.reading_order import Statement, in_reading_order, split
from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.release import CONTEXT, DATASET_DUMPS, GRAPH_DUMPS, PREFIXES

_GZIP_LEVEL: Final = 6
"""Level 9 took 2.4 times as long to save 4 %."""
_CHUNK: Final = 1 << 20
_BATCH: Final = 10_000


def write_dumps(folder: Path, canonical: str) -> None:
    """Write every dump that is made from the canonical one, and the compressed form of each."""
    dumps = DATASET_DUMPS if canonical in DATASET_DUMPS else GRAPH_DUMPS
    context = json.loads((folder / CONTEXT).read_bytes())["@context"]
    prefixes = json.loads((folder / PREFIXES).read_bytes())
    with ThreadPoolExecutor(max_workers=1) as compressor:  # zlib lets the serialiser run on
        compressing = [compressor.submit(compress, folder / canonical)]
        lines = (folder / canonical).read_bytes().splitlines()
        has_graph = dumps is DATASET_DUMPS
        statements = list(in_reading_order(split(line, has_graph=has_graph) for line in lines))
        del lines
        for name in dumps:
            if name == canonical:
                continue
            if name.endswith(".jsonld"):
                _write_jsonld(folder / name, statements, context)
            else:
                _serialize(folder / name, statements, prefixes)
            compressing.append(compressor.submit(compress, folder / name))
        for done in compressing:
            done.result()


def write_graph(file: Path, statements: Iterable[Statement], prefixes: Mapping[str, str]) -> None:
    """Write the statements of one graph in reading order, in the format the file's name tells."""
    plain = ((*statement[:3], b"") for statement in statements)
    _serialize(file, list(in_reading_order(plain)), prefixes)


def compress(file: Path) -> None:
    """Write the file's gzip form beside it, without name or time, so that it is always the same."""
    compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    with file.open("rb") as source, file.with_name(file.name + ".gz").open("wb") as target:
        while chunk := source.read(_CHUNK):
            target.write(compressor.compress(chunk))
        target.write(compressor.flush())


def _serialize(file: Path, statements: list[Statement], prefixes: Mapping[str, str]) -> None:
    form = GRAPH_FORMATS_BY_EXTENSION[file.suffix[1:]]
    nquads = b"".join(_lines(statements))
    used = {
        prefix: namespace
        for prefix, namespace in prefixes.items()
        if b"<" + namespace.encode() in nquads
    }
    quads = parse(nquads, format=RdfFormat.N_QUADS)
    with file.open("wb") as output:
        serialize(quads, output, format=form.rdf_format, prefixes=used)
    if form.rdf_format == RdfFormat.RDF_XML and b"\\r" in nquads:
        # pyoxigraph 0.5.13 writes carriage returns raw, and XML readers take a raw one for a line
        # feed (https://www.w3.org/TR/xml/#sec-line-ends); it writes none of its own.
        file.write_bytes(file.read_bytes().replace(b"\r", b"&#13;"))


def _write_jsonld(file: Path, statements: list[Statement], context: Mapping[str, object]) -> None:
    with file.open("wb") as output:
        output.writelines(jsonld.to_json(statements, jsonld.from_document(context)))


def _lines(statements: list[Statement]) -> Iterator[bytes]:
    for start in range(0, len(statements), _BATCH):
        batch = statements[start : start + _BATCH]
        yield b"".join([b"%b %b %b %b .\n" % statement for statement in batch])


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
