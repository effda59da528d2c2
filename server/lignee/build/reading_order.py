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

_FIRST: Final = {
    f"<{iri}>".encode(): rank
    for rank, iri in enumerate(
        (
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
}
"""Properties that come first, in this order; the others come by IRI."""
_DIGITS: Final = re.compile(rb"(\d+)")
_LAST: Final = len(_FIRST)

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


def in_reading_order(lines: Iterable[bytes], *, has_graph: bool) -> Iterator[bytes]:
    """Yield the canonical lines in the order in which people read them."""
    by_graph: dict[bytes, dict[bytes, list[bytes]]] = {}
    for line in lines:
        graph = line[line.rindex(b" ", 0, -2) + 1 : -2] if has_graph else b""
        subjects = by_graph.setdefault(graph, {})
        subjects.setdefault(line[: line.index(b" ")], []).append(line)

    def place(line: bytes) -> tuple[int, bytes, _Key]:
        _, predicate, value, _ = split(line, has_graph=has_graph)
        return _FIRST.get(predicate, _LAST), predicate, _value_key(value)

    for graph in sorted(by_graph, key=_natural):
        subjects = by_graph[graph]
        for subject in sorted(subjects, key=_natural) if len(subjects) > 1 else subjects:
            own = subjects[subject]
            yield from sorted(own, key=place) if len(own) > 1 else own


def _value_key(value: bytes) -> _Key:
    """Order literals before names, by language or datatype, then as they are written."""
    if value[:1] == b'"':
        return (value[value.rfind(b'"') :],), value
    return _natural(value)


@lru_cache(maxsize=1 << 16)
def _natural(name: bytes) -> _Key:
    parts: list[bytes | int] = list(_DIGITS.split(name.rstrip(b">")))
    parts[1::2] = map(int, parts[1::2])
    return tuple(parts), name
