"""Large releases, kept with what was measured of their build until anything a build reads changes.

Building five million quads takes longer than measuring beside peers is meant to.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from lignee.errors import ReleaseError
from lignee.release import open_release
from runner.results import machine

SMALLEST: Final = 3_000_000
"""Quads; smaller graphs are built anew in every run, whose machine and hour they belong to."""
_READ: Final = (
    "bench/generator",
    "server/lignee",
    "ontology",
    "shapes",
    "queries",
    "pyproject.toml",
)
_UNREAD: Final = "server/lignee/serve/"
"""No build imports it; a contract in pyproject.toml says so."""
_RECORD: Final = "build.json"


class Shelf:
    """The places of one generated graph, its releases and what was measured of their builds."""

    def __init__(self, home: Path, repository: Path, quads: int, seed: int) -> None:
        self._every, self._of = home / "releases", f"{quads}-{seed}-"
        self._own = self._every / f"{self._of}{_state(repository)}"

    def emptied(self) -> Path:
        """Return the folder to build in, new; what was built of this graph before is deleted."""
        for folder in self._every.glob(f"{self._of}*"):
            shutil.rmtree(folder)
        self._own.mkdir(parents=True)
        return self._own

    def record(self, part: Mapping[str, object], of: Mapping[str, object]) -> None:
        """Keep what was measured, when the release is whole; `of` says when and at which commit."""
        shutil.rmtree(self._own / "kg", ignore_errors=True)
        content = json.dumps({**part, "measured": {**of, "machine": machine()}}, indent=1)
        (self._own / _RECORD).write_text(content + "\n", encoding="utf-8")

    def found(self, *, is_old_welcome: bool = False) -> tuple[Path, dict[str, Any]] | None:
        """Return the folder of releases and what was measured of the build on a machine like this.

        By the same code, or where that is welcome by any; the record says which, as `is_old`.
        """
        folders = self._every.glob(f"{self._of}*") if is_old_welcome else [self._own]
        for folder in sorted(folders, key=lambda folder: folder != self._own):
            with suppress(OSError, ValueError, ReleaseError):
                part: dict[str, Any] = json.loads((folder / _RECORD).read_bytes())
                open_release(folder / "releases")
                if part["measured"].pop("machine") == machine():
                    part["measured"]["is_old"] = folder != self._own
                    return folder / "releases", part
        return None


def _state(repository: Path) -> str:
    """Return a digest of all that the generator and a build are made of."""
    digest = hashlib.sha256()
    for file in _files(repository):
        name = str(file.relative_to(repository))
        digest.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def _files(repository: Path) -> Iterator[Path]:
    for part in _READ:
        place = repository / part
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            name = str(file.relative_to(repository))
            is_read = not name.startswith(_UNREAD) and "__pycache__" not in file.parts
            if file.is_file() and is_read:
                yield file
