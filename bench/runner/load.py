"""Load: many clients of one server at once, each asking again as soon as it is answered."""

from __future__ import annotations

import gc
import select
import socket
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from runner.connection import Incoming, Silent, connect

_PIECE_BYTES: Final = 262_144
SILENCE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients of one server met."""

    clients: int
    per_second: float
    """Answers that were given; refusals are not counted."""
    median_ms: float
    p95_ms: float
    refused: dict[str, int]
    """Answers that were none, by status."""


@dataclass(slots=True)
class _Tally:
    times: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


def load(port: int, requests: Iterator[bytes], *, clients: int, seconds: float) -> Load:
    """Ask from that many connections for that long; raises Silent where a server stops answering.

    One thread, one epoll and no more Python for an answer than it takes to find its end, so that
    the servers have the processors. The first tenth of the time is not counted.
    """
    sockets = [connect(port, client) for client in range(clients)]
    try:
        gc.disable()
        tally, took = _asked(sockets, requests, seconds)
    finally:
        gc.enable()
        for connection in sockets:
            connection.close()
    if not tally.times:
        raise Silent(f"nothing but refusals: {dict(tally.refused)}")
    times = sorted(tally.times)
    return Load(
        clients,
        round(len(times) / took, 1),
        round(statistics.median(times) * 1000, 4),
        round(times[min(len(times) - 1, int(len(times) * 0.95))] * 1000, 4),
        dict(tally.refused),
    )


def _asked(
    sockets: list[socket.socket], requests: Iterator[bytes], seconds: float
) -> tuple[_Tally, float]:
    poller, by_number = select.epoll(), {}
    sent: dict[int, float] = {}
    unfinished: dict[int, Incoming] = {}
    clock, tally = time.perf_counter, _Tally()
    for connection in sockets:
        number = connection.fileno()
        by_number[number] = connection
        poller.register(number, select.EPOLLIN)
        connection.sendall(next(requests))
        sent[number] = clock()
    begun = clock()
    counted_from, end = begun + seconds / 10, begun + seconds
    while (now := clock()) < end:
        ready = poller.poll(SILENCE_SECONDS)
        if not ready:
            raise Silent(f"no answer for {SILENCE_SECONDS:g} s")
        for number, _ in ready:
            connection = by_number[number]
            piece = connection.recv(_PIECE_BYTES)
            if not piece:
                raise Silent("the server closed a connection")
            if number in unfinished or not _is_whole(piece):
                incoming = unfinished.setdefault(number, Incoming())
                if not incoming.feed(piece):
                    continue
                piece = bytes(unfinished.pop(number).data[:12])
            now = clock()
            if now >= counted_from:
                if piece[9:12] in {b"200", b"304"}:
                    tally.times.append(now - sent[number])
                else:
                    tally.refused[piece[9:12].decode()] += 1
            connection.sendall(next(requests))
            sent[number] = clock()
    poller.close()
    return tally, clock() - counted_from


def _is_whole(piece: bytes) -> bool:
    """Return whether the piece is a whole small answer; the usual case, told at little cost."""
    head_end = piece.find(b"\r\n\r\n")
    if head_end < 0:
        return False
    found = piece.find(b"ontent-", 0, head_end)
    while found >= 0:
        if piece[found + 7 : found + 14].lower() == b"length:":
            line_end = piece.find(b"\r\n", found)
            return len(piece) == head_end + 4 + int(piece[found + 14 : line_end])
        found = piece.find(b"ontent-", found + 7, head_end)
    return piece[9:12] == b"304"
