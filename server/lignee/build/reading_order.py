"""The order in which people read statements: by graph, subject, property, value.

Canonical N-Quads lines are put in this order without parsing their terms, as bytes: names in
natural order (session/2 before session/10), the type first, then labels and definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias

from lignee.vocabulary import DCTERMS, RDF, RDFS, SCHEMA, SKOS

_FIRST: Final = tuple(
    f"<{iri}>".encode()
    for iri in (
        RDF + "type",
        RDFS + "label",
        SKOS + "prefLabel",
        SKOS + "altLabel",
        SCHEMA + "name",
        DCTERMS + "title",
        SKOS + "definition",
        RDFS + "comment",
        SKOS + "scopeNote",
    )
)
_DIGITS: Final = re.compile(rb"(\d+)")


_Key: TypeAlias = tuple[tuple[bytes | int, ...], bytes]
Statement: TypeAlias = tuple[bytes, bytes, bytes, bytes]
"""Subject, predicate, object and graph as N-Quads writes them; the graph is empty in N-Triples.

A plain tuple: there are millions, and a named one takes three times as long to make.
"""


def split(line: bytes, *, has_graph: bool) -> Statement:
    """Return the terms of a canonical line: names hold no space, so its outer spaces divide it."""
    subject, predicate, rest = line[:-2].split(b" ", 2)
    if not has_graph:
        return subject, predicate, rest, b""
    value, _, graph = rest.rpartition(b" ")
    return subject, predicate, value, graph


def without_graph(line: bytes) -> bytes:
    """Return the canonical N-Triples line of the triple that an N-Quads line states in a graph."""
    return line[:-2].rpartition(b" ")[0] + b" ."


def in_reading_order(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the statements in the order in which people read them."""
    by_graph: dict[bytes, dict[bytes, list[Statement]]] = {}
    predicates: set[bytes] = set()
    for statement in statements:
        subject, predicate, _, graph = statement
        predicates.add(predicate)
        by_graph.setdefault(graph, {}).setdefault(subject, []).append(statement)
    ranks = _predicate_ranks(predicates)

    def place(statement: Statement) -> tuple[int, _Key]:
        return ranks[statement[1]], _value_key(statement[2])

    for graph in sorted(by_graph, key=_natural):
        subjects = by_graph[graph]
        for subject in sorted(subjects, key=_natural) if len(subjects) > 1 else subjects:
            yield from sorted(subjects[subject], key=place)


def _predicate_ranks(predicates: set[bytes]) -> dict[bytes, int]:
    first = [predicate for predicate in _FIRST if predicate in predicates]
    others = sorted(predicates.difference(first))
    return {predicate: rank for rank, predicate in enumerate(first + others)}


def _value_key(value: bytes) -> _Key:
    """Order literals before names, by language or datatype, then as they are written."""
    if value[:1] == b'"':
        return (value[value.rfind(b'"') :],), value
    return _natural(value)


@lru_cache(maxsize=1 << 20)
def _natural(name: bytes) -> _Key:
    parts: list[bytes | int] = list(_DIGITS.split(name.rstrip(b">")))
    parts[1::2] = map(int, parts[1::2])
    return tuple(parts), name
