"""Reading a store ahead: the whole of it, or nothing where it does not fit in memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lignee.engines.machine import memory_bytes
from lignee.engines.read_ahead import read_ahead

BYTES = 5_000_000


def bytes_read() -> int:
    """Return how many bytes this process has read by now."""
    counters = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counters["rchar"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what a process reads")
def test_every_file_of_a_store_is_read(tmp_path: Path) -> None:
    for name in ("000009.sst", "000010.sst"):
        (tmp_path / name).write_bytes(b"x" * BYTES)
    before = bytes_read()
    thread = read_ahead(tmp_path)
    assert thread
    thread.join()
    assert bytes_read() - before >= 2 * BYTES


def test_store_larger_than_half_of_the_memory_is_left_to_the_queries(tmp_path: Path) -> None:
    with (tmp_path / "000009.sst").open("wb") as file:
        file.truncate(memory_bytes() // 2 + 1)  # a hole: it takes no room
    assert read_ahead(tmp_path) is None
