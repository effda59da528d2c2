"""The home page: what this is, what it holds, and the ways in."""

from __future__ import annotations

from flask import Blueprint, Response

from lignee.errors import EngineError
from lignee.serve.context import context, equipment
from lignee.serve.site import signposts
from lignee.serve.site.dataset_markup import markup
from lignee.serve.site.imprint import imprint_of
from lignee.serve.site.overview import Overview
from lignee.serve.site.pages import page, visitors_language
from lignee.serve.site.picture import timeline
from lignee.serve.site.picture.reading import Subject
from lignee.serve.site.picture.timeline import Timeline


def blueprint() -> Blueprint:
    """Return the route of the home page."""
    routes = Blueprint("home", __name__)
    routes.add_url_rule("/", view_func=home)
    return routes


def home() -> Response:
    """Answer with the home page; without numbers where the engine cannot give them now."""
    engine, release = context().engine, context().release
    try:
        found = equipment().overviews.of(engine, release, visitors_language())
    except EngineError:  # the way in must not close because the engine is busy
        found = Overview(release.manifest.dataset, "", ())
    language = visitors_language()
    response = page(
        "home.html",
        overview=found,
        picture=drawn(found.subject),
        json_ld=markup(release, found, imprint_of(release, language), language),
    )
    signposts.of_dataset(response, release)
    return response


def drawn(subject: Subject | None) -> Timeline | None:
    """Return the picture for this page's visitor, None where there is nothing to draw."""
    if subject is None:
        return None
    other = equipment().translations.text(visitors_language(), "picture.other")
    return timeline.lay_out(subject.things, subject.lineage, other_lane=other)
