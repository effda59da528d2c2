"""Run a command and measure its time and the memory of it and all its children together."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Final

import psutil

_SAMPLE_SECONDS: Final = 0.05
_READY_SECONDS: Final = 600.0
_STEP: Final = re.compile(r"(?P<name>\S.*?)\s+(?P<seconds>\d+\.\d+) s\b.*")
"""How `lignee build` tells of a finished step where no terminal is."""
_PORTS: Final = (20_000, 32_000)
_LAST_WORDS: Final = 5


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a build, with the most memory it had while the step was at work."""

    name: str
    seconds: float
    peak_bytes: int


@dataclass(slots=True)
class Run:
    """What was measured of one command."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    """Resident memory of all processes together; pages that they share count for each."""
    status: int = 0
    steps: list[Step] = field(default_factory=list)
    last_words: list[str] = field(default_factory=list)
    """What the command printed last, to explain a failure."""
    recent_peak_bytes: int = 0
    """The peak since the last step ended."""


def measured(command: list[str], told: Callable[[str], object]) -> Run:
    """Run the command to its end and return what was measured; `told` is given each line."""
    run, started = Run(), time.perf_counter()
    with _process(command) as process, _sampled(process.pid, run):
        assert process.stdout is not None
        for line in process.stdout:
            text = line.strip()
            told(text)
            run.last_words = [*run.last_words, text][-_LAST_WORDS:]
            if found := _STEP.fullmatch(text):
                step = Step(found["name"], float(found["seconds"]), run.recent_peak_bytes)
                run.steps.append(step)
                run.recent_peak_bytes = 0
        run.status = process.wait()
        if run.status == 0:
            run.last_words = []  # they explain a failure, and may name folders of this machine
        run.wall_seconds = time.perf_counter() - started
    return run


def time_until_ready(command: list[str], port: int) -> Run:
    """Start a server, wait until /health/ready answers 200, end it; return the time that took."""
    run, started = Run(), time.perf_counter()
    with _process(command) as process, _sampled(process.pid, run):
        assert process.stdout is not None
        threading.Thread(target=process.stdout.read, daemon=True).start()
        while not _is_ready(port):
            if process.poll() is not None or time.perf_counter() - started > _READY_SECONDS:
                run.status = process.poll() or 1
                break
            time.sleep(0.01)
        run.wall_seconds = time.perf_counter() - started
        time.sleep(2 * _SAMPLE_SECONDS)  # so that memory is sampled at least once when ready
    return run


def free_port() -> int:
    """Return a TCP port that nothing listens on.

    Below those that systems give to connections: one of them could be taken before it is used.
    """
    while True:
        port = random.randrange(*_PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a process group of its own, which is ended with it."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        yield process
    finally:
        process.terminate()  # does nothing where it has ended
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):  # what it started ends after it, or would go on
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def _sampled(pid: int, run: Run) -> Iterator[None]:
    """Watch the process and its children until the block ends."""
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(pid, run, ended))
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(pid: int, run: Run, ended: threading.Event) -> None:
    spent: dict[int, float] = {}
    while not ended.is_set():
        resident = 0
        for process in _family(pid):
            try:
                with process.oneshot():
                    resident += process.memory_info().rss
                    times = process.cpu_times()
            except psutil.Error:
                continue  # it ended between being listed and being asked
            spent[process.pid] = times.user + times.system
        run.peak_bytes = max(run.peak_bytes, resident)
        run.recent_peak_bytes = max(run.recent_peak_bytes, resident)
        run.cpu_seconds = sum(spent.values())
        ended.wait(_SAMPLE_SECONDS)


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []
