"""An index of what resources are called, coded and described as: finds those that may be meant.

The words are spelled alike before they go in and before they are looked for, so that case and
accents do not matter, in whatever way SQLite itself would treat them.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeAlias

from lignee.errors import DamagedRelease
from lignee.matching import tables
from lignee.matching.queries import COUNT, COUNT_KINDS, LABEL, SHOWN, STAGES, THING_MASK
from lignee.matching.spelling import words_of
from lignee.matching.texts import IRI, Label, entries_of

_Asked: TypeAlias = dict[str, str | int]
_SHORT_WORD: Final = 2
"""Letters of a word that descriptions must have whole: beginnings of that length are in all."""

_NOTHING: Final = '""'
"""Full-text query that finds nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """A resource that may be meant, by the text that matched and the label it is shown by.

    What has no label is shown by its IRI; what matched is the IRI where no text of it did.
    """

    iri: str
    matched: str
    matched_language: str
    label: str
    language: str
    grade: int = 0
    """Of what matched, as in `lignee.matching.texts`."""


class LabelIndex:
    """Finds resources by their texts; its methods may be called from many threads.

    `iris` are the IRIs that the text may be the beginning of. Methods raise DamagedRelease where
    the file cannot be read.
    """

    def __init__(self, database: sqlite3.Connection, name: str = "") -> None:
        """Search the database, which `tables.write` has filled, and which is closed at the end."""
        self._lock = threading.Lock()
        self._database = database
        self._name = name
        weakref.finalize(self, database.close)

    @classmethod
    def of(cls, labels: Iterable[Label], kinds: Iterable[tuple[str, str]]) -> Self:
        """Return an index in memory; `kinds` are pairs of a resource and a class."""
        database = sqlite3.connect(":memory:", check_same_thread=False)
        tables.write(database, entries_of(labels, kinds))
        return cls(database)

    @classmethod
    def opened(cls, file: Path) -> Self:
        """Return the index in a file that will not change; raises DamagedRelease."""
        index = cls(_connection(file), str(file))
        with index._reading() as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
        if version != tables.VERSION:
            raise DamagedRelease(
                f"{file} is an index of version {version}, not {tables.VERSION}; build the "
                "release again"
            )
        return index

    def find(
        self,
        text: str,
        *,
        language: str,
        kind: str = "",
        most: int = 20,
        iris: Sequence[str] = (),
    ) -> list[Match]:
        """Return the resources with a text that has all the words, or begins so; best first."""
        asked = _asked(text, kind, iris)
        if asked is None:
            return []
        asked["language"] = language
        matches: dict[int, Match] = {}
        with self._reading() as database:
            for number in _ranked(database, asked, bool(kind)):
                if len(matches) >= most:
                    break
                thing = number >> tables.THING_BITS & THING_MASK
                if thing not in matches:
                    matches[thing] = _match(database, thing, number, language)
        return list(matches.values())

    def count(self, text: str, *, kind: str = "", iris: Sequence[str] = ()) -> int:
        """Return how many resources match."""
        asked = _asked(text, kind, iris)
        if asked is None:
            return 0
        with self._reading() as database:
            found: tuple[int] = database.execute(COUNT[bool(kind)], asked).fetchone()
        return found[0]

    def kinds(self, text: str, *, iris: Sequence[str] = ()) -> dict[str, int]:
        """Return how many resources match by class, most first; of all kinds by the empty text."""
        asked = _asked(text, "", iris)
        if asked is None:
            return {"": 0}
        with self._reading() as database:
            return dict(database.execute(COUNT_KINDS, asked).fetchall())

    def label(self, iri: str, language: str) -> str:
        """Return what the resource is called, in that language if it can be; empty for nothing."""
        with self._reading() as database:
            thing = database.execute("SELECT thing FROM things WHERE iri = ?", (iri,)).fetchone()
            return _label(database, thing[0], language)[0] if thing else ""

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                yield self._database
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
                raise  # a fault of ours in a query
            raise DamagedRelease(
                f"{self._name} cannot be read ({error}); `lignee verify` tells more; build the "
                "release again"
            ) from None


def _connection(file: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise DamagedRelease(f"{file} cannot be read ({error}); build the release again") from None


def _asked(text: str, kind: str, iris: Sequence[str]) -> _Asked | None:
    words = words_of(text)
    if not words:
        return None
    parts = dict.fromkeys(words.split())
    told = [_quoted(word) + "*" * (len(word) > _SHORT_WORD) for word in parts]
    return {
        "words": words,
        "after": words + "\U0010ffff",
        "beginnings": " ".join(f"{_quoted(word)}*" for word in parts),
        "whole": " ".join(map(_quoted, parts)),
        "told": " ".join(told) if len(words) > 1 else _NOTHING,
        "kind": kind,
        "iris": json.dumps(list(iris)),
    }


def _quoted(word: str) -> str:
    return f'"{word}"'


def _ranked(database: sqlite3.Connection, asked: _Asked, has_kind: bool) -> Iterator[int]:
    for stage in STAGES:
        for (number,) in database.execute(stage[has_kind], asked):
            yield number


def _match(database: sqlite3.Connection, thing: int, number: int, language: str) -> Match:
    iri, text, tag, grade = database.execute(SHOWN, (number, thing)).fetchone()
    if text is None:
        text, tag, grade = iri, "", IRI
    if grade == 0 and tag == language:
        return Match(iri, text, tag, text, tag)
    label, label_tag = _label(database, thing, language)
    return Match(iri, text, tag, label or iri, label_tag, grade)


def _label(database: sqlite3.Connection, thing: int, language: str) -> tuple[str, str]:
    found = database.execute(LABEL, {"thing": thing, "language": language}).fetchone()
    return found or ("", "")
