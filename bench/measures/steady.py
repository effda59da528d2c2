"""One client who asks on: a small query in ever new words, the peers in turn.

The rounds of the cold queries find each server waking up. This is what it takes under way.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from typing import Final

from measures.latency import FIRST, milliseconds
from runner.connection import Silent
from runner.field import Entrant, Field, settle
from runner.queries import Query

PEERS: Final = (FIRST, "oxigraph", "oxigraph-disk", "floor", "pyoxigraph")
"""Those whose way of answering tells something of Lignée's."""
_ROUNDS: Final = 20
_TURN_SECONDS: Final = 0.25


def steady(query: Query, field_: Field) -> dict[str, dict[str, float]]:
    """Return the milliseconds of the query at each peer, and how much later Lignée is than it.

    `median` is that of the medians of rounds; `later` the median over rounds of the differences.
    Nothing is said of a peer that fails, or of any where Lignée does.
    """
    entrants = [entrant for entrant in field_ if entrant.peer.name in PEERS]
    taken: dict[str, list[float]] = {entrant.peer.name: [] for entrant in entrants}
    for number in range(_ROUNDS):
        for entrant in entrants if number % 2 == 0 else entrants[::-1]:
            if (rounds := taken.get(entrant.peer.name)) is not None:
                try:
                    rounds.append(_turn(query, entrant))
                except Silent:
                    del taken[entrant.peer.name]
    if FIRST not in taken:
        return {}
    return {
        name: {
            "median": milliseconds(statistics.median(rounds)),
            "low": milliseconds(min(rounds)),
            "high": milliseconds(max(rounds)),
            "later": milliseconds(_difference(taken[FIRST], rounds)),
        }
        for name, rounds in taken.items()
    }


def _turn(query: Query, entrant: Entrant) -> float:
    """Return the median seconds of as many queries as fit in a turn, at least one."""
    settle()
    replies: list[float] = []
    end = time.perf_counter() + _TURN_SECONDS
    while not replies or time.perf_counter() < end:
        reply = entrant.asker.ask(query.never_asked(), query.accept)
        if reply.status != 200:
            raise Silent(f"{entrant.peer.name} answered {query.name} with {reply.status}")
        replies.append(reply.seconds)
    return statistics.median(replies)


def _difference(ours: Iterable[float], theirs: Iterable[float]) -> float:
    return statistics.median(a - b for a, b in zip(ours, theirs, strict=True))
