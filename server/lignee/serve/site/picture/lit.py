"""Which things of the one picture belong to a page, so that it shows them strongly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lignee.serve.site.picture.reading import Subject
from lignee.serve.site.picture.things import Thing

Sort: TypeAlias = Literal["lineage", "theme"]


@dataclass(frozen=True, slots=True)
class Lit:
    """What is shown strongly, in the order of the picture's things, and what it has in common."""

    sort: Sort
    things: tuple[Thing, ...]

    @property
    def iris(self) -> frozenset[str]:
        """The IRIs of what is shown strongly."""
        return frozenset(thing.iri for thing in self.things)


def lit_for(subject: Subject, iri: str, pointing: Collection[str]) -> Lit | None:
    """Return what to light for a resource: a thing's lineage, or all of a theme.

    `pointing` are the things that name the resource. None where the picture has nothing of it.
    """
    if any(thing.iri == iri for thing in subject.things):
        lineage = subject.lineage
        wanted = {iri} | lineage.ancestors(iri) | lineage.descendants(iri)
        return Lit("lineage", _of(subject.things, wanted))
    things = _of(subject.things, pointing)
    return Lit("theme", things) if things else None


def _of(things: Sequence[Thing], wanted: Collection[str]) -> tuple[Thing, ...]:
    found = (thing for thing in things if thing.iri in wanted)
    return tuple(sorted(found, key=lambda thing: (thing.number is None, thing.number, thing.iri)))
