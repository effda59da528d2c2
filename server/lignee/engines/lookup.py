"""Lookups: what is said of one subject, found by the server's own process.

All other queries go to workers, because nothing inside a process stops pyoxigraph. A lookup needs
no stopping: it is one pattern, or a description, whose subject the query names, so its rows lie
side by side in an index and each is written as it is found, up to the length of a page. To find
them takes less time than to wake a worker. They are evaluated as a worker does, on the same data in
the same order, so that the answer is the same to the byte.
"""

from __future__ import annotations

import logging
import re
import threading
from functools import lru_cache
from typing import IO, Final, cast

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, Store

from lignee.engines.evaluation import serialise_graph, serialise_results
from lignee.engines.frames import DATA, PIECE_BYTES, Value
from lignee.errors import LigneeError
from lignee.formats import Format, GraphFormat, ResultFormat
from lignee.release import Release, open_default_graph

_IRI: Final = r'<[^<>"{}|^`\\\x00-\x20]*+>'
_NAME: Final = r"(?:[a-z][\w\-]*+)?+:[\w\-]++"
_VARIABLE: Final = r"[?$]\w++"
_WORD: Final = re.compile(r"\w+", re.ASCII)
_LOOKUP: Final = re.compile(
    rf"""
    (?: \s++ | \#[^\n\r]*+ | PREFIX \s++ (?:[a-z][\w\-]*+)?+ : \s*+ {_IRI} )*+
    (?:
        DESCRIBE \s++ (?P<described> {_IRI} | {_NAME} ) \s*+
      |
        (?: SELECT \s*+ (?: \* | (?P<names> (?: {_VARIABLE} \s*+ ){{1,2}}+ ) ) | ASK ) \s*+
        (?:WHERE)?+ \s*+ \{{ \s*+
        (?: {_IRI} | {_NAME} ) \s*+
        (?P<predicate> {_VARIABLE} | {_IRI} | {_NAME} | a\b ) \s*+
        (?P<object> {_VARIABLE} | {_IRI} | {_NAME} | "[^"\\\n\r]*+" (?: @[a-z\-]++ )?+ ) \s*+
        \.?+ \s*+ \}} \s*+
        (?: LIMIT \s++ \d++ \s*+ )?+
    )
    (?: \#[^\n\r]*+ \s*+ )*+
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
"""No DISTINCT and no OFFSET, which find rows that they do not write; no paths and no filters.

Nothing in it is tried twice: whatever a client sends is read in the thread that serves all clients.
"""
_REMEMBERED: Final = 16
"""Queries that have just been looked at: who asks for a lookup has done so before."""
_logger: Final = logging.getLogger(__name__)


class Lookups:
    """Answers lookups from a copy of the default graph in this process, once that is loaded."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._prefixes = release.prefixes()
        self._store: Store | None = None
        threading.Thread(target=self._load, name="lookups", daemon=True).start()

    @property
    def is_ready(self) -> bool:
        """Tell whether the copy is loaded."""
        return self._store is not None

    def answer(self, query: str, form: Format, base_iri: str) -> bytes | None:
        """Return the answer; None where the query is no lookup, has a fault or a longer answer."""
        if self._store is None or not isinstance(form, given_by(query)):
            return None
        page = _Page()
        try:
            results = self._store.query(query, base_iri=base_iri)
            if isinstance(results, QueryTriples):
                assert isinstance(form, GraphFormat)
                serialise_graph(results, form, self._prefixes, page)
            else:
                assert isinstance(form, ResultFormat)
                _write_results(results, form, page)
        except (SyntaxError, LigneeError, _LongerThanAPage):
            return None
        return page.content

    def _load(self) -> None:
        try:
            self._store = open_default_graph(self._release)
        except LigneeError as error:  # then workers answer, or say why they cannot
            _logger.warning("what is said of one subject is asked of workers: %s", error)


@lru_cache(_REMEMBERED)
def given_by(query: str) -> type[ResultFormat | GraphFormat] | tuple[()]:
    """Return the kind of formats that a lookup's answer has; an empty tuple for other queries.

    A lookup, if it is a query, asks for what is said of a subject that it names.
    """
    if not (found := _LOOKUP.fullmatch(query)):
        return ()
    if found["described"]:
        return GraphFormat
    known = (found["predicate"][1:], found["object"][1:])
    # The same variable twice would compare rows that are not written, another one write empty ones.
    is_plain = known[0] != known[1] and all(
        name in known for name in _WORD.findall(found["names"] or "")
    )
    return ResultFormat if is_plain else ()


def _write_results(results: QuerySolutions | QueryBoolean, form: ResultFormat, page: _Page) -> None:
    if form.results_format == QueryResultsFormat.XML:  # which has to be mended
        serialise_results(results, form, page)
    else:
        results.serialize(cast(IO[bytes], page), format=form.results_format)


class _LongerThanAPage(Exception):
    """The answer is for a worker to give."""


class _Page:
    """What an answer has to fit: a single piece of those that a worker sends."""

    def __init__(self) -> None:
        self.content = b""

    def write(self, piece: bytes | bytearray) -> int:
        """Keep a piece of the answer, as a file does; raises _LongerThanAPage beyond a page."""
        self.content += piece
        if len(self.content) >= PIECE_BYTES:
            raise _LongerThanAPage
        return len(piece)

    def flush(self) -> None:
        """Do nothing: all is here."""

    def add(self, kind: bytes, payload: bytes | bytearray | dict[str, Value]) -> None:
        """Keep the answer; raises _LongerThanAPage where more of it would come."""
        if kind == DATA:
            assert isinstance(payload, bytearray)
            self.write(payload)
