"""Where everything stands in the one picture: time to the right, a lane for each main theme.

Nothing here knows the dataset: what is drawn comes as rows, and goes to `timeline.svg` as numbers.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

LABELS_PX: Final = 200
TOP_PX: Final = 36
LANE_PX: Final = 46
GAP_PX: Final = 10
RADIUS_PX: Final = 13
_MARGIN_PX: Final = 16
_LEAST_PLOT_PX: Final = 900
_LEAST_DISTANCE_PX: Final = 2 * RADIUS_PX + 6
_LEAST_YEAR_PX: Final = 44
_LANE_LABEL_CHARACTERS: Final = 27
_ARC_PX: Final = 30
_PRECISE_DAYS: Final = 31
_BEFORE, _AFTER = timedelta(days=75), timedelta(days=60)

ACCENTS: Final = 6
"""How many colours the stylesheet has for lanes; with more lanes they come round again."""


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


@dataclass(frozen=True, slots=True)
class Step:
    """One thing descends from another, and how we know: `stated`, `read` or `derived`."""

    descendant: str
    ancestor: str
    standing: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A band of the picture; its name stands in lines, each with its vertical place."""

    y: float
    accent: int | None
    lines: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A thing in its place; `span` is the time within which it lies, where that is long."""

    thing: Thing
    x: float
    y: float
    text: str
    accent: int | None
    span: tuple[float, float] | None
    ancestors: tuple[str, ...]
    descendants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line from a thing to what it descends from, as an SVG path."""

    step: Step
    path: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture in numbers; things without a date are named, as they have no place in it."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    years: tuple[tuple[int, float, bool], ...]
    """Year, place, and whether there is room for its name."""
    marks: tuple[Mark, ...]
    arrows: tuple[Arrow, ...]
    undated: tuple[Thing, ...]


def lay_out(
    things: Iterable[Thing], steps: Iterable[Step], *, other_lane: str, mark_of: Callable[[str], str]
) -> Timeline | None:
    """Return the picture, None where nothing has a date.

    `other_lane` names the lane of all that has none; `mark_of` gives the letter for a form whose
    things are not numbered.
    """
    listed = list(things)
    periods = {thing.iri: _period(thing.dates) for thing in listed if thing.dates}
    dated = [thing for thing in listed if thing.iri in periods]
    if not dated:
        return None
    days = _days(dated, periods)
    lanes = _lanes_of(dated, days)
    scale = _Scale.over(periods.values(), max(map(len, lanes.values())))
    shift = {iri: number * (LANE_PX + GAP_PX) for number, iri in enumerate(lanes)}
    middle = TOP_PX + LANE_PX / 2
    places: dict[str, tuple[float, float]] = {}
    for lane, of_lane in lanes.items():
        ordered = sorted(of_lane, key=lambda thing: days[thing.iri])
        for thing, x in zip(ordered, _apart([scale.x(days[one.iri]) for one in ordered]), strict=True):
            places[thing.iri] = (x, middle + shift[lane])
    known = [step for step in steps if step.descendant in places and step.ancestor in places]
    accents = accents_of(listed)
    return Timeline(
        width=max(scale.end, max(x for x, _ in places.values()) + RADIUS_PX) + _MARGIN_PX,
        height=TOP_PX + len(lanes) * (LANE_PX + GAP_PX),
        lanes=tuple(
            _lane(TOP_PX + shift[lane], accents.get(lane), of_lane[0].lane_label or other_lane)
            for lane, of_lane in lanes.items()
        ),
        years=tuple(scale.years()),
        marks=tuple(
            _mark(thing, places[thing.iri], periods[thing.iri], scale, accents, known, mark_of)
            for thing in dated
        ),
        arrows=tuple(
            Arrow(step, _path(places[step.descendant], places[step.ancestor])) for step in known
        ),
        undated=tuple(thing for thing in listed if thing.iri not in periods),
    )


def accents_of(things: Iterable[Thing]) -> Mapping[str, int]:
    """Return the colour of each lane, by its IRI, in the order in which lanes begin."""
    first: dict[str, date] = {}
    for thing in things:
        if thing.lane and thing.dates:
            begin = _period(thing.dates)[0]
            first[thing.lane] = min(begin, first.get(thing.lane, begin))
    ordered = sorted(first, key=lambda lane: (first[lane], lane))
    return {lane: number % ACCENTS for number, lane in enumerate(ordered)}


def related(steps: Collection[Step], iri: str) -> tuple[set[str], set[str]]:
    """Return all that a thing descends from, and all that descends from it."""
    up = _reached({step.descendant for step in steps}, iri, [(s.descendant, s.ancestor) for s in steps])
    down = _reached({step.ancestor for step in steps}, iri, [(s.ancestor, s.descendant) for s in steps])
    return up, down


