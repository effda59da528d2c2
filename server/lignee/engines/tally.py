"""What a server's engines are doing and have done, counted for whoever watches over it."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from typing import Final

from lignee.engines.ending import Cause

WAIT_SECONDS: Final = (0.001, 0.01, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the groups that waits are counted in; longer ones have a group of their own."""


class Tally:
    """Counts of workers and waits; several engines may share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.workers = 0
        self.busy = 0
        self.waiting = 0
        self.replaced: Counter[Cause] = Counter()
        self.waits = [0] * (len(WAIT_SECONDS) + 1)
        self.waited_seconds = 0.0

    def change(self, *, workers: int = 0, busy: int = 0, waiting: int = 0) -> None:
        """Add to what is the case now."""
        with self._lock:
            self.workers += workers
            self.busy += busy
            self.waiting += waiting

    def took(self, waited_seconds: float) -> None:
        """Note that a query got a worker after a wait."""
        with self._lock:
            self.busy += 1
            self.waits[bisect_left(WAIT_SECONDS, waited_seconds)] += 1
            self.waited_seconds += waited_seconds

    def lost(self, cause: Cause) -> None:
        """Note that a worker ended and will be replaced."""
        with self._lock:
            self.workers -= 1
            self.replaced[cause] += 1
