"""How the files spell what the store keeps by value: `"01"^^xsd:integer`, `xsd:positiveInteger`.

pyoxigraph's store turns both into the xsd:integer they equal. Queries compare values and lose
nothing by it; dumps are to say what the files say, so what the store would respell is noted here
as the files are read, and put back into the canonical lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from lignee.canonical import to_nquads
from lignee.vocabulary import XSD

_STRING: Final = XSD + "string"
_KEPT: Final = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    XSD + "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    XSD + "gYear": re.compile(r"[0-9]{4}"),
    XSD + "gYearMonth": re.compile(r"[0-9]{4}-[0-9]{2}"),
    XSD + "anyURI": re.compile(r".*", re.DOTALL),
}
"""Spellings that the store is known to keep, by datatype; the others it is asked about."""
_NODE: Final = NamedNode("urn:x")


class Spellings:
    """Remembers statements that the store may spell otherwise."""

    def __init__(self) -> None:
        self._doubtful: list[Quad] = []
        self._kept: set[int] = set()

    def note(self, quad: Quad, graph: NamedNode) -> None:
        """Remember how a quad is spelled; the graph is that of a triple outside named graphs."""
        value = quad.object
        if not isinstance(value, Literal):
            return
        datatype = value.datatype.value
        if not datatype.startswith(XSD) or datatype == _STRING:
            return
        if isinstance(quad.graph_name, DefaultGraph):
            quad = Quad(quad.subject, quad.predicate, value, graph)
        if datatype in _KEPT and _KEPT[datatype].fullmatch(value.value):
            self._kept.add(hash(quad))
        elif not isinstance(quad.subject, BlankNode):
            self._doubtful.append(quad)

    def restored(self, lines: Sequence[bytes]) -> list[bytes]:
        """Return the store's canonical lines, which are sorted, with the files' spelling, sorted.

        The few that differ are looked up: asking for each line whether it does takes longer.
        """
        restored = list(lines)
        for stored, spelled in self._spelled().items():
            place = bisect_left(lines, stored)
            if place < len(lines) and lines[place] == stored:
                restored[place], *others = spelled
                restored += others
        restored.sort()  # quick, as most of it is in order
        return restored

    def _spelled(self) -> dict[bytes, set[bytes]]:
        """Return the files' lines for each line that the store spells otherwise."""
        as_stored = _as_stored({quad.object for quad in self._doubtful})
        changed: list[Quad] = []
        stored: list[Quad] = []
        for quad in self._doubtful:
            value = as_stored[quad.object]
            if value == quad.object:
                self._kept.add(hash(quad))
                continue
            changed.append(quad)
            stored.append(Quad(quad.subject, quad.predicate, value, quad.graph_name))
        spelled: dict[bytes, set[bytes]] = {}
        for quad, theirs, own in zip(stored, _lines(stored), _lines(changed), strict=True):
            lines = spelled.setdefault(theirs, {theirs} if hash(quad) in self._kept else set())
            lines.add(own)
        return spelled


def _as_stored(literals: set[object]) -> Mapping[object, Literal]:
    """Return how the store spells each literal: all at once, as asking one by one takes minutes."""
    asked = list(literals)
    scratch = Store()
    scratch.bulk_extend(
        Quad(_NODE, NamedNode(f"urn:x:{number}"), literal)
        for number, literal in enumerate(asked)
        if isinstance(literal, Literal)
    )
    stored = {}
    for quad in scratch:
        assert isinstance(quad.object, Literal)
        stored[asked[int(quad.predicate.value.removeprefix("urn:x:"))]] = quad.object
    return stored


def _lines(quads: list[Quad]) -> list[bytes]:
    return to_nquads(quads).splitlines()
