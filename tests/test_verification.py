"""A release that is not what was built is found out; so is a passage that lies elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Lignee
from lignee import dataset, kg_folder
from lignee.build.verification import changed_files, verify, verify_sources
from lignee.release import Release, open_release


@pytest.fixture
def release(tiny_releases: Path, tmp_path: Path) -> Release:
    copy = Path(shutil.copytree(tiny_releases, tmp_path / "releases", symlinks=True))
    return open_release(copy)


@pytest.fixture(scope="module")
def spare(tiny_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return a copy that tests damage and mend again."""
    copy = tmp_path_factory.mktemp("spare") / "releases"
    return open_release(Path(shutil.copytree(tiny_releases, copy, symlinks=True)))


def files_of(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and file.stat().st_size)


def flip(file: Path, offset: int, bit: int) -> bytes:
    """Change one bit of the file; return what it held."""
    before = file.read_bytes()
    place = offset % len(before)
    changed = bytes([before[place] ^ (1 << bit)])
    file.write_bytes(before[:place] + changed + before[place + 1 :])
    return before


def test_release_as_built_has_no_differences(release: Release) -> None:
    assert verify(release) == []


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(number=st.integers(0, 1000), offset=st.integers(0), bit=st.integers(0, 7))
def test_single_flipped_bit_is_found_in_any_file(
    spare: Release, number: int, offset: int, bit: int
) -> None:
    files = list(files_of(spare.folder))
    file = files[number % len(files)]
    before = flip(file, offset, bit)
    try:
        assert changed_files(spare), file
    finally:
        file.write_bytes(before)


def test_every_file_is_watched_over(spare: Release) -> None:
    for file in files_of(spare.folder):
        before = flip(file, 0, 0)
        try:
            name = str(file.relative_to(spare.folder))
            assert any(name in found for found in changed_files(spare)) or "sha256" in name
            assert changed_files(spare), name
        finally:
            file.write_bytes(before)


@pytest.mark.parametrize(
    "name", ["graph.ttl", "store", "search.sqlite", "dataset.nq", "store.sha256"]
)
def test_missing_part_is_named(release: Release, name: str) -> None:
    part = release.folder / name
    shutil.rmtree(part) if part.is_dir() else part.unlink()
    assert any(name in found for found in verify(release))


def test_added_file_is_named(release: Release) -> None:
    (release.folder / "extra.ttl").touch()
    assert verify(release) == ["extra.ttl is not a file of the release"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("dataset.trig", "", "dataset.trig does not say"),
        ("dataset.jsonld", "[]", "dataset.jsonld does not say"),
        ("graph.ttl", "", "graph.ttl does not say"),
        ("graph.rdf", "<rdf", "graph.rdf cannot be read"),
        ("graph.ttl.gz", "x", "graph.ttl.gz cannot be read"),
    ],
)
def test_dump_that_says_something_else_is_named(
    release: Release, name: str, content: str, message: str
) -> None:
    (release.folder / name).write_text(content, encoding="utf-8")
    assert any(found.startswith(message) for found in verify(release))


def test_verify_ends_with_1_and_names_the_file(lignee: Lignee, release: Release) -> None:
    flip(release.folder / "graph.nt", 100, 1)
    done = lignee("verify", "--releases", release.folder.parent)
    assert (done.returncode, "graph.nt is not the file that was built" in done.stdout) == (1, True)


def test_manifest_that_is_no_manifest_is_told(lignee: Lignee, release: Release) -> None:
    (release.folder / "manifest.json").write_text(json.dumps([]), encoding="utf-8")
    done = lignee("verify", "--releases", release.folder.parent)
    assert (done.returncode, "cannot be read as a manifest" in done.stderr) == (3, True)


def read(kg: Path) -> dataset.Dataset:
    return dataset.read(kg_folder.find(kg))


def test_passages_lie_where_the_miniature_says(tiny: Path) -> None:
    assert verify_sources(read(tiny), tiny / "sources") == []


def test_changed_text_names_each_passage_it_moves(tiny: Path, tmp_path: Path) -> None:
    for file in (tiny / "sources").iterdir():
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text("\u00e9" + text, encoding="utf-8")
    found = verify_sources(read(tiny), tmp_path)
    assert len(found) > 1
    assert "have the digest sha256-" in found[0]


def test_missing_text_is_named_once(tiny: Path, tmp_path: Path) -> None:
    (found,) = verify_sources(read(tiny), tmp_path)
    assert found.endswith("no such text, or not UTF-8")


def test_shipped_passages_lie_where_the_dataset_says(lignee: Lignee, shared: Path) -> None:
    done = lignee("verify-sources", shared / "sources")
    assert (done.returncode, done.stdout) == (0, "every passage is where the dataset says\n")
