"""The order that a front gives its zygote: what to open, and within which limits."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lignee.engines.additions import Additions, File
from lignee.engines.worker import Limits
from lignee.release import Release
from lignee.settings import Settings


@dataclass(frozen=True, slots=True)
class Order:
    """What a zygote needs to know; travels as one line of JSON."""

    folder: Path
    memory_store_max_quads: int
    files: tuple[File, ...]
    workers: int
    limits: Limits

    @classmethod
    def of(cls, release: Release, additions: Additions, settings: Settings) -> Self:
        """Return the order for a release, with files added to it, under these settings."""
        limits = Limits(
            memory_bytes=settings.memory_megabytes * 2**20,
            alarm_seconds=max(settings.transfer_seconds, settings.timeout_seconds + 1),
            stall_seconds=settings.stall_seconds,
            service_seconds=settings.service_seconds,
            endpoints=tuple(settings.service_allow),
        )
        maximum = settings.memory_store_max_quads
        return cls(release.folder, maximum, additions.files, settings.workers, limits)

    def to_json(self) -> bytes:
        """Return the line to send."""
        return json.dumps(dataclasses.asdict(self), default=str).encode("ascii") + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """Return the order that was sent."""
        content = json.loads(line)
        return cls(
            Path(content["folder"]),
            content["memory_store_max_quads"],
            tuple(File(Path(file["path"]), file["sha256"]) for file in content["files"]),
            content["workers"],
            Limits(**{**content["limits"], "endpoints": tuple(content["limits"]["endpoints"])}),
        )
