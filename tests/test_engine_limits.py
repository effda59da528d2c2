"""What happens to a query that wants too much, and to everybody else meanwhile."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from handmade import VERSION, ask, chosen, release, request, whole
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.engine import Cancellation
from lignee.engines.machine import with_workers
from lignee.errors import (
    CalledOff,
    DeadlineReached,
    EngineUnavailable,
    MalformedQuery,
    MemoryBudgetReached,
    QueueFull,
    WorkerLost,
)
from lignee.release import Release
from lignee.settings import Settings

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
"""Gives nothing before it has counted for hours."""
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
"""Streams gigabytes."""
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"
"""Wants gigabytes of memory before its first solution."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("releases") / VERSION
    folder.mkdir()
    return release(folder)


@pytest.fixture
def open_engine(made: Release) -> Iterator[Callable[..., EmbeddedEngine]]:
    opened: list[EmbeddedEngine] = []

    def open_one(**settings: float) -> EmbeddedEngine:
        given = chosen(**{"workers": 1, "spool_bytes": 100_000, **settings})
        opened.append(EmbeddedEngine(made, given))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close()


Opener = Callable[..., EmbeddedEngine]


def zygotes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "zygote" in " ".join(child.cmdline())]


def workers() -> list[psutil.Process]:
    return [worker for zygote in zygotes() for worker in zygote.children()]


def kill_workers() -> None:
    for worker in workers():
        worker.kill()


def is_alive(engine: EmbeddedEngine) -> bool:
    return b"true" in ask(engine, "ASK {}")


def test_deadline_ends_a_query_that_gives_nothing(open_engine: Opener) -> None:
    engine = open_engine(timeout_seconds=0.3)
    start = time.monotonic()
    with pytest.raises(DeadlineReached, match=r"longer than 0\.3 seconds"):
        engine.evaluate(request(ENDLESS))
    assert time.monotonic() - start < 2
    assert is_alive(engine)


def test_deadline_ends_the_planning_of_a_query_too(open_engine: Opener) -> None:
    engine = open_engine(timeout_seconds=0.3)
    query = "ASK { " + " . ".join(f"?s{index} ?p ?o" for index in range(400)) + " }"
    with pytest.raises(DeadlineReached):
        engine.evaluate(request(query))
    assert is_alive(engine)


def test_a_request_may_ask_for_less_time_and_not_for_more(open_engine: Opener) -> None:
    engine = open_engine(timeout_seconds=0.3)
    with pytest.raises(DeadlineReached, match=r"0\.1 seconds"):
        engine.evaluate(request(ENDLESS, timeout_seconds=0.1))
    with pytest.raises(DeadlineReached, match=r"0\.3 seconds"):
        engine.evaluate(request(ENDLESS, timeout_seconds=60.0))


def test_deadline_breaks_an_answer_under_way(open_engine: Opener) -> None:
    answer = open_engine(timeout_seconds=0.5).evaluate(request(HUGE))
    assert not answer.is_complete
    with pytest.raises(DeadlineReached):
        whole(answer)


def test_time_of_a_slow_reader_does_not_count(open_engine: Opener) -> None:
    answer = open_engine(timeout_seconds=0.4).evaluate(request(HUGE))
    time.sleep(0.6)
    assert all(next(answer.body) for _ in range(5))
    answer.close()


def test_slow_reader_does_not_keep_a_worker_for_ever(open_engine: Opener) -> None:
    engine = open_engine(timeout_seconds=0.1, transfer_seconds=0.3)
    answer = engine.evaluate(request(HUGE))  # the alarm goes off one second after the deadline
    time.sleep(1.3)
    with pytest.raises(DeadlineReached, match="was not taken within"):
        whole(answer)
    assert is_alive(engine)


@pytest.mark.parametrize("threshold", [0, 10_000], ids=["on disk", "in memory"])
def test_memory_cap_ends_a_greedy_query_and_no_other(open_engine: Opener, threshold: int) -> None:
    engine = open_engine(memory_megabytes=64, memory_store_max_quads=threshold)
    with pytest.raises(MemoryBudgetReached, match="more than 64 megabytes"):
        engine.evaluate(request(GREEDY))
    assert is_alive(engine)


def test_worker_that_kept_much_memory_is_replaced(open_engine: Opener) -> None:
    engine = open_engine(memory_megabytes=64)
    before = workers()
    ask(engine, "SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f LIMIT 5")  # keeps 22 MB
    psutil.wait_procs(before, timeout=3)
    assert not before[0].is_running()
    assert is_alive(engine)


def test_nesting_is_refused_before_it_can_crash(open_engine: Opener) -> None:
    engine = open_engine()
    before = workers()
    with pytest.raises(MalformedQuery, match="nested more than 128 deep"):
        engine.evaluate(request("ASK { FILTER" + "(" * 5000 + "1" + ")" * 5000 + " }"))
    assert workers() == before


def test_query_that_overflows_the_stack_is_its_own_fault(open_engine: Opener) -> None:
    engine = open_engine()
    with pytest.raises(MalformedQuery, match="nested too deeply, or chained too long"):
        engine.evaluate(request("ASK { FILTER(" + "!" * 1_000_000 + "true) }"))
    assert is_alive(engine)


def test_killed_worker_is_replaced_and_its_client_told(open_engine: Opener) -> None:
    engine = open_engine(workers=2)
    threading.Timer(0.2, kill_workers).start()
    with pytest.raises(WorkerLost, match="ended before its answer; try again"):
        engine.evaluate(request(ENDLESS))
    assert is_alive(engine)


