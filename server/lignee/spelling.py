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

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from lignee.canonical import to_nquads
from lignee.vocabulary import XSD

TYPED: Final = f'"^^<{XSD}'.encode()
"""Stands in every line whose value the store may spell otherwise."""
_TYPED_LINE: Final = re.compile(
    rb'\S+ \S+ "(?P<text>.*)' + re.escape(TYPED) + rb"(?P<datatype>[^>]*)>(?P<graph> \S+)? \."
)
_KEPT: Final = {
    b"integer": re.compile(rb"0|-?[1-9][0-9]{0,17}"),
    b"date": re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    b"gYear": re.compile(rb"[0-9]{4}"),
    b"gYearMonth": re.compile(rb"[0-9]{4}-[0-9]{2}"),
    b"anyURI": re.compile(rb".*"),
}
"""Spellings that the store is known to keep, by datatype; it is asked about the others."""
_NODE: Final = NamedNode("urn:x")


class Spellings:
    """Remembers statements that the store may spell otherwise."""

    def __init__(self) -> None:
        self._doubtful: list[bytes] = []
        self._kept: set[int] = set()

    def note(self, line: bytes, graph: NamedNode) -> None:
        """Remember how a line of N-Quads is spelled; triples outside named graphs are the graph's.

        Lines without `TYPED` in them need not be noted.
        """
        found = _TYPED_LINE.fullmatch(line)
        if not found:
            return
        if not found["graph"]:
            line = b"%b%b ." % (line[:-1], str(graph).encode())
        known = _KEPT.get(found["datatype"])
        if known and known.fullmatch(found["text"]):
            self._kept.add(hash(line))
        elif not line.startswith(b"_:"):
            self._doubtful.append(line)

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
        quads = list(parse(b"\n".join(self._doubtful), format=RdfFormat.N_QUADS, lenient=True))
        as_stored = _as_stored({quad.object for quad in quads})
        changed: list[bytes] = []
        stored: list[Quad] = []
        for line, quad in zip(self._doubtful, quads, strict=True):
            value = as_stored[quad.object]
            if value == quad.object:
                self._kept.add(hash(line))
                continue
            changed.append(line)
            stored.append(Quad(quad.subject, quad.predicate, value, quad.graph_name))
        spelled: dict[bytes, set[bytes]] = {}
        for theirs, own in zip(to_nquads(stored).splitlines(), changed, strict=True):
            lines = spelled.setdefault(theirs, {theirs} if hash(theirs) in self._kept else set())
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
