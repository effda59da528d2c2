"""Whose query gets the next worker, and what one client may have at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from handmade import VERSION, ask, chosen, release, request
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.engine import Answer
from lignee.engines.tally import Tally
from lignee.engines.turns import Turns
from lignee.errors import ClientQueueFull, QueueFull
from lignee.release import Release
from lignee.settings import Settings
from waiting import until

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("releases") / VERSION
    folder.mkdir()
    return release(folder)


class Engine:
    """An engine, what it counts, and threads to ask it in."""

    def __init__(self, made: Release, **settings: float) -> None:
        self.tally = Tally()
        given = chosen(**{"spool_bytes": 0, **settings})
        self.engine = EmbeddedEngine(made, given, self.tally)
        self.threads = ThreadPoolExecutor(16)
        self.answered: list[str] = []

    def hold(self, client: str) -> Answer:
        """Keep one worker busy with an answer that nobody reads."""
        return self.engine.evaluate(request(HUGE, client=client))

    def queue(self, client: str) -> Future[None]:
        """Ask for a client, and come back when its query waits."""
        waiting = self.tally.waiting
        asked = self.threads.submit(self._ask, client)
        assert until(lambda: self.tally.waiting > waiting or asked.done())
        return asked

    def _ask(self, client: str) -> None:
        ask(self.engine, "ASK {}", client=client)
        self.answered.append(client)


@pytest.fixture
def open_engine(made: Release) -> Iterator[Callable[..., Engine]]:
    opened: list[Engine] = []

    def open_one(**settings: float) -> Engine:
        opened.append(Engine(made, **settings))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.engine.close()
        engine.threads.shutdown()


Opener = Callable[..., Engine]


@contextmanager
def held(*answers: Answer) -> Iterator[None]:
    yield
    for answer in answers:
        answer.close()


def order(asked: list[str], before: str = "", **limits: int) -> str:
    """Return the order in which one worker serves clients that asked in this order."""
    turns = Turns(chosen(workers=1, **limits))
    for client in before:
        turns.begin(client)
        turns.end(client)
    for client in asked:
        turns.join(client)
    served = ""
    while ticket := turns.next():
        turns.leave(ticket)
        turns.begin(ticket.client)
        turns.end(ticket.client)
        served += ticket.client
    return served


@pytest.mark.parametrize(
    ("asked", "before", "served"),
    [
        ("aaaa", "", "aaaa"),
        ("aaabbc", "", "abcaba"),
        ("aab", "a", "baa"),
        ("abab", "ab", "abab"),
        ("ab", "ba", "ba"),
    ],
    ids=["one client", "by turns", "newcomer first", "longest ago", "not by coming anew"],
)
def test_clients_take_turns(asked: str, before: str, served: str) -> None:
    assert order(list(asked), before) == served


def test_tickets_of_one_client_are_called_as_they_came() -> None:
    turns = Turns(Settings())
    first, second = turns.join("a"), turns.join("a")
    assert turns.next() is first
    turns.leave(first)
    assert turns.next() is second


def test_one_client_cannot_take_all_workers(open_engine: Opener) -> None:
    engine = open_engine(workers=2, queue_seconds=0.2)
    with held(engine.hold("a")):
        with pytest.raises(ClientQueueFull, match=r"one client may have \(1, --client-workers"):
            ask(engine.engine, "ASK {}", client="a")
        assert ask(engine.engine, "ASK {}", client="b")


def test_share_of_a_client_is_a_setting(open_engine: Opener) -> None:
    engine = open_engine(workers=2, client_workers=2, queue_seconds=0.2)
    both = held(engine.hold("a"), engine.hold("a"))
    with both, pytest.raises(QueueFull, match="no worker became free"):
        ask(engine.engine, "ASK {}", client="b")


def test_other_clients_query_is_next(open_engine: Opener) -> None:
    engine = open_engine(workers=1)
    with held(engine.hold("a")):
        asked = [engine.queue(client) for client in "aaab"]
    for future in asked:
        future.result()
    assert engine.answered == ["b", "a", "a", "a"]


def test_line_of_one_client_is_bounded_and_no_other(open_engine: Opener) -> None:
    engine = open_engine(workers=1, client_queue_length=2)
    with held(engine.hold("a")):
        asked = [engine.queue("a"), engine.queue("a")]
        with pytest.raises(ClientQueueFull, match=r"2 queries of yours .* --client-queue-length"):
            ask(engine.engine, "ASK {}", client="a")
        asked.append(engine.queue("b"))
    for future in asked:
        future.result()


def test_worker_lost_is_given_back_by_its_client(open_engine: Opener) -> None:
    engine = open_engine(workers=2, timeout_seconds=0.2)
    for _ in range(3):
        with pytest.raises(Exception, match=r"0\.2 seconds"):
            engine.engine.evaluate(request(ENDLESS, client="a"))
    assert engine.tally.busy == 0
    assert until(lambda: engine.tally.replaced == {"deadline": 3})
    assert until(lambda: engine.tally.workers == 2)


def test_reader_that_stalls_loses_its_worker_and_frees_its_share(open_engine: Opener) -> None:
    engine = open_engine(workers=2, stall_seconds=0.3, queue_seconds=5)
    stalled = engine.hold("a")
    assert ask(engine.engine, "ASK {}", client="a")
    assert until(lambda: engine.tally.replaced == {"stall": 1})
    with pytest.raises(Exception, match=r"taken for 0\.3 seconds .--stall-seconds"):
        list(stalled.body)


def test_reader_that_is_only_slow_keeps_its_worker(open_engine: Opener) -> None:
    engine = open_engine(workers=1, stall_seconds=0.5)
    slow = engine.hold("a")
    pause = threading.Event()
    for _ in range(12):
        for _ in range(8):  # the socket between holds about three pieces
            assert next(slow.body)
        pause.wait(0.1)
    slow.close()
    assert until(lambda: engine.tally.replaced == {"departed": 1})


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i", "memory"),
        ("ASK { FILTER(" + "!" * 1_000_000 + "true) }", "stack"),
    ],
    ids=["memory", "stack"],
)
def test_cause_of_each_loss_is_counted(open_engine: Opener, query: str, cause: str) -> None:
    engine = open_engine(workers=1, memory_megabytes=64)
    with pytest.raises(Exception, match=r"memory|nested"):
        engine.engine.evaluate(request(query))
    assert engine.tally.replaced == {cause: 1}


def test_waits_are_counted(open_engine: Opener) -> None:
    engine = open_engine(workers=1)
    with held(engine.hold("a")):
        asked = engine.queue("b")
    asked.result()
    assert sum(engine.tally.waits) == 2
    assert engine.tally.waited_seconds > 0
    assert (engine.tally.waiting, engine.tally.busy) == (0, 0)
