"""A long answer: 100,000 rows as JSON and CSV, first and last byte."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Final

from measures.latency import FIRST, Effort
from runner.connection import CSV, JSON, Reply, Silent
from runner.field import Field
from runner.queries import Query

_FORMATS: Final = (("JSON", JSON), ("CSV", CSV))
_NO_CSV: Final = ("shmarql",)
"""Given `Accept: text/csv`, it answers with a page in HTML."""


def exports(
    query: Query, field_: Field, effort: Effort, told: Callable[[str], object]
) -> dict[str, dict[str, dict[str, float | int | str | None]]]:
    """Return for each format and peer the time to the first and the last byte, and the ratio."""
    found = {}
    for name, accept in _FORMATS:
        replies: dict[str, list[Reply]] = {}
        faults: dict[str, str] = {}
        for number in range(effort.rounds):
            entrants = list(field_)
            for entrant in entrants if number % 2 == 0 else entrants[::-1]:
                peer = entrant.peer.name
                if peer in faults or (name == "CSV" and peer in _NO_CSV):
                    continue
                if sum(reply.seconds for reply in replies.get(peer, [])) > effort.query_seconds * 3:
                    continue
                try:
                    reply = entrant.asker.ask(
                        query.never_asked(), accept, seconds=effort.patience_seconds
                    )
                except Silent as error:
                    faults[peer] = str(error)
                    continue
                if reply.status == 200:
                    replies.setdefault(peer, []).append(reply)
                else:
                    faults[peer] = f"{reply.status}"
        found[name] = _summaries(replies) | {peer: {"reason": why} for peer, why in faults.items()}
        told(
            f"export as {name}: "
            + ", ".join(
                f"{peer} {row['seconds']}" for peer, row in found[name].items() if "seconds" in row
            )
            + " s"
        )
    return found


def _summaries(
    replies: dict[str, list[Reply]],
) -> dict[str, dict[str, float | int | str | None]]:
    ours = replies.get(FIRST, [])
    return {
        peer: {
            "rounds": len(each),
            "rows": each[0].body.count(b"\n") - 1 if accept_is_csv(each[0]) else None,
            "bytes": len(each[0].body),
            "first_byte_ms": round(
                statistics.median(reply.first_byte_seconds for reply in each) * 1000, 3
            ),
            "seconds": round(statistics.median(reply.seconds for reply in each), 4),
            "slowest": round(max(reply.seconds for reply in each), 4),
            "ratio": _ratio(ours, each),
        }
        for peer, each in replies.items()
    }


def accept_is_csv(reply: Reply) -> bool:
    """Tell whether a reply is CSV, by its first byte."""
    return not reply.body.lstrip().startswith(b"{")


def _ratio(ours: list[Reply], theirs: list[Reply]) -> float | None:
    pairs = [a.seconds / b.seconds for a, b in zip(ours, theirs, strict=False)]
    return round(statistics.median(pairs), 3) if pairs else None
