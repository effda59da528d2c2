"""Lookups: what is said of one subject, found by the server's own process.

All other queries go to workers, because nothing inside a process stops pyoxigraph. A lookup needs
no stopping: it is one pattern whose subject the query names, so its rows lie side by side in an
index and each is written as it is found, up to the length of a page. To find them takes less time
than to wake a worker. They are evaluated as a worker does, on the same data in the same order, so
that the answer is the same to the byte.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import IO, Final, cast

from pyoxigraph import QueryTriples, Store

from lignee.engines.frames import Value
from lignee.engines.outlet import Outlet
from lignee.errors import LigneeError
from lignee.formats import ResultFormat, result_format
from lignee.release import Release, open_default_graph

_IRI: Final = r'<[^<>"{}|^`\\\x00-\x20]*+>'
_NAME: Final = r"(?:[a-z][\w\-]*+)?+:[\w\-]++"
_VARIABLE: Final = r"[?$]\w++"
_WORD: Final = re.compile(r"\w+", re.ASCII)
_LOOKUP: Final = re.compile(
    rf"""
    (?: \s++ | \#[^\n\r]*+ | PREFIX \s++ (?:[a-z][\w\-]*+)?+ : \s*+ {_IRI} )*+
    (?: SELECT \s*+ (?: \* | (?P<names> (?: {_VARIABLE} \s*+ ){{1,2}}+ ) ) | ASK ) \s*+ (?:WHERE)?+
    \s*+ \{{ \s*+
    (?: {_IRI} | {_NAME} ) \s*+
    (?P<predicate> {_VARIABLE} | {_IRI} | {_NAME} | a\b ) \s*+
    (?P<object> {_VARIABLE} | {_IRI} | {_NAME} | "[^"\\\n\r]*+" (?: @[a-z\-]++ )?+ ) \s*+
    \.?+ \s*+ \}} \s*+
    (?: LIMIT \s++ \d++ \s*+ )?+
    (?: \#[^\n\r]*+ \s*+ )*+
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
"""No DISTINCT and no OFFSET, which find rows that they do not write; no paths and no filters.

Nothing in it is tried twice: whatever a client sends is read in the thread that serves all clients.
"""
_XML: Final = result_format("xml")
_logger: Final = logging.getLogger(__name__)


class Lookups:
    """Answers lookups from a copy of the default graph in this process, once that is loaded."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._store: Store | None = None
        threading.Thread(target=self._load, name="lookups", daemon=True).start()

    @property
    def is_ready(self) -> bool:
        """Tell whether the copy is loaded."""
        return self._store is not None

    def answer(self, query: str, form: ResultFormat, base_iri: str) -> bytes | None:
        """Return the answer; None where the query is no lookup, has a fault or a longer answer."""
        if self._store is None or not is_lookup(query):
            return None
        outlet = Outlet(_PAGE, is_xml=form is _XML)
        try:
            results = self._store.query(query, base_iri=base_iri)
            assert not isinstance(results, QueryTriples)
            results.serialize(cast(IO[bytes], outlet), format=form.results_format)
        except (SyntaxError, LigneeError, _LongerThanAPage):
            return None
        return outlet.unsent()

    def _load(self) -> None:
        try:
            self._store = open_default_graph(self._release)
        except LigneeError as error:  # then workers answer, or say why they cannot
            _logger.warning("what is said of one subject is asked of workers: %s", error)


def is_lookup(query: str) -> bool:
    """Tell whether a query, if it is one, asks for what is said of a subject that it names."""
    if not (found := _LOOKUP.fullmatch(query)):
        return False
    known = (found["predicate"][1:], found["object"][1:])
    # The same variable twice would compare rows that are not written, another one write empty ones.
    return known[0] != known[1] and all(
        name in known for name in _WORD.findall(found["names"] or "")
    )


class _LongerThanAPage(Exception):
    """The answer is for a worker to give."""


class _Page:
    """What an answer has to fit: no piece of it is sent before its end."""

    def add(self, _kind: bytes, _payload: bytes | bytearray | dict[str, Value]) -> None:
        """Raise _LongerThanAPage."""
        raise _LongerThanAPage


_PAGE: Final = _Page()
