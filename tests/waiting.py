"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    """Tell whether the condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def settled(read: Callable[[], float], seconds: float) -> Callable[[], bool]:
    """Return a condition that comes true once a number, not 0, has stayed the same that long."""
    last, since = 0.0, time.monotonic()

    def has_settled() -> bool:
        nonlocal last, since
        if (now := read()) != last or not now:
            last, since = now, time.monotonic()
        return time.monotonic() - since >= seconds

    return has_settled
