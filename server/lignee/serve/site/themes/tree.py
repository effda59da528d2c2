"""A part of the trees that fits on a page: as much below its root as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lignee.matching.spelling import words_of
from lignee.serve.site.themes.reading import Link, Reading, Texts

PAGE: Final = 200
"""Concepts directly below the root that one page lists; the next page lists those that follow."""
ROOM: Final = 400
"""Concepts further down that a page shows; below others a link leads to a page of their own."""
MOST: Final = 20_000
"""Concepts below one that are put in order; a vocabulary with more in one place is no tree."""
_AT_A_GLANCE: Final = 60
"""Concepts of a branch that is shown unfolded."""


@dataclass(frozen=True, slots=True)
class Node:
    """A concept or scheme in its place, with as many of its `number` children as are shown."""

    iri: str
    texts: Texts
    number: int
    children: tuple[Node, ...]
    links: tuple[Link, ...]
    sessions: int


@dataclass(frozen=True, slots=True)
class Branch:
    """What a page shows below its root: from `first` on, of `total`, or of more than that."""

    nodes: tuple[Node, ...]
    first: int
    total: int
    is_whole: bool
    """Whether `total` is all there is."""
    is_unfolded: bool
    """Whether it is short enough to be read at a glance."""

    @property
    def last(self) -> int:
        """The number of the last one shown, counted from 1."""
        return self.first + len(self.nodes)


@dataclass(slots=True)
class _Growth:
    """What is known of the concepts of a page; `below` are children in their order."""

    numbers: dict[str, int] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, Texts] = field(default_factory=dict)

    def hang(
        self, below: Mapping[str, Sequence[str]], parents: Iterable[str], room: int
    ) -> tuple[list[str], int]:
        """Hang children below those parents whose children there is room for.

        Return the children, each once, and the room that is left.
        """
        level: dict[str, None] = {}
        for parent in parents:
            children = below.get(parent, ())
            self.numbers[parent] = len(children)
            if 0 < len(children) <= room:
                self.below[parent] = self.ordered(children)
                level |= dict.fromkeys(self.below[parent])
                room -= len(children)
        return list(level), room

    def ordered(self, iris: Iterable[str]) -> list[str]:
        """Return concepts by label."""
        return sorted(iris, key=lambda iri: (words_of(self.texts[iri].label), iri))


@dataclass(frozen=True, slots=True)
class Gardener:
    """Grows branches; raises QueryError or EngineError."""

    reading: Reading
    counts: Mapping[str, int]
    """How many sessions name a concept."""

    def schemes(self, own: str, page: int) -> tuple[Branch, Mapping[str, int]]:
        """Return all schemes, and the number of concepts of each.

        Those whose IRI begins with `own` come first, then those whose concepts sessions name.
        """
        sizes = self.reading.schemes()
        named = dict.fromkeys(sizes, 0)
        for scheme, concept in self.reading.members(self.counts):
            named[scheme] = named.get(scheme, 0) + self.counts[concept]
        growth = _Growth(texts=self.reading.texts(sizes))
        order = growth.ordered(sizes)
        order.sort(key=lambda scheme: (not scheme.startswith(own), -named[scheme]))
        shown = order[(page - 1) * PAGE : page * PAGE]
        tops, _ = self.reading.tops(shown) if shown else ({}, True)
        growth.texts |= self.reading.texts({top for some in tops.values() for top in some})
        room = ROOM
        for is_own in (True, False):  # what the dataset is about before what came along
            some = [scheme for scheme in shown if scheme.startswith(own) == is_own]
            level, room = growth.hang(tops, some, room)
            room = self._grow(growth, level, room)
        return self._branch(growth, order, page, is_whole=True), sizes

    def below(self, root: str, *, is_scheme: bool, page: int) -> Branch:
        """Return what lies below a scheme or concept, by label."""
        if is_scheme:
            tops, is_whole = self.reading.tops([root])
            children = tops[root]
        else:
            pairs = self.reading.children([root], MOST + 1)
            children, is_whole = [child for _, child in pairs[:MOST]], len(pairs) <= MOST
        growth = _Growth(texts=self.reading.texts(children))
        order = growth.ordered(children)
        self._grow(growth, order[(page - 1) * PAGE : page * PAGE], ROOM)
        return self._branch(growth, order, page, is_whole=is_whole)

    def _branch(self, growth: _Growth, roots: list[str], page: int, *, is_whole: bool) -> Branch:
        first = (page - 1) * PAGE
        shown = roots[first : first + PAGE]
        below = {child for children in growth.below.values() for child in children}
        links = self.reading.links({*shown, *below})
        nodes = self._placed(growth, links, shown, set())
        size = len(shown) + sum(map(len, growth.below.values()))
        return Branch(nodes, first, len(roots), is_whole, size <= _AT_A_GLANCE)

    def _grow(self, growth: _Growth, level: Sequence[str], room: int) -> int:
        """Ask for what lies below, level by level, while there is room; return what is left."""
        while level:
            numbers = self.reading.numbers(level)
            wanted, left = [], room
            for iri in level:
                if 0 < numbers.get(iri, 0) <= left:
                    wanted.append(iri)
                    left -= numbers[iri]
            below: dict[str, list[str]] = {}
            for parent, child in self.reading.children(wanted, room):
                below.setdefault(parent, []).append(child)
            known = set(growth.texts)
            new = {child for children in below.values() for child in children} - known
            growth.texts |= self.reading.texts(new)
            growth.numbers |= numbers
            level, room = growth.hang(below, wanted, room)
            level = [iri for iri in level if iri in new]
        return room

    def _placed(
        self,
        growth: _Growth,
        links: Mapping[str, Sequence[Link]],
        iris: Iterable[str],
        told: set[str],
    ) -> tuple[Node, ...]:
        """Return nodes; what lies below a concept with several places is told at the first."""
        nodes = []
        for iri in iris:
            below = [] if iri in told else growth.below.get(iri, [])
            told.add(iri)
            nodes.append(
                Node(
                    iri,
                    growth.texts[iri],
                    growth.numbers.get(iri, 0),
                    self._placed(growth, links, below, told),
                    tuple(links.get(iri, ())),
                    self.counts.get(iri, 0),
                )
            )
        return tuple(nodes)
