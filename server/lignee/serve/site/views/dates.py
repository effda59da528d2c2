"""An answer on a line of time: each solution that has a date, where that lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from lignee.serve.site.picture.things import Period, period_of
from lignee.serve.site.results import Table, Term
from lignee.vocabulary import XSD

MOST_DATED: Final = 200
_MOST_TICKS: Final = 6
_STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_MARGIN: Final = 2.0
"""Hundredths of the line left free at each end, so that no mark is cut."""
_DATES: Final = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))


@dataclass(frozen=True, slots=True)
class Dated:
    """A solution's date, where it begins and ends in hundredths of the line, and the rest of it."""

    date: Term
    begin: float
    end: float
    others: tuple[Term | None, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Solutions in the order of their dates, and the years with a mark of their own."""

    column: str
    others: tuple[str, ...]
    years: tuple[tuple[int, float], ...]
    dated: tuple[Dated, ...]
    undated: int
    is_whole: bool


def draw(table: Table) -> Line | None:
    """Return the solutions on a line, by their first column of dates, or None without such."""
    columns = table.by_column()
    chosen = next((one for one, terms in enumerate(columns) if any(map(_period, terms))), None)
    if chosen is None:
        return None
    found = [
        (period, term, line)
        for line in table.lines
        if (term := line[chosen]) and (period := _period(term))
    ]
    found.sort(key=lambda one: one[0])
    shown = found[:MOST_DATED]
    scale = _Scale.over([period for period, _, _ in shown])
    return Line(
        table.columns[chosen],
        tuple(name for number, name in enumerate(table.columns) if number != chosen),
        tuple(scale.years()),
        tuple(
            Dated(
                term,
                scale.place(period[0].toordinal()),
                scale.place(period[1].toordinal() + 1),
                tuple(one for number, one in enumerate(line) if number != chosen),
            )
            for period, term, line in shown
        ),
        len(table.lines) - len(found),
        len(shown) == len(found) and table.is_whole,
    )


def _period(term: Term | None) -> Period | None:
    return period_of(term.text) if term and term.datatype_iri in _DATES else None


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days, counted as `date.toordinal` does, to hundredths of the line."""

    first: int
    last: int

    @classmethod
    def over(cls, periods: Sequence[Period]) -> _Scale:
        begin = min(begin for begin, _ in periods)
        end = max(end for _, end in periods)
        return cls(date(begin.year, 1, 1).toordinal(), date(end.year, 12, 31).toordinal() + 1)

    def place(self, day: int) -> float:
        share = (day - self.first) / (self.last - self.first)
        return round(_MARGIN + share * (100 - 2 * _MARGIN), 2)

    def years(self) -> Iterator[tuple[int, float]]:
        begin, end = date.fromordinal(self.first).year, date.fromordinal(self.last - 1).year
        every = next((step for step in _STEPS if (end - begin) / step < _MOST_TICKS), _STEPS[-1])
        for year in range(begin, end + 1):
            if year % every == 0 or every == 1:
                yield year, self.place(date(year, 1, 1).toordinal())
