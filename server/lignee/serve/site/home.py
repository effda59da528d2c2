"""The home page: what this is, what it holds, and the ways in."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response

from lignee.errors import EngineError
from lignee.serve.context import context
from lignee.serve.site.overview import Overview, overview
from lignee.serve.site.pages import page, visitors_language


def blueprint() -> Blueprint:
    """Return the route of the home page."""
    routes = Blueprint("home", __name__)
    # A release never changes: one look per language is enough for an application's life.
    remembered = lru_cache(maxsize=None)(_look)

    @routes.get("/")
    def home() -> Response:
        try:
            found = remembered(visitors_language())
        except EngineError:  # the way in must not close because the engine is busy
            found = Overview(context().release.manifest.dataset, "", ())
        return page("home.html", overview=found)

    return routes


def _look(language: str) -> Overview:
    return overview(context().engine, context().release, language)
