"""The home page: what this is, what it holds, and the ways in."""

from __future__ import annotations

from flask import Blueprint, Response

from lignee.errors import EngineError
from lignee.serve.context import context
from lignee.serve.site import signposts
from lignee.serve.site.dataset_markup import markup
from lignee.serve.site.imprint import imprint_of
from lignee.serve.site.overview import Overview
from lignee.serve.site.pages import page, remembered, visitors_language
from lignee.serve.site.pictures import MOST_DRAWN, drawn, overview


def blueprint() -> Blueprint:
    """Return the route of the home page."""
    routes = Blueprint("home", __name__)
    whole = remembered(lambda: _page(overview(visitors_language())))

    def home() -> Response:
        """Answer with the home page; without numbers where the engine cannot give them now."""
        try:
            return whole()
        except EngineError:  # the way in must not close because the engine is busy
            return _page(Overview(context().release.manifest.dataset, "", ()))

    routes.add_url_rule("/", view_func=home)
    return routes


def _page(found: Overview) -> Response:
    release, language = context().release, visitors_language()
    response = page(
        "home.html",
        overview=found,
        picture=drawn(found.subject, language),
        most_drawn=MOST_DRAWN,
        json_ld=markup(release, found, imprint_of(release, language), language),
    )
    signposts.of_dataset(response, release)
    return response
