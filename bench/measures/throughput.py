"""Throughput: many clients over a mix of queries, and over the smallest answers."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import Final

from measures.latency import FIRST
from peers import floor
from runner import mix
from runner.connection import Endpoint, Reply, Silent
from runner.field import Entrant, Field, is_at_rest, settle
from runner.load import Load, load

SMALLEST: Final = "ASK{?s ?p ?o}"
CLIENTS: Final = (8, 64)
_SLOW: Final = ("rdflib-endpoint", "comunica", "shmarql", "lignee-remote", "oxigraph-disk", "floor")
"""Peers that are asked the mix in one round only; the ratio of interest is to others."""


@dataclass(frozen=True, slots=True)
class Round:
    """How long one peer is loaded, and how often."""

    seconds: float
    rounds: int
    rest_seconds: float = 10.0
    """How long a peer may go on afterwards with what nobody waits for any more."""


Requests = Callable[[Entrant, int], Iterator[bytes]]
"""What a peer is asked in the round of that number."""


def mixes(
    texts: list[str], field_: Field, effort: Round, told: Callable[[str], object]
) -> dict[str, object]:
    """Return the throughput of the mix with its repeats and without, by peer and clients."""

    def repeating(entrant: Entrant, number: int) -> Iterator[bytes]:
        return mix.repeating(texts, _endpoint(entrant), number)

    def never_repeating(entrant: Entrant, number: int) -> Iterator[bytes]:
        return mix.never_repeating(texts, _endpoint(entrant), number)

    found: dict[str, object] = {}
    for kind, requests in (("zipf", repeating), ("no repeats", never_repeating)):
        for clients in CLIENTS:
            found[f"{kind}, {clients} clients"] = _alternately(
                field_,
                [one.peer.name for one in field_],
                requests,
                clients,
                effort,
                told,
                once=_SLOW,
            )
    return found


def smallest(
    field_: Field, other: str, effort: Round, told: Callable[[str], object]
) -> dict[str, object]:
    """Return the rates of cached answers and of 304s beside the other's smallest query.

    And beside a constant answer of the floor, where that runs.
    """
    compared = [name for name in (FIRST, other, floor.PEER.name) if name in field_]
    tag = _get(field_[FIRST]).header("ETag")

    def asked(headers: Sequence[str]) -> Requests:
        def requests(entrant: Entrant, _number: int) -> Iterator[bytes]:
            if entrant.peer is floor.PEER:
                return repeat(_endpoint(entrant).get(floor.CONSTANT, "*/*"))
            extra = headers if entrant.peer.name == FIRST else ()
            return repeat(_endpoint(entrant).request(SMALLEST, "*/*", *extra))

        return requests

    found: dict[str, object] = {}
    for kind, headers in (("cached", ()), ("304", (f"If-None-Match: {tag}",))):
        for clients in (1, 8):
            found[f"{kind}, {clients} clients"] = _alternately(
                field_, compared, asked(headers), clients, effort, told
            )
    return found


def _get(entrant: Entrant) -> Reply:
    return entrant.asker.ask(SMALLEST, "*/*")


def _endpoint(entrant: Entrant) -> Endpoint:
    assert entrant.running.endpoint
    return entrant.running.endpoint


def _alternately(
    field_: Field,
    names: list[str],
    requests: Requests,
    clients: int,
    effort: Round,
    told: Callable[[str], object],
    once: Container[str] = (),
) -> dict[str, object]:
    """Return what each met, by name; those of `once` are asked in the first round only."""
    loads: dict[str, list[Load]] = {}
    reasons: dict[str, str] = {}
    for number in range(effort.rounds):
        for name in names if number % 2 == 0 else names[::-1]:
            is_done = name in reasons or (name in once and name in loads)
            if is_done or name not in field_ or not field_[name].running.endpoint:
                continue
            entrant = field_[name]
            assert entrant.running.endpoint
            settle()
            try:
                done = load(
                    entrant.running.endpoint.port,
                    requests(entrant, number),
                    clients=clients,
                    seconds=effort.seconds,
                )
            except (Silent, OSError) as error:
                reasons[name] = str(error)
                field_.fell_silent(name)
                continue
            loads.setdefault(name, []).append(done)
            if not is_at_rest(entrant.running, effort.rest_seconds):
                field_.fell_silent(name)
    found: dict[str, object] = {name: _summary(rounds, loads) for name, rounds in loads.items()}
    told(
        f"{clients} clients: "
        + ", ".join(
            f"{name} {statistics.median(item.per_second for item in rounds):,.0f}/s"
            for name, rounds in loads.items()
        )
    )
    return found | {name: {"reason": reason} for name, reason in reasons.items()}


def _summary(rounds: list[Load], loads: dict[str, list[Load]]) -> dict[str, object]:
    """Return the round in the middle, the spread, and the ratio to Lignée's rate beside it."""
    middle = sorted(rounds, key=lambda item: item.per_second)[len(rounds) // 2]
    rates = [item.per_second for item in rounds]
    ours = loads.get(FIRST, [])
    ratios = [a.per_second / b.per_second for a, b in zip(ours, rounds, strict=False)]
    return asdict(middle) | {
        "rounds": len(rounds),
        "lowest": min(rates),
        "highest": max(rates),
        "ratio": round(statistics.median(ratios), 3) if ratios else None,
    }
