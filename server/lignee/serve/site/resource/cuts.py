"""What a page leaves out for length: never without saying so, and where all of it can be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from lignee.serve.site.resource import addresses

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Cut:
    """Of one kind only the first are shown; `rest` is the address of a query for all."""

    kind: str
    shown: int
    rest: str


@dataclass(slots=True)
class Cuts:
    """Takes the first of what was asked for, and notes where there is more."""

    found: list[Cut] = field(default_factory=list)

    def first(self, kind: str, items: list[_Item], limit: int, query: str) -> list[_Item]:
        """Return at most so many of the items, of which one more was asked for."""
        if len(items) > limit:
            self.found.append(Cut(kind, limit, addresses.query_for(query)))
        return items[:limit]
