"""What every view needs: the settings, and the engine and release that its request is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from flask import Flask, current_app, request

from lignee.engines.engine import Engine
from lignee.release import Release
from lignee.serve.http.answers import Answers
from lignee.serve.operation.metrics import Metrics
from lignee.serve.operation.served import Served, ServedReleases
from lignee.serve.reconciliation.reading import Catalogues
from lignee.serve.site.labels import LabelIndexes
from lignee.serve.site.languages import Translations
from lignee.serve.site.overview import Overviews
from lignee.serve.site.published import PublishedQueries
from lignee.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_EXTENSION: Final = "lignee"
_SERVED: Final = "lignee.served"
_CONTEXT: Final = "lignee.context"
"""Keys of the WSGI environment."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What one application has, whatever is asked."""

    settings: Settings
    served: ServedReleases
    translations: Translations
    answers: Answers
    overviews: Overviews
    metrics: Metrics
    labels: LabelIndexes = field(default_factory=LabelIndexes)
    catalogues: Catalogues = field(default_factory=Catalogues)
    published: PublishedQueries = field(default_factory=PublishedQueries)


class Context(NamedTuple):
    """One request's settings, engine and release, which belong together, texts, held answers."""

    settings: Settings
    engine: Engine
    release: Release
    translations: Translations
    answers: Answers
    label: str
    """What the engine answers from: the release's version, and `+` with a digest of the files
    that were added to it; a strong validator."""


class Lending:
    """A WSGI application before another, whose requests give back what they have borrowed."""

    def __init__(self, equipment: Equipment, application: WSGIApplication) -> None:
        self._equipment = equipment
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Have the request answered."""
        try:
            return self._application(environ, start_response)
        finally:  # an answer on its way counts for itself
            _give_back(self._equipment, environ)


def install(app: Flask, equipment: Equipment) -> None:
    """Give the application its equipment."""
    app.extensions[_EXTENSION] = equipment


def equipment() -> Equipment:
    """Return the equipment of the application that handles this request."""
    return cast(Equipment, current_app.extensions[_EXTENSION])


def context() -> Context:
    """Return the context of this request, which keeps its release when another becomes current."""
    return context_of(equipment(), request.environ)


def context_of(equipment: Equipment, environ: WSGIEnvironment) -> Context:
    """Return the context of the request with that environment."""
    return cast(Context, environ.get(_CONTEXT)) or _borrow(equipment, environ, None)


def choose_release(equipment: Equipment, environ: WSGIEnvironment, version: str) -> Context:
    """Have the request be about that release from here on; return its context.

    Raises UnknownRelease, QueueFull or EngineUnavailable.
    """
    chosen = context_of(equipment, environ)
    if version == chosen.label:
        return chosen
    return _borrow(equipment, environ, version)


def current_context(equipment: Equipment) -> Context:
    """Return a context with the current release, for what lends the engine itself at once."""
    return _context(equipment, equipment.served.current)


def _borrow(equipment: Equipment, environ: WSGIEnvironment, version: str | None) -> Context:
    served = equipment.served.borrow(version)
    _give_back(equipment, environ)
    borrowed = _context(equipment, served)
    environ[_SERVED], environ[_CONTEXT] = served, borrowed
    return borrowed


def _context(equipment: Equipment, served: Served) -> Context:
    return Context(
        equipment.settings,
        served.engine,
        served.release,
        equipment.translations,
        equipment.answers,
        served.label,
    )


def _give_back(equipment: Equipment, environ: WSGIEnvironment) -> None:
    if served := environ.pop(_SERVED, None):
        equipment.served.give_back(cast(Served, served))
