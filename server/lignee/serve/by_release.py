"""What is made of a release when it is first asked for, and kept for the next who asks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from lignee.errors import MemoryBudgetReached

Made = TypeVar("Made")
_MOST_RELEASES: Final = 2


class ByRelease(Generic[Made]):
    """Keeps things by what their release is called; who asks for one being made waits for it.

    That there is too much for one is kept as well: it takes as long to find out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Made | MemoryBudgetReached] = OrderedDict()

    def get(self, label: str, make: Callable[[], Made]) -> Made:
        """Return what was made for the release, or is made now; raises what that raises."""
        found = self._known.get(label) or self._make(label, make)
        if isinstance(found, MemoryBudgetReached):
            raise MemoryBudgetReached(found.message)  # an error raised twice keeps both its traces
        return found

    def _make(self, label: str, make: Callable[[], Made]) -> Made | MemoryBudgetReached:
        with self._lock:
            if label not in self._known:
                try:
                    self._known[label] = make()
                except MemoryBudgetReached as error:
                    self._known[label] = error
                while len(self._known) > _MOST_RELEASES:
                    self._known.popitem(last=False)
            return self._known[label]
