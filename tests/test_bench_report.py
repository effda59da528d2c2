"""The bench's page and comparison: what results say, brought together and set side by side."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from report import floors, growth, targets
from report.gathered import gathered
from report.page import PLOTS, page

RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "reference" / "performance.md"
Changes = Mapping[str, object]


@pytest.fixture
def newest() -> dict[str, Any]:
    """The newest result that is kept."""
    return gathered(RESULTS.glob("*.json"))


@pytest.fixture
def kept(newest: dict[str, Any], tmp_path: Path) -> Callable[..., Path]:
    """Write a result of some sizes, like the newest but for what is told."""

    def write(name: str, sizes: Mapping[str, object], **changes: object) -> Path:
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({**newest, "sizes": sizes, **changes}), encoding="utf-8")
        return file

    return write


def at(newest: Mapping[str, Any], size: int, quads: int, seconds: float) -> dict[str, Any]:
    """Return a size as the newest result has 10k, with another number of quads and build time."""
    parts: dict[str, Any] = json.loads(json.dumps(newest["sizes"]["10000"]))
    parts["build"] |= {"asked_quads": size, "release_quads": quads}
    parts["build"]["build"]["wall_seconds"] = seconds
    return parts


def compare(*results: Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [sys.executable, ROOT / "bench" / "compare.py", *results]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_page_says_what_the_newest_results_say(newest: dict[str, Any]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(newest), "bench/write_page.py"
    for plot in PLOTS:
        assert (PAGE.parent / "performance" / f"{plot}.svg").exists()


def test_page_takes_each_size_from_its_newest_result(
    newest: dict[str, Any], kept: Callable[..., Path]
) -> None:
    large = {"5000000": at(newest, 5_000_000, 7_000_000, 500.0)}
    small = {size: newest["sizes"][size] for size in ("10000", "1000000")}
    old = kept("old", {**small, **large}, started="2001-01-01T00:00Z", commit="0ld")
    new = kept("new", small, started="2002-01-01T00:00Z", commit="new")
    written = page(gathered([new, old]))
    assert "10k and 1M quads: measured 2002-01-01 at commit `new`" in written
    assert "5M quads: measured 2001-01-01 at commit `0ld`" in written
    assert "Sizes were measured at different commits" in written
    assert "on different processors" not in written


def test_page_says_when_sizes_were_measured_on_different_processors(
    newest: dict[str, Any], kept: Callable[..., Path]
) -> None:
    machine = {**newest["machine"], "processor": "another"}
    small = {"10000": newest["sizes"]["10000"]}
    large = {"1000000": newest["sizes"]["1000000"]}
    one = kept("one", small, started="2001-01-01T00:00Z")
    other = kept("other", large, started="2002-01-01T00:00Z", machine=machine)
    assert "Sizes were measured on different processors" in page(gathered([one, other]))


def test_size_that_was_interrupted_gives_way_to_a_whole_one(
    newest: dict[str, Any], kept: Callable[..., Path]
) -> None:
    whole = kept("whole", newest["sizes"], started="2001-01-01T00:00Z")
    begun = {"10000": {"build": newest["sizes"]["10000"]["build"]}}
    interrupted = kept("interrupted", begun, started="2002-01-01T00:00Z")
    assert [one["file"] for one in gathered([whole, interrupted])["origins"]] == ["whole.json"]


def test_exponent_is_fitted_to_all_sizes(newest: dict[str, Any], kept: Callable[..., Path]) -> None:
    sizes = {
        str(size): at(newest, size, 2 * size, size / 1000)
        for size in (10_000, 1_000_000, 5_000_000)
    }
    rows = {row.name: row for row in growth.growth(gathered([kept("linear", sizes)]))}
    build = rows["build: seconds"]
    assert list(build.values) == [10_000, 1_000_000, 5_000_000]
    assert build.exponent == pytest.approx(1)
    assert build.at_a_billion == pytest.approx(500_000)


def test_page_names_an_engine_for_a_billion_quads(newest: dict[str, Any]) -> None:
    assert "### A billion quads, on paper" in page(newest)
    assert "as the remote engine" in page(newest)


def test_every_target_that_can_be_missed_is_explained() -> None:
    measures = {target.measure for target in targets.TARGETS}
    assert floors.EXPLANATIONS.keys() == measures


def test_comparison_shows_what_changed(newest: dict[str, Any], kept: Callable[..., Path]) -> None:
    before = kept("before", newest["sizes"])
    newest["sizes"]["10000"]["warm"]["point"] *= 3
    lines = compare(before, kept("after", newest["sizes"])).stdout.splitlines()
    assert lines[0].startswith("  3.00 times  ")
    assert "warm point: ms" in lines[0]
    assert len(lines) == 2


def test_comparison_names_sizes_and_peers_of_one_result_alone(
    newest: dict[str, Any], kept: Callable[..., Path]
) -> None:
    before = kept("before", newest["sizes"])
    del newest["sizes"]["1000000"]
    newest["sizes"]["10000"]["peers"]["virtuoso"]["reason"] = "no virtuoso-t here"
    lines = compare(before, kept("after", newest["sizes"])).stdout.splitlines()
    assert lines[:2] == [
        "only the first measured 1M quads: not compared",
        "10k: only the first measured virtuoso: not compared",
    ]
    assert len(lines) == 3


def test_results_without_a_size_in_common_are_told(
    newest: dict[str, Any], kept: Callable[..., Path]
) -> None:
    small, large = ({size: newest["sizes"][size]} for size in ("10000", "1000000"))
    done = compare(kept("small", small), kept("large", large))
    assert "no size in common" in done.stdout


def test_result_of_an_earlier_bench_is_refused(tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.json"
    earlier.write_text('{"parts": {}}')
    done = compare(earlier, earlier)
    assert done.returncode == 1
    assert done.stderr.strip() == f"{earlier}: not a result of this bench (shape None, wanted 2)"
