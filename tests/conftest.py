"""Fixtures that many tests share, and what a run says at its end of checks it had to leave out."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, Protocol

import psutil
import pytest
from pyoxigraph import Store

import serving
from lignee.release import CURRENT, Release, open_release, open_store
from serving import Server

ROOT = Path(__file__).resolve().parents[1]
TINY = ROOT / "tests" / "tiny"
LONGEST = {
    "test_server_operation.py",
    "test_remote_servers.py",
    "test_site_vocabulary.py",
    "test_shapes.py",
    "test_server_interface.py",
    "test_hostile_requests.py",
    "test_pipeline.py",
    "test_cli.py",
    "test_accessible.py",
    "test_search_index.py",
    "test_bench_peers.py",
    "test_derivation.py",
}
"""Files whose tests take longest: they begin first, so that none is left to the end alone."""
SHARED = Path(os.environ.get("LIGNEE_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def tiny() -> Path:
    """Return the miniature knowledge-graph folder; nobody writes into it."""
    return TINY


class Lignee(Protocol):
    """Runs the command `lignee` to its end."""

    def __call__(
        self, *arguments: str | Path, cwd: Path = ..., env: Mapping[str, str] = ...
    ) -> subprocess.CompletedProcess[str]: ...


def run_lignee(
    *arguments: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own and return how it ended."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("LIGNEE_")
    }
    command = [str(Path(sys.executable).with_name("lignee")), *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=cwd,
        env=inherited | dict(env or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="session")
def lignee() -> Lignee:
    """Return what runs the command `lignee`."""
    return run_lignee


@pytest.fixture(scope="session")
def tiny_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one release, of the miniature; nobody writes into it."""
    return _built(TINY, "tiny-releases", tmp_path_factory)


@pytest.fixture(scope="session")
def tiny_release(tiny_releases: Path) -> Release:
    """Return a release of the miniature."""
    return open_release(tiny_releases)


@pytest.fixture(scope="session")
def shipped_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one release, of the graph that this repository ships."""
    return _built(ROOT, "shipped-releases", tmp_path_factory)


@pytest.fixture(scope="session")
def shipped(shipped_releases: Path) -> Release:
    """Return a release of the graph that this repository ships."""
    return open_release(shipped_releases)


@pytest.fixture(scope="session")
def shipped_store(shipped: Release) -> Store:
    """Return the store of that release; nobody writes into it."""
    return open_store(shipped, in_memory=True)


@pytest.fixture(scope="session")
def tiny_server(tiny_releases: Path) -> Iterator[Server]:
    """Return a server of the miniature, which many files' tests ask and none changes."""
    with serving.serve(tiny_releases) as running:
        yield running


@pytest.fixture(scope="session")
def shipped_server(shipped_releases: Path) -> Iterator[Server]:
    """Return a server of the shipped graph, which many files' tests ask and none changes."""
    with serving.serve(shipped_releases) as running:
        yield running


def _built(kg: Path, name: str, folders: pytest.TempPathFactory) -> Path:
    """Return the folder with a release of the graph, built once for all processes of a run."""
    run = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent
    releases = run / name
    with releases.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (releases / CURRENT).exists():
            done = run_lignee("build", "--kg", kg, "--releases", releases)
            assert done.returncode == 0, done.stderr
    return releases


@pytest.fixture
def shared() -> Path:
    """Return the folder of inputs that are not in the repository, or leave the test out, loudly."""
    if not SHARED.is_dir():
        leave_out(f"LIGNEE_SHARED names no folder: {SHARED}")
    return SHARED


Program = Callable[[str, str], str]
"""Finds a program, given its name and the Debian package that it comes with."""


@pytest.fixture(scope="module")
def program() -> Program:
    """Return what finds a program, or leaves the module's tests that need it out, loudly."""

    def find(name: str, package: str) -> str:
        found = shutil.which(name)
        if found is None:
            leave_out(f"{name} is not installed; on Debian: apt-get install {package}")
        return found

    return find


def leave_out(why: str) -> NoReturn:
    """Leave the test out for want of what it needs, which is said at the end of the run."""
    pytest.skip(why)


@pytest.fixture(autouse=True)
def no_process_outlives_its_test() -> Iterator[None]:
    """Fail a test that leaves a process behind which it started.

    What a browser or server starts that several tests share is theirs.
    """
    before = set(_below(os.getpid()))
    yield
    if not (new := set(_below(os.getpid())) - before):
        return
    children = psutil.Process().children(recursive=True)
    started = [child for child in children if child.pid in new]
    _, alive = psutil.wait_procs(
        [child for child in started if before.isdisjoint(_family(child))], timeout=5
    )
    names = [" ".join(child.cmdline()) for child in alive]
    for child in alive:
        child.kill()
    assert not names, f"left running: {names}"


def _below(process: int) -> Iterator[int]:
    """Yield the processes below one, as Linux lists them with each thread that started some.

    To ask psutil, which reads all processes of the machine, takes as long as many a test.
    """
    if not Path("/proc/thread-self/children").exists():
        yield from (child.pid for child in psutil.Process(process).children(recursive=True))
        return
    for thread in Path(f"/proc/{process}/task").glob("*"):
        children: list[int] = []
        with contextlib.suppress(OSError):  # it has ended meanwhile
            children = [int(child) for child in (thread / "children").read_text().split()]
        for child in children:
            yield child
            yield from _below(child)


def _family(process: psutil.Process) -> set[int]:
    try:
        return {process.pid, *(parent.pid for parent in process.parents())}
    except psutil.NoSuchProcess:  # it has ended meanwhile
        return set()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the files that take longest come first, in which order they are handed out."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the checks that were left out for want of what they need."""
    left_out = terminalreporter.stats.get("skipped", [])
    if not left_out:
        return
    terminalreporter.section("CHECKS LEFT OUT", red=True, bold=True)
    terminalreporter.write_line(
        f"{len(left_out)} checks did not run for want of what they need. LIGNEE_SHARED names the "
        "folder with the source texts and others' schemas, which are not in the repository."
    )
    for report in left_out:
        terminalreporter.write_line(f"  {report.nodeid}: {report.longrepr[2]}")
