"""What every view needs: the settings, and the engine and release that its request is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from flask import Flask, current_app, g

from lignee.engines.engine import Engine
from lignee.release import Release
from lignee.serve.http.answers import Answers
from lignee.serve.operation.metrics import Metrics
from lignee.serve.operation.served import Served, ServedReleases
from lignee.serve.site.languages import Translations
from lignee.serve.site.overview import Overviews
from lignee.settings import Settings

_EXTENSION: Final = "lignee"


@dataclass(frozen=True, slots=True)
class Equipment:
    """What one application has, whatever is asked."""

    settings: Settings
    served: ServedReleases
    translations: Translations
    answers: Answers
    overviews: Overviews
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Context:
    """One request's settings, engine and release, which belong together, texts, held answers."""

    settings: Settings
    engine: Engine
    release: Release
    translations: Translations
    answers: Answers


def install(app: Flask, equipment: Equipment) -> None:
    """Give the application its equipment."""
    app.extensions[_EXTENSION] = equipment
    app.teardown_appcontext(lambda _error: _give_back())


def equipment() -> Equipment:
    """Return the equipment of the application that handles this request."""
    return cast(Equipment, current_app.extensions[_EXTENSION])


def context() -> Context:
    """Return the context of this request, which keeps its release when another becomes current."""
    if "context" not in g:
        _borrow(None)
    return cast(Context, g.context)


def choose_release(version: str) -> None:
    """Have this request be about that release from here on.

    Raises UnknownRelease, QueueFull or EngineUnavailable.
    """
    if version != context().release.version:
        _borrow(version)


def _borrow(version: str | None) -> None:
    served = equipment().served.borrow(version)
    _give_back()
    g.served = served
    ours = equipment()
    g.context = Context(
        ours.settings, served.engine, served.release, ours.translations, ours.answers
    )


def _give_back() -> None:
    served: Served | None = g.pop("served", None)
    if served:
        equipment().served.give_back(served)
