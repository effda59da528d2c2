"""An index of labels in memory, by SQLite's full-text search (https://www.sqlite.org/fts5.html).

The words are spelled alike before they go in and before they are looked for, so that case and
accents do not matter, in whatever way SQLite itself would treat them.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from string import Template
from typing import Final

from lignee.matching.spelling import words_of

_SCHEMA: Final = """\
CREATE TABLE labels (
  number INTEGER PRIMARY KEY, iri TEXT, text TEXT, language TEXT, grade INTEGER, words TEXT,
  place INTEGER -- among all: described before linked to, names before other names, then short
);
CREATE TABLE kinds (iri TEXT, kind TEXT, PRIMARY KEY (iri, kind)) WITHOUT ROWID;
CREATE VIRTUAL TABLE names USING fts5(
  words, content='labels', content_rowid='number', tokenize='unicode61', prefix='1 2 3'
);
"""
_MATCHING: Final = """
FROM names JOIN labels ON number = names.rowid
WHERE names MATCH :wanted
AND (:kind = '' OR EXISTS (SELECT 1 FROM kinds WHERE kinds.iri = labels.iri AND kind = :kind))
"""
_PLACE: Final = """
UPDATE labels SET place = placed.place FROM (
  SELECT number AS label, row_number() OVER (
    ORDER BY iri NOT IN (SELECT iri FROM kinds), grade, length(words), words, iri, language
  ) AS place
  FROM labels
) AS placed
WHERE number = placed.label
"""


def _matching(query: str) -> str:
    return Template(query).substitute(matching=_MATCHING)


_FIND: Final = _matching("""\
SELECT labels.iri, text, language $matching
ORDER BY
  CASE
    WHEN labels.words = :words THEN 0
    WHEN labels.words GLOB :words || ' *' THEN 1
    WHEN labels.words GLOB :words || '*' THEN 2
    WHEN ' ' || labels.words || ' ' GLOB '* ' || :words || ' *' THEN 3
    ELSE 4
  END,
  language = :language DESC, place
LIMIT :most
""")
_COUNT: Final = _matching("SELECT count(DISTINCT labels.iri) $matching")
_COUNT_KINDS: Final = _matching("""\
WITH found AS MATERIALIZED (SELECT DISTINCT labels.iri $matching)
SELECT kind, things FROM (
  SELECT '' AS kind, count(*) AS things FROM found
  UNION ALL
  SELECT kind, count(*) FROM found JOIN kinds ON kinds.iri = found.iri GROUP BY kind
)
ORDER BY kind <> '', things DESC, kind
""")
_LABEL: Final = """\
SELECT text, language FROM labels WHERE iri = ?
ORDER BY language = ? DESC, grade, language, length(text), text LIMIT 1
"""
_LABELS_OF_ONE: Final = 8
"""Labels of one resource that may match and still leave room for others."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a resource; `grade` is 0 for its name, more for what else it is called."""

    iri: str
    text: str
    language: str
    grade: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A resource that may be meant, by the label that matched and the one it is shown by."""

    iri: str
    matched: str
    matched_language: str
    label: str
    language: str


class LabelIndex:
    """Finds resources by their labels; its methods may be called from many threads."""

    def __init__(self, labels: Iterable[Label], kinds: Iterable[tuple[str, str]]) -> None:
        """Index the labels; `kinds` are pairs of a resource and a class."""
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.executescript(_SCHEMA)
        spelled = (
            (one.iri, one.text, one.language, one.grade, words_of(one.text)) for one in labels
        )
        with self._database as database:
            database.executemany(
                "INSERT INTO labels (iri, text, language, grade, words) VALUES (?, ?, ?, ?, ?)",
                spelled,
            )
            database.executemany("INSERT OR IGNORE INTO kinds VALUES (?, ?)", kinds)
            database.execute(_PLACE)
            database.execute("INSERT INTO names (names) VALUES ('rebuild')")
            database.execute("CREATE INDEX labels_by_iri ON labels (iri)")

    def find(self, text: str, *, language: str, kind: str = "", most: int = 20) -> list[Match]:
        """Return the resources whose labels have all words of the text, or begin so; best first."""
        asked = self._asked(text, kind)
        if asked is None:
            return []
        asked |= {"language": language, "most": most * _LABELS_OF_ONE}
        matches: dict[str, Match] = {}
        with self._lock:
            for iri, matched, tag in self._database.execute(_FIND, asked):
                if iri not in matches and len(matches) < most:
                    label = self._database.execute(_LABEL, (iri, language)).fetchone()
                    matches[iri] = Match(iri, matched, tag, *label)
        return list(matches.values())

    def count(self, text: str, *, kind: str = "") -> int:
        """Return how many resources match."""
        asked = self._asked(text, kind)
        if asked is None:
            return 0
        with self._lock:
            found: tuple[int] = self._database.execute(_COUNT, asked).fetchone()
        return found[0]

    def kinds(self, text: str) -> dict[str, int]:
        """Return how many resources match by class, most first; of all kinds by the empty text."""
        asked = self._asked(text, "")
        if asked is None:
            return {"": 0}
        with self._lock:
            return dict(self._database.execute(_COUNT_KINDS, asked).fetchall())

    def label(self, iri: str, language: str) -> str:
        """Return what the resource is called, in that language if it can be; empty for nothing."""
        with self._lock:
            found = self._database.execute(_LABEL, (iri, language)).fetchone()
        return str(found[0]) if found else ""

    @staticmethod
    def _asked(text: str, kind: str) -> dict[str, str | int] | None:
        words = words_of(text)
        wanted = " ".join(f'"{word}"*' for word in words.split())
        return {"words": words, "wanted": wanted, "kind": kind} if wanted else None
