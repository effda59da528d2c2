"""The tables of an index: SQLite's full-text search (https://www.sqlite.org/fts5.html) over texts.

Things are numbered from the best to the last. A text's number tells by itself how it is ranked and
whose it is: first whether it is a name, another name or a description, then the thing, then which
of its texts. So SQLite, which goes through matches by their number, meets the best first, and
things are counted without reading anything but the full-text index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import islice
from string import Template
from typing import Final

from lignee.matching.spelling import words_of
from lignee.matching.texts import DESCRIPTION, LOCAL_NAME, Entry

VERSION: Final = 1
"""Of these tables and of how words are spelled; a file of another version is not read."""
THING_BITS: Final = 20
"""Where the number of a thing begins in that of a text."""
RANK_BITS: Final = 50
"""Where the rank begins: 0 for names, 1 for other names and identifiers, 2 for descriptions."""

CONTENT: Final = (
    "SELECT * FROM things ORDER BY thing",
    "SELECT * FROM kinds ORDER BY iri, kinds",
    "SELECT * FROM texts ORDER BY number",
)
"""Queries for all that the rest of an index is made from."""
_TABLES: Final = """\
CREATE TABLE things (thing INTEGER PRIMARY KEY, iri TEXT COLLATE NOCASE, kinds INTEGER);
CREATE TABLE kinds (iri TEXT, kinds INTEGER, PRIMARY KEY (iri, kinds)) WITHOUT ROWID;
CREATE TABLE texts (
  number INTEGER PRIMARY KEY, text TEXT, language TEXT, grade INTEGER,
  words TEXT -- of names and identifiers
);
CREATE VIRTUAL TABLE names USING fts5(
  words, content='', detail='none', columnsize=0, tokenize='ascii', prefix='1 2'
);
CREATE VIRTUAL TABLE descriptions USING fts5(
  words, content='', detail='none', columnsize=0, tokenize='ascii'
);
INSERT INTO names (names, rank) VALUES ('hashsize', 16777216); -- written at once: half the time
INSERT INTO descriptions (descriptions, rank) VALUES ('hashsize', 16777216);
"""
_INDEXES: Final = """\
BEGIN;
CREATE INDEX things_by_iri ON things (iri);
CREATE INDEX texts_by_words ON texts (words, language, grade) WHERE words IS NOT NULL;
INSERT INTO names (rowid, words)
SELECT number, words FROM texts WHERE words IS NOT NULL AND grade < $local_name ORDER BY number;
INSERT INTO names (names) VALUES ('optimize');
INSERT INTO descriptions (descriptions) VALUES ('optimize');
COMMIT;
PRAGMA user_version = $version;
"""
_AT_ONCE: Final = 1000
"""Things whose rows are made before they are written."""


def write(database: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Fill an empty database with an index of the entries, the best first; raises sqlite3.Error."""
    database.executescript(_TABLES)
    sets: dict[frozenset[str], int] = {}
    numbered = enumerate(entries, 1)
    with database:
        while some := list(islice(numbered, _AT_ONCE)):
            things = [
                (thing, entry.iri, sets.setdefault(entry.kinds, len(sets))) for thing, entry in some
            ]
            database.executemany("INSERT INTO things VALUES (?, ?, ?)", things)
            _write_texts(database, some)
        pairs = ((iri, number) for kinds, number in sets.items() for iri in kinds)
        database.executemany("INSERT INTO kinds VALUES (?, ?)", sorted(pairs))
    indexes = Template(_INDEXES).substitute(local_name=LOCAL_NAME, version=VERSION)
    database.executescript(indexes)


def _write_texts(database: sqlite3.Connection, some: Iterable[tuple[int, Entry]]) -> None:
    rows: list[tuple[int, str, str, int, str | None]] = []
    told: list[tuple[int, str]] = []
    for thing, entry in some:
        names: list[str] = []
        for place, text in enumerate(entry.texts):
            number = _rank(text.grade) << RANK_BITS | thing << THING_BITS | place
            words = words_of(text.text)
            if text.grade == DESCRIPTION:
                told.append((number, words))
                rows.append((number, text.text, text.language, text.grade, None))
            elif text.grade < LOCAL_NAME or not any(f" {words} " in f" {name} " for name in names):
                names.append(words)
                rows.append((number, text.text, text.language, text.grade, words))
    database.executemany("INSERT INTO texts VALUES (?, ?, ?, ?, ?)", rows)
    database.executemany("INSERT INTO descriptions (rowid, words) VALUES (?, ?)", told)


def _rank(grade: int) -> int:
    return 0 if grade == 0 else 2 if grade == DESCRIPTION else 1
