"""What lets others find the pages: sitemap, robots' policy, feed of releases.

See https://www.sitemaps.org/protocol.html , https://www.rfc-editor.org/rfc/rfc9309 and
https://www.rfc-editor.org/rfc/rfc4287 . Addresses of resources are read from the release's
`graph.nt`, in which all statements of a subject stand together: no engine works for a robot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, render_template, url_for
from werkzeug.exceptions import NotFound

from lignee.release import Release
from lignee.serve.context import context
from lignee.serve.site.languages import LANGUAGES
from lignee.serve.site.meta import overview_in
from lignee.serve.site.pages import visitors_language
from lignee.serve.site.release_list import in_order
from lignee.serve.site.resource import addresses
from lignee.vocabulary import OWL_DEPRECATED, RDF_TYPE, SKOS

URLS_OF_A_PART: Final = 50_000
"""The most that https://www.sitemaps.org/protocol.html#index allows."""
PAGES: Final = (
    *("home.home", "about.about", "queries.listing", "sparql.sparql", "graph_store.graphs"),
    *("downloads.downloads", "downloads.releases"),
    *("reference.ontology", "reference.shapes", "reference.validation"),
    *("themes.themes", "sources.sources", "sources.tensions"),
)
"""Pages that are none of a resource, by their endpoints, as far as this server has them."""
_DUMP: Final = "graph.nt"
_RETIRED: Final = f' {OWL_DEPRECATED} "true"'.encode()
_CONCEPT: Final = f" {RDF_TYPE} <{SKOS}Concept".encode()
"""Of concepts and of concept schemes."""
_MOST_RELEASES: Final = 100
"""Releases that the feed tells of."""
_DAY_SECONDS: Final = 86_400
_IN_PATHS: Final = "/:@!$&'()*+,;=~"
_LINES_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part of the resources begins in the dump; the first has the other pages too."""

    offset_bytes: int
    resources: int


def blueprint() -> Blueprint:
    """Return the routes of the sitemap, the robots' policy and the feed."""
    routes = Blueprint("findable", __name__)
    routes.add_url_rule("/robots.txt", "robots", view_func=robots)
    routes.add_url_rule("/sitemap.xml", "sitemap", view_func=sitemap)
    routes.add_url_rule("/sitemap/<int:number>.xml", "sitemap_part", view_func=sitemap_part)
    routes.add_url_rule("/feed.atom", "feed", view_func=feed)
    return routes


def robots() -> Response:
    """Answer with what robots may ask for: everything but answers made for them alone."""
    text = render_template("robots.txt", sitemap=url_for(".sitemap", _external=True))
    return _kept(Response(text, mimetype="text/plain"))


def sitemap() -> Response:
    """Answer with the index of the sitemap's parts."""
    parts = parts_of(context().release)
    urls = [url_for(".sitemap_part", number=n, _external=True) for n in range(1, len(parts) + 1)]
    text = render_template("sitemap.xml", urls=urls, issued=context().release.manifest.issued)
    return _kept(Response(text, mimetype="application/xml"))


def sitemap_part(number: int) -> Response:
    """Answer with one part, as it is read; raises NotFound."""
    release = context().release
    parts = parts_of(release)
    if not 1 <= number <= len(parts):
        raise NotFound(f"the sitemap has {len(parts)} parts; {url_for('.sitemap')} lists them")
    chosen = parts[number - 1]
    locations = [
        url_for(endpoint, _external=True)
        for endpoint in PAGES
        if number == 1 and endpoint in current_app.view_functions
    ]
    resources = release.namespaces.resources
    # Made here: while the answer is streamed there is no request to make addresses in.
    base = addresses.page_of(release.namespaces, resources + "X", external=True).removesuffix("/X")
    body = _part(locations, (base + name for name in names_of(release, chosen)))
    return _kept(Response(body, mimetype="application/xml"))


def feed() -> Response:
    """Answer with the releases as an Atom feed, the newest first."""
    here = context()
    text = render_template(
        "feed.atom.xml",
        releases=in_order(here.settings.releases)[:_MOST_RELEASES],
        base=here.release.namespaces.base,
        overview=overview_in(visitors_language()),
    )
    response = _kept(Response(text, content_type="application/atom+xml; charset=utf-8"))
    response.vary.add("Accept-Language")
    response.content_language.add(visitors_language())
    response.cache_control.max_age = 300
    return response


def parts_of(release: Release, most: int = URLS_OF_A_PART) -> tuple[Part, ...]:
    """Return the parts of a release's sitemap, none of which has more addresses than that."""
    return _parts(release.folder / _DUMP, release.namespaces.resources, most)


def names_of(release: Release, part: Part) -> Iterator[str]:
    """Yield the resources of a part by what follows `/page` in their addresses."""
    own = release.namespaces.resources
    for _, iri in islice(_subjects(release.folder / _DUMP, own, part.offset_bytes), part.resources):
        name = iri.removeprefix(own)
        start = "/" if name != iri else "?iri="
        yield start + quote(name, safe=_IN_PATHS if name != iri else "")


@lru_cache(4)
def _parts(dump: Path, resources: str, most: int) -> tuple[Part, ...]:
    """Return where the parts begin, by one walk through the dump."""
    room = max(most - len(PAGES), 1)
    parts: list[Part] = []
    offset, number = 0, 0
    for start, _ in _subjects(dump, resources, 0):
        if number == room:
            parts.append(Part(offset, number))
            offset, number, room = start, 0, most
        number += 1
    return (*parts, Part(offset, number))


def _subjects(dump: Path, resources: str, offset: int) -> Iterator[tuple[int, str]]:
    """Yield where each resource begins and its IRI, without those that are retired.

    Concepts under IRIs of others are resources too: a vocabulary that is published keeps its own.
    """
    start = f"<{resources}".encode()
    with dump.open("rb") as lines:
        lines.seek(offset)
        for subject, group in groupby(_placed(lines, offset), _subject_of):
            placed = list(group)
            said = b"".join(line for _, line in placed)
            if (subject.startswith(start) or _CONCEPT in said) and _RETIRED not in said:
                yield placed[0][0], subject[1:-1].decode("utf-8")


def _placed(lines: Iterator[bytes], offset: int) -> Iterator[tuple[int, bytes]]:
    for line in lines:
        yield offset, line
        offset += len(line)


def _subject_of(placed: tuple[int, bytes]) -> bytes:
    return placed[1].partition(b" ")[0]


def _part(pages: list[str], resources: Iterator[str]) -> Iterator[str]:
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    )
    yield "".join(map(_entry, pages))
    while some := "".join(map(_entry, islice(resources, _LINES_AT_ONCE))):
        yield some
    yield "</urlset>\n"


def _entry(location: str) -> str:
    """Return one address with its languages: https://www.sitemaps.org and hreflang."""
    address = escape(location, {'"': "&quot;"})
    joint = "&amp;" if "?" in location else "?"
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{tag}" href="{address}{joint}lang={tag}"/>'
        for tag in LANGUAGES
    )
    return f"<url><loc>{address}</loc>{others}</url>\n"


def _kept(response: Response) -> Response:
    response.cache_control.public = True
    response.cache_control.max_age = _DAY_SECONDS
    return response
