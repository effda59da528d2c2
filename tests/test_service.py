"""SERVICE over real sockets: who may be called, what a bad endpoint can do, what stays shut."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import serving
from handmade import VERSION, ask, chosen, release, request, whole
from lignee.engines.embedded import EmbeddedEngine
from lignee.errors import (
    DeadlineReached,
    MalformedQuery,
    MemoryBudgetReached,
    ServiceFailed,
    ServiceRefused,
)
from lignee.release import Release
from lignee.settings import Iris, Settings
from serving import Server
from test_engine_limits import workers

SOLUTION = b'{"s":{"type":"literal","value":"from afar"}}'
HEAD = b'{"head":{"vars":["s"]},"results":{"bindings":['


class _Endpoint(http.server.BaseHTTPRequestHandler):
    """An endpoint that behaves as the path of the request says."""

    protocol_version = "HTTP/1.1"
    called: list[str]
    leave: threading.Event

    def do_POST(self) -> None:
        self.called.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hangs":
            self.leave.wait(20)
            return
        status = {"/fails": 500, "/moved": 302}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Location", "/good")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._write(b"neither JSON nor XML" if self.path == "/lies" else HEAD + SOLUTION)
        while self.path == "/endless" and not self.leave.is_set():
            self._write((b"," + SOLUTION) * 1000)
        self._write(b" " if self.path == "/cut" else b"]}}")
        self._write(b"")

    def _write(self, piece: bytes) -> None:
        self.wfile.write(b"%X\r\n%s\r\n" % (len(piece), piece))

    def log_message(self, *_: object) -> None:
        pass


class _Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Expect callers to hang up."""


