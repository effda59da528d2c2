"""Running the server: new releases, older ones, shares of clients, counters, logs, stopping."""

from __future__ import annotations

import json
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

import serving
from conftest import TINY, Lignee
from lignee.release import Release
from serving import Server
from waiting import settled, until

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 60000"
VERSION = "SELECT ?v { ?d <http://www.w3.org/ns/dcat#version> ?v }"
SECOND = "0.4.0"


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    with ExitStack() as running:

        def start_one(releases: Path, **settings: float | str) -> Server:
            log = running.enter_context((releases.parent / "log").open("w"))
            return running.enter_context(serving.serve(releases, errors=log, **settings))

        yield start_one


Start = Callable[..., Server]


@pytest.fixture(scope="module")
def server(both: Path) -> Iterator[Server]:
    """Return a server that many tests ask, and none changes."""
    with serving.serve(both) as running:
        yield running


@pytest.fixture(scope="module")
def newer_kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the miniature in its next version."""
    kg = Path(shutil.copytree(TINY, tmp_path_factory.mktemp("newer") / "kg"))
    head = kg / "data" / "dataset.ttl"
    head.write_text(head.read_text(encoding="utf-8").replace("0.3.0", SECOND), encoding="utf-8")
    return kg


@pytest.fixture(scope="module")
def both(
    tiny_releases: Path,
    newer_kg: Path,
    lignee: Lignee,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return a folder with two releases, the newer one current; nobody writes into it."""
    folder = tmp_path_factory.mktemp("both") / "releases"
    shutil.copytree(tiny_releases, folder, symlinks=True)
    done = lignee("build", "--kg", newer_kg, "--releases", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def releases(both: Path, tiny_release: Release, tmp_path: Path) -> Path:
    """Return a folder of its own with both releases, the older one current."""
    folder = tmp_path / "releases"
    shutil.copytree(both, folder, symlinks=True)
    publish(folder, tiny_release.version)
    return folder


def publish(folder: Path, version: str) -> None:
    """Make a release the current one as a build does."""
    (folder / "next").symlink_to(version)
    (folder / "next").rename(folder / "current")


def newest(folder: Path) -> str:
    return next(entry.name for entry in folder.iterdir() if entry.name.startswith(SECOND))


def log_of(folder: Path) -> str:
    return (folder.parent / "log").read_text(encoding="utf-8")


def ask(server: Server, query: str, **more: str) -> httpx.Response:
    return httpx.get(
        f"{server.url}/sparql", params={"query": query, "format": "csv", **more}, timeout=20
    )


@contextmanager
def stream(server: Server, query: str) -> Iterator[httpx.Response]:
    given = {"query": query, "format": "csv"}
    plain = {"Accept-Encoding": "identity"}
    with (
        server.client() as client,
        client.stream("GET", "/sparql", params=given, headers=plain) as answer,
    ):
        yield answer


def version_of(server: Server, **more: str) -> str:
    answer = ask(server, VERSION, **more)
    assert answer.status_code == 200, answer.text
    return answer.text.split()[1]


def zygotes(server: Server) -> int:
    return sum(map(is_zygote, main_children(server)))


def is_zygote(process: psutil.Process) -> bool:
    try:
        return "lignee.engines.zygote" in process.cmdline()
    except psutil.NoSuchProcess:  # it ended meanwhile
        return False


def main_children(server: Server) -> list[psutil.Process]:
    serving_process = psutil.Process(server.process.pid).children()[0]
    return serving_process.children()


def metric(server: Server, name: str, **labels: str) -> float:
    """Return the value of one metric, 0 where it is not told."""
    families = text_string_to_metric_families(httpx.get(f"{server.url}/metrics").text)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def is_prepared(server: Server) -> bool:
    """Wait until the server has asked all that its pages need; tell whether it has."""
    asked = partial(metric, server, "lignee_query_wait_seconds_count")
    return until(settled(asked, seconds=2), seconds=30)


class Visitors:
    """Threads that ask without a pause, each over a connection of its own."""

    def __init__(self, server: Server) -> None:
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(4)
        self._asked = [self._threads.submit(self._ask, server) for _ in range(4)]

    def _ask(self, server: Server) -> list[str]:
        seen = []
        with server.client() as client:
            while not self._stop.is_set():
                for path in (f"/sparql?query={quote(VERSION)}&format=csv", "/", "/downloads"):
                    answer = client.get(path)
                    seen.append(f"{answer.status_code} {path[:2]} {answer.text[:12]!r}")
        return seen

    def leave(self) -> list[str]:
        """Return the status and start of every answer."""
        self._stop.set()
        return [answer for asked in self._asked for answer in asked.result()]


def test_release_built_beside_the_server_is_served_and_no_request_fails(
    start: Start, lignee: Lignee, tiny_releases: Path, newer_kg: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "releases"
    shutil.copytree(tiny_releases, folder, symlinks=True)
    server = start(folder)
    visitors = Visitors(server)
    assert version_of(server) == "0.3.0"
    assert lignee("build", "--kg", newer_kg, "--releases", folder).returncode == 0
    built = time.monotonic()
    assert until(lambda: version_of(server) == SECOND)
    assert time.monotonic() - built < 2.5  # a second where the machine has nothing else to do
    answers = visitors.leave()
    assert {answer[:3] for answer in answers} == {"200"}
    assert len(answers) > 50
    assert sum(SECOND in answer for answer in answers)
    assert until(lambda: zygotes(server) == 1)


def test_answer_under_way_ends_on_the_release_it_began_with(start: Start, releases: Path) -> None:
    server = start(releases, spool_bytes=0)
    expected = len(ask(server, LARGE).content)
    with stream(server, LARGE) as answer:
        pieces = answer.iter_raw()
        received = len(next(pieces))
        publish(releases, newest(releases))
        assert until(lambda: version_of(server) == SECOND)
        assert zygotes(server) == 2
        assert received + sum(map(len, pieces)) == expected
    assert until(lambda: zygotes(server) == 1)


def test_broken_release_is_refused_and_told_until_it_is_mended(
    start: Start, releases: Path
) -> None:
    server = start(releases)
    dump = releases / newest(releases) / "dataset.nq"
    right = dump.read_bytes()
    dump.write_text("no quads", encoding="utf-8")
    publish(releases, newest(releases))
    assert until(lambda: "is not served, 0.3.0" in log_of(releases))
    assert "the store cannot be opened" in log_of(releases)
    assert version_of(server) == "0.3.0"
    dump.write_bytes(right)
    server.process.send_signal(signal.SIGHUP)
    assert until(lambda: version_of(server) == SECOND)


def test_release_without_its_triples_is_refused(start: Start, releases: Path) -> None:
    server = start(releases)
    for name in ("graph.nt", "dataset.nq", "dcat.ttl", "validation.ttl"):
        (releases / newest(releases) / name).write_text("", encoding="utf-8")
    publish(releases, newest(releases))
    assert until(lambda: "does not hold what its manifest says" in log_of(releases))
    assert version_of(server) == "0.3.0"
    assert until(lambda: zygotes(server) == 1)


def test_serving_process_that_is_replaced_serves_the_newest_release(
    start: Start, releases: Path, tiny_release: Release
) -> None:
    server = start(releases)
    publish(releases, newest(releases))
    assert until(lambda: version_of(server) == SECOND)
    shutil.rmtree(releases / tiny_release.version)
    psutil.Process(server.process.pid).children()[0].kill()
    assert until(lambda: answers(server))
    assert version_of(server) == SECOND


def answers(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_older_release_answers_while_the_current_one_does(
    start: Start, both: Path, tiny_release: Release
) -> None:
    server = start(both, older_idle_seconds=0.3)
    assert version_of(server, release=tiny_release.version) == "0.3.0"
    assert version_of(server, release=newest(both)) == SECOND
    assert version_of(server) == SECOND
    assert until(lambda: zygotes(server) == 1)
    form = {"query": VERSION, "release": tiny_release.version, "format": "csv"}
    assert "0.3.0" in httpx.post(f"{server.url}/sparql", data=form).text


@pytest.mark.parametrize("version", ["9.9.9-000000000000", "current", "..", ""])
def test_unknown_release_is_told_where_the_list_is(server: Server, version: str) -> None:
    answer = ask(server, VERSION, release=version)
    assert answer.status_code == 400
    assert answer.json()["error"] == "UnknownRelease"
    assert "/releases lists those there are" in answer.json()["detail"]


def test_timeout_of_a_request_shortens_its_deadline_only(start: Start, both: Path) -> None:
    server = start(both, timeout_seconds=0.6)
    assert is_prepared(server)
    assert "longer than 0.2 seconds" in ask(server, ENDLESS, timeout="0.2").json()["detail"]
    assert "longer than 0.6 seconds" in ask(server, ENDLESS, timeout="60").json()["detail"]


def test_timeout_of_a_request_is_not_that_of_others_who_ask_the_same(
    start: Start, both: Path
) -> None:
    server = start(both, timeout_seconds=3)
    assert is_prepared(server)
    query = ENDLESS + " # by two"
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(ask, server, query, timeout="1.5")
        assert until(lambda: metric(server, "lignee_workers_busy") == 1)
        second = threads.submit(ask, server, query)
    assert "longer than 1.5 seconds" in first.result().json()["detail"]
    assert "longer than 3 seconds" in second.result().json()["detail"]


def test_share_that_is_used_up_is_not_that_of_others_who_ask_the_same(
    start: Start, both: Path
) -> None:
    server = start(both, workers=2, queue_seconds=3, trusted_proxies="127.0.0.1")
    assert is_prepared(server)
    other = {"X-Forwarded-For": "192.0.2.1"}
    url = f"{server.url}/sparql?query=ASK{{}}"
    with (
        server.send(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\nHost: x"),
        ThreadPoolExecutor(2) as threads,
    ):
        assert until(lambda: metric(server, "lignee_workers_busy") == 1)
        first = threads.submit(httpx.get, url)
        assert until(lambda: metric(server, "lignee_queries_waiting") == 1)
        second = threads.submit(httpx.get, url, headers=other)
        assert first.result().status_code == 429
        assert second.result().status_code == 200


@pytest.mark.parametrize("nonsense", ["soon", "0", "-1", "nan", "inf", ""])
def test_timeout_that_is_no_time_is_refused(server: Server, nonsense: str) -> None:
    answer = ask(server, "ASK {}", timeout=nonsense)
    assert (answer.status_code, answer.json()["error"]) == (422, "BadParameter")
    assert "`timeout`" in answer.json()["detail"]


def test_client_that_fills_its_share_is_in_nobodys_way(start: Start, both: Path) -> None:
    server = start(both, workers=1, client_queue_length=3, trusted_proxies="127.0.0.1")
    other = {"X-Forwarded-For": "192.0.2.1"}
    assert is_prepared(server)
    with ExitStack() as open_connections, ThreadPoolExecutor(1) as threads:
        for number in range(4):  # each another query, or they were evaluated as one
            query = quote(f"{ENDLESS} # {number}")
            head = f"GET /sparql?query={query} HTTP/1.1\nHost: x"
            open_connections.enter_context(server.send(head))
        assert until(lambda: metric(server, "lignee_queries_waiting") == 3)
        refused = ask(server, "ASK {}")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        assert "--client-queue-length" in refused.json()["detail"]
        begun = time.monotonic()
        for path in ("/health/live", "/", "/downloads"):
            assert httpx.get(server.url + path, timeout=3).status_code == 200
        assert time.monotonic() - begun < 5  # --queue-seconds are twice that
        url = f"{server.url}/sparql?query=ASK{{}}"
        answer = threads.submit(httpx.get, url, headers=other, timeout=20)
        assert until(lambda: metric(server, "lignee_queries_waiting") == 4)
        server.engine_workers()[0].kill()
        assert answer.result().status_code == 200
        assert metric(server, "lignee_queries_waiting") >= 2  # the first client's wait still


def test_threads_that_queries_may_fill_are_refused(lignee: Lignee, both: Path) -> None:
    done = lignee("serve", "--releases", both, "--threads", "60", "--workers", "3")
    assert done.returncode == 2
    assert "--threads is 60; queries may hold 149" in done.stderr


def test_metrics_count_requests_workers_and_release_and_the_log_tells_failures(
    start: Start, releases: Path, tiny_release: Release
) -> None:
    server = start(releases, timeout_seconds=0.3, workers=3)
    assert is_prepared(server)
    before = metric(server, "lignee_query_wait_seconds_count")
    version_of(server)
    ask(server, ENDLESS)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(server, HUGE)
    httpx.get(f"{server.url}/nowhere")
    httpx.request("PROPFIND", f"{server.url}/")
    count = "lignee_requests_total"
    assert metric(server, count, kind="sparql", method="GET", status="200") == 2
    assert metric(server, count, kind="sparql", method="GET", status="503") == 1
    assert metric(server, count, kind="unknown", method="GET", status="404") == 1
    assert metric(server, count, method="other") == 1
    broken = "lignee_answers_broken_off_total"
    assert metric(server, broken, kind="sparql", error="DeadlineReached") == 1
    assert metric(server, "lignee_request_duration_seconds_count", kind="sparql") == 3
    assert metric(server, "lignee_sent_bytes_total", kind="sparql") > 50_000
    assert metric(server, "lignee_query_wait_seconds_count") == before + 3
    assert metric(server, "lignee_workers_replaced_total", cause="deadline") == 2
    assert until(lambda: metric(server, "lignee_workers") == 3)
    assert metric(server, "lignee_release_info", version=tiny_release.version) == 1
    assert metric(server, "process_resident_memory_bytes") > 0
    requests = [line for line in log_of(releases).splitlines() if "request_id=" in line]
    assert [line.split()[0] for line in requests] == ["[WARNING]", "[WARNING]"]
    assert all("error=DeadlineReached" in line for line in requests)


def test_metrics_come_in_the_format_that_is_asked_for(server: Server) -> None:
    url = f"{server.url}/metrics"
    assert httpx.get(url).headers["Content-Type"].startswith("text/plain; version=")
    headers = {"Accept": "application/openmetrics-text; version=1.0.0"}
    answer = httpx.get(url, headers=headers)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def lines_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log_of(folder).splitlines()]


@pytest.mark.parametrize("wanted", ["no", "yes"])
def test_log_tells_each_request_and_its_query_only_to_those_who_want_it(
    start: Start, releases: Path, wanted: str
) -> None:
    server = start(releases, log_format="json", log_level="info", log_queries=wanted)
    headers = {"X-Request-Id": "client-chose-7"}
    query = 'SELECT * { ?s ?p "a private matter" }'
    httpx.get(f"{server.url}/sparql", params={"query": query}, headers=headers)
    assert until(lambda: '"request"' in log_of(releases))
    line = lines_of(releases)[-1]
    assert line["request_id"] == "client-chose-7"
    assert (line["kind"], line["method"], line["status"]) == ("sparql", "GET", 200)
    assert isinstance(line["seconds"], float)
    assert line["level"] == "info"
    assert ("private" in log_of(releases)) == (wanted == "yes")
    assert "127.0.0.1" not in log_of(releases)
    told = lines_of(releases)[0]
    assert (told["request_id"], told["query_digest"]) == ("client-chose-7", line["query_digest"])
    assert told.get("query", query) == query


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("0af7651916cd43dd8448eb211c80319c", True), ("a b", False), ("x" * 200, False), ("", False)],
)
def test_request_is_named_as_its_client_says(server: Server, given: str, is_kept: bool) -> None:
    answer = httpx.get(f"{server.url}/sparql?query=no", headers={"X-Request-Id": given})
    named = answer.headers["X-Request-Id"]
    assert (named == given) == is_kept
    assert len(named) == 32
    assert answer.json()["request_id"] == named


def test_answers_given_at_once_have_names_of_their_own_and_are_counted(server: Server) -> None:
    hits = metric(server, "lignee_cache_hits_total")
    with server.client() as client:
        named = [client.get("/sparql?query=ASK{}").headers["X-Request-Id"] for _ in range(5)]
        assert len(set(named)) == 5
        own = {"X-Request-Id": "of-this-client"}
        given = [client.get("/sparql?query=ASK{}", headers=own) for _ in range(3)]
    assert {answer.headers["X-Request-Id"] for answer in given} == {"of-this-client"}
    assert metric(server, "lignee_cache_hits_total") == hits + 7
    assert metric(server, "lignee_cache_held_bytes", part="ready") > 0


def test_server_that_stops_finishes_what_it_began(start: Start, releases: Path) -> None:
    server = start(releases, timeout_seconds=2, spool_bytes=0)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(ask, server, ENDLESS)
        with stream(server, LARGE) as answer:
            pieces = answer.iter_raw()
            received = len(next(pieces))
            assert until(lambda: metric(server, "lignee_workers_busy") == 2)
            server.process.send_signal(signal.SIGTERM)
            assert until(lambda: is_refused(server), seconds=1)
            received += sum(map(len, pieces))
        assert received > 1_000_000
        assert asked.result().status_code == 503
        assert "2 seconds" in asked.result().json()["detail"]
    assert server.process.wait(timeout=10) == 0


def is_refused(server: Server) -> bool:
    try:
        httpx.get(f"{server.url}/health/live", timeout=1)
    except httpx.TransportError as error:
        return isinstance(error, httpx.ConnectError)
    return False


def test_whole_server_fits_in_its_memory(start: Start, shipped_releases: Path) -> None:
    server = start(shipped_releases)
    for _ in range(6):
        ask(server, "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o . ?s ?q ?r }")
    httpx.get(server.url)
    pss = sum(process.memory_full_info().pss for process in server.processes())
    assert pss < 300_000_000
