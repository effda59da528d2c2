"""A table in the order of one of its columns, which the heads of the columns ask for as links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lignee.errors import BadParameter
from lignee.serve.site.resource.facts import natural
from lignee.serve.site.results import Table, Term
from lignee.serve.site.views.chart import number_of

_DESCENDING: Final = "-"
"""Begins what is asked for where the last come first; no variable begins so."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: the order it has now, if any, and what asks for the next one."""

    name: str
    order: str
    """As `aria-sort` has it."""
    wanted: str
    url: str
    """Empty where the address would be too long."""


def ordered(table: Table, wanted: str) -> Table:
    """Return the table in the order of a column, unbound ones last; raises BadParameter."""
    if not (wanted and table.columns):
        return table
    name = wanted.removeprefix(_DESCENDING)
    if name not in table.columns:
        raise BadParameter(
            f"the parameter `sort` names the column {name!r}; there are "
            f"{', '.join(table.columns)}, each with `-` before it for the other way round"
        )
    place = table.columns.index(name)
    bound = [(term, line) for line in table.lines if (term := line[place])]
    bound.sort(key=lambda pair: _key(pair[0]), reverse=wanted.startswith(_DESCENDING))
    unbound = tuple(line for line in table.lines if not line[place])
    return replace(table, lines=tuple(line for _, line in bound) + unbound)


def heads(table: Table, wanted: str, address: Callable[[str], str]) -> list[Head]:
    """Return the heads of the columns; `address` gives that of the table in another order."""
    return [_head(name, wanted, address) for name in table.columns]


def _head(name: str, wanted: str, address: Callable[[str], str]) -> Head:
    now = {name: "ascending", _DESCENDING + name: "descending"}.get(wanted, "")
    after = _DESCENDING + name if now == "ascending" else name
    return Head(name, now, after, address(after))


def _key(term: Term) -> tuple[bool, float, list[tuple[int, str]], str]:
    number = number_of(term)
    return (number is None, number or 0.0, natural(term.text), term.text)
