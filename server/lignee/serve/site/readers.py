"""What pages about resources ask, and whom for: of the release and visitor of one request."""

from __future__ import annotations

from flask import request

from lignee.serve.context import context
from lignee.serve.http.identity import client_of
from lignee.serve.site.pictures import overview
from lignee.serve.site.resource.naming import Reader
from lignee.serve.site.resource.questions import Questions


def questions() -> Questions:
    """Return what asks the request's engine for its client."""
    here = context()
    return Questions(here.engine, here.release.namespaces, client_of(request.environ))


def reader(language: str) -> Reader:
    """Return a reader of that language, with the colours of the release's main themes."""
    here = context()
    return Reader(
        language,
        here.release.prefixes(),
        here.release.namespaces,
        lambda key: here.translations.text(language, key),
        overview(language).accents,
    )