class Afar:
    """A server of endpoints, and which of them were called."""

    def __init__(self, server: http.server.ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.called = _Endpoint.called


@pytest.fixture
def afar() -> Iterator[Afar]:
    _Endpoint.called, _Endpoint.leave = [], threading.Event()
    with _Quiet(("127.0.0.1", 0), _Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Afar(server)
        _Endpoint.leave.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("releases") / VERSION
    folder.mkdir()
    return release(folder)


@pytest.fixture
def open_engine(made: Release, afar: Afar) -> Iterator[Callable[..., EmbeddedEngine]]:
    opened: list[EmbeddedEngine] = []

    def open_one(*allowed: str, **settings: float) -> EmbeddedEngine:
        iris = " ".join(f"{afar.url}/{name}" for name in allowed)
        opened.append(EmbeddedEngine(made, chosen(workers=1, service_allow=iris, **settings)))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close()


Opener = Callable[..., EmbeddedEngine]


def calls(afar: Afar, name: str, silent: str = "") -> str:
    return f"SELECT ?s {{ SERVICE {silent} <{afar.url}/{name}> {{ ?s ?p ?o }} }}"


def values(body: bytes) -> list[str]:
    return [row["s"]["value"] for row in json.loads(body)["results"]["bindings"] if row]


def test_allowed_endpoint_is_asked(open_engine: Opener, afar: Afar) -> None:
    engine = open_engine("good")
    assert values(ask(engine, calls(afar, "good"))) == ["from afar"]
    assert afar.called == ["/good"]


@pytest.mark.parametrize("allowed", [(), ("good",)], ids=["nothing allowed", "another allowed"])
def test_no_other_endpoint_is_asked(
    open_engine: Opener, afar: Afar, allowed: tuple[str, ...]
) -> None:
    engine = open_engine(*allowed)
    for silent in ("", "SILENT"):
        with pytest.raises(ServiceRefused, match="/cut> in line 1, column 13"):
            ask(engine, calls(afar, "cut", silent))
    assert afar.called == []


@pytest.mark.parametrize("target", ["<https://127.0.0.1:9/>", "a:", "?iri"])
def test_call_that_would_be_made_before_the_first_solution_is_refused(
    open_engine: Opener, target: str
) -> None:
    query = (
        "PREFIX a: <https://127.0.0.1:9/> SELECT ?s { VALUES ?iri { a: } "
        f"SERVICE {target} {{ ?s ?p ?o }} }} ORDER BY ?s"
    )
    with pytest.raises(ServiceRefused):
        ask(open_engine(), query)


def test_call_that_hides_from_a_reader_of_tokens_is_refused_too(
    open_engine: Opener, afar: Afar
) -> None:
    hidden = "?x ?y ?z FILTER(?x<?y)SERVICESILENTa:good#>\n{ ?s ?p ?o }"
    with pytest.raises(ServiceRefused):
        ask(open_engine(), f"PREFIX a: <{afar.url}/> SELECT ?s {{ {hidden} }}")
    assert afar.called == []


def test_worker_that_called_out_is_replaced(open_engine: Opener, afar: Afar) -> None:
    engine = open_engine("good")
    before = workers()
    ask(engine, calls(afar, "good"))
    assert not psutil.wait_procs(before, timeout=3)[1]
    assert b"true" in ask(engine, "ASK {}")


def test_no_descriptor_is_free_while_no_allowed_endpoint_is_called(open_engine: Opener) -> None:
    ask(open_engine("good"), "ASK {}")
    worker = workers()[0]
    soft, hard = worker.rlimit(psutil.RLIMIT_NOFILE)
    used = {int(file.name) for file in Path(f"/proc/{worker.pid}/fd").iterdir()}
    assert soft < hard
    assert set(range(soft)) <= used


def test_redirection_is_not_followed(open_engine: Opener, afar: Afar) -> None:
    with pytest.raises(ServiceFailed, match="redirect"):
        ask(open_engine("moved", "good"), calls(afar, "moved"))
    assert afar.called == ["/moved"]


FAULTS = ("fails", "lies", "cut")


def test_endpoint_that_fails_is_told(open_engine: Opener, afar: Afar) -> None:
    engine = open_engine(*FAULTS)
    for name in FAULTS:
        select = calls(afar, name)
        # Where it asks no more of the solution, ASK is content with one from an answer cut short.
        ask_of_it = select.replace("SELECT ?s", "ASK").replace("} }", "} FILTER(?s = 1) }")
        for query in (select, ask_of_it):
            with pytest.raises(ServiceFailed, match="that the query calls by SERVICE failed"):
                ask(engine, query)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_endpoint_where_nobody_listens_is_told(made: Release, scheme: str) -> None:
    url = f"{scheme}://127.0.0.1:{serving.free_port()}/"
    with (
        EmbeddedEngine(made, Settings(workers=1, service_allow=Iris(url))) as engine,
        pytest.raises(ServiceFailed),
    ):
        ask(engine, f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }} ORDER BY ?s")


def test_silent_hides_the_fault_of_an_allowed_endpoint(open_engine: Opener, afar: Afar) -> None:
    assert values(ask(open_engine("fails"), calls(afar, "fails", "SILENT"))) == []


@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_endpoint_has_a_time_of_its_own(open_engine: Opener, afar: Afar, silent: str) -> None:
    engine = open_engine("hangs", "endless", service_seconds=0.4)
    for name in ("hangs", "endless"):
        start = time.monotonic()
        query = calls(afar, name, silent).replace("SELECT ?s", "SELECT (COUNT(*) AS ?s)")
        with pytest.raises(DeadlineReached, match=r"0\.4 seconds \(--service-seconds\)"):
            ask(engine, query)
        assert time.monotonic() - start < 2
    assert b"true" in ask(engine, "ASK {}")


def test_endless_answer_kept_meets_the_memory_budget(open_engine: Opener, afar: Afar) -> None:
    engine = open_engine("endless", memory_megabytes=32)
    with pytest.raises(MemoryBudgetReached):
        ask(engine, calls(afar, "endless") + " ORDER BY ?s")


def test_graphs_of_other_places_are_never_fetched(open_engine: Opener, afar: Afar) -> None:
    engine = open_engine("good")
    iri = f"{afar.url}/good"
    for clause in ("FROM", "FROM NAMED"):
        assert values(ask(engine, f"SELECT ?s {clause} <{iri}> {{ ?s ?p ?o }}")) == []
    query = "SELECT ?s { GRAPH ?g { ?s ?p ?o } }"
    whole(engine.evaluate(request(query, default_graphs=(iri,), named_graphs=(iri,))))
    with pytest.raises(MalformedQuery, match="LOAD is a SPARQL update"):
        ask(engine, f"LOAD <{iri}>")
    assert afar.called == []


def test_one_server_asks_another(tiny_server: Server, tiny_releases: Path) -> None:
    allow = f"{tiny_server.url}/sparql"
    with serving.serve(tiny_releases, service_allow=allow) as asking, asking.client() as client:
        count = "SELECT (COUNT(*) AS ?s) { ?s ?p ?o }"
        afar = count.replace("{", f"{{ SERVICE <{allow}> {{") + "}"
        own = client.get("/sparql", params={"query": count})
        far = client.get("/sparql", params={"query": afar})
    assert values(far.content) == values(own.content)
