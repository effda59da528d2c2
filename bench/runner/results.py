"""Results: what was measured on which machine, kept as JSON and shown as a table."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Final

import psutil
from rich.box import SIMPLE
from rich.table import Table

from runner.processes import Run

_HEADINGS: Final = (
    *("in release", "load", "build s", "CPU s", "build MB", "disk MB", "ready s", "serve MB"),
)
_PACKAGES: Final = ("pyoxigraph", "pyshacl", "rapidfuzz", "rdflib")


@dataclass(frozen=True, slots=True)
class Part:
    """One measured case: a graph of a size, built with or without validation, then served."""

    asked_quads: int
    stated_quads: int
    release_quads: int
    """Quads in named graphs of the release: stated, of the ontology, derived and described."""
    default_triples: int
    validated: bool
    load_before: float
    """Processes that wanted a core in the last minute; above the number of cores, times suffer."""
    generate_seconds: float
    build: Run
    release_bytes: int
    store_bytes: int
    ready: Run | None

    @property
    def key(self) -> str:
        """What tells the case from others."""
        return f"{self.asked_quads}{'-validated' if self.validated else ''}"


class Results:
    """The results of one run of the bench, written after every part."""

    def __init__(self, folder: Path, repository: Path, seed: int) -> None:
        now, at = datetime.now(UTC), commit(repository)
        self.file = folder / f"{now:%Y-%m-%d}-{at}.json"
        self.parts: list[Part] = []
        self._head = {
            "commit": at,
            "started": f"{now:%Y-%m-%dT%H:%MZ}",
            "seed": seed,
            "machine": machine(),
        }

    def add(self, part: Part) -> None:
        """Keep a part; the file is replaced as a whole, so that it can always be read."""
        self.parts.append(part)
        content = self._head | {
            "parts": {part.key: asdict(part) for part in self.parts},
            "growth": growth(self.parts),
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.file.with_suffix(".part")
        unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self.file)


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


def growth(parts: Sequence[Part]) -> dict[str, dict[str, float]]:
    """Return exponents between neighbouring sizes: 1 is linear, 2 is quadratic."""
    found: dict[str, dict[str, float]] = {}
    for validated in (False, True):
        alike = sorted(
            (part for part in parts if part.validated == validated),
            key=lambda part: part.stated_quads,
        )
        for small, large in pairwise(alike):
            found[f"{small.key} to {large.key}"] = {
                "seconds": _exponent(small, large, "seconds"),
                "memory": _exponent(small, large, "memory"),
            }
    return found


def table(parts: Sequence[Part]) -> Table:
    """Return a readable table of the parts."""
    shown = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    shown.add_column("quads", justify="right")
    shown.add_column("SHACL")
    for heading in _HEADINGS:
        shown.add_column(heading, justify="right")
    for part in parts:
        shown.add_row(
            f"{part.stated_quads:,}",
            "yes" if part.validated else "no",
            f"{part.release_quads:,}",
            f"{part.load_before:.1f}",
            f"{part.build.wall_seconds:.1f}" if not part.build.status else "failed",
            f"{part.build.cpu_seconds:.1f}",
            _megabytes(part.build.peak_bytes),
            _megabytes(part.release_bytes),
            f"{part.ready.wall_seconds:.1f}" if part.ready and not part.ready.status else "–",
            _megabytes(part.ready.peak_bytes) if part.ready else "–",
        )
    return shown


def _exponent(small: Part, large: Part, what: str) -> float:
    def measure(part: Part) -> float:
        return part.build.wall_seconds if what == "seconds" else part.build.peak_bytes

    if not measure(small) or not measure(large):
        return math.nan
    times = math.log(large.stated_quads / small.stated_quads)
    return round(math.log(measure(large) / measure(small)) / times, 2)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f}"


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

    head = git("rev-parse", "--short=10", "HEAD") or "no-commit"
    return head + ("-changed" if git("status", "--porcelain") else "")
