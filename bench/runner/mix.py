"""A mix of queries as visitors put them: 500 texts, the first asked most often, by Zipf's law."""

from __future__ import annotations

import json
import time
from bisect import bisect
from collections.abc import Iterator, Mapping
from itertools import accumulate, count
from random import Random
from typing import Final

from peers.peer import Asker, PeerUnavailable
from runner.connection import JSON, Endpoint
from runner.queries import Query

TEXTS: Final = 500


def texts(queries: Mapping[str, Query], asker: Asker, seed: int) -> list[str]:
    """Return the mix: each parameterised query about resources that are drawn at random."""
    rng = Random(seed)
    varied = [
        query
        for query in queries.values()
        if query.parameter and query.accept == JSON and not query.is_by_graph
    ]
    values = {query.name: found(query.choice(), asker) for query in varied}
    drawn = [varied[number % len(varied)] for number in range(TEXTS)]
    rng.shuffle(drawn)
    return [query.about(rng.choice(values[query.name])) for query in drawn]


def repeating(mix: list[str], endpoint: Endpoint, seed: int) -> Iterator[bytes]:
    """Return requests without end: the text at rank n is asked 1/n as often as the first."""
    requests = [endpoint.request(text) for text in mix]
    bounds = list(accumulate(1 / rank for rank in range(1, len(mix) + 1)))
    rng = Random(seed)
    while True:
        yield requests[bisect(bounds, rng.random() * bounds[-1])]


def never_repeating(mix: list[str], endpoint: Endpoint, seed: int) -> Iterator[bytes]:
    """Return requests without end, each text in other words, so that none was asked before."""
    rng = Random(seed)
    halves = [endpoint.request(f"{text}# {time.time_ns()} NUMBER").split(b"NUMBER") for text in mix]
    for number in count():
        before, after = rng.choice(halves)
        yield b"%b%d%b" % (before, number, after)


def found(choice: str, asker: Asker) -> list[str]:
    """Return the IRIs that a query finds as `?x`; raises PeerUnavailable where none come."""
    reply = asker.ask(choice)
    if reply.status != 200:
        said = reply.body[:200].decode(errors="replace")
        raise PeerUnavailable(f"what queries may be about was not found: {reply.status} {said}")
    content = json.loads(reply.body)
    return [solution["x"]["value"] for solution in content["results"]["bindings"]]
