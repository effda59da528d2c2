"""Where everything stands in the one picture: time to the right, a lane for each main theme.

What is drawn comes as things and steps, and goes to the template `timeline.svg` as numbers.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from lignee.serve.site.picture.things import Lineage, Period, Step, Thing, accents_of

LABELS_PX: Final = 208
TOP_PX: Final = 36
LANE_PX: Final = 46
GAP_PX: Final = 10
RADIUS_PX: Final = 13
_MARGIN_PX: Final = 16
_LEAST_PLOT_PX: Final = 900
_LEAST_DISTANCE_PX: Final = 2 * RADIUS_PX + 6
_LEAST_YEAR_PX: Final = 44
_LANE_LABEL_CHARACTERS: Final = 24
_LINE_PX: Final = 15
_ARC_PX: Final = 30
_PRECISE_DAYS: Final = 31
_BEFORE_DAYS: Final = 75
_AFTER_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Lane:
    """A band of the picture; its name stands in lines, each with its vertical place."""

    iri: str
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
    """Its number, else the first letter of its label."""
    accent: int | None
    span: tuple[float, float] | None
    lit: tuple[str, ...]
    """What it descends from and what descends from it."""


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
    things: Iterable[Thing],
    lineage: Lineage,
    *,
    other_lane: str,
    accents: Mapping[str, int] | None = None,
) -> Timeline | None:
    """Return the picture, None where nothing has a date.

    `other_lane` names the lane of all that has none; `accents` are the colours of lanes, where
    these are not all things and others have theirs already.
    """
    listed = list(things)
    periods = {thing.iri: period for thing in listed if (period := thing.period)}
    dated = [thing for thing in listed if thing.iri in periods]
    if not dated:
        return None
    days = _days(dated, periods)
    lanes = _lanes_of(dated, days)
    scale = _Scale.over(periods.values(), max(map(len, lanes.values())))
    places = _places(lanes, days, scale)
    colours = accents_of(listed) if accents is None else accents

    def mark(thing: Thing) -> Mark:
        number, (x, y) = thing.number, places[thing.iri]
        return Mark(
            thing=thing,
            x=x,
            y=y,
            text=thing.label[:1].upper() if number is None else str(number),
            accent=colours.get(thing.lane),
            span=scale.span(periods[thing.iri]),
            lit=tuple(sorted(lineage.ancestors(thing.iri) | lineage.descendants(thing.iri))),
        )

    return Timeline(
        width=max(scale.end, max(x for x, _ in places.values()) + RADIUS_PX) + _MARGIN_PX,
        height=_top(len(lanes)),
        lanes=tuple(
            _lane(lane, _top(row), colours.get(lane), of_lane[0].lane_label or other_lane)
            for row, (lane, of_lane) in enumerate(lanes.items())
        ),
        years=tuple(scale.years()),
        marks=tuple(map(mark, dated)),
        arrows=tuple(
            Arrow(step, _path(places[step.descendant], places[step.ancestor]))
            for step in lineage.steps
            if step.descendant in places and step.ancestor in places
        ),
        undated=tuple(thing for thing in listed if thing.iri not in periods),
    )


def _days(things: Iterable[Thing], periods: Mapping[str, Period]) -> dict[str, float]:
    """Return the day, as an ordinal, at which each thing is drawn: the middle of its period.

    A numbered one of which little more than the year is known is drawn between its neighbours.
    """
    days = {thing.iri: _middle(periods[thing.iri]) for thing in things}
    numbered = sorted(
        (thing for thing in things if thing.number is not None), key=lambda thing: thing.number or 0
    )
    vague = {thing.iri for thing in numbered if _is_vague(periods[thing.iri])}
    for place, thing in enumerate(numbered):
        if thing.iri not in vague:
            continue
        begin, end = (day.toordinal() for day in periods[thing.iri])
        earlier = numbered[max(place - 1, 0) : place]
        later = [one for one in numbered[place + 1 :] if one.iri not in vague][:1]
        low = max([begin, *(days[one.iri] for one in earlier)])
        high = min([end, *(days[one.iri] for one in later)])
        if low < high:
            days[thing.iri] = (low + high) / 2
    return days


def _is_vague(period: Period) -> bool:
    return (period[1] - period[0]).days > _PRECISE_DAYS


def _middle(period: Period) -> float:
    return (period[0].toordinal() + period[1].toordinal()) / 2


def _lanes_of(things: Iterable[Thing], days: Mapping[str, float]) -> dict[str, list[Thing]]:
    """Return the things of each lane: first those of no theme, then themes as they begin."""
    lanes: dict[str, list[Thing]] = {}
    for thing in sorted(things, key=lambda thing: (bool(thing.lane), days[thing.iri], thing.iri)):
        lanes.setdefault(thing.lane, []).append(thing)
    return lanes


def _places(
    lanes: Mapping[str, list[Thing]], days: Mapping[str, float], scale: _Scale
) -> dict[str, tuple[float, float]]:
    places = {}
    for row, of_lane in enumerate(lanes.values()):
        ordered = sorted(of_lane, key=lambda thing: days[thing.iri])
        right = _apart([scale.x(days[thing.iri]) for thing in ordered])
        for thing, x in zip(ordered, right, strict=True):
            places[thing.iri] = (x, _top(row) + LANE_PX / 2)
    return places


def _top(row: int) -> float:
    return TOP_PX + row * (LANE_PX + GAP_PX)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days, counted as `date.toordinal` does, to pixels."""

    first: int
    last: int
    plot_px: float

    @classmethod
    def over(cls, periods: Iterable[Period], crowd: int) -> _Scale:
        listed = list(periods)
        first = min(begin for begin, _ in listed).toordinal() - _BEFORE_DAYS
        last = max(end for _, end in listed).toordinal() + _AFTER_DAYS
        return cls(first, last, max(_LEAST_PLOT_PX, crowd * _LEAST_DISTANCE_PX * 1.5))

    @property
    def end(self) -> float:
        return LABELS_PX + self.plot_px

    def x(self, day: float) -> float:
        share = (day - self.first) / (self.last - self.first)
        return round(LABELS_PX + share * self.plot_px, 1)

    def span(self, period: Period) -> tuple[float, float] | None:
        """Return begin and end of a period that is too long for a mark to stand for it."""
        begin, end = period
        return (self.x(begin.toordinal()), self.x(end.toordinal())) if _is_vague(period) else None

    def years(self) -> Iterable[tuple[int, float, bool]]:
        every = 1
        while every * self.plot_px * 365 / (self.last - self.first) < _LEAST_YEAR_PX:
            every *= 5 if str(every).startswith("2") else 2
        begin, end = (
            date.fromordinal(min(max(day, 1), date.max.toordinal())).year
            for day in (self.first, self.last)
        )
        for year in range(begin + 1, end + 1):
            yield year, self.x(date(year, 1, 1).toordinal()), year % every == 0


def _apart(places: Sequence[float]) -> list[float]:
    """Return ascending places moved to the right as far as it takes to tell them apart."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + _LEAST_DISTANCE_PX) if moved else place)
    return moved


def _lane(iri: str, y: float, accent: int | None, label: str) -> Lane:
    lines = textwrap.wrap(label, _LANE_LABEL_CHARACTERS, max_lines=4, placeholder="…")
    distance = min(_LINE_PX, LANE_PX / max(len(lines) - 1, 1) * 0.9)
    start = y + LANE_PX / 2 + 4.5 - (len(lines) - 1) * distance / 2
    return Lane(
        iri, y, accent, tuple((line, start + distance * place) for place, line in enumerate(lines))
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
