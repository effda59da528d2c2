"""What the machine has, and how many workers that is enough for."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from lignee.settings import Settings

_ON_DISK: Final = 4
"""Workers for each processor, where they share what they read and some wait for the disk."""
_LEAST: Final = 3
"""One long query, and another, leave one worker for short ones."""
_MOST: Final = 256


def memory_bytes() -> int:
    """Return how much memory the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1


def with_workers(settings: Settings, *, on_disk: bool) -> Settings:
    """Return the settings with a number of workers: theirs, or what the machine is good for.

    One more than it has processors; of a store on disk, whose memory workers share, several for
    each. In either case no more than could each use a query's memory at the same time.
    """
    if settings.workers:
        return settings
    wanted = _ON_DISK * processors() if on_disk else processors() + 1
    fitting = memory_bytes() // (settings.memory_megabytes << 20)
    return replace(settings, workers=min(max(min(wanted, fitting), _LEAST), _MOST))
