"""The home page: what this is, what it holds, and the ways in."""

from __future__ import annotations

from flask import Blueprint, Response

from lignee.serve.context import context
from lignee.serve.site import signposts
from lignee.serve.site.dataset_markup import markup
from lignee.serve.site.imprint import imprint_of
from lignee.serve.site.meta import overview_in
from lignee.serve.site.pages import page, visitors_language
from lignee.serve.site.pictures import MOST_DRAWN, drawn


def blueprint() -> Blueprint:
    """Return the route of the home page."""
    routes = Blueprint("home", __name__)
    routes.add_url_rule("/", view_func=home)
    return routes


def home() -> Response:
    """Answer with the home page; without numbers where the engine cannot give them now."""
    release, language = context().release, visitors_language()
    found = overview_in(language)  # the way in must not close because the engine is busy
    response = page(
        "home.html",
        overview=found,
        picture=drawn(found.subject, language),
        most_drawn=MOST_DRAWN,
        json_ld=markup(release, found, imprint_of(release, language), language),
    )
    signposts.of_dataset(response, release)
    return response
