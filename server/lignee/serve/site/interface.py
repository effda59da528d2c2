"""The paths of pages, described for programs as `protocol/interface.py` describes the others."""

from __future__ import annotations

from typing import Final

from lignee import formats
from lignee.serve.http.negotiation import HTML, JSON
from lignee.serve.protocol import openapi
from lignee.serve.protocol.openapi import Json, Object, in_path, parameter

_get, _listing = openapi.operation, openapi.listing
_content, _text, _language = openapi.content, openapi.only_text, openapi.language
_GRAPHS: Final = tuple(form.media_type for form in formats.GRAPH_FORMATS)
_XML: Final = "application/xml"
_ATOM: Final = "application/atom+xml"
_ANY: Final = ("*/*",)
_PROBLEMS: Final = ("400", "406", "414", "422", "429", "500", "503")


def paths() -> Object:
    """Return the description of every path of a page, and of what tells of pages."""
    return {**_reading(), **_releasing(), **_telling()}


def _reading() -> Object:
    return {
        "/id/{name}": {"get": _identified()},
        "/page": {"get": _page("pageOfIri", parameter("iri", "The IRI of any thing described"))},
        "/page/{name}": {"get": _page("page", in_path("name"))},
        "/data": {"get": _data("dataOfIri", parameter("iri", "The IRI of any thing described"))},
        "/data/{name}": {"get": _data("data", in_path("name"))},
        "/themes": {"get": _told("themes", "Concepts below one, or all", *_branch())},
        "/themes/{slug}": {"get": _told("scheme", "A scheme's concepts", in_path("slug"), _turn())},
        "/sources": {"get": _told("sources", "The sources and their clauses, counted")},
        "/tensions": {"get": _told("tensions", "Where sources differ, side by side")},
    }


def _releasing() -> Object:
    return {
        "/downloads": {"get": _listing("downloads", "Files of the current release")},
        "/releases": {"get": _listing("releases", "Releases")},
        "/releases/{version}/": {
            "get": _listing("release", "Files of a release", [in_path("version")], ["404"])
        },
        "/releases/{older}...{newer}": {"get": _difference()},
        "/releases/{version}/{name}": {
            "get": _get(
                "file",
                "A file of a release, whole or in part; it never changes",
                _ANY,
                [in_path("version"), in_path("name")],
                ["404", "416"],
                {"206": _content("The part asked for", _ANY), "304": _text("Not changed")},
            )
        },
        "/static/{filename}": {
            "get": _get("static", "A file of the pages", _ANY, [in_path("filename")], ["404"])
        },
    }


def _telling() -> Object:
    return {
        "/ontology": {"get": _reference("ontology", "The ontology and its documentation")},
        "/ontology/{version}": {"get": _versioned()},
        "/shapes": {"get": _reference("shapes", "The shapes graph and its documentation")},
        "/validation": {"get": _reference("validation", "The validation report")},
        "/about": {"get": _get("about", "What this is, and is not", (HTML,), [_language()])},
        "/picture.png": {"get": _get("picture", "The picture", ("image/png",), [_language()])},
        "/robots.txt": {"get": _get("robots", "What robots may ask for", ("text/plain",))},
        "/sitemap.xml": {"get": _get("sitemap", "The sitemap's index", (_XML,))},
        "/sitemap/{number}.xml": {
            "get": _get("sitemapPart", "A part of it", (_XML,), [in_path("number")], ["404"])
        },
        "/feed.atom": {"get": _get("feed", "The releases", (_ATOM,), [_language()])},
    }


def _identified() -> Object:
    asked = [in_path("name"), parameter("format", "A format's name; wins over `Accept`")]
    see_other = _text("The page about the resource, or its description as RDF")
    problems = ["404", "406", "410", "414", "429", "500", "503"]
    described = _get("resource", "A resource, by its IRI's path", (), asked, problems)
    refusals: Object = {status: {"$ref": f"#/components/responses/{status}"} for status in problems}
    return {**described, "responses": {"303": see_other, **refusals}}


def _page(name: str, about: Json) -> Object:
    problems = ["400", "404", "410", "414", "500", "503"]
    return _get(name, "A page about a resource", (HTML,), [about, _language()], problems)


def _branch() -> list[Json]:
    return [parameter("iri", "A scheme or concept; all schemes without it"), _turn()]


def _turn() -> Json:
    return parameter("page", "Which page of a long list", {"type": "integer", "minimum": 1})


def _told(name: str, summary: str, *asked: Json) -> Object:
    problems = ["400", "404", "414", "429", "500", "503"]
    return _get(name, summary, (HTML,), [*asked, _language()], problems)


def _data(name: str, about: Json) -> Object:
    summary = "What is said of a resource; where it is named in the path, its format ends that"
    asked = [about, parameter("format", "A format's name, beside `iri`")]
    problems = ["400", "404", "406", "414", "500", "503"]
    return _get(name, summary, _GRAPHS, asked, problems, {"304": _text("Not changed")})


def _difference() -> Object:
    asked = [in_path("older"), in_path("newer"), parameter("format", "`json`, `patch` or `html`")]
    types = (JSON, "application/rdf-patch", HTML)
    return _get(
        "difference", "What changed", types, [*asked, _language()], ["400", "404", "406", "414"]
    )


def _versioned() -> Object:
    told = _get("ontologyVersion", "A version of the ontology", (), [in_path("version")], ["404"])
    refusals: Object = {"404": {"$ref": "#/components/responses/404"}}
    return {**told, "responses": {"303": _text("The ontology of this release"), **refusals}}


def _reference(name: str, summary: str) -> Object:
    asked = [parameter("format", "A format's name or media type; wins over `Accept`"), _language()]
    return _get(name, summary, (*_GRAPHS, HTML), asked, _PROBLEMS, {"304": _text("Not changed")})
