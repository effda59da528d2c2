"""The index by which a release is searched, made from its default graph.

Its bytes depend on the version of SQLite, so its checksum lies beside the manifest, as the store's.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, RdfFormat, parse

from lignee.build import dumps
from lignee.errors import CannotWrite
from lignee.matching import tables
from lignee.matching.texts import GRADES, Entry, Text
from lignee.release import SEARCH, Release
from lignee.vocabulary import RDF_TYPE

_GRADES: Final = {f"<{iri}>".encode(): grade for iri, grade in GRADES.items()}
_TYPE: Final = str(RDF_TYPE).encode()
_WANTED: Final = frozenset({*_GRADES, _TYPE})
_UNGUARDED: Final = """\
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -65536;
"""
"""A file that is not whole is thrown away, so nothing has to guard it while it is written."""


def write(folder: Path) -> None:
    """Write the index of the release in the folder, whose graph.nt is there; raises CannotWrite."""
    file = folder / SEARCH
    try:
        with contextlib.closing(sqlite3.connect(file)) as database:
            database.executescript(_UNGUARDED)
            tables.write(database, _entries(folder / dumps.GRAPH))
    except sqlite3.Error as error:
        raise CannotWrite(
            f"{file} cannot be written ({error}); see whether the disk is full, and build again"
        ) from None


def differences(release: Release) -> list[str]:
    """Return what the index does not say as the dumps do; raises OSError."""
    try:
        with (
            contextlib.closing(sqlite3.connect(":memory:")) as made,
            contextlib.closing(sqlite3.connect(release.search)) as found,
        ):
            tables.write(made, _entries(release.folder / dumps.GRAPH))
            is_same = _content(made) == _content(found)
    except sqlite3.Error as error:
        return [f"{SEARCH} cannot be read: {error}"]
    return [] if is_same else [f"{SEARCH} does not say what the dumps say"]


def _content(database: sqlite3.Connection) -> bytes:
    digest = hashlib.sha256()
    for query in tables.CONTENT:
        for row in database.execute(query):
            digest.update(repr(row).encode())
    return digest.digest()


def _entries(graph: Path) -> list[Entry]:
    """Return what has a text in canonical N-Triples, the best first."""
    with graph.open("rb") as lines:
        split = (line.split(b" ", 2) for line in lines)
        wanted = (parts for parts in split if parts[1] in _WANTED and parts[0][:1] == b"<")
        found = [_entry(subject, own) for subject, own in groupby(wanted, lambda parts: parts[0])]
    return sorted(entry for entry in found if entry)


def _entry(subject: bytes, statements: Iterable[list[bytes]]) -> Entry | None:
    """Return the resource that the statements are about, None where it has no text."""
    texts = []
    kinds = []
    for _, predicate, value in statements:
        if predicate == _TYPE:
            kinds.append(value)
        elif value[:1] == b'"':
            texts.append(_text(value, _GRADES[predicate]))
    return Entry.of(_iri(subject), _kinds(tuple(kinds)), texts) if texts else None


@lru_cache(maxsize=4096)
def _kinds(values: tuple[bytes, ...]) -> frozenset[str]:
    return frozenset(_iri(value[:-3]) for value in values if value[:1] == b"<")


def _iri(term: bytes) -> str:
    return term[1:-1].decode()


def _text(value: bytes, grade: int) -> Text:
    """Return the literal of a canonical line, given what follows its property."""
    text, _, tail = value[1:].rpartition(b'"')
    language = tail[1:-3] if tail[:1] == b"@" else b""
    if b"\\" in text:
        (triple,) = parse(b"<x:s> <x:p> %b" % value, format=RdfFormat.N_TRIPLES)
        assert isinstance(triple.object, Literal)
        return Text.of(triple.object.value, language.decode(), grade)
    return Text.of(text.decode(), language.decode(), grade)
