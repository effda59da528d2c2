"""The addresses of resources: what an IRI leads to, its page and its description as RDF.

`/id/…` names the thing itself, so it answers 303 (https://www.w3.org/TR/cooluris/#r303gendocument);
`/page/…` and `/data/…` are documents about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from lignee import formats
from lignee.errors import EngineError, RetiredResource, UnknownResource
from lignee.formats import GraphFormat
from lignee.iris import is_absolute_iri
from lignee.serve.context import context
from lignee.serve.http import links, negotiation, parameters
from lignee.serve.site import signposts
from lignee.serve.site.languages import LANGUAGES
from lignee.serve.site.pages import page, visitors_language
from lignee.serve.site.pictures import drawn_around, lit_in, overview
from lignee.serve.site.readers import questions, reader
from lignee.serve.site.resource import addresses
from lignee.serve.site.resource.description import description
from lignee.serve.site.resource.facts import SHOWN
from lignee.serve.site.resource.unknown import names_of, nearest
from lignee.serve.site.resource.view import Subject, View, view_of
from lignee.serve.site.sources.clauses import source_of

_REMEMBERED: Final = 500
_SECONDS: Final = 300
_STANDING: Final = """\
PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?retired ?successor WHERE {
  GRAPH ?graph { ?this ?path ?value }
  OPTIONAL { ?this owl:deprecated ?retired }
  OPTIONAL { ?this dcterms:isReplacedBy ?successor }
} LIMIT 1"""


class Pages:
    """The routes, and what they have told before: a release never changes."""

    def __init__(self) -> None:
        self._shown = lru_cache(_REMEMBERED)(_shown)
        self._description = lru_cache(_REMEMBERED)(_description)
        self._names = lru_cache(2)(_names)
        self._standing = lru_cache(_REMEMBERED)(_standing)

    def identified(self, name: str) -> Response:
        """Send the client from a resource's IRI to what suits it: the page or the data.

        Raises UnknownResource or RetiredResource.
        """
        given = parameters.of_url(request, context().settings.query_bytes)
        wanted = negotiation.format_in(given)
        iri = self._iri_of(name)
        standing = self._standing(context().label, iri)
        if standing is None:
            raise self._unknown(name)
        if standing.is_retired:
            raise _retired(name, standing.successor)
        if negotiation.prefers_html(request, wanted, is_graph=True):
            wished = request.args.get("lang")
            language = wished if wished in LANGUAGES else None
            target = addresses.page_of(context().release.namespaces, iri, language=language)
        else:
            target = addresses.data_of(context().release.namespaces, iri, _form(wanted))
        response = cast(Response, redirect(target, 303, Response))
        response.vary.add("Accept")
        response.cache_control.public = True
        response.cache_control.max_age = _SECONDS
        return response

    def page_about(self, name: str) -> Response:
        """Answer with the page about a resource of the dataset; raises UnknownResource."""
        return self._page(self._iri_of(name), name)

    def page_about_iri(self) -> Response:
        """Answer with the page about the IRI that `?iri=` names; raises UnknownResource."""
        iri = self._iri_in(parameters.of_url(request, context().settings.query_bytes))
        return self._page(iri, iri)

    def data(self, name: str) -> Response:
        """Answer with what is said of a resource, in the format that the address ends with.

        Raises UnknownResource, or NotFound for an ending that stands for no format.
        """
        stem, _, extension = name.rpartition(".")
        form = next((form for form in formats.GRAPH_FORMATS if form.extension == extension), None)
        if form is None or not stem:
            endings = ", ".join(f".{form.extension}" for form in formats.GRAPH_FORMATS)
            raise NotFound(f"an address of data ends with its format: one of {endings}")
        return self._data(self._iri_of(stem), stem, form)

    def data_about_iri(self) -> Response:
        """Answer with what is said of the IRI that `?iri=` names; raises UnknownResource."""
        given = parameters.of_url(request, context().settings.query_bytes)
        iri = self._iri_in(given)
        response = self._data(iri, iri, _form(negotiation.format_in(given)))
        response.vary.add("Accept")
        return response

    def _page(self, iri: str, name: str) -> Response:
        shown = self._shown(context().label, iri, visitors_language())
        if shown is None:
            raise self._unknown(name)
        view = shown.view
        namespaces = context().release.namespaces
        canonical = addresses.page_of(namespaces, iri, external=True)
        response = page(
            "resource.html",
            view=view,
            body=shown.body,
            has_picture=shown.has_picture,
            data=addresses.all_data_of(namespaces, iri),
        )
        response.status_code = 410 if view.is_retired else 200
        links.add(response, iri, "cite-as")
        links.add(response, canonical, "canonical")
        for form in formats.GRAPH_FORMATS:
            url = addresses.data_of(namespaces, iri, form, external=True)
            links.add(response, url, "describedby alternate", form.media_type)
        signposts.of_resource(response, view.json_ld)
        if view.licence:
            links.add(response, view.licence, "license")
        return response

    def _data(self, iri: str, name: str, form: GraphFormat) -> Response:
        body, licence = self._description(context().label, iri, form)
        if not body:
            raise self._unknown(name)
        response = Response(body, content_type=negotiation.content_type(form.media_type))
        response.cache_control.public = True
        response.cache_control.max_age = _SECONDS
        namespaces = context().release.namespaces
        links.add(response, iri, "describes")
        links.add(response, addresses.data_of(namespaces, iri, form, external=True), "canonical")
        links.add(response, url_for("descriptions.void", _external=True), "describedby")
        about = addresses.page_of(namespaces, iri, external=True)
        links.add(response, about, "alternate", negotiation.HTML)
        if licence:
            links.add(response, licence, "license")
        response.add_etag()
        response.make_conditional(request)
        return response

    def _iri_in(self, given: parameters.Parameters) -> str:
        iri = parameters.single(given, "iri")
        if iri is None:
            raise BadRequest("no `iri` is given; name the thing that is meant by its IRI")
        return self._checked(iri, iri)

    def _iri_of(self, name: str) -> str:
        return self._checked(addresses.iri_of(context().release.namespaces, name), name)

    def _checked(self, iri: str, name: str) -> str:
        try:
            if is_absolute_iri(iri):
                return NamedNode(iri).value
        except ValueError:  # it knows of characters that no IRI may hold
            pass
        raise self._unknown(name)

    def _unknown(self, name: str) -> UnknownResource:
        try:
            found = nearest(name, self._names(context().label))
        except EngineError:  # that there is no such thing is known all the same
            found = []
        near = tuple(url_for(".page_about", name=other) for other in found)
        told = f"; the nearest are {', '.join(found)}" if found else ""
        return UnknownResource(f"this release says nothing of {name[:200]}{told}", near=near)


def blueprint() -> Blueprint:
    """Return the routes of resources."""
    routes = Blueprint("resource", __name__)
    pages = Pages()
    routes.add_url_rule("/id/<path:name>", "identified", view_func=pages.identified)
    routes.add_url_rule(f"{addresses.PAGE}/<path:name>", "page_about", view_func=pages.page_about)
    routes.add_url_rule(addresses.PAGE, "page_about_iri", view_func=pages.page_about_iri)
    routes.add_url_rule("/data", "data_about_iri", view_func=pages.data_about_iri)
    routes.add_url_rule("/data/<path:name>", "data", view_func=pages.data)
    return routes


@dataclass(frozen=True, slots=True)
class _Shown:
    """A page about a resource: what it shows, that as HTML, and whether a picture is in it."""

    view: View
    body: str
    has_picture: bool


@dataclass(frozen=True, slots=True)
class _Standing:
    """Whether a resource is retired, and what took its place."""

    is_retired: bool
    successor: str


# What is remembered goes by the label of the release that the context names in the same request.


def _shown(_label: str, iri: str, language: str) -> _Shown | None:
    here = context()
    limit = min(SHOWN, here.settings.page_solutions)
    subject = Subject(iri, here.release.manifest.dataset, limit)
    asked, whom = questions(), reader(language)
    view = view_of(subject, asked, whom)
    if view is None:
        return None
    most = here.settings.page_solutions
    held = overview(language)
    lit = lit_in(held.subject, iri, asked, is_concept=view.is_concept)
    thing = held.thing(iri)
    body = render_template(
        "resource_body.html",
        view=view,
        accent=held.accents.get(thing.lane if thing else iri),
        thing=thing,
        subject=held.subject,
        picture=drawn_around(held.subject, lit, language) if lit and held.subject else None,
        lit=lit,
        source=source_of(iri, asked, whom, most) if view.is_source else None,
    )
    return _Shown(view, body, lit is not None)


def _description(_label: str, iri: str, form: GraphFormat) -> tuple[bytes, str]:
    here = context()
    asked = questions()
    limit = here.settings.data_statements
    body = description(iri, form, asked, here.release.prefixes(), limit=limit)
    return body, asked.licence(here.release.manifest.dataset)


def _names(_label: str) -> tuple[str, ...]:
    return names_of(questions())


def _standing(_label: str, iri: str) -> _Standing | None:
    found = questions().of(iri, _STANDING)
    if not found:
        return None
    retired, successor = (getattr(node, "value", "") for node in found[0])
    return _Standing(retired in ("true", "1"), successor)


def _retired(name: str, successor: str) -> RetiredResource:
    told = f"; {successor} has taken its place" if successor else ""
    near = addresses.own_page_of(context().release.namespaces, successor) if successor else ""
    own = url_for(".page_about", name=name)
    return RetiredResource(
        f"the resource {name} has been retired{told}",
        near=tuple(path for path in (near, own) if path),
    )


def _form(wanted: str | None) -> GraphFormat:
    form = negotiation.graph_format(request, wanted)
    if form is None:
        media_types = (form.media_type for form in formats.GRAPH_FORMATS)
        raise negotiation.not_acceptable((*media_types, negotiation.HTML))
    return form
