"""What hostile requests get, and that nobody else notices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions

import hostile
import serving
from hostile import Hostile, Outcome
from lignee.release import Release, open_store

CLIENTS = 3
LIMITS = {
    "workers": CLIENTS,
    "timeout_seconds": 0.6,
    "memory_megabytes": 64,
    "query_bytes": 2_000_000,
    "transfer_seconds": 2,
    "request_seconds": 1.5,
}
ORDINARY = Hostile(
    "",
    "ordinary",
    b"GET /sparql?query=SELECT%20(COUNT(*)%20AS%20?n)%20%7B%20?s%20a%20?o%20%7D HTTP/1.1\r\n"
    b"Host: x\r\nConnection: close\r\n\r\n",
    frozenset({200}),
    2.0,
)
"""Sent after each of the others, on a connection of its own."""


@dataclass(frozen=True)
class Attack:
    """A hostile request, what came of it, and what came of the ordinary request after it."""

    request: Hostile
    outcome: Outcome
    ordinary: Outcome


@pytest.fixture(scope="module")
def corpus() -> list[Hostile]:
    """Return all requests."""
    return list(hostile.corpus())


@pytest.fixture(scope="module")
def expected(tiny_release: Release) -> int:
    """Return how many solutions the ordinary query has."""
    solutions = open_store(tiny_release, in_memory=True).query("SELECT * { ?s a ?o }")
    assert isinstance(solutions, QuerySolutions)
    return sum(1 for _ in solutions)


@pytest.fixture(scope="module")
def attacks(tiny_releases: Path, tiny_release: Release, corpus: list[Hostile]) -> list[Attack]:
    """Send the whole corpus, by several clients at once."""
    with serving.serve(tiny_releases, errors=None, **LIMITS) as server:

        def attack(one: Hostile) -> Attack:
            outcome = hostile.send(server.port, one, tiny_release.version)
            return Attack(one, outcome, hostile.send(server.port, ORDINARY))

        with ThreadPoolExecutor(CLIENTS) as clients:
            return list(clients.map(attack, corpus))


def test_corpus_is_large_and_its_names_are_unique(corpus: list[Hostile]) -> None:
    assert len({one.name for one in corpus}) == len(corpus) >= 400


@pytest.mark.parametrize("group", hostile.groups())
def test_hostile_requests_get_the_status_that_is_right(attacks: list[Attack], group: str) -> None:
    assert not [
        (attack.request.name, attack.outcome)
        for attack in attacks
        if attack.request.group == group and attack.outcome.status not in attack.request.statuses
    ]


def test_hostile_requests_are_over_in_time(attacks: list[Attack]) -> None:
    assert not [
        (attack.request.name, attack.outcome)
        for attack in attacks
        if attack.outcome.seconds > attack.request.seconds
    ]


def test_ordinary_query_after_each_has_its_right_answer_at_once(
    attacks: list[Attack], expected: int
) -> None:
    right = f'"value":"{expected}"'
    assert not [
        (attack.request.name, attack.ordinary)
        for attack in attacks
        if right not in attack.ordinary.head or attack.ordinary.seconds > ORDINARY.seconds
    ]
