"""Fixtures that many tests share, and what a run says at its end of checks it had to leave out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
TINY = ROOT / "tests" / "tiny"
SHARED = Path(os.environ.get("LIGNEE_SHARED", ROOT.parent / "shared"))

_left_out: list[str] = []


@pytest.fixture(scope="session")
def tiny() -> Path:
    """Return the miniature knowledge-graph folder; nobody writes into it."""
    return TINY


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> Path:
    """Return the folder of inputs that are not in the repository, or leave the test out, loudly."""
    if not SHARED.is_dir():
        _left_out.append(request.node.nodeid)
        pytest.skip(f"LIGNEE_SHARED names no folder: {SHARED}")
    return SHARED


@pytest.fixture(autouse=True)
def no_process_outlives_its_test() -> Iterator[None]:
    """Fail a test that leaves a process behind which it started."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    _, alive = psutil.wait_procs(
        [child for child in psutil.Process().children(recursive=True) if child.pid not in before],
        timeout=5,
    )
    names = [" ".join(child.cmdline()) for child in alive]
    for child in alive:
        child.kill()
    assert not names, f"left running: {names}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the checks that were left out for want of their inputs."""
    if not _left_out:
        return
    terminalreporter.section("CHECKS LEFT OUT", red=True, bold=True)
    terminalreporter.write_line(
        f"{len(_left_out)} checks need the source texts and others' schemas, which are not in the "
        f"repository. LIGNEE_SHARED names their folder; {SHARED} is none."
    )
    for nodeid in _left_out:
        terminalreporter.write_line(f"  {nodeid}")
