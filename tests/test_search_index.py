"""The index that a release brings with it, and what is done without one."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import Literal, Quad

import building
import handmade
from lignee.build import pipeline
from lignee.build.verification import verify
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.engine import Engine
from lignee.errors import DamagedRelease, MemoryBudgetReached
from lignee.matching.index import LabelIndex, Match
from lignee.release import Release, open_release
from lignee.serve.site import labels
from lignee.serve.site.labels import LabelIndexes
from lignee.vocabulary import RDFS_LABEL

ASKED = ("star", "étoile", "horizon", "fixed", "comets", "theme", "t", "of the")


@pytest.fixture
def release(tiny_releases: Path, tmp_path: Path) -> Release:
    copy = Path(shutil.copytree(tiny_releases, tmp_path / "releases", symlinks=True))
    return open_release(copy)


@contextlib.contextmanager
def engine_on(release: Release) -> Iterator[Engine]:
    with closing(EmbeddedEngine(release, handmade.chosen(workers=1))) as engine:
        yield engine


def answers(index: LabelIndex) -> list[tuple[list[Match], dict[str, int]]]:
    return [(index.find(text, language="en"), index.kinds(text)) for text in ASKED]


def make_older(release: Release) -> None:
    """Take the index away, and its checksum."""
    release.search.unlink()
    sealed = release.folder / "store.sha256"
    lines = sealed.read_text(encoding="ascii").splitlines(keepends=True)
    kept = "".join(line for line in lines if "search.sqlite" not in line)
    sealed.write_text(kept, encoding="ascii")


def test_file_and_engine_give_the_same_answers(release: Release) -> None:
    with engine_on(release) as engine:
        own = LabelIndexes().of(engine, release, release.version)
        made = LabelIndexes().of(engine, release, "with files beside it")
    assert answers(own) == answers(made)
    assert all(found for found, _ in answers(own))


def test_files_index_is_there_without_a_question_to_the_engine(release: Release) -> None:
    with engine_on(release) as engine:
        pass
    assert LabelIndexes().of(engine, release, release.version).count("sky")


@pytest.mark.parametrize("content", [None, b"no index", b""], ids=["gone", "other", "empty"])
def test_release_without_usable_index_is_searched(release: Release, content: bytes | None) -> None:
    release.search.unlink()
    if content is not None:
        release.search.write_bytes(content)
    with engine_on(release) as engine:
        assert LabelIndexes().of(engine, release, release.version).count("sky")


def test_page_of_the_file_that_is_damaged_is_told(release: Release) -> None:
    whole = release.search.read_bytes()
    release.search.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    index = LabelIndex.opened(release.search)
    with pytest.raises(DamagedRelease, match=r"search\.sqlite cannot be read"):
        index.find("sky", language="en")


def test_index_that_says_something_else_is_named(release: Release) -> None:
    with closing(sqlite3.connect(release.search)) as database, database:
        database.execute("UPDATE texts SET text = 'Clouds' WHERE text = 'Stars'")
    assert "search.sqlite does not say what the dumps say" in verify(release)


def test_release_older_than_the_index_has_no_differences(release: Release) -> None:
    make_older(release)
    assert verify(release) == []


def test_release_older_than_the_index_is_given_one_by_a_build(tiny: Path, release: Release) -> None:
    make_older(release)
    built = pipeline.build(tiny, release.folder.parent, progress=building.Silent())
    assert (built.release.version, built.release.search.is_file()) == (release.version, True)


def test_more_names_than_fit_are_refused_and_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "MOST_LABELS", 1_000)
    folder = tmp_path / handmade.VERSION
    folder.mkdir()
    graph = handmade.iri("graph/names")
    names = [Quad(handmade.iri(f"id/{n}"), RDFS_LABEL, Literal(n), graph) for n in range(1_001)]
    release = handmade.release(folder, names)
    indexes = LabelIndexes()
    with engine_on(release) as engine, pytest.raises(MemoryBudgetReached, match="than 1,000 names"):
        indexes.of(engine, release, release.version)
    with pytest.raises(MemoryBudgetReached, match="than 1,000 names"):  # and not that it is closed
        indexes.of(engine, release, release.version)
