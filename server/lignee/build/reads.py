"""Which predicates a query reads, so that a rule runs again only when it may see something new."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from rdflib import URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql import prepareQuery

_logger: Final = logging.getLogger(__name__)
_TERMS: Final = 3
"""rdflib leaves some EXISTS untranslated, with the terms of several triples in a row."""

Reads: TypeAlias = frozenset[bytes] | None
"""Predicates as N-Triples writes them; None where a query may read any."""


def predicates_read(query: str) -> Reads:
    """Return the predicates of all triple patterns and paths of a query, those of filters included.

    https://www.w3.org/TR/sparql11-query/#sparqlTriplePatterns
    """
    try:
        algebra = prepareQuery(query).algebra
    except Exception:  # rdflib raises any kind; such a rule runs each time, which is safe
        _logger.debug("rdflib does not parse a rule", exc_info=True)
        return None
    found = set()
    for predicate in _predicates(algebra):
        if not isinstance(predicate, URIRef):
            return None  # a variable, a path through what it does not name, or not translated
        found.add(f"<{predicate}>".encode())
    return frozenset(found)


def _predicates(part: object) -> Iterator[object]:
    """Yield the predicate of each pattern below a part of the algebra; of paths, what they name."""
    if isinstance(part, dict):  # rdflib's CompValue is one
        for key, value in part.items():
            if key == "triples":
                for triple in value:
                    yield from _named(triple[1]) if len(triple) == _TERMS else [None]
            else:
                yield from _predicates(value)
    elif isinstance(part, list | tuple | set):
        for one in part:
            yield from _predicates(one)


def _named(path: object) -> Iterable[object]:
    match path:
        case AlternativePath() | SequencePath():
            return [named for step in path.args for named in _named(step)]
        case InvPath():
            return _named(path.arg)
        case MulPath():
            # No step at all joins every node of the graph with itself: any new triple may matter.
            return [*_named(path.path), *([] if path.mod == "+" else [path])]
        case _:
            return [path]
