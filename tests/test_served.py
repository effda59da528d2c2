"""Engines of older releases: opened when they are asked for, few at a time, closed when idle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import handmade
from handmade import ask, chosen
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.engine import Engine
from lignee.errors import EngineUnavailable, QueueFull, UnknownRelease
from lignee.release import Release, open_release
from lignee.serve.operation.served import ServedReleases
from lignee.settings import Settings

NEWEST, *OLDER = "3.0.0-c", "1.0.0-a", "2.0.0-b"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases")
    for version in (NEWEST, *OLDER):
        (folder / version).mkdir()
        handmade.release(folder / version)
    return folder


@pytest.fixture
def open_served(releases: Path) -> Iterator[Callable[..., ServedReleases]]:
    opened = []

    def open_some(folder: Path = releases, **settings: float) -> ServedReleases:
        given = chosen(releases=folder, **{"workers": 1, "older_releases": 1, **settings})
        opened.append(ServedReleases(given, open_release(folder, NEWEST), engine))
        return opened[-1]

    yield open_some
    for served in opened:
        served.close()


Opener = Callable[..., ServedReleases]


def engine(release: Release, settings: Settings) -> Engine:
    return EmbeddedEngine(release, settings)


def use(served: ServedReleases, version: str | None = None) -> str:
    """Ask a release and return which it was."""
    borrowed = served.borrow(version)
    assert b"true" in ask(borrowed.engine, "ASK { ?s ?p ?o }")
    served.give_back(borrowed)
    return borrowed.release.version


def test_release_is_found_by_its_version(open_served: Opener) -> None:
    served = open_served()
    assert use(served) == NEWEST
    assert use(served, NEWEST) == NEWEST
    assert served.older == 0
    assert use(served, OLDER[0]) == OLDER[0]
    assert served.older == 1


def test_release_not_used_for_longest_makes_room(open_served: Opener) -> None:
    served = open_served()
    assert [use(served, version) for version in (*OLDER, OLDER[0])] == [*OLDER, OLDER[0]]
    assert served.older == 1


def test_release_in_use_is_not_closed_for_another(open_served: Opener) -> None:
    served = open_served()
    borrowed = served.borrow(OLDER[0])
    with pytest.raises(QueueFull, match=r"1 older releases are being queried .* --older-releases"):
        served.borrow(OLDER[1])
    served.give_back(borrowed)
    assert use(served, OLDER[1]) == OLDER[1]


def test_release_is_in_use_until_its_answer_is_closed(open_served: Opener) -> None:
    served = open_served(older_idle_seconds=0, spool_bytes=0)
    borrowed = served.borrow(OLDER[0])
    answer = borrowed.engine.evaluate(handmade.request("SELECT * { ?a ?b ?c . ?d ?e ?f }"))
    served.give_back(borrowed)
    served.tidy()
    assert served.older == 1
    assert len(b"".join(answer.body)) > 1_000_000
    answer.close()
    answer.close()
    served.tidy()
    assert served.older == 0


def test_older_releases_can_be_left_out(open_served: Opener) -> None:
    with pytest.raises(UnknownRelease, match="--older-releases is 0"):
        open_served(older_releases=0).borrow(OLDER[0])


def test_damaged_older_release_is_told_without_its_folder(
    open_served: Opener, tmp_path: Path
) -> None:
    for version in (NEWEST, OLDER[0]):
        (tmp_path / version).mkdir()
        handmade.release(tmp_path / version)
    (tmp_path / OLDER[0] / "dataset.nq").write_text("no quads", encoding="utf-8")
    with pytest.raises(EngineUnavailable, match="cannot be opened; the server's log") as refusal:
        open_served(tmp_path).borrow(OLDER[0])
    assert str(tmp_path) not in str(refusal.value)
