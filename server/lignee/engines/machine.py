"""What the machine has, and how many workers that is enough for."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from lignee.settings import Settings

_ON_DISK: Final = 4
"""Workers for each processor, where they share what they read and some wait for the disk."""
_MOST_WORKERS: Final = 256


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
    each, as far as all could use their share of the machine's memory.
    """
    if settings.workers:
        return settings
    number = processors() + 1
    if on_disk:
        fitting = memory_bytes() // (settings.memory_megabytes << 20)
        number = max(number, min(_ON_DISK * processors(), fitting))
    return replace(settings, workers=min(number, _MOST_WORKERS))
