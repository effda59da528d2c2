"""What is drawn: things that happened, and what descends from what, of whatever dataset."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

ACCENTS: Final = 6
"""How many colours the stylesheet has for lanes; with more lanes they come round again."""

Period = tuple[date, date]
"""First and last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that happened or was published, as the release tells it."""

    iri: str
    label: str
    form: str
    """`session`, `document` or `consultation`: its shape in the picture."""
    number: int | None = None
    dates: tuple[str, ...] = ()
    """Each as a day, a month or a year: 2019-09-27, 2019-09, 2019."""
    lane: str = ""
    lane_label: str = ""
    is_announced: bool = False
    is_held: bool = True

    @property
    def period(self) -> Period | None:
        """The most precise of its dates, the earliest among equals; None where it has none."""
        periods = filter(None, map(period_of, self.dates))
        return min(periods, key=lambda period: (period[1] - period[0], period[0]), default=None)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing descends from another, and how we know: `stated`, `read` or `derived`."""

    descendant: str
    ancestor: str
    standing: str


class Lineage:
    """Steps, to be followed in both directions and through loops."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps = tuple(steps)
        self._up: dict[str, list[str]] = {}
        self._down: dict[str, list[str]] = {}
        for step in self.steps:
            self._up.setdefault(step.descendant, []).append(step.ancestor)
            self._down.setdefault(step.ancestor, []).append(step.descendant)

    def ancestors(self, iri: str) -> set[str]:
        """Return all that a thing descends from."""
        return _reached(iri, self._up)

    def descendants(self, iri: str) -> set[str]:
        """Return all that descends from a thing."""
        return _reached(iri, self._down)


def accents_of(things: Iterable[Thing]) -> Mapping[str, int]:
    """Return the colour of each lane, by its IRI, in the order in which lanes begin."""
    first: dict[str, date] = {}
    for thing in things:
        if thing.lane and (period := thing.period):
            first[thing.lane] = min(period[0], first.get(thing.lane, period[0]))
    ordered = sorted(first, key=lambda lane: (first[lane], lane))
    return {lane: number % ACCENTS for number, lane in enumerate(ordered)}


def period_of(text: str) -> Period | None:
    """Return first and last day of a day, month or year, None where the calendar has none such."""
    try:
        match [int(part) for part in text[:10].split("-")]:
            case [year]:
                return date(year, 1, 1), date(year, 12, 31)
            case [year, month]:
                return date(year, month, 1), date(year, month, monthrange(year, month)[1])
            case [year, month, day]:
                return date(year, month, day), date(year, month, day)
    except ValueError:
        pass
    return None


def _reached(start: str, leads_to: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        further = set(leads_to.get(waiting.pop(), ())) - found - {start}
        found |= further
        waiting += further
    return found
