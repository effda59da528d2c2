"""The pages of sources, and of the tensions between them."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from flask import Blueprint, Response, render_template

from lignee.serve.context import context
from lignee.serve.site.pages import page, visitors_language
from lignee.serve.site.published import PublishedQueries
from lignee.serve.site.readers import questions, reader
from lignee.serve.site.sources.listing import listing
from lignee.serve.site.sources.tensions import replaced, tensions_of

_REMEMBERED: Final = 8
"""A page in each language, of a few releases."""


class Pages:
    """The routes, and what they have told before: a release never changes."""

    def __init__(self) -> None:
        self._queries = PublishedQueries()
        self._sources = lru_cache(_REMEMBERED)(_sources)
        self._tensions = lru_cache(_REMEMBERED)(self._tensions_told)

    def sources(self) -> Response:
        """Answer with all sources; raises QueryError or EngineError."""
        body = self._sources(context().label, visitors_language())
        return page("told.html", title="sources.title", lead="sources.lead", body=body)

    def tensions(self) -> Response:
        """Answer with where sources differ; raises QueryError or EngineError."""
        body = self._tensions(context().label, visitors_language())
        return page("told.html", title="tensions.title", lead="tensions.lead", body=body)

    def _tensions_told(self, _label: str, language: str) -> str:
        here, asked, whom = context(), questions(), reader(language)
        most = here.settings.page_solutions
        queries = self._queries.of(here).queries.values()
        told = tensions_of(queries, asked, whom, most)
        last = replaced(asked, whom, most)
        return render_template("tensions.html", tensions=[*told, *([last] if last else [])])


def blueprint() -> Blueprint:
    """Return the routes of sources and tensions."""
    routes = Blueprint("sources", __name__)
    pages = Pages()
    routes.add_url_rule("/sources", "sources", view_func=pages.sources)
    routes.add_url_rule("/tensions", "tensions", view_func=pages.tensions)
    return routes


# What is remembered goes by the label of the release that the context names in the same request.


def _sources(_label: str, language: str) -> str:
    most = context().settings.page_solutions
    found = listing(questions(), reader(language), most)
    return render_template("sources.html", listing=found)
