"""Results: what was measured on which machine, kept as JSON part by part."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

import psutil

_WRITTEN: Final = ("bench/results", "docs/reference/performance.md", "docs/reference/performance")
"""What the bench itself writes: a second run at the same commit is of the same code."""
SHAPE: Final = 2
"""Counted up when a result of before can no longer be read as one of now."""
_PACKAGES: Final = ("pyoxigraph", "pyshacl", "rapidfuzz", "rdflib")


class Results:
    """The results of one run of the bench, written after every part."""

    def __init__(self, folder: Path, repository: Path, flags: Mapping[str, object]) -> None:
        now, at = datetime.now(UTC), commit(repository)
        self.file = _unused(folder, f"{now:%Y-%m-%d}-{at}")
        self._sizes: dict[str, dict[str, object]] = {}
        self._content: dict[str, object] = {
            "shape": SHAPE,
            "commit": at,
            "started": f"{now:%Y-%m-%dT%H:%MZ}",
            "flags": dict(flags),
            "machine": machine(),
            "sizes": self._sizes,
        }

    @property
    def has_parts(self) -> bool:
        """Whether anything was measured to the end."""
        return "shipped" in self._content or any(self._sizes.values())

    @property
    def origin(self) -> dict[str, object]:
        """When it was measured, and at which commit."""
        return {name: self._content[name] for name in ("started", "commit")}

    def part(self, quads: int, part: str) -> dict[str, object]:
        """Return a part that was kept."""
        found = self._sizes[str(quads)][part]
        assert isinstance(found, dict)
        return found

    def add(self, quads: int, part: str, content: object) -> None:
        """Keep a part of a size, and how busy the machine was."""
        size = self._sizes.setdefault(str(quads), {})
        size[part] = content
        load = size.setdefault("load", {})
        assert isinstance(load, dict)
        load[part] = round(os.getloadavg()[0], 2)
        self._write()

    def add_shipped(self, content: object) -> None:
        """Keep what was measured of the graph that the repository ships."""
        self._content["shipped"] = content
        self._write()

    def _write(self) -> None:
        """Replace the file as a whole, so that it can always be read."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.file.with_suffix(".part")
        text = json.dumps(self._content, indent=1, ensure_ascii=False)
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(self.file)


def read(file: Path) -> dict[str, Any]:
    """Return a result; raises ValueError where it is none of this shape."""
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: not JSON: {error}") from error
    if content.get("shape") != SHAPE:
        raise ValueError(
            f"{file}: not a result of this bench (shape {content.get('shape')}, wanted {SHAPE})"
        )
    return content


def _unused(folder: Path, name: str) -> Path:
    """Return a file that is not there yet: another run that day may have measured other sizes."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(file for each in names if not (file := folder / f"{each}.json").exists())


def machine() -> dict[str, str | int]:
    """Return what the numbers depend on; no name and no path."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_bytes": psutil.virtual_memory().total,
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def commit(repository: Path) -> str:
    """Return the short hash of the commit, with `-changed` where files differ from it."""

    def git(*arguments: str) -> str:
        found = subprocess.run(
            ["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=False
        )
        return found.stdout.strip()

    ours = [f":(exclude){place}" for place in _WRITTEN]
    head = git("rev-parse", "--short=10", "HEAD") or "no-commit"
    return head + ("-changed" if git("status", "--porcelain", "--", ".", *ours) else "")
