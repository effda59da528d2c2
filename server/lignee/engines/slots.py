"""How many requests a remote engine is sent at the same time, and who waits meanwhile."""

from __future__ import annotations

import threading
import time

from lignee.engines.engine import Cancellation
from lignee.engines.tally import Tally
from lignee.engines.turns import Ticket, Turns
from lignee.errors import CalledOff, EngineUnavailable
from lignee.settings import Settings


class Slots:
    """Lets `--workers` requests through at the same time, clients by turns."""

    def __init__(self, settings: Settings, tally: Tally) -> None:
        self._settings = settings
        self._tally = tally
        self._changed = threading.Condition()
        self._free = settings.workers
        self._turns = Turns(settings)
        self._is_closed = False

    def take(self, client: str, cancellation: Cancellation | None = None) -> None:
        """Take a slot for the client, waiting for its turn.

        Raises QueueFull, ClientQueueFull, CalledOff or EngineUnavailable.
        """
        begun = time.monotonic()
        if cancellation:
            cancellation.subscribe(self._wake_all)
        with self._changed:
            if not (self._free and self._turns.may_begin(client)) or self._is_closed:
                self._wait(self._turns.join(client), begun, cancellation)
            self._free -= 1
            self._turns.begin(client)
        self._tally.took(time.monotonic() - begun)

    def give_back(self, client: str) -> None:
        """Let the next one through."""
        with self._changed:
            self._free += 1
            self._turns.end(client)
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody through any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _wait(self, ticket: Ticket, begun: float, cancellation: Cancellation | None) -> None:
        self._tally.change(waiting=1)
        try:
            while not (self._free and self._turns.next() is ticket):
                if self._is_closed:
                    raise EngineUnavailable("the engine is closed; the server is stopping")
                if cancellation and cancellation.is_cancelled:
                    raise CalledOff("the query was called off while it waited for the engine")
                waited = time.monotonic() - begun
                if waited >= self._settings.queue_seconds:
                    raise self._turns.too_late(ticket.client)
                self._changed.wait(self._settings.queue_seconds - waited)
            if self._is_closed:
                raise EngineUnavailable("the engine is closed; the server is stopping")
        finally:
            self._tally.change(waiting=-1)
            self._turns.leave(ticket)
            self._changed.notify_all()

    def _wake_all(self) -> None:
        with self._changed:
            self._changed.notify_all()
