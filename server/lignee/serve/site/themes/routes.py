"""The pages of concept schemes: all of them, or what lies below one scheme or concept.

A scheme of the dataset's own, `…/id/scheme/<slug>`, is at `/themes/<slug>`; every scheme and every
concept is at `/themes?iri=…`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

from flask import Blueprint, Response, render_template, request, url_for
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest

from lignee.errors import UnknownResource
from lignee.iris import is_absolute_iri
from lignee.serve.context import context
from lignee.serve.http import parameters
from lignee.serve.site.pages import page, visitors_language
from lignee.serve.site.pictures import overview
from lignee.serve.site.readers import questions
from lignee.serve.site.resource import addresses
from lignee.serve.site.themes.reading import Reading, Texts, counts
from lignee.serve.site.themes.tree import MOST, Branch, Gardener

_REMEMBERED: Final = 100
_MOST_PAGES: Final = MOST
_SCHEME: Final = "scheme"


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it is remembered: its title, and its content as HTML."""

    title: Texts | None
    body: str


class Pages:
    """The routes, and what they have told before: a release never changes."""

    def __init__(self) -> None:
        self._shown = lru_cache(_REMEMBERED)(_shown)
        self._counts = lru_cache(2)(_counts)

    def themes(self) -> Response:
        """Answer with all schemes, or what lies below the one thing that `?iri=` names.

        Raises UnknownResource for what is neither a scheme nor a concept.
        """
        given = parameters.of_url(request, context().settings.query_bytes)
        return self._page(_checked(parameters.single(given, "iri") or ""), _number(given))

    def scheme(self, slug: str) -> Response:
        """Answer with what lies below a scheme of the dataset's own; raises UnknownResource."""
        given = parameters.of_url(request, context().settings.query_bytes)
        iri = context().release.namespaces.resource(_SCHEME, slug)
        return self._page(_checked(iri), _number(given))

    def _page(self, iri: str, number: int) -> Response:
        label, language = context().label, visitors_language()
        named = self._counts(label)
        shown = self._shown(label, iri, language, number, named)
        return page("themes.html", shown=shown)


def blueprint() -> Blueprint:
    """Return the routes of concept schemes."""
    routes = Blueprint("themes", __name__)
    pages = Pages()
    routes.add_url_rule("/themes", "themes", view_func=pages.themes)
    routes.add_url_rule("/themes/<slug>", "scheme", view_func=pages.scheme)
    return routes


def address_of(iri: str, language: str, number: int = 1) -> str:
    """Return the address of what lies below a scheme or concept, of all schemes for no IRI."""
    shown = number if number > 1 else None
    own = context().release.namespaces.resource(_SCHEME, "")
    slug = iri.removeprefix(own)
    if iri.startswith(own) and slug and "/" not in slug:
        return url_for("themes.scheme", slug=slug, page=shown, lang=language)
    return url_for("themes.themes", iri=iri or None, page=shown, lang=language)


# What is remembered goes by the label of the release that the context names in the same request.


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """How many sessions name a concept; one object for each release."""

    of: dict[str, int]


def _counts(_label: str) -> _Counts:
    here = context()
    return _Counts(dict(counts(here.engine, here.release)))


def _shown(_label: str, iri: str, language: str, number: int, named: _Counts) -> Shown:
    here = context()
    reading = Reading(questions(), language, here.release.prefixes())
    gardener = Gardener(reading, named.of)
    address = partial(address_of, language=language)
    told = {
        "accents": overview(language).accents,
        "address": address,
        "page_of": partial(addresses.page_of, here.release.namespaces, language=language),
        "has_counts": bool(named.of),
    }
    if not iri:
        branch, sizes = gardener.schemes(here.release.namespaces.resources, number)
        turns = _turns(branch, iri, language, number)
        body = render_template("themes_all.html", branch=branch, sizes=sizes, turns=turns, **told)
        return Shown(None, body)
    kinds = reading.kinds(iri)
    if not kinds:
        raise UnknownResource(f"{iri} is no concept scheme or concept of this release")
    is_scheme = "ConceptScheme" in kinds
    branch = gardener.below(iri, is_scheme=is_scheme, page=number)
    wider, schemes = ([], []) if is_scheme else reading.above(iri)
    texts = reading.texts({iri, *wider, *schemes})
    body = render_template(
        "themes_below.html",
        iri=iri,
        is_scheme=is_scheme,
        texts=texts,
        wider=wider,
        schemes=schemes,
        branch=branch,
        sessions=named.of.get(iri, 0),
        turns=_turns(branch, iri, language, number),
        **told,
    )
    return Shown(texts[iri], body)


def _turns(branch: Branch, iri: str, language: str, number: int) -> dict[str, str]:
    """Return the addresses of the pages before and after this one, where there are such."""
    found = {}
    if number > 1:
        found["before"] = address_of(iri, language, number - 1)
    if branch.last < branch.total:
        found["after"] = address_of(iri, language, number + 1)
    return found


def _checked(iri: str) -> str:
    try:
        if not iri or (is_absolute_iri(iri) and NamedNode(iri)):
            return iri
    except ValueError:  # it knows of characters that no IRI may hold
        pass
    raise UnknownResource(f"{iri[:200]} is no IRI of a concept scheme or concept")


def _number(given: parameters.Parameters) -> int:
    text = parameters.single(given, "page") or "1"
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:7]) <= _MOST_PAGES):
        raise BadRequest(f"`page` is {text[:20]!r}; pages are numbered from 1")
    return int(text)