def _reached(sources: set[str], start: str, pairs: Sequence[tuple[str, str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start] if start in sources else []
    while waiting:
        here = waiting.pop()
        further = {there for source, there in pairs if source == here} - found - {start}
        found |= further
        waiting += further
    return found


def _period(dates: Iterable[str]) -> tuple[date, date]:
    """Return first and last day of the most precise date, of the earliest among equals."""
    return min(map(_days_of, dates), key=lambda period: (period[1] - period[0], period[0]))


def _days_of(text: str) -> tuple[date, date]:
    parts = [int(part) for part in text[:10].split("-")]
    match parts:
        case [year]:
            return date(year, 1, 1), date(year, 12, 31)
        case [year, month]:
            following = date(year + month // 12, month % 12 + 1, 1)
            return date(year, month, 1), following - timedelta(days=1)
        case _:
            return date(*parts), date(*parts)


def _days(
    things: Iterable[Thing], periods: Mapping[str, tuple[date, date]]
) -> dict[str, float]:
    """Return the day, as an ordinal, at which each thing is drawn: the middle of its period.

    A numbered one of which little more than the year is known is drawn between its neighbours.
    """
    days = {thing.iri: _middle(periods[thing.iri]) for thing in things}
    numbered = sorted(
        (thing for thing in things if thing.number is not None), key=lambda thing: thing.number or 0
    )
    vague = {
        thing.iri
        for thing in numbered
        if (periods[thing.iri][1] - periods[thing.iri][0]).days > _PRECISE_DAYS
    }
    for place, thing in enumerate(numbered):
        if thing.iri not in vague:
            continue
        begin, end = (day.toordinal() for day in periods[thing.iri])
        low = max([begin, *(days[one.iri] for one in numbered[max(place - 1, 0) : place])])
        later = [one for one in numbered[place + 1 :] if one.iri not in vague][:1]
        high = min([end, *(days[one.iri] for one in later)])
        if low < high:
            days[thing.iri] = (low + high) / 2
    return days


def _middle(period: tuple[date, date]) -> float:
    return (period[0].toordinal() + period[1].toordinal()) / 2


def _lanes_of(things: Iterable[Thing], days: Mapping[str, float]) -> dict[str, list[Thing]]:
    """Return the things of each lane: first those of no theme, then themes as they begin."""
    lanes: dict[str, list[Thing]] = {}
    for thing in sorted(things, key=lambda thing: (bool(thing.lane), days[thing.iri], thing.iri)):
        lanes.setdefault(thing.lane, []).append(thing)
    return lanes


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days to pixels."""

    first: date
    last: date
    plot_px: float

    @classmethod
    def over(cls, periods: Iterable[tuple[date, date]], crowd: int) -> _Scale:
        listed = list(periods)
        first = min(begin for begin, _ in listed) - _BEFORE
        last = max(end for _, end in listed) + _AFTER
        return cls(first, last, max(_LEAST_PLOT_PX, crowd * _LEAST_DISTANCE_PX * 1.5))

    @property
    def end(self) -> float:
        return LABELS_PX + self.plot_px

    def x(self, day: float) -> float:
        share = (day - self.first.toordinal()) / (self.last - self.first).days
        return round(LABELS_PX + share * self.plot_px, 1)

    def years(self) -> Iterable[tuple[int, float, bool]]:
        every = 1
        while every * self.plot_px * 365 / (self.last - self.first).days < _LEAST_YEAR_PX:
            every *= 2 if every == 1 else 5
        for year in range(self.first.year + 1, self.last.year + 1):
            yield year, self.x(date(year, 1, 1).toordinal()), year % every == 0


def _apart(places: Sequence[float]) -> list[float]:
    """Return ascending places moved to the right as far as it takes to tell them apart."""
    moved = list(places)
    for number, (before, _) in enumerate(pairwise(places), 1):
        before = moved[number - 1]
        moved[number] = max(moved[number], before + _LEAST_DISTANCE_PX)
    return moved


def _lane(y: float, accent: int | None, label: str) -> Lane:
    lines = textwrap.wrap(label, _LANE_LABEL_CHARACTERS, max_lines=3, placeholder="…")
    start = y + LANE_PX / 2 + 4.5 - (len(lines) - 1) * 7.5
    return Lane(y, accent, tuple((line, start + 15 * place) for place, line in enumerate(lines)))


def _mark(
    thing: Thing,
    place: tuple[float, float],
    period: tuple[date, date],
    scale: _Scale,
    accents: Mapping[str, int],
    steps: Sequence[Step],
    mark_of: Callable[[str], str],
) -> Mark:
    is_vague = (period[1] - period[0]).days > _PRECISE_DAYS
    ancestors, descendants = related(steps, thing.iri)
    return Mark(
        thing=thing,
        x=place[0],
        y=place[1],
        text=str(thing.number) if thing.number is not None else mark_of(thing.form),
        accent=accents.get(thing.lane),
        span=(scale.x(period[0].toordinal()), scale.x(period[1].toordinal())) if is_vague else None,
        ancestors=tuple(sorted(ancestors)),
        descendants=tuple(sorted(descendants)),
    )


def _path(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return a curve that leaves and arrives upright, between lanes or as an arc within one."""
    (x1, y1), (x2, y2) = start, end
    if y1 == y2:
        y = y1 - RADIUS_PX
        return f"M{x1:g} {y:g}C{x1:g} {y - _ARC_PX:g} {x2:g} {y - _ARC_PX:g} {x2:g} {y - 2:g}"
    side = RADIUS_PX if y2 > y1 else -RADIUS_PX
    y1, y2 = y1 + side, y2 - side * 1.15
    bend = (y2 - y1) / 2
    return f"M{x1:g} {y1:g}C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}"
