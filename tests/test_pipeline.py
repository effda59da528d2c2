"""A build publishes everything or nothing, and the same content gives the same bytes."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import TINY, Lignee, leave_out
from lignee.build import pipeline
from lignee.build.verification import verify
from lignee.errors import DamagedRelease
from lignee.release import open_release, open_store, versions, wants_store

STEPS = 10
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from lignee.build import pipeline

class KillAtStep:
    count = 0
    def step(self, name, total=None):
        self.count += 1
        if self.count == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
    def advance(self, count=1): pass
    def done(self, **counts): pass

pipeline.build(Path(sys.argv[1]), Path(sys.argv[2]), progress=KillAtStep())
"""


class Steps:
    """Remembers the names of the steps."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def step(self, name: str, total: int | None = None) -> None:
        self.names.append(name)

    def advance(self, count: int = 1) -> None: ...

    def done(self, **counts: int) -> None: ...


@pytest.fixture
def kg(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "kg"))


def change(kg: Path) -> None:
    """Make the folder's content another, as an edit would."""
    head = kg / "data" / "dataset.ttl"
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace('"0.3.0"', '"0.4.0"'), encoding="utf-8")


def visible(releases: Path) -> list[str]:
    return sorted(entry.name for entry in releases.iterdir() if not entry.name.startswith("."))


def test_two_builds_from_two_folders_are_the_same_bytes(kg: Path, tmp_path: Path) -> None:
    first = pipeline.build(TINY, tmp_path / "a", progress=Steps()).release.folder
    second = pipeline.build(kg, tmp_path / "b", progress=Steps()).release.folder
    assert first.name == second.name
    names = sorted(file.name for file in first.iterdir() if file.is_file())
    assert names == sorted(file.name for file in second.iterdir() if file.is_file())
    for name in names:
        if name != "store.sha256":
            assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_steps_come_in_their_order(tmp_path: Path) -> None:
    steps = Steps()
    pipeline.build(TINY, tmp_path, progress=steps)
    assert steps.names[:5] == ["read", "link", "validate", "derive", "validate again"]
    assert steps.names[-1] == "publish"
    assert len(steps.names) == STEPS


def test_build_killed_at_any_step_leaves_the_current_release(
    kg: Path, tiny_releases: Path, tmp_path: Path
) -> None:
    releases = Path(shutil.copytree(tiny_releases, tmp_path / "releases", symlinks=True))
    before = open_release(releases).version
    change(kg)
    for number in range(1, STEPS + 1):
        script = [sys.executable, "-c", KILLED_AT, str(kg), str(releases), str(number)]
        killed = subprocess.run(script, check=False, capture_output=True, timeout=60)
        assert killed.returncode == -9, killed.stderr
        assert open_release(releases).version == before, number
        assert visible(releases) == sorted([before, "current"]), number
    after = pipeline.build(kg, releases, progress=Steps()).release.version
    assert visible(releases) == sorted([before, after, "current"])
    assert not list(releases.glob(".building*"))


def test_damaged_release_of_the_same_content_is_built_again(tmp_path: Path) -> None:
    first = pipeline.build(TINY, tmp_path, progress=Steps()).release
    (first.folder / "graph.ttl").write_bytes(b"")
    again = pipeline.build(TINY, tmp_path, progress=Steps())
    assert again.is_new
    assert (again.release.folder / "graph.ttl").stat().st_size


def test_older_release_stays_when_a_newer_one_comes(kg: Path, tmp_path: Path) -> None:
    old = pipeline.build(kg, tmp_path / "releases", progress=Steps()).release.version
    change(kg)
    new = pipeline.build(kg, tmp_path / "releases", progress=Steps()).release.version
    assert versions(tmp_path / "releases") == [old, new]


def test_release_built_without_validation_says_so(tmp_path: Path) -> None:
    release = pipeline.build(TINY, tmp_path, progress=Steps(), validate=False).release
    assert release.version.endswith("-unvalidated")
    assert not release.manifest.validated


def test_second_build_at_the_same_time_is_refused(lignee: Lignee, tmp_path: Path) -> None:
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = lignee("build", "--kg", TINY, "--releases", tmp_path)
    assert (done.returncode, "another build is at work" in done.stderr) == (3, True)


def test_folder_below_a_file_is_told_with_the_flag(lignee: Lignee, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = lignee("build", "--kg", TINY, "--releases", tmp_path / "file" / "releases")
    assert (done.returncode, "--releases" in done.stderr) == (3, True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a file system of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        leave_out("needs the right to mount a small tmpfs")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_full_disk_is_told_and_nothing_is_published(lignee: Lignee, small_disk: Path) -> None:
    done = lignee("build", "--kg", TINY, "--releases", small_disk / "releases")
    assert (done.returncode, "the disk is full" in done.stderr) == (3, True), done.stderr
    assert visible(small_disk / "releases") == []


def test_read_only_disk_is_told(lignee: Lignee, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = lignee("build", "--kg", TINY, "--releases", small_disk / "releases")
    assert (done.returncode, "read-only file system" in done.stderr) == (3, True), done.stderr


@pytest.mark.parametrize(
    ("quads", "limit", "wanted"),
    [
        (10_000, 2_000_000, True),
        (1_000_000, 2_000_000, False),
        (1_000_000, 999_999, True),
        (3_000_000, 2_000_000, True),
    ],
)
def test_store_is_on_disk_where_it_is_cheap_or_needed(quads: int, limit: int, wanted: bool) -> None:
    assert wants_store(quads, limit) is wanted


def test_release_without_store_gets_one_when_it_is_to_be_opened_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lignee.release._SMALL_STORE_QUADS", 0)  # as if the miniature were large
    held = pipeline.build(TINY, tmp_path, progress=Steps(), memory_store_max_quads=10_000)
    assert not held.release.has_store
    assert verify(held.release) == []
    assert len(open_store(held.release, in_memory=True)) > held.release.manifest.quads
    with pytest.raises(DamagedRelease, match=r"has no store on disk.*--memory-store-max-quads"):
        open_store(held.release, in_memory=False)
    again = pipeline.build(TINY, tmp_path, progress=Steps(), memory_store_max_quads=100)
    assert again.is_new
    assert verify(again.release) == []
    assert again.release.manifest == held.release.manifest
    assert len(open_store(again.release, in_memory=False)) > held.release.manifest.quads
