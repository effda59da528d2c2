"""How many requests a remote engine is sent at the same time, and who waits meanwhile."""

from __future__ import annotations

import threading
import time
from collections import deque

from lignee.engines.engine import Cancellation
from lignee.errors import CalledOff, EngineUnavailable, QueueFull
from lignee.settings import Settings


class Slots:
    """Lets `--workers` requests through at the same time, first come, first served."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._changed = threading.Condition()
        self._free = settings.workers
        self._waiting = deque[object]()
        self._is_closed = False

    def take(self, cancellation: Cancellation | None = None) -> None:
        """Take a slot, waiting for one; raises QueueFull, CalledOff or EngineUnavailable."""
        if cancellation:
            cancellation.subscribe(self._wake_all)
        until = time.monotonic() + self._settings.queue_seconds
        ticket = object()
        with self._changed:
            has_to_wait = self._free == 0 or self._waiting
            if has_to_wait and len(self._waiting) >= self._settings.queue_length:
                raise QueueFull(
                    f"{len(self._waiting)} queries wait for the engine already, as many as "
                    "--queue-length allows; try again later"
                )
            self._waiting.append(ticket)
            try:
                self._wait(ticket, until, cancellation)
                self._free -= 1
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def give_back(self) -> None:
        """Let the next one through."""
        with self._changed:
            self._free += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody through any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _wait(self, ticket: object, until: float, cancellation: Cancellation | None) -> None:
        while True:
            if self._is_closed:
                raise EngineUnavailable("the engine is closed; the server is stopping")
            if cancellation and cancellation.is_cancelled:
                raise CalledOff("the query was called off while it waited for the engine")
            if self._free and self._waiting[0] is ticket:
                return
            if (remaining := until - time.monotonic()) <= 0:
                raise QueueFull(
                    "the engine was busy with other queries for "
                    f"{self._settings.queue_seconds:g} seconds (--queue-seconds); try again later"
                )
            self._changed.wait(remaining)

    def _wake_all(self) -> None:
        with self._changed:
            self._changed.notify_all()
