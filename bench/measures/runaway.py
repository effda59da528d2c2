"""A query that does not end: what others feel of it, and when it is ended."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from typing import Final

from peers.peer import Running
from runner.connection import Connection, Endpoint, Reply, Silent
from runner.field import settle
from runner.load import load
from runner.queries import Query

DEADLINE_SECONDS: Final = 5.0
_CLIENTS: Final = 8
_ROUNDS: Final = 2
_BEGUN_SECONDS: Final = 0.3


def beside_runaway(
    server: AbstractContextManager[Running], point: Query, runaway: Query, *, ends: bool
) -> dict[str, object]:
    """Return the median of 8 clients alone and beside the runaway, and how it ended.

    Where the server does not end it, one round is measured and the server is ended with it.
    """
    alone, beside, over, status = [], [], [], []
    with server as running:
        assert running.endpoint
        endpoint = running.endpoint
        for number in range(_ROUNDS if ends else 1):
            alone.append(_median(endpoint, point, 2 * number, DEADLINE_SECONDS / 2))
            ended: list[tuple[float, str]] = []
            thread = threading.Thread(target=_run_away, args=(endpoint, runaway, ended))
            thread.start()
            settle(_BEGUN_SECONDS)
            beside.append(_median(endpoint, point, 2 * number + 1, DEADLINE_SECONDS / 2))
            if ends:
                thread.join()
                over.append((ended[0][0] - DEADLINE_SECONDS) * 1000)
                status.append(ended[0][1])
    ratios = [b / a for a, b in zip(alone, beside, strict=True)]
    return {
        "clients": _CLIENTS,
        "alone_ms": round(statistics.median(alone), 4),
        "beside_ms": round(statistics.median(beside), 4),
        "ratio": round(statistics.median(ratios), 3),
        "deadline_seconds": DEADLINE_SECONDS if ends else None,
        "ended_after_deadline_ms": round(max(over), 1) if ends else None,
        "status": ", ".join(sorted(set(status))) if ends else "not ended by the server",
    }


def _median(endpoint: Endpoint, point: Query, salt: int, seconds: float) -> float:
    return load(
        endpoint.port, _points(endpoint, point, salt), clients=_CLIENTS, seconds=seconds
    ).median_ms


def _points(endpoint: Endpoint, point: Query, salt: int) -> Iterator[bytes]:
    before, after = endpoint.request(f"{point.text}# {salt} NUMBER").split(b"NUMBER")
    for number in count():
        yield b"%b%d%b" % (before, number, after)


def _said(reply: Reply) -> str:
    """Return the status and the error: a runaway may reach its memory before its deadline."""
    try:
        return f"{reply.status} {json.loads(reply.body)['error']}"
    except (ValueError, KeyError, TypeError):
        return str(reply.status)


def _run_away(endpoint: Endpoint, runaway: Query, ended: list[tuple[float, str]]) -> None:
    connection, begun = Connection(endpoint), time.perf_counter()
    try:
        said = _said(connection.ask(runaway.never_asked(), seconds=4 * DEADLINE_SECONDS))
    except Silent as error:
        said = f"silent: {error}"
    ended.append((time.perf_counter() - begun, said))
    connection.close()
