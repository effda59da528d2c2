"""How a worker ended, and what that says of the query it had."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

Cause: TypeAlias = Literal[
    "deadline", "memory", "transfer", "stall", "stack", "departed", "worn", "crash"
]
"""Why a worker was replaced.

The query passed its `deadline`, its `memory` or the stack; its answer took too long to `transfer`,
or its client let it `stall`; whoever asked had `departed`; it was `worn`, having kept much memory;
or it ended for no known cause, which is a `crash`.
"""
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)

STALLED: Final = "lignee: nobody took the answer"
"""Last words of a worker that waited too long to be read."""
_OUT_OF_MEMORY: Final = ("memory allocation of", "bad_alloc", "MemoryError")
"""Last words of a process that was refused memory: by Rust, by C++ (RocksDB), by Python."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a worker ended: by which signal (0 for none) and its last words on standard error."""

    signal: int = 0
    words: str = ""

    @property
    def cause(self) -> Cause:
        """Why the worker ended of itself."""
        if self.signal == signal.SIGALRM:
            return "transfer"
        if STALLED in self.words:
            return "stall"
        if any(words in self.words for words in _OUT_OF_MEMORY):
            return "memory"
        return "stack" if self.signal == signal.SIGSEGV else "crash"
