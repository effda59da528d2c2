"""The zygote: a process that opens a release once and forks the workers that evaluate queries.

A web server has threads before our code runs and cannot be forked safely, so the front starts the
zygote anew, with `python -m lignee.engines.zygote <descriptor>`. The descriptor is one end of a
socket on which both sides send lines of JSON:

- from the front: an order, which says what to open; then `{"kill": number}` as needed;
- from the zygote: `{"failed": why}`, or `{"forked": number}` with the worker's own socket beside
  it, and `{"ended": number, "signal": …, "words": …}`.

A worker that ended is replaced. When the front's end closes, for whatever reason, the zygote kills
its workers and ends; a worker whose zygote was killed is killed by the kernel.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, NoReturn

from lignee.engines import additions, worker
from lignee.engines.evaluation import Data
from lignee.engines.order import Order
from lignee.errors import LigneeError
from lignee.release import MANIFEST, Manifest, Release, open_store

_SHORT_LIFE_SECONDS: Final = 0.2
_MOST_SHORT_LIVES: Final = 10
_PAUSE_SECONDS: Final = 0.5
"""How long no worker is forked after so many in a row that hardly lived: a fault makes no storm."""
_WORDS_BYTES: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Child:
    """A worker as its parent knows it; `complaints` is where its standard error goes."""

    number: int
    complaints: IO[bytes]
    born: float


class _Zygote:
    """Keeps as many workers alive as it was told to."""

    def __init__(self, control: socket.socket, order: Order) -> None:
        release = Release(order.folder, Manifest.from_json(order.folder / MANIFEST))
        in_memory = release.manifest.quads <= order.memory_store_max_quads
        store = open_store(release, in_memory=in_memory)
        holds_triple_terms = additions.load(store, order.files, release.namespaces)
        self._data = Data(store, release.prefixes(), holds_triple_terms)  # a release has none
        self._files = 0 if in_memory else _unopened_files(release.store)
        self._limits = order.limits
        self._wanted = order.workers
        self._control = control
        self._received = b""
        self._woken, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        self._children: dict[int, _Child] = {}
        self._last_number = 0
        self._short_lives = 0
        self._pause_until = 0.0

    def attend(self) -> None:
        """Fork, reap and kill until the front hangs up."""
        signal.set_wakeup_fd(self._wake.fileno())
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        gc.collect()
        gc.freeze()
        while True:
            missing = len(self._children) < self._wanted
            pause = max(0.0, self._pause_until - time.monotonic()) if missing else None
            if pause == 0.0:
                self._fork()
                continue
            readable, _, _ = select.select([self._control, self._woken], [], [], pause)
            if self._woken in readable:
                self._woken.recv(4096)
                self._reap()
            if self._control in readable and not self._obey():
                return

    def end_workers(self) -> None:
        """Kill all workers and wait for their end."""
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)

    def _fork(self) -> None:
        front, own = socket.socketpair()
        complaints = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the worker
        pid = os.fork()
        if pid == 0:
            self._become_worker(own, complaints, front)
        self._last_number += 1
        self._children[pid] = _Child(self._last_number, complaints, time.monotonic())
        own.close()
        line = json.dumps({"forked": self._last_number}) + "\n"
        with front:
            socket.send_fds(self._control, [line.encode("ascii")], [front.fileno()])

    def _become_worker(
        self, own: socket.socket, complaints: IO[bytes], front: socket.socket
    ) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            for inherited in (self._control, self._woken, self._wake, front):
                inherited.close()
            worker.run(own, complaints.fileno(), self._data, self._limits, self._files)
        finally:
            os._exit(1)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid)
            self._judge(time.monotonic() - child.born)
            ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            self._tell({"ended": child.number, "signal": ended_by, "words": _words_of(child)})

    def _judge(self, age_seconds: float) -> None:
        """Put off the next fork where workers end as soon as they are born."""
        self._short_lives = self._short_lives + 1 if age_seconds < _SHORT_LIFE_SECONDS else 0
        if self._short_lives >= _MOST_SHORT_LIVES:
            self._pause_until = time.monotonic() + _PAUSE_SECONDS

    def _obey(self) -> bool:
        """Carry out what the front asks; return False when it has hung up."""
        received = self._control.recv(4096)
        *lines, self._received = (self._received + received).split(b"\n")
        for line in lines:
            wanted = json.loads(line)["kill"]
            for pid, child in self._children.items():
                if child.number == wanted:
                    os.kill(pid, signal.SIGKILL)
        return bool(received)

    def _tell(self, news: Mapping[str, str | int | bool]) -> None:
        self._control.sendall(json.dumps(news).encode("ascii") + b"\n")


def _unopened_files(store: Path) -> int:
    """Return how many files of an opened store RocksDB will open when a query needs them.

    Of a large one it opens some at first; which are open is told by Linux alone.
    """
    files = {str(file) for file in store.resolve().glob("*.sst")}
    for descriptor in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):
            files.discard(str(descriptor.readlink()))
    return len(files)


def _words_of(child: _Child) -> str:
    with child.complaints as file:
        file.seek(0)
        return file.read(_WORDS_BYTES).decode("utf-8", "replace")


def main(descriptor: int) -> None:
    """Serve the front at the other end of the descriptor until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit())
    with socket.socket(fileno=descriptor) as control, contextlib.suppress(ConnectionError):
        control.set_inheritable(False)
        try:
            zygote = _Zygote(control, _order(control))
        except LigneeError as error:
            control.sendall(json.dumps({"failed": str(error)}).encode("ascii") + b"\n")
            return
        try:
            zygote.attend()
        finally:
            zygote.end_workers()


def _order(control: socket.socket) -> Order:
    received = b""
    while not received.endswith(b"\n"):
        if not (piece := control.recv(4096)):
            raise ConnectionResetError
        received += piece
    return Order.from_json(received)


if __name__ == "__main__":
    main(int(sys.argv[1]))
