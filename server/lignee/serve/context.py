"""What every view needs: the settings, the engine and the release they serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from flask import Flask, current_app

from lignee.engines.engine import Engine
from lignee.release import Release
from lignee.serve.site.languages import Translations
from lignee.settings import Settings

_EXTENSION: Final = "lignee"


@dataclass(frozen=True, slots=True)
class Context:
    """One application's settings, engine, release and texts."""

    settings: Settings
    engine: Engine
    release: Release
    translations: Translations
    label: str
    """What the engine answers from: the release's version, and `+` with a digest of the files
    that were added to it; a strong validator."""


def install(app: Flask, context: Context) -> None:
    """Give the application its context."""
    app.extensions[_EXTENSION] = context


def context() -> Context:
    """Return the context of the application that handles this request."""
    return cast(Context, current_app.extensions[_EXTENSION])
