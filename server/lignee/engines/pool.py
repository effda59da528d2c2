"""The front's side of the workers: who is idle, who waits, and how each one ended."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Final

from lignee import own_modules
from lignee.engines.additions import Additions
from lignee.engines.ending import Cause, Ending
from lignee.engines.engine import Busy, Cancellation
from lignee.engines.frames import Reader
from lignee.engines.link import Link, Worker
from lignee.engines.order import Order
from lignee.engines.tally import Tally
from lignee.engines.turns import SERVER, Ticket, Turns
from lignee.errors import CalledOff, EngineUnavailable
from lignee.release import Release
from lignee.settings import Settings

_logger: Final = logging.getLogger(__name__)
_MOST_DESCRIPTORS: Final = 64
_END_SECONDS: Final = 5.0
"""How long the zygote may take to end, and its news of a worker's end to arrive."""
_RESTART_SECONDS: Final = 0.5


class Pool:
    """Hands out workers one query at a time and has lost ones replaced."""

    def __init__(
        self, release: Release, additions: Additions, settings: Settings, tally: Tally
    ) -> None:
        self._settings = settings
        self._tally = tally
        self._order = Order.of(release, additions, settings)
        self._lock = threading.RLock()  # entered in C; a condition's own way in is Python
        self._changed = threading.Condition(self._lock)
        self._idle: list[Worker] = []
        self._workers: dict[int, Worker] = {}
        self._turns = Turns(settings)
        self._called: dict[Ticket, Worker] = {}
        self._is_ready = self._is_closed = False
        self._failure = ""
        self._control, self._process = self._start()
        self._attendant = threading.Thread(target=self._attend, name="zygote", daemon=True)
        self._attendant.start()
        with self._changed:
            self._changed.wait_for(lambda: self._is_ready or self._failure)
        if self._failure:
            self.close()
            raise EngineUnavailable(self._failure)

    def take(self, client: str = SERVER, cancellation: Cancellation | None = None) -> Worker:
        """Return an idle worker for the client, waiting for its turn.

        Raises QueueFull, ClientQueueFull, CalledOff or EngineUnavailable.
        """
        begun = time.monotonic()
        with self._changed:
            self._require_running()
            if self._turns.may_begin(client) and (worker := self._pop_idle()):
                return self._lend(worker, client, begun)
            ticket = self._turns.join(client)
            self._tally.change(waiting=1)
        if cancellation:
            cancellation.subscribe(ticket.called.set)
        try:
            return self._wait(ticket, begun, cancellation)
        finally:
            self._tally.change(waiting=-1)
            with self._changed:
                self._turns.leave(ticket)

    def take_idle(self, client: str, waited_seconds: float) -> Worker | Busy | None:
        """Return an idle worker for the client, or why there is none; None in a closed pool.

        It may have ended; who sends it something will see that.
        """
        begun = time.monotonic() - waited_seconds
        with self._lock:
            if self._is_closed:
                return None
            if not self._idle:
                return Busy.WORKERS
            if not self._turns.may_begin(client):
                return Busy.SHARE
            return self._lend(self._idle.pop(), client, begun)

    def give_back(self, worker: Worker) -> None:
        """Let the worker be taken again."""
        with self._lock:
            self._release(worker)
            if self._workers.get(worker.number) is worker:
                self._idle.append(worker)
                self._call_next()

    def discard(self, worker: Worker, cause: Cause) -> None:
        """End the worker, whatever it is doing; another replaces it."""
        with contextlib.suppress(OSError):
            worker.connection.shutdown(socket.SHUT_RDWR)
        with self._changed:
            self._release(worker)
            if self._workers.get(worker.number) is worker:
                worker.discarded_for = cause
                self._tell({"kill": worker.number})

    def ending_of(self, worker: Worker) -> Ending:
        """Return how the worker ended, which must have happened."""
        worker.ended.wait(_END_SECONDS)
        return worker.ending

    def close(self) -> None:
        """End all workers and the zygote."""
        with self._changed:
            self._is_closed = True
            self._call_all()
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._attendant.join(_END_SECONDS)
        self._control.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _require_running(self) -> None:
        if self._is_closed:
            raise EngineUnavailable("the engine is closed; the server is stopping")
        if self._failure:
            raise EngineUnavailable("the engine is not running; the server's log says why")

    def _pop_idle(self) -> Worker | None:
        while self._idle:
            if (worker := self._idle.pop()).is_idle():
                return worker
        return None

    def _lend(self, worker: Worker, client: str, begun: float) -> Worker:
        worker.client = client
        self._turns.begin(client)
        self._tally.took(time.monotonic() - begun)
        return worker

    def _release(self, worker: Worker) -> None:
        """Count the worker for its client no longer; another query of theirs may follow."""
        if worker.client is None:
            return
        self._turns.end(worker.client)
        self._tally.change(busy=-1)
        worker.client = None
        self._call_next()

    def _call_next(self) -> None:
        """Give idle workers to those whose turn it is."""
        while self._idle and (ticket := self._turns.next()):
            if not (worker := self._pop_idle()):
                return
            self._turns.leave(ticket)
            self._called[ticket] = self._lend(worker, ticket.client, ticket.joined)
            ticket.called.set()

    def _wait(self, ticket: Ticket, begun: float, cancellation: Cancellation | None) -> Worker:
        until = begun + self._settings.queue_seconds
        while True:
            ticket.called.wait(max(0.0, until - time.monotonic()))
            with self._changed:
                if worker := self._called.pop(ticket, None):
                    return worker
                self._require_running()
                if cancellation and cancellation.is_cancelled:
                    raise CalledOff("the query was called off while it waited for a worker")
                if time.monotonic() >= until:
                    raise self._turns.too_late(ticket.client)
                ticket.called.clear()

    def _call_all(self) -> None:
        """Have everybody look at what has happened to the engine."""
        self._changed.notify_all()
        for ticket in self._turns.tickets():
            ticket.called.set()

    def _start(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        ours, theirs = socket.socketpair()
        with theirs:
            process = own_modules.start(
                "lignee.engines.zygote",
                str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for the server alone
            )
        ours.sendall(self._order.to_json())
        return ours, process

    def _attend(self) -> None:
        """Hear what the zygote says; start another when it ends and was not meant to."""
        while True:
            self._listen()
            self._process.wait()
            with self._changed:
                self._forget_workers()
                if self._is_closed:
                    return
                if not self._is_ready:
                    self._failure = self._failure or "the engine's process ended as it started"
                    self._call_all()
                    return
            _logger.error("the engine's process ended unexpectedly; another is started")
            with self._changed:
                if self._changed.wait_for(lambda: self._is_closed, _RESTART_SECONDS):
                    return
                try:
                    self._restart()
                except OSError as error:
                    self._failure = f"the engine's process cannot be started: {error.strerror}"

    def _restart(self) -> None:
        control, process = self._start()
        self._control.close()
        self._control, self._process = control, process

    def _listen(self) -> None:
        rest, descriptors = b"", deque[int]()
        while True:
            try:
                received, more, _, _ = socket.recv_fds(self._control, 65_536, _MOST_DESCRIPTORS)
            except OSError:
                return
            if not received:
                return
            descriptors.extend(more)
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                self._hear(json.loads(line), descriptors)

    def _hear(self, news: Mapping[str, str | int], descriptors: deque[int]) -> None:
        with self._changed:
            if "forked" in news:
                connection = Link(fileno=descriptors.popleft())
                worker = Worker(int(news["forked"]), connection, Reader(connection))
                self._workers[worker.number] = worker
                self._idle.append(worker)
                self._tally.change(workers=1)
                self._is_ready = self._is_ready or len(self._workers) == self._settings.workers
                self._failure = ""
                self._call_next()
            elif "ended" in news:
                self._end(int(news["ended"]), Ending(int(news["signal"]), str(news["words"])))
            else:
                self._failure = str(news["failed"])
                if self._is_ready:  # else it is raised
                    _logger.error("%s", self._failure)
                self._call_all()
            self._changed.notify_all()

    def _end(self, number: int, ending: Ending) -> None:
        worker = self._workers.pop(number)
        if worker in self._idle:
            self._idle.remove(worker)
        worker.ending = ending
        worker.ended.set()
        self._release(worker)
        if self._is_closed:
            self._tally.change(workers=-1)
        else:
            self._tally.lost(worker.discarded_for or ending.cause)
        if not self._is_ready:
            self._failure = f"a worker ended as it started: {ending.words}"
        if ending.words:
            _logger.warning("worker %d ended by signal %d: %s", number, ending.signal, ending.words)

    def _forget_workers(self) -> None:
        for number in list(self._workers):
            self._end(number, Ending())

    def _tell(self, wish: Mapping[str, int]) -> None:
        with contextlib.suppress(OSError):
            self._control.sendall(json.dumps(wish).encode("ascii") + b"\n")
