"""The server as a process: how it starts, streams, fails, is left by clients, and stops."""

from __future__ import annotations

import http.client
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil
import pytest

import serving
from lignee.release import Release
from serving import Server

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture
def start(tiny_releases: Path) -> Iterator[Callable[..., Server]]:
    running = []

    def start_one(**settings: float) -> Server:
        server = serving.serve(tiny_releases, errors=None, **{"workers": 1, **settings})
        running.append(server)
        return server.__enter__()

    yield start_one
    for server in running:
        server.__exit__(None, None, None)


Start = Callable[..., Server]


def get(query: str) -> str:
    return f"GET /sparql?query={quote(query)} HTTP/1.1\nHost: x"


def until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    """Tell whether the condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_start_up_message_names_address_and_release(start: Start, tiny_release: Release) -> None:
    server = start()
    assert server.message == f"Serving release {tiny_release.version} at {server.url}/\n"
    assert httpx.get(f"{server.url}/health/ready").status_code == 200


def test_signal_stops_everything_and_the_status_is_0(start: Start) -> None:
    server = start()
    started = server.processes()
    assert len(started) == 4
    assert server.stop() == 0
    assert not psutil.wait_procs(started, timeout=3)[1]


def test_control_c_stops_everything_too(start: Start) -> None:
    server = start()
    started = server.processes()
    for process in started[:2]:  # what a terminal sends goes to its whole process group
        process.send_signal(signal.SIGINT)
    assert server.process.wait(timeout=10) == 0
    assert not psutil.wait_procs(started, timeout=3)[1]


def test_no_process_outlives_a_server_that_was_killed(start: Start) -> None:
    server = start()
    started = server.processes()
    for process in started[:2]:
        process.kill()
    assert not psutil.wait_procs(started, timeout=3)[1]


def test_serving_process_ends_with_the_one_that_watches_over_it(start: Start) -> None:
    server = start()
    started = server.processes()
    started[0].kill()
    assert not psutil.wait_procs(started, timeout=10)[1]


def test_port_in_use_is_one_clear_error(start: Start, tiny_releases: Path) -> None:
    port = start().port
    done = subprocess.run(
        serving.command(tiny_releases, port),
        env=serving.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"lignee: port {port} of 127.0.0.1 cannot be listened on")
    assert "--port" in done.stderr
    assert done.stderr.count("\n") == 1


def test_release_that_cannot_be_opened_is_told(tiny_release: Release, tmp_path: Path) -> None:
    damaged = shutil.copytree(tiny_release.folder, tmp_path / tiny_release.version)
    (tmp_path / "current").symlink_to(tiny_release.version)
    (damaged / "dataset.nq").write_text("no quads")
    done = subprocess.run(
        serving.command(tmp_path, serving.free_port()),
        env=serving.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "the store cannot be opened" in done.stderr.splitlines()[-1]


def test_serving_process_that_was_killed_is_replaced(start: Start) -> None:
    server = start()
    lost = server.processes()[1:]
    lost[0].kill()
    psutil.wait_procs(lost, timeout=3)
    assert until(lambda: len(server.engine_workers()) == 1)
    assert until(lambda: is_ready(server))


def is_ready(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_query_beyond_its_deadline_is_answered_with_503(start: Start) -> None:
    server = start(timeout_seconds=0.3)
    answer = httpx.get(f"{server.url}/sparql", params={"query": ENDLESS})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "0.3 seconds" in answer.json()["detail"]


def test_client_of_a_worker_that_was_killed_is_told_to_try_again(start: Start) -> None:
    server = start()
    with server.send(get(ENDLESS)) as connection:
        time.sleep(0.3)
        server.engine_workers()[0].kill()
        answer = connection.recv(10_000).decode()
    assert answer.startswith("HTTP/1.1 503")
    assert "retry-after: 1\r\n" in answer
    assert '"error": "WorkerLost"' in answer
    assert httpx.get(f"{server.url}/health/ready").status_code == 200


def test_pages_and_checks_answer_while_queries_wait(start: Start) -> None:
    server = start()
    with server.send(get(ENDLESS)), server.send(get(ENDLESS)), server.send(get(ENDLESS)):
        time.sleep(0.3)
        assert httpx.get(f"{server.url}/health/live", timeout=2).status_code == 200
        assert httpx.get(f"{server.url}/downloads", timeout=2).status_code == 200


def test_large_result_starts_at_once_and_is_held_back_by_a_slow_reader(start: Start) -> None:
    server = start()
    begin = time.monotonic()
    with server.send(get(HUGE)) as connection:
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert time.monotonic() - begin < 3
        time.sleep(0.5)  # nobody reads now
        sizes = [process.memory_info().rss for process in server.processes()]
    assert max(sizes) < 150_000_000


@pytest.mark.parametrize("cause", ["deadline", "worker lost"])
def test_answer_that_fails_half_way_is_broken_off(start: Start, cause: str) -> None:
    server = start(timeout_seconds=0.5 if cause == "deadline" else 30)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", f"/sparql?query={quote(HUGE)}")
    response = connection.getresponse()
    assert response.status == 200
    if cause == "worker lost":
        server.engine_workers()[0].kill()
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()
    assert until(lambda: is_ready(server))


@pytest.mark.parametrize("query", [ENDLESS, HUGE], ids=["before its answer", "amid its answer"])
def test_client_that_goes_away_frees_its_worker(start: Start, query: str) -> None:
    server = start(queue_seconds=3)
    with server.send(get(query)):
        time.sleep(0.4)
    answer = httpx.get(f"{server.url}/sparql", params={"query": "ASK {}"})
    assert answer.status_code == 200


def test_query_that_does_not_end_does_not_keep_the_server_from_stopping(start: Start) -> None:
    server = start(stop_seconds=1)
    with server.send(get(ENDLESS)) as connection:
        time.sleep(0.3)
        assert server.stop() == 0
        assert b"200 OK" not in connection.recv(1000)
