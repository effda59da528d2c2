"""One query and its answer over the socket of a worker, and what went wrong where there is none."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from lignee import errors
from lignee.engines.ending import Cause, Ending
from lignee.engines.engine import Answer, Timings
from lignee.engines.frames import DATA, END, FAULT, HEAD, Frame
from lignee.engines.link import Worker
from lignee.engines.pool import Pool
from lignee.settings import Settings

_FAULTS: Final[Mapping[str, type[errors.LigneeError]]] = {
    error.__name__: error
    for error in (
        errors.MalformedQuery,
        errors.ServiceFailed,
        errors.ServiceRefused,
        errors.UnsupportedFormat,
    )
}
_AT_ONCE_SECONDS: Final = 0.15


class LostAtOnce(errors.WorkerLost):
    """A worker was lost as the query reached it: hardly by the query, so another may have it."""


class Exchange:
    """One query and its answer, between taking a worker and giving it back or ending it."""

    def __init__(
        self, pool: Pool, worker: Worker, settings: Settings, timeout_seconds: float | None
    ) -> None:
        self._pool = pool
        self._worker = worker
        self._settings = settings
        self._timeout = min(timeout_seconds or settings.timeout_seconds, settings.timeout_seconds)
        self._left = self._timeout
        self._started = time.monotonic()
        self._settling = threading.Lock()
        self._is_settled = False

    def send(self, job: bytes) -> None:
        """Send the job, waiting until the worker has taken it."""
        try:
            self._worker.connection.settimeout(self._left)
            self._worker.connection.sendall(job)
        except TimeoutError:
            raise self._late() from None
        except OSError:
            raise self._lost() from None

    def send_now(self, job: bytes) -> bool:
        """Send the job and tell whether that was possible without waiting."""
        try:
            if self._worker.connection.gettimeout() != 0:
                self._worker.connection.settimeout(0)
            return self._worker.connection.send(job) == len(job)
        except OSError:
            return False

    def answer_now(self, queue_seconds: float) -> Answer | None:
        """Return the answer where all of it is here already, without waiting for it."""
        if not (whole := self._worker.reader.whole_now()):
            return None
        head, body, worn = whole
        self._finish(is_worn=bool(worn))
        return Answer(
            media_type=head.decode("ascii"),
            is_complete=True,
            size_bytes=len(body),
            body=iter((body,)),
            close=self.abandon,
            timings=Timings(queue_seconds, time.monotonic() - self._started, 0.0),
        )

    def answer(self, queue_seconds: float) -> Answer:
        """Return the answer, as much of it as fits read ahead."""
        self._left = self._timeout - (time.monotonic() - self._started)
        frames = self._frames()
        head = next(frames)
        begun = time.monotonic()
        media_type = head.payload.decode("ascii")
        spool: deque[bytes] = deque()
        size = 0
        is_complete = True
        for frame in frames:
            spool.append(frame.payload)
            size += len(frame.payload)
            if size > self._settings.spool_bytes:
                is_complete = False
                break
        return Answer(
            media_type=media_type,
            is_complete=is_complete,
            size_bytes=size if is_complete else None,
            body=_drained(spool) if is_complete else self._body(spool, frames),
            close=self.abandon,
            timings=Timings(queue_seconds, begun - self._started, time.monotonic() - begun),
        )

    def abandon(self, cause: Cause = "departed") -> None:
        """End the worker unless it has finished; any thread may call this."""
        if self._settle():
            self._pool.discard(self._worker, cause)

    def _body(self, spool: deque[bytes], frames: Iterator[Frame]) -> Iterator[bytes]:
        yield from _drained(spool)
        for frame in frames:
            yield frame.payload

    def _frames(self) -> Iterator[Frame]:
        """Yield HEAD and DATA frames up to the end; raises what went wrong instead."""
        while True:
            frame = self._read()
            if frame.kind in (HEAD, DATA):
                yield frame
                continue
            if frame.kind == FAULT:
                self._finish(is_worn=bool(frame.content["is_worn"]))
                raise _fault_of(frame)
            assert frame.kind == END
            self._finish(is_worn=bool(frame.payload))
            return

    def _read(self) -> Frame:
        start = time.monotonic()
        try:
            frame = self._worker.reader.read(max(self._left, 0.001))
        except TimeoutError:
            raise self._late() from None
        self._left -= time.monotonic() - start
        if frame is None:
            raise self._lost()
        if self._left <= 0 and frame.kind == DATA:
            raise self._late()
        return frame

    def _finish(self, *, is_worn: bool) -> None:
        if not self._settle():
            return
        if is_worn:
            self._pool.discard(self._worker, "worn")
        else:
            self._pool.give_back(self._worker)

    def _settle(self) -> bool:
        with self._settling:
            was_settled, self._is_settled = self._is_settled, True
            return not was_settled

    def _late(self) -> errors.DeadlineReached:
        self.abandon("deadline")
        return errors.DeadlineReached(
            f"the query took longer than {self._timeout:g} seconds, the time it was given "
            "(at most --timeout-seconds); ask for less at a time, or download the dumps"
        )

    def _lost(self) -> errors.LigneeError:
        if not self._settle():
            return errors.CalledOff("the query was called off before it was answered")
        took = time.monotonic() - self._started
        return self._error_of(self._pool.ending_of(self._worker), took)

    def _error_of(self, ending: Ending, took_seconds: float) -> errors.LigneeError:
        if ending.cause == "stall":
            return errors.DeadlineReached(
                f"nothing of the answer was taken for {self._settings.stall_seconds:g} seconds "
                "(--stall-seconds); read faster, ask for less at a time, or download the dumps"
            )
        if ending.cause == "transfer" and took_seconds < self._settings.transfer_seconds:
            return errors.DeadlineReached(
                "the query calls other endpoints by SERVICE and took longer than "
                f"{self._settings.service_seconds:g} seconds (--service-seconds)"
            )
        if ending.cause == "transfer":
            return errors.DeadlineReached(
                f"the answer was not taken within {self._settings.transfer_seconds:g} seconds "
                "(--transfer-seconds); ask for less at a time, or download the dumps"
            )
        if ending.cause == "memory":
            return errors.MemoryBudgetReached(
                f"the query wanted more than {self._settings.memory_megabytes} megabytes of "
                "memory (--memory-megabytes); ask for less at a time"
            )
        if ending.cause == "stack":
            return errors.MalformedQuery(
                "the query is nested too deeply, or chained too long, to be evaluated; "
                "write it as several smaller ones"
            )
        kind = LostAtOnce if took_seconds < _AT_ONCE_SECONDS else errors.WorkerLost
        return kind("the process that evaluated the query ended before its answer; try again")


def _drained(spool: deque[bytes]) -> Iterator[bytes]:
    while spool:
        yield spool.popleft()


def _fault_of(frame: Frame) -> errors.LigneeError:
    content = frame.content
    error, message = _FAULTS[str(content["error"])], str(content["message"])
    if issubclass(error, errors.PlacedQueryError):
        line, column = int(str(content["line"])), int(str(content["column"]))
        return error(message, line=line, column=column)
    return error(message)
