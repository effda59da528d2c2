"""What a graph holds is counted the same beside other work, in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from building import read
from lignee.build import counting
from lignee.build.census import Census
from lignee.errors import CannotWrite

ENTITIES = "https://example.org/tiny/id/"


def counted(lines: list[bytes], folder: Path) -> Census:
    with counting.counting(folder, lines, [], ENTITIES) as found:
        return found()


def test_a_process_of_its_own_counts_the_same(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = read(tiny).stored_lines()
    here = counted(lines, tmp_path)
    assert here.triples > 100
    monkeypatch.setattr(counting, "LONG", 0)
    assert counted(lines, tmp_path) == here
    assert not list(tmp_path.iterdir())


def test_an_ended_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "LONG", 0)
    with (
        counting.counting(tmp_path, [b"nonsense"], [], ENTITIES) as found,
        pytest.raises(CannotWrite, match="build again"),
    ):
        found()
    assert not list(tmp_path.iterdir())
