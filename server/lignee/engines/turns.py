"""Whose query is next: first come, first served for each client, and the clients by turns.

Nothing here waits or locks; whoever owns the workers asks under a lock of their own.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from lignee.errors import ClientQueueFull, QueueFull
from lignee.settings import Settings

SERVER: Final = ""
"""The client that stands for the server itself, which has no share to keep to."""
_REMEMBERED: Final = 10_000
"""Clients whose last turn is remembered, so that asking anew is no way to the front."""


@dataclass(eq=False, slots=True)
class Ticket:
    """One query's place in the queue; `called` is set when it is worth a look."""

    client: str
    joined: float = field(default_factory=time.monotonic)
    called: threading.Event = field(default_factory=threading.Event)


class Turns:
    """The queue before the workers, and how many of them each client has."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._share = settings.client_workers or max(1, (settings.workers + 1) // 2)
        self._lines: dict[str, deque[Ticket]] = {}
        self._running: Counter[str] = Counter()
        self._last_turns: OrderedDict[str, int] = OrderedDict()
        self._turn = count(1)

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def tickets(self) -> list[Ticket]:
        """Return all that wait."""
        return [ticket for line in self._lines.values() for ticket in line]

    def may_begin(self, client: str) -> bool:
        """Tell whether the client has less than its share of the workers."""
        return client == SERVER or self._running[client] < self._share

    def begin(self, client: str) -> None:
        """Note that a worker was given to the client."""
        self._running[client] += 1
        self._last_turns[client] = next(self._turn)
        self._last_turns.move_to_end(client)
        while len(self._last_turns) > _REMEMBERED:
            self._last_turns.popitem(last=False)

    def end(self, client: str) -> None:
        """Note that the client has given a worker back."""
        self._running[client] -= 1
        if self._running[client] <= 0:
            del self._running[client]

    def join(self, client: str) -> Ticket:
        """Return a place at the end of the client's line; raises QueueFull or ClientQueueFull."""
        line = self._lines.get(client, ())
        if client != SERVER and len(line) >= self._settings.client_queue_length:
            raise ClientQueueFull(
                f"{len(line)} queries of yours wait for a worker already, as many as "
                "--client-queue-length allows; wait for their answers before sending more"
            )
        if len(self) >= self._settings.queue_length:
            raise QueueFull(
                f"{len(self)} queries wait for a worker already, as many as "
                "--queue-length allows; try again later"
            )
        ticket = Ticket(client)
        self._lines.setdefault(client, deque()).append(ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Take the ticket out of its line, if it stands there still."""
        line = self._lines.get(ticket.client)
        if line and ticket in line:
            line.remove(ticket)
            if not line:
                del self._lines[ticket.client]

    def next(self) -> Ticket | None:
        """Return the ticket that a free worker is for, None where nobody may have it.

        It is the first of the client whose last turn is longest ago.
        """
        waiting = [client for client in self._lines if self.may_begin(client)]
        if not waiting:
            return None
        return self._lines[min(waiting, key=lambda client: self._last_turns.get(client, 0))][0]

    def too_late(self, client: str) -> QueueFull | ClientQueueFull:
        """Return the error for a query of the client's that has waited long enough."""
        seconds = f"{self._settings.queue_seconds:g} seconds (--queue-seconds)"
        if not self.may_begin(client):
            return ClientQueueFull(
                f"your other queries had as many workers as one client may have ({self._share}, "
                f"--client-workers) for {seconds}; wait for their answers before sending more"
            )
        return QueueFull(f"no worker became free in {seconds}; try again later")
