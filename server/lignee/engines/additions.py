"""RDF files that are served beside a release: read into memory, never written to it.

A file's named graphs keep their names, its default graph becomes the graph `graph/with/<name>`,
and all of them join the default graph.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from lignee.errors import (
    DuplicateDefinition,
    Place,
    SettingError,
    UnknownPrefix,
    UnparsableInput,
    UnreadableInput,
)
from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.iris import Namespaces
from lignee.rdf_files import format_of, opened, read_quads
from lignee.release import Release, sha256_of
from lignee.settings import Settings

_DIGITS = 12
_IN_A_SEGMENT = "!$&'()*+,;=:@"
"""Beside letters, digits and `-._~`, what a path segment may hold (RFC 3986, section 3.3)."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was when it was first read."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Additions:
    """The files that are served beside a release; none by default."""

    files: tuple[File, ...] = ()

    def label(self, release: Release) -> str:
        """Return what names release and files together, as a validator may."""
        if not self.files:
            return release.version
        named = "".join(f"{file.sha256}  {file.path.name}\n" for file in self.files)
        digest = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()
        return f"{release.version}+{digest[:_DIGITS]}"


_HOLDS_TRIPLE_TERMS: Final = "ASK { ?s ?p ?term FILTER(isTRIPLE(?term)) }"
NOTHING_ADDED: Final = Additions()


def read(paths: Sequence[Path], release: Release, settings: Settings) -> Additions:
    """Return the files, each read once to its end.

    Raises InputError for a file that cannot be used, naming line and column, and SettingError
    where release and files together are too many quads for memory.
    """
    by_name: dict[str, Path] = {}
    for path in paths:
        if by_name.setdefault(path.name, path) is not path:
            raise DuplicateDefinition(
                f"has the name of {by_name[path.name]}, and would be the same graph; rename one",
                place=Place(path),
            )
    quads = release.manifest.quads + sum(_count(path) for path in paths)
    if paths and quads > settings.memory_store_max_quads:
        raise SettingError(
            f"--with keeps the release in memory, and with the files it holds {quads} quads; "
            f"--memory-store-max-quads is {settings.memory_store_max_quads}"
        )
    return Additions(tuple(File(path.absolute(), sha256_of(path)) for path in paths))


def load(store: Store, files: Iterable[File], namespaces: Namespaces) -> bool:
    """Add the files to a store in memory; return whether they hold triple terms.

    Raises InputError where one has changed since.
    """
    is_added = False
    for file in files:
        with opened(file.path):  # an error names the file
            pass
        if sha256_of(file.path) != file.sha256:
            raise UnreadableInput(
                "has changed since the server was started; start it again", place=Place(file.path)
            )
        store.bulk_extend(_placed(file.path, namespaces))
        is_added = True
    return is_added and bool(store.query(_HOLDS_TRIPLE_TERMS))


def _placed(path: Path, namespaces: Namespaces) -> Iterator[Quad]:
    own = NamedNode(namespaces.graph("with/" + quote(path.name, safe=_IN_A_SEGMENT)))
    for quad in _quads(path):
        graph = own if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name
        yield Quad(quad.subject, quad.predicate, quad.object, graph)
        yield Quad(quad.subject, quad.predicate, quad.object)


def _count(path: Path) -> int:
    return sum(1 for _ in _quads(path))


def _quads(path: Path) -> Iterator[Quad]:
    if format_of(path) is None:
        listed = ", ".join(f".{extension}" for extension in sorted(GRAPH_FORMATS_BY_EXTENSION))
        raise UnreadableInput(
            f"the name does not tell an RDF format; it must end in {listed}, or in one of these "
            "and .gz",
            place=Place(path),
        )
    try:
        yield from read_quads(path)
    except UnknownPrefix as error:
        reason = error.message.partition(";")[0]
        raise UnparsableInput(f"{reason}; declare it in the file", place=error.place) from None
