"""What changed between any two releases: a page, numbers for programs, and a patch.

The patch is https://afs.github.io/rdf-delta/rdf-patch.html : statements with their graphs, `D` for
those to delete and `A` for those to add.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from flask import Blueprint, Response, request

from lignee.release import Release
from lignee.serve.context import context
from lignee.serve.http import parameters
from lignee.serve.http.negotiation import HTML, JSON, acceptable, format_in, not_acceptable
from lignee.serve.site import release_list
from lignee.serve.site.downloads import release_of
from lignee.serve.site.pages import page
from lignee.serve.site.release_list import Difference
from lignee.serve.site.release_page import MOST_CHANGES, NamesOfChanges

PATCH: Final = "application/rdf-patch"
_YEAR_SECONDS: Final = 31_536_000
_OFFERS: Final = {"json": JSON, "patch": PATCH, "html": HTML}


def blueprint() -> Blueprint:
    """Return the route of differences."""
    routes = Blueprint("differences", __name__)
    names = NamesOfChanges()

    def between(older: str, newer: str) -> Response:
        """Answer with what changed from one release to another; raises NotFound."""
        releases = release_of(older), release_of(newer)
        media_type = _media_type()
        if media_type == PATCH:
            response = Response(_patch(*releases), mimetype=PATCH)
        else:
            limit = context().settings.difference_bytes
            found = release_list.difference(*releases, limit)
            if media_type == HTML:
                return _page(*releases, found, names)
            response = Response(_told(*releases, found), mimetype=JSON)
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR_SECONDS
        response.cache_control.immutable = True
        response.vary.add("Accept")
        return response

    routes.add_url_rule("/releases/<older>...<newer>", view_func=between)
    return routes


def _media_type() -> str:
    given = parameters.of_url(request, context().settings.query_bytes)
    wanted = format_in(given)
    if wanted is not None:
        chosen = _OFFERS.get(wanted)
    else:
        chosen = acceptable(request, tuple(_OFFERS.values()))
    if chosen is None:
        raise not_acceptable(_OFFERS.values())
    return chosen


def _page(
    older: Release, newer: Release, found: Difference | None, names: NamesOfChanges
) -> Response:
    return page(
        "difference.html",
        older=older,
        newer=newer,
        difference=found,
        names=names.of(found) if found else {},
        most_changes=MOST_CHANGES,
    )


def _told(older: Release, newer: Release, found: Difference | None) -> str:
    content = {"older": older.version, "newer": newer.version, "compared": found is not None}
    return (
        json.dumps(content | (asdict(found) if found else {}), ensure_ascii=False, indent=1) + "\n"
    )


def _patch(older: Release, newer: Release) -> Iterator[bytes]:
    yield b"TX .\n"
    for line, is_added in release_list.changes(older, newer):
        yield (b"A " if is_added else b"D ") + line
    yield b"TC .\n"
