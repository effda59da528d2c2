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
Node: TypeAlias = tuple[bytes, bytes, list[tuple[bytes, list[bytes]]]]
"""A graph, a subject, and the values of each property there, as N-Quads writes them.

The graph is empty in N-Triples. Plain tuples: there are millions, and named ones take three times
as long to make.
"""


def lines_of(node: Node) -> Iterator[bytes]:
    """Yield the canonical lines of what a node says, each ended by a line feed."""
    graph, subject, said = node
    end = graph + b" .\n" if graph else b".\n"
    for predicate, values in said:
        for value in values:
            yield b" ".join((subject, predicate, value, end))


def without_graph(line: bytes) -> bytes:
    """Return the canonical N-Triples line of the triple that an N-Quads line states in a graph."""
    return line[:-2].rpartition(b" ")[0] + b" ."


def in_reading_order(lines: Iterable[bytes], *, has_graph: bool) -> Iterator[Node]:
    """Yield what canonical lines, which stand in their order, say in the order people read it."""
    by_graph = _grouped(lines, has_graph=has_graph)
    ranks = _Ranks()
    for graph in sorted(by_graph, key=_natural):
        subjects = by_graph[graph]
        for subject in sorted(subjects, key=_natural) if len(subjects) > 1 else subjects:
            flat = subjects[subject]
            said: dict[bytes, list[bytes]] = {}
            for predicate, value in zip(flat[::2], flat[1::2], strict=True):
                said.setdefault(predicate, []).append(value)
            # They came sorted by property: what is left to do is put the first ones first.
            in_order = sorted(said, key=ranks.__getitem__) if len(said) > 1 else said
            for values in said.values():
                if len(values) > 1:
                    values.sort(key=_value_key)
            yield graph, subject, [(predicate, said[predicate]) for predicate in in_order]


class _Ranks(dict[bytes, int]):
    """The ranks of properties, to sort by without a call for each."""

    def __missing__(self, predicate: bytes) -> int:
        rank = self[predicate] = _FIRST.get(predicate, _LAST)
        return rank


def _grouped(lines: Iterable[bytes], *, has_graph: bool) -> dict[bytes, dict[bytes, list[bytes]]]:
    """Return by graph and subject a list of property, value, property, value and so on.

    Names hold no space, so a line's outer spaces divide it.
    """
    by_graph: dict[bytes, dict[bytes, list[bytes]]] = {}
    predicates: dict[bytes, bytes] = {}  # one object for each, where every line would make its own
    graph = b""
    for line in lines:
        subject, predicate, value = line[:-2].split(b" ", 2)
        if has_graph:
            value, _, graph = value.rpartition(b" ")
        predicate = predicates.setdefault(predicate, predicate)
        subjects = by_graph.get(graph)
        if subjects is None:
            subjects = by_graph[graph] = {}
        said = subjects.get(subject)
        if said is None:
            subjects[subject] = [predicate, value]
        else:
            said += predicate, value
    return by_graph


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