def test_killed_idle_worker_is_not_handed_out(open_engine: Opener) -> None:
    engine = open_engine()
    for _ in range(5):
        kill_workers()
        assert is_alive(engine)


def test_closing_an_answer_early_frees_its_worker_at_once(open_engine: Opener) -> None:
    engine = open_engine(queue_seconds=2)
    for _ in range(3):
        answer = engine.evaluate(request(HUGE))
        assert next(answer.body)
        answer.close()
    assert is_alive(engine)


def test_abandoned_answer_never_looks_whole(open_engine: Opener) -> None:
    answer = open_engine().evaluate(request(HUGE))
    answer.close()
    with pytest.raises(CalledOff):
        whole(answer)


def test_cancellation_ends_a_query_that_gives_nothing(open_engine: Opener) -> None:
    engine = open_engine()
    cancellation = Cancellation()
    threading.Timer(0.2, cancellation.cancel).start()
    start = time.monotonic()
    with pytest.raises(CalledOff):
        engine.evaluate(request(ENDLESS, cancellation=cancellation))
    assert time.monotonic() - start < 2
    assert is_alive(engine)


def test_cancellation_ends_the_wait_for_a_worker(open_engine: Opener) -> None:
    engine = open_engine()
    cancellation = Cancellation()
    with open_answer(engine):
        threading.Timer(0.2, cancellation.cancel).start()
        with pytest.raises(CalledOff):
            engine.evaluate(request("ASK {}", cancellation=cancellation))


@contextmanager
def open_answer(engine: EmbeddedEngine) -> Iterator[None]:
    """Keep one worker busy with an answer that nobody reads."""
    with closing(engine.evaluate(request(HUGE))):
        yield


def test_queue_that_moves_too_slowly_is_left(open_engine: Opener) -> None:
    engine = open_engine(queue_seconds=0.2)
    with open_answer(engine), pytest.raises(QueueFull, match=r"free in 0\.2 seconds"):
        engine.evaluate(request("ASK {}"))


def test_queue_longer_than_allowed_is_refused_at_once(open_engine: Opener) -> None:
    engine = open_engine(queue_length=0)
    with open_answer(engine), pytest.raises(QueueFull, match="as many as --queue-length"):
        engine.evaluate(request("ASK {}"))


def test_one_client_in_trouble_is_noticed_by_nobody_else(open_engine: Opener) -> None:
    engine = open_engine(workers=2, timeout_seconds=0.5)

    def trouble() -> None:
        with pytest.raises(DeadlineReached):
            engine.evaluate(request(ENDLESS))

    with ThreadPoolExecutor(8) as threads:
        ending = threads.submit(trouble)
        answers = list(threads.map(lambda _: is_alive(engine), range(50)))
        ending.result()
    assert all(answers)


def test_next_query_waits_for_the_replacement_only(open_engine: Opener) -> None:
    engine = open_engine(timeout_seconds=0.2)
    for _ in range(3):
        with pytest.raises(DeadlineReached):
            engine.evaluate(request(ENDLESS))
        start = time.monotonic()
        assert is_alive(engine)
        assert time.monotonic() - start < 0.3


def test_merged_default_graphs_cost_little_where_they_are_small(open_engine: Opener) -> None:
    engine = open_engine(memory_megabytes=16)
    graphs = ("https://example.org/graph/letters", "https://example.org/graph/notes")
    assert b"true" in ask(engine, "ASK { ?s ?p ?o }", default_graphs=graphs)


def test_large_result_takes_flat_memory(open_engine: Opener) -> None:
    engine = open_engine()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worker = workers()[0]
    answer = engine.evaluate(request(HUGE))
    received = 0
    while received < 30_000_000:
        received += len(next(answer.body))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 10_000
    assert worker.memory_info().rss < 150_000_000
    answer.close()


def test_engine_outlives_its_zygote(open_engine: Opener) -> None:
    engine = open_engine()
    lost = [*zygotes(), *workers()]
    zygotes()[0].send_signal(signal.SIGKILL)
    psutil.wait_procs(lost, timeout=15)
    assert not any(process.is_running() for process in lost)
    assert is_alive(engine)


def test_no_process_outlives_a_front_that_was_killed(made: Release) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from lignee.engines.embedded import EmbeddedEngine\n"
        "from lignee.release import open_release; from lignee.settings import Settings\n"
        "engine = EmbeddedEngine(open_release(Path(sys.argv[1]), sys.argv[2]), Settings())\n"
        "print('open', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(made.folder.parent), made.version]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as front:
        assert front.stdout
        assert front.stdout.readline() == "open\n"
        started = psutil.Process(front.pid).children(recursive=True)
        front.kill()
    assert len(started) == with_workers(Settings(), on_disk=False).workers + 1
    _, alive = psutil.wait_procs(started, timeout=3)
    assert not alive


def test_closed_engine_refuses(open_engine: Opener) -> None:
    engine = open_engine()
    engine.close()
    with pytest.raises(EngineUnavailable, match="the engine is closed"):
        engine.evaluate(request("ASK {}"))


def test_release_that_cannot_be_opened_is_told(made: Release, tmp_path: Path) -> None:
    broken = Release(tmp_path, made.manifest)
    with pytest.raises(EngineUnavailable, match="manifest"):
        EmbeddedEngine(broken, Settings())


def test_worker_can_open_neither_file_nor_socket(open_engine: Opener) -> None:
    assert is_alive(open_engine())
    worker = workers()[0]
    soft, hard = worker.rlimit(psutil.RLIMIT_NOFILE)
    used = {int(file.name) for file in Path(f"/proc/{worker.pid}/fd").iterdir()}
    assert soft == hard
    assert set(range(soft)) <= used
