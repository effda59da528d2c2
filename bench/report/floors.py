"""Why a target is missed, and what the floor is: shown on the page as long as it is missed."""

from __future__ import annotations

from typing import Final

FLOORS: Final[dict[str, str]] = {}
"""By the measure's name in the table of targets."""
