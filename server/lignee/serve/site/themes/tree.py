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
        return self._branch(growth, order, page, are_schemes=True, is_whole=True), sizes

    def below(self, root: str, *, is_scheme: bool, page: int) -> Branch:
        """Return what lies below a scheme or concept, by label."""
        found = self.reading.children([root], of_schemes=is_scheme, limit=MOST + 1)
        children = list(dict.fromkeys(child for _, child in found[:MOST]))
        growth = _Growth(texts=self.reading.texts(children))
        order = growth.ordered(children)
        return self._branch(growth, order, page, are_schemes=False, is_whole=len(found) <= MOST)

    def _branch(
        self, growth: _Growth, roots: list[str], page: int, *, are_schemes: bool, is_whole: bool
    ) -> Branch:
        first = (page - 1) * PAGE
        shown = roots[first : first + PAGE]
        self._grow(growth, shown, are_schemes=are_schemes)
        links = self.reading.links(
            {*shown, *(one for some in growth.below.values() for one in some)}
        )
        nodes = self._placed(growth, links, shown, set())
        size = len(shown) + sum(map(len, growth.below.values()))
        return Branch(nodes, first, len(roots), is_whole, size <= _AT_A_GLANCE)

    def _grow(self, growth: _Growth, level: Sequence[str], *, are_schemes: bool) -> None:
        """Ask for what lies below, level by level, as long as there is room."""
        room = ROOM
        while level:
            growth.numbers |= self.reading.numbers(level, of_schemes=are_schemes)
            chosen = []
            for iri in level:
                if 0 < growth.numbers.get(iri, 0) <= room:
                    chosen.append(iri)
                    room -= growth.numbers[iri]
            pairs = self.reading.children(chosen, of_schemes=are_schemes, limit=ROOM)
            new = {child for _, child in pairs} - growth.texts.keys()
            growth.texts |= self.reading.texts(new)
            for parent in chosen:
                growth.below[parent] = growth.ordered(
                    child for above, child in pairs if above == parent
                )
            level, are_schemes = growth.ordered(new), False

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
