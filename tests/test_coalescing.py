"""One evaluation for all who ask at the same time, and who may leave before it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from lignee.engines.engine import Cancellation
from lignee.errors import CalledOff, DeadlineReached, QueueFull
from lignee.serve.http.cache import key_of
from lignee.serve.http.coalescing import Coalescing, Evaluation

KEY = key_of("1", "ASK {}", media_type="text/csv")
PATIENCE_SECONDS = 10


class Bench:
    """An evaluation that ends when it is told to, and those who ask for it from threads."""

    def __init__(self, most_waiting: int = 10) -> None:
        self.coalescing = Coalescing[str](most_waiting)
        self.evaluations: list[Evaluation[str]] = []
        self.may_end = Event()
        self.outcome: Callable[[], str | None] = lambda: "answer"
        self._threads = ThreadPoolExecutor(10)

    def ask(self, cancellation: Cancellation | None = None) -> Future[str | None]:
        return self._threads.submit(
            self.coalescing.evaluate, KEY, cancellation or Cancellation(), self._evaluate
        )

    def ask_first(self, cancellation: Cancellation | None = None) -> Future[str | None]:
        asked = self.ask(cancellation)
        until(lambda: len(self.evaluations) == 1)
        return asked

    def ask_next(self, cancellation: Cancellation | None = None) -> Future[str | None]:
        before = self.coalescing.waiting
        asked = self.ask(cancellation)
        until(lambda: self.coalescing.waiting > before)
        return asked

    def _evaluate(self, evaluation: Evaluation[str]) -> str | None:
        self.evaluations.append(evaluation)
        evaluation.cancellation.subscribe(self.may_end.set)
        assert self.may_end.wait(PATIENCE_SECONDS)
        if evaluation.cancellation.is_cancelled:
            raise CalledOff("nobody wants it")
        return self.outcome()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_all_who_ask_meanwhile_get_one_evaluation(bench: Bench) -> None:
    asked = [bench.ask_first(), *(bench.ask_next() for _ in range(5))]
    bench.may_end.set()
    assert {future.result() for future in asked} == {"answer"}
    assert (len(bench.evaluations), bench.coalescing.shared) == (1, 5)


def test_who_asks_later_gets_an_evaluation_of_its_own(bench: Bench) -> None:
    bench.may_end.set()
    assert bench.ask().result() == bench.ask().result() == "answer"
    assert len(bench.evaluations) == 2


def test_evaluation_goes_on_when_the_first_who_asked_leaves(bench: Bench) -> None:
    leaving = Cancellation()
    bench.ask_first(leaving)
    other = bench.ask_next()
    leaving.cancel()
    assert not bench.may_end.is_set()
    bench.may_end.set()
    assert other.result() == "answer"


def test_who_waits_may_leave_without_the_others(bench: Bench) -> None:
    leaving = Cancellation()
    first, second = bench.ask_first(), bench.ask_next(leaving)
    leaving.cancel()
    with pytest.raises(CalledOff):
        second.result(PATIENCE_SECONDS)
    bench.may_end.set()
    assert first.result() == "answer"


def test_evaluation_is_called_off_when_all_have_left(bench: Bench) -> None:
    leaving = [Cancellation(), Cancellation()]
    asked = [bench.ask_first(leaving[0]), bench.ask_next(leaving[1])]
    for cancellation in leaving:
        cancellation.cancel()
    for future in asked:
        with pytest.raises(CalledOff):
            future.result(PATIENCE_SECONDS)
    assert bench.evaluations[0].cancellation.is_cancelled


def test_error_is_shared(bench: Bench) -> None:
    def fail() -> str:
        raise DeadlineReached("too late")

    bench.outcome = fail
    asked = [bench.ask_first(), bench.ask_next(), bench.ask_next()]
    bench.may_end.set()
    for future in asked:
        with pytest.raises(DeadlineReached, match="too late"):
            future.result(PATIENCE_SECONDS)


def test_what_cannot_be_shared_is_told_to_those_who_waited(bench: Bench) -> None:
    bench.outcome = lambda: None
    asked = [bench.ask_first(), bench.ask_next()]
    bench.may_end.set()
    assert [future.result() for future in asked] == [None, None]
    assert bench.coalescing.shared == 0


def test_no_more_wait_than_may() -> None:
    bench = Bench(most_waiting=1)
    first, second = bench.ask_first(), bench.ask_next()
    with pytest.raises(QueueFull):
        bench.ask().result(PATIENCE_SECONDS)
    bench.may_end.set()
    assert first.result() == second.result() == "answer"
    assert bench.coalescing.waiting == 0
