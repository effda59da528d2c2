"""What the site is and is not: from the dataset's own words as far as it has any."""

from __future__ import annotations

from flask import Blueprint, Response

from lignee.serve.context import context
from lignee.serve.site.imprint import imprint_of
from lignee.serve.site.meta import overview_in
from lignee.serve.site.pages import page, visitors_language


def blueprint() -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("about", __name__)
    routes.add_url_rule("/about", view_func=about)
    return routes


def about() -> Response:
    """Answer with the page about the dataset and this site."""
    language = visitors_language()
    return page(
        "about.html",
        overview=overview_in(language),
        imprint=imprint_of(context().release, language),
    )
