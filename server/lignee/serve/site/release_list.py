"""The releases of a folder in their order, and what changed from one to the next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from lignee.errors import ReleaseError
from lignee.release import Release, open_release, versions
from lignee.vocabulary import RDF

DUMP: Final = "dataset.nq"
_REMEMBERED: Final = 16
_REMEMBERED_RELEASES: Final = 512
_NUMBER: Final = re.compile(r"\d+")
_TYPE: Final = f"<{RDF}type>".encode()


@dataclass(slots=True)
class Tally:
    """What was added to, and what removed from, one part of a dataset."""

    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two releases: statements with their graphs, and resources by class."""

    added: int
    removed: int
    graphs: dict[str, Tally] = field(default_factory=dict)
    """By the graph's IRI, those with the most changes first."""
    classes: dict[str, Tally] = field(default_factory=dict)
    """Resources by the class's IRI, likewise."""


def in_order(releases: Path) -> list[Release]:
    """Return the releases that can be opened, the newest first.

    The date that each states comes first, then the dataset's version, then when it was built here:
    a release names nothing that comes before it.
    """
    opened = (_opened(releases, version) for version in versions(releases))
    return sorted((release for release in opened if release), key=_place, reverse=True)


def before(releases: Path, release: Release) -> Release | None:
    """Return the release that came before this one, None for the first."""
    older = [other for other in in_order(releases) if _place(other) < _place(release)]
    return older[0] if older else None


def difference(older: Release, newer: Release, limit_bytes: int) -> Difference | None:
    """Return what changed, None where a release is too large to be compared while one waits."""
    if any(release.manifest.files[DUMP].size_bytes > limit_bytes for release in (older, newer)):
        return None
    return _compared(older.folder / DUMP, newer.folder / DUMP)


def changes(older: Release, newer: Release) -> Iterator[tuple[bytes, bool]]:
    """Yield each line of N-Quads that only one of the releases has, and whether the newer."""
    return _changes(older.folder / DUMP, newer.folder / DUMP)


@lru_cache(_REMEMBERED_RELEASES)
def _opened(releases: Path, version: str) -> Release | None:
    try:
        return open_release(releases, version)
    except ReleaseError:  # a damaged one must not hide the others
        return None


def _place(release: Release) -> tuple[str, tuple[int, ...], float, str]:
    numbers = tuple(map(int, _NUMBER.findall(release.version.partition("-")[0])))
    try:
        built = (release.folder / "manifest.json").stat().st_mtime
    except OSError:
        built = 0.0
    return release.manifest.issued, numbers, built, release.version


@lru_cache(_REMEMBERED)
def _compared(older: Path, newer: Path) -> Difference:
    """Compare two canonical dumps, which are sorted, in one walk over both."""
    graphs: dict[str, Tally] = {}
    typed: tuple[set[bytes], set[bytes]] = (set(), set())
    total = Tally()
    for line, is_added in _changes(older, newer):
        graph = graphs.setdefault(_iri(line.rsplit(b" ", 2)[1]), Tally())
        for tally in (graph, total):
            tally.added += is_added
            tally.removed += not is_added
        subject, path, value = line.split(b" ", 3)[:3]
        if path == _TYPE:
            typed[is_added].add(subject + b" " + value)
    gone, come = (Counter(_iri(one.rpartition(b" ")[2]) for one in some) for some in _net(*typed))
    classes = {iri: Tally(come[iri], gone[iri]) for iri in come | gone}
    return Difference(total.added, total.removed, _sorted(graphs), _sorted(classes))


def _net(gone: set[bytes], come: set[bytes]) -> tuple[set[bytes], set[bytes]]:
    """Return what went and what came, without what only moved to another graph."""
    return gone - come, come - gone


def _changes(older: Path, newer: Path) -> Iterator[tuple[bytes, bool]]:
    """Yield each line that only one of the files has, and whether that is the newer."""
    with older.open("rb") as before_lines, newer.open("rb") as after_lines:
        old, new = next(before_lines, b""), next(after_lines, b"")
        while old or new:
            if old == new:
                old, new = next(before_lines, b""), next(after_lines, b"")
            elif not new or (old and old < new):
                yield old, False
                old = next(before_lines, b"")
            else:
                yield new, True
                new = next(after_lines, b"")


def _sorted(tallies: dict[str, Tally]) -> dict[str, Tally]:
    most = sorted(tallies.items(), key=lambda item: (-item[1].added - item[1].removed, item[0]))
    return dict(most)


def _iri(term: bytes) -> str:
    return term.decode("utf-8").removeprefix("<").removesuffix(">")
