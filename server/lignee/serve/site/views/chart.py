"""An answer as bars: a number of each solution, as long as it is large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from lignee.serve.site.results import Table, Term
from lignee.vocabulary import XSD

MOST_BARS: Final = 100
_NUMBERS: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "decimal", "float", "double", "int", "long", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A solution's name and number, with begin and length of its bar in hundredths of all."""

    name: Term | None
    number: Term
    begin: float
    length: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with the columns that they come from; `others` are more columns of numbers."""

    of: str
    by: str
    others: tuple[str, ...]
    bars: tuple[Bar, ...]
    is_whole: bool


def draw(table: Table, wanted: str | None = None) -> Chart | None:
    """Return the bars for a column of numbers, the last unless another is wanted, or None."""
    columns = table.by_column()
    numeric = [
        number
        for number, terms in enumerate(columns)
        if any(terms) and all(number_of(term) is not None for term in terms if term)
    ]
    if not numeric:
        return None
    chosen = next((one for one in numeric if table.columns[one] == wanted), numeric[-1])
    named = _naming(columns, chosen)
    counted = [
        (line[named] if named is not None else None, term)
        for line in table.lines
        if (term := line[chosen])
    ]
    return Chart(
        table.columns[chosen],
        "" if named is None else table.columns[named],
        tuple(table.columns[one] for one in numeric if one != chosen),
        _bars(counted[:MOST_BARS]),
        len(counted) <= MOST_BARS and table.is_whole,
    )


def _naming(columns: Sequence[Sequence[Term | None]], chosen: int) -> int | None:
    """Return the column that names the bars: one of texts, else of resources, else any other."""
    others = [number for number in range(len(columns)) if number != chosen]

    def rank(number: int) -> tuple[int, int]:
        terms = [term for term in columns[number] if term]
        is_text = bool(terms) and all(not term.iri and not term.datatype for term in terms)
        is_resource = bool(terms) and all(term.iri for term in terms)
        return (0 if is_text else 1 if is_resource else 2, number)

    return min(others, key=rank, default=None)


def _bars(counted: Sequence[tuple[Term | None, Term]]) -> tuple[Bar, ...]:
    values = [number_of(term) or 0.0 for _, term in counted]
    low, high = min([0.0, *values]), max([0.0, *values])
    scale = 100 / (high - low) if high > low else 0.0
    return tuple(
        Bar(
            name,
            term,
            round((min(value, 0.0) - low) * scale, 2),
            round(abs(value) * scale, 2),
        )
        for (name, term), value in zip(counted, values, strict=True)
    )


def number_of(term: Term) -> float | None:
    """Return the number that a term is, None for all else."""
    if term.datatype_iri not in _NUMBERS:
        return None
    try:
        value = float(term.text)
    except ValueError:
        return None
    return value if isfinite(value) else None
