"""Read RDF files with errors that name file, line and column; find the line of a statement."""

from __future__ import annotations

import contextlib
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuadParser,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from lignee.errors import Place, UnknownPrefix, UnparsableInput, UnreadableInput
from lignee.formats import GRAPH_FORMATS_BY_EXTENSION, GraphFormat
from lignee.iris import PrefixTable

Term = NamedNode | BlankNode | Literal | Triple
GraphName = NamedNode | BlankNode | DefaultGraph

_PREFIX_REMEDY: Final = "prefixes are declared in ontology/prefixes.ttl"


def format_of(path: Path) -> GraphFormat | None:
    """Return the format that the file's name tells, `.gz` set aside, or None."""
    suffixes = [suffix[1:].lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == "gz":
        suffixes.pop()
    return GRAPH_FORMATS_BY_EXTENSION.get(suffixes[-1]) if suffixes else None


def read_quads(path: Path, prefixes: PrefixTable | None = None) -> Iterator[Quad]:
    """Yield the file's quads; triples outside named graphs come with the default graph.

    Raises UnreadableInput, UnparsableInput, or UnknownPrefix for a prefix that is not declared in
    the file, or that is declared there with another namespace than the table's.
    """
    with opened(path) as stream:
        yield from _parse(path, stream, prefixes)


def lines_of_quads(path: Path) -> Iterator[tuple[Quad, int]]:
    """Yield each quad of a readable file with the line on which its statement ends."""
    with opened(path) as stream:
        lines = _LineByLine(stream)
        for quad in _parse(path, lines, None):
            yield quad, lines.count


def write_nquads(path: Path, output: IO[bytes], prefixes: PrefixTable | None = None) -> None:
    """Write the file's quads as N-Quads lines; raises what `read_quads` does."""
    with opened(path) as stream, _explaining_errors(path):
        parser = _parser(path, stream)
        serialize(parser, output, format=RdfFormat.N_QUADS)
        _check_prefixes(path, parser.prefixes, prefixes)


def _parse(path: Path, stream: IO[bytes], prefixes: PrefixTable | None) -> Iterator[Quad]:
    parser = _parser(path, stream)
    with _explaining_errors(path):
        yield from parser
        _check_prefixes(path, parser.prefixes, prefixes)


def _parser(path: Path, stream: IO[bytes]) -> QuadParser:
    form = format_of(path)
    if form is None:
        raise UnreadableInput("the name does not tell an RDF format", place=Place(path))
    return parse(stream, format=form.rdf_format, rename_blank_nodes=True)


@contextlib.contextmanager
def _explaining_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        raise _explained(path, error) from None
    except (OSError, EOFError) as error:
        raise UnreadableInput(f"cannot be read: {error}", place=Place(path)) from None


def _explained(path: Path, error: SyntaxError) -> UnparsableInput | UnknownPrefix | UnreadableInput:
    place = Place(path, error.lineno or 0, error.offset or 0)
    reason = str(error.msg).partition(": ")[2] or str(error.msg)
    if "prefix" in reason and "not been declared" in reason:
        return UnknownPrefix(f"{reason}; {_PREFIX_REMEDY}", place=place)
    if undecodable := _first_undecodable_line(path):
        return UnreadableInput(
            "is not UTF-8 here; save the file as UTF-8", place=Place(path, undecodable)
        )
    return UnparsableInput(f"does not parse: {reason}", place=place)


def _first_undecodable_line(path: Path) -> int:
    with opened(path) as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 0


def _check_prefixes(path: Path, found: dict[str, str], table: PrefixTable | None) -> None:
    if table is None or not table.namespaces:
        return
    for prefix, namespace in found.items():
        declared = table.namespaces.get(prefix)
        if declared == namespace:
            continue
        line = _line_of_prefix(path, prefix)
        what = "is not declared" if declared is None else f"stands for <{declared}>"
        raise UnknownPrefix(
            f"prefix `{prefix}:` {what} in the prefix table; {_PREFIX_REMEDY}",
            place=Place(path, line),
        )


def _line_of_prefix(path: Path, prefix: str) -> int:
    with opened(path) as stream:
        for number, line in enumerate(stream, 1):
            words = line.decode("utf-8", "replace").split()
            if words[:1] and words[0].lower() in ("@prefix", "prefix") and f"{prefix}:" in words:
                return number
    return 0


def opened(path: Path) -> IO[bytes]:
    """Return the file's bytes to read, decompressed; raises UnreadableInput."""
    try:
        if path.suffix == ".gz":
            return cast(IO[bytes], gzip.open(path, "rb"))
        return path.open("rb")
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {error.strerror}", place=Place(path)) from None


class _LineByLine(io.BytesIO):
    """Gives a parser one line a read, so that `count` is the line it has just consumed."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self.count = 0

    def read(self, _size: int | None = -1, /) -> bytes:
        """Return the next line whatever the size asked for."""
        line = self._stream.readline()
        self.count += bool(line)
        return line
