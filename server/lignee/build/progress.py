"""What a build tells whoever waits for it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of each step of a build as it starts, advances and ends; draws it as it likes."""

    def step(self, name: str, total: int | None = None) -> None:
        """Say that a step begins, of `total` parts where that is known."""

    def advance(self, count: int = 1) -> None:
        """Say that parts of the step are done."""

    def done(self, **counts: int) -> None:
        """Say that the step is done, and how much of what it made, such as `quads=9182`."""
