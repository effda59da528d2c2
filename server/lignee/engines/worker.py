"""A worker: evaluates one query at a time for the front, and ends when either limit is passed.

Nothing inside a process stops pyoxigraph, so the limits are the kernel's: memory by RLIMIT_DATA
(an allocation refused in Rust aborts the process and says so), the alarm clock by SIGALRM with its
default action, and no file descriptor left, so that no query opens a socket or a file. Only a query
whose every SERVICE is allowed gets some, in a worker that is replaced afterwards; and a store on
disk gets as many as it has files that are not open yet.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import socket
import struct
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from lignee.engines.ending import STALLED
from lignee.engines.evaluation import Data, answer
from lignee.engines.frames import END, FAULT, Reader, Sender
from lignee.engines.services import WayOut

_STACK_BYTES: Final = 100 * 2**20
"""Deep queries are evaluated by recursion; below a main thread's stack lie 128 MiB of room."""
_DIE_WITH_PARENT: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_STATM: Final = Path("/proc/self/statm")
_WORN_SHARE: Final = 4
"""A worker that kept more than this fraction of its memory budget after a query is replaced."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use in a worker."""

    memory_bytes: int
    alarm_seconds: float
    stall_seconds: float
    service_seconds: float
    """How long a query that calls other endpoints may hold the worker, in place of the alarm's."""
    endpoints: tuple[str, ...]
    """The endpoints that a query may call."""


def run(
    connection: socket.socket, complaints: int, data: Data, limits: Limits, files: int
) -> NoReturn:
    """Answer jobs until the front hangs up.

    `complaints` is the file that gets standard error, `files` how many the store may yet open.
    """
    try:
        os.dup2(complaints, sys.stderr.fileno())
        for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        _end_with_parent()
        memory = _Memory()
        way_out = WayOut(limits.endpoints, limits.service_seconds)
        _set_limits(limits, memory, way_out, files)
        _answer_jobs(connection, data, limits, memory, way_out)
    except BlockingIOError:  # by SO_SNDTIMEO: the front, and so the client, takes nothing
        sys.stderr.write(STALLED)
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001  # told, then the process ends: no parent's code may run on
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)  # no clean-up of what the parent set up


def _answer_jobs(
    connection: socket.socket,
    data: Data,
    limits: Limits,
    memory: _Memory,
    way_out: WayOut,
) -> None:
    reader = Reader(connection)
    sender = Sender(connection)
    patience = struct.pack("ll", int(limits.stall_seconds), int(limits.stall_seconds % 1 * 1e6))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the front has hung up
        while job := reader.read():
            signal.setitimer(signal.ITIMER_REAL, limits.alarm_seconds)
            fault = answer(job.content, data, sender, way_out)
            is_grown = memory.grown_bytes() > limits.memory_bytes // _WORN_SHARE
            is_worn = is_grown or way_out.is_open
            if fault:
                sender.add(FAULT, {**fault, "is_worn": is_worn})
            else:
                sender.add(END, b"worn" if is_worn else b"")
            sender.flush()
            signal.setitimer(signal.ITIMER_REAL, 0)


class _Memory:
    """The data segment of this process, which is what RLIMIT_DATA counts (Linux only)."""

    def __init__(self) -> None:
        self._file: int | None = None
        with contextlib.suppress(OSError):
            self._file = os.open(_STATM, os.O_RDONLY)
        self.at_start = self._data_bytes()

    def grown_bytes(self) -> int:
        """Return how much the segment has grown since the start."""
        return self._data_bytes() - self.at_start

    def _data_bytes(self) -> int:
        if self._file is None:
            return 0
        pages = os.pread(self._file, 200, 0).split()[5]
        return int(pages) * resource.getpagesize()


def _set_limits(limits: Limits, memory: _Memory, way_out: WayOut, files: int) -> None:
    _lower(resource.RLIMIT_DATA, memory.at_start + limits.memory_bytes)
    _lower(resource.RLIMIT_CORE, 0)
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    soft = _STACK_BYTES if hard == resource.RLIM_INFINITY else min(hard, _STACK_BYTES)
    resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))
    way_out.shut(_descriptor_after(files))


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))


def _descriptor_after(files: int) -> int:
    """Return the number that a file or socket would get after so many others were opened."""
    with contextlib.ExitStack() as opened:
        for _ in range(files + 1):  # numbers in use may lie between free ones
            descriptor = os.open(os.devnull, os.O_RDONLY)
            opened.callback(os.close, descriptor)
    return descriptor


def _end_with_parent() -> None:
    """Have the kernel end this process when its parent ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
