"""One evaluation for all who ask for the same thing at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from lignee.engines.engine import Cancellation
from lignee.errors import CalledOff, ClientQueueFull, LigneeError, QueueFull
from lignee.serve.http.cache import Key

T = TypeVar("T")


class Evaluation(Generic[T]):
    """What one thread evaluates and others wait for; it is called off when none of them is left."""

    def __init__(self) -> None:
        self.cancellation = Cancellation()
        self._changed = threading.Condition()
        self._interested = 0
        self._is_ended = self._is_abandoned = False
        self._result: T | None = None
        self._error: LigneeError | None = None

    def join(self, cancellation: Cancellation) -> bool:
        """Take an interest until `cancellation`; false where it comes too late for that."""
        with self._changed:
            if self._is_ended or self._is_abandoned:
                return False
            self._interested += 1
        cancellation.subscribe(self._leave)
        return True

    def end(self, result: T | None, error: LigneeError | None = None) -> None:
        """Let those who wait have the result, or the error, or neither: then each is on its own."""
        with self._changed:
            self._is_ended, self._result, self._error = True, result, error
            self._changed.notify_all()

    def wait(self, cancellation: Cancellation) -> T | None:
        """Return the result; raises the error, or CalledOff when `cancellation` comes first."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_ended or cancellation.is_cancelled)
            if not self._is_ended:
                raise CalledOff("the query was called off while another evaluated it")
        if self._error:
            raise self._error.with_traceback(None)
        return self._result

    def _leave(self) -> None:
        with self._changed:
            self._interested -= 1
            self._is_abandoned = self._interested == 0 and not self._is_ended
            self._changed.notify_all()
        if self._is_abandoned:
            self.cancellation.cancel()


class Coalescing(Generic[T]):
    """The evaluations under way, by key; `shared` counts the requests that took another's.

    No more than `most_waiting` requests wait for another's evaluation at a time.
    """

    def __init__(self, most_waiting: int) -> None:
        self.shared = 0
        self._most_waiting = most_waiting
        self.waiting = 0
        self._lock = threading.Lock()
        self._under_way: dict[Key, Evaluation[T]] = {}

    def evaluate(
        self,
        key: Key,
        cancellation: Cancellation,
        work: Callable[[Evaluation[T]], T | None],
    ) -> T | None:
        """Return what `work` gives here, or gave another who asked for the same before.

        None is a result that cannot be shared: whoever gets another's has to evaluate for itself.
        Raises what `work` raises, for all who waited; QueueFull; CalledOff.
        """
        with self._lock:
            evaluation = self._under_way.get(key)
            is_first = evaluation is None or not self._join(evaluation, cancellation)
            if evaluation is None or is_first:
                evaluation = self._start(key, cancellation)
        if is_first:
            return self.end(key, evaluation, work)
        try:
            return self._follow(evaluation, cancellation)
        finally:
            with self._lock:
                self.waiting -= 1

    def begin(self, key: Key, cancellation: Cancellation) -> Evaluation[T] | None:
        """Return an evaluation that others may join until `end`; None where there is one already.

        Nothing is waited for.
        """
        with self._lock:
            return None if key in self._under_way else self._start(key, cancellation)

    def _start(self, key: Key, cancellation: Cancellation) -> Evaluation[T]:
        self._under_way[key] = evaluation = Evaluation[T]()
        evaluation.join(cancellation)
        return evaluation

    def _join(self, evaluation: Evaluation[T], cancellation: Cancellation) -> bool:
        if self.waiting >= self._most_waiting:
            raise QueueFull(
                f"{self.waiting} requests wait for the same answers already, as many as "
                "--queue-length allows; try again later"
            )
        has_joined = evaluation.join(cancellation)
        self.waiting += has_joined
        return has_joined

    def end(
        self, key: Key, evaluation: Evaluation[T], work: Callable[[Evaluation[T]], T | None]
    ) -> T | None:
        """Return what `work` gives, and give it to all who joined; raises what it raises."""
        result: T | None = None
        error: LigneeError | None = None
        try:
            result = work(evaluation)
        except ClientQueueFull:  # this client's share is used up, not that of those who wait
            raise
        except LigneeError as raised:
            error = raised
            raise
        finally:
            with self._lock:
                if self._under_way.get(key) is evaluation:
                    del self._under_way[key]
            evaluation.end(result, error)
        return result

    def _follow(self, evaluation: Evaluation[T], cancellation: Cancellation) -> T | None:
        result = evaluation.wait(cancellation)
        if result is not None:
            with self._lock:
                self.shared += 1
        return result
