"""The HTTP interface described for programs: OpenAPI 3.1, see https://spec.openapis.org/oas/v3.1.1.

Media types come from the table of formats, so that none is told that cannot be had. A test holds
the paths to be those that are served, no more and no fewer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from flask import Blueprint, Response, url_for

from lignee import formats
from lignee.serve.context import context
from lignee.serve.http.negotiation import HTML, JSON
from lignee.serve.protocol import openapi
from lignee.serve.protocol.openapi import (
    Json,
    Object,
    dataset_parameters,
    in_path,
    parameter,
    problem,
    problem_schema,
    query_form,
)
from lignee.serve.reconciliation import interface as reconciliation
from lignee.serve.site.answer_page import VIEWS

_get, _responses = openapi.operation, openapi.responses
_content, _text, _language = openapi.content, openapi.only_text, openapi.language
_RESULTS: Final = tuple(form.media_type for form in formats.RESULT_FORMATS)
_GRAPHS: Final = tuple(form.media_type for form in formats.GRAPH_FORMATS)
_METRICS: Final = ("text/plain", "application/openmetrics-text")
_OPENSEARCH: Final = "application/opensearchdescription+xml"
_XML: Final = "application/xml"
_ATOM: Final = "application/atom+xml"
_ANY: Final = ("*/*",)
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_PROBLEMS: Final = {
    "400": "What was sent is at fault; `detail` says where and what to do.",
    "404": "There is no such thing here.",
    "406": "Nothing that `Accept` or `format` names can be had; `detail` names what can.",
    "410": "It was here and has been withdrawn; `detail` says what took its place.",
    "413": "The body is longer than `--query-bytes` allows.",
    "414": "The URL is longer than `--query-bytes` allows.",
    "415": "The body is of a type that is not understood, or not in UTF-8.",
    "416": "The part asked for lies outside the file.",
    "422": "A parameter is not of its type; `detail` names it.",
    "429": "This client asks too much at once; `Retry-After` says when to come back.",
    "500": "A fault of the server; it is logged.",
    "503": "A limit has been reached, which `detail` names; `Retry-After` says when to come back.",
}
_OF_QUERIES: Final = ("400", "406", "414", "422", "429", "500", "503")


def blueprint() -> Blueprint:
    """Return the route of the description."""
    routes = Blueprint("interface", __name__)
    routes.add_url_rule("/openapi.json", "openapi", view_func=_openapi)
    return routes


def _openapi() -> Response:
    text = json.dumps(document(), ensure_ascii=False, indent=1)
    response = Response(text + "\n", mimetype=JSON)
    response.add_etag()
    return response


def document() -> Object:
    """Return the description of this server's interface."""
    release = context().release
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Lignée",
            "version": release.version,
            "summary": "A knowledge graph by SPARQL, as graphs and as files.",
            "description": "The version is that of the release which is served.",
        },
        "servers": [{"url": url_for("home.home", _external=True).rstrip("/") or "/"}],
        "paths": {**paths(), **reconciliation.paths()},
        "components": {
            "schemas": {"Problem": problem_schema()},
            "responses": {status: problem(text) for status, text in _PROBLEMS.items()},
        },
    }


def paths() -> Object:
    """Return the description of every path."""
    return {
        "/": {"get": _get("home", "The home page", (HTML,), [_language()])},
        "/sparql": _sparql(""),
        "/sparql/": _sparql("Slash"),
        "/search": {"get": _search()},
        "/opensearch.xml": {
            "get": _get("opensearch", "What tells a browser of the search", (_OPENSEARCH,))
        },
        "/queries": {"get": _listing("queries", "The published queries and their parameters")},
        "/queries/{name}": {"get": _published()},
        "/graphs": {"get": _graphs("")},
        "/graphs/": {"get": _graphs("Slash")},
        "/.well-known/void": {"get": _description("void", "VoID of the dataset")},
        "/dataset": {"get": _description("dataset", "VoID and DCAT of the dataset")},
        "/id/{name}": {"get": _identified()},
        "/page": {"get": _page("pageOfIri", parameter("iri", "The IRI of any thing described"))},
        "/page/{name}": {"get": _page("page", in_path("name"))},
        "/data": {"get": _data("dataOfIri", parameter("iri", "The IRI of any thing described"))},
        "/data/{name}": {"get": _data("data", in_path("name"))},
        "/themes": {"get": _told("themes", "Concepts below one, or all", *_branch())},
        "/themes/{slug}": {"get": _told("scheme", "A scheme's concepts", in_path("slug"), _turn())},
        "/sources": {"get": _told("sources", "The sources and their clauses, counted")},
        "/tensions": {"get": _told("tensions", "Where sources differ, side by side")},
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
        "/health/live": {"get": _get("live", "Whether the server runs", (JSON,))},
        "/health/ready": {
            "get": _get("ready", "Whether queries are answered", (JSON,), [], ["500", "503"])
        },
        "/metrics": {"get": _get("metrics", "Counters for Prometheus", _METRICS)},
        "/openapi.json": {"get": _get("openapi", "This description", (JSON,))},
    }


def _sparql(suffix: str) -> Object:
    asked = [
        parameter("query", "The query; without it, the service is described"),
        *dataset_parameters(),
        parameter("format", "A format's name or media type; wins over `Accept`"),
        parameter("release", "The version of the release that is meant"),
        parameter("timeout", "A shorter deadline, in seconds", {"type": "number"}),
        *_shown(),
        _language(),
    ]
    types = (*_RESULTS, *_GRAPHS, HTML)
    posted = _get(
        f"postQuery{suffix}", "Ask a query too long for a URL", types, asked[1:], _OF_QUERIES
    )
    return {
        "get": _get(f"query{suffix}", "Ask a query", types, asked, _OF_QUERIES),
        "post": {
            **posted,
            "requestBody": {
                "required": True,
                "content": {
                    _FORM: {"schema": query_form()},
                    _QUERY: {"schema": {"type": "string"}},
                },
            },
            "responses": {**_responses(types, [*_OF_QUERIES, "413", "415"])},
        },
    }


def _search() -> Object:
    asked = [
        parameter("q", "The beginnings of words of a name"),
        parameter("kind", "The IRI of a class that what is found belongs to"),
        _language(),
    ]
    problems = ["400", "406", "414", "429", "500", "503"]
    return _get("search", "Find resources by name", (JSON, HTML), asked, problems)


def _published() -> Object:
    asked = [
        in_path("name"),
        parameter("format", "A format's name or media type; a suffix of the name wins over it"),
        parameter("release", "The version of the release that is meant"),
        parameter("timeout", "A shorter deadline, in seconds", {"type": "number"}),
        _language(),
    ]
    summary = "Ask a published query; its parameters, by their names, are listed under /queries"
    types = (*_RESULTS, *_GRAPHS, HTML)
    return _get("publishedQuery", summary, types, asked, ["404", *_OF_QUERIES])


def _graphs(suffix: str) -> Object:
    asked = [
        parameter("graph", "The IRI of a named graph", {"type": "string", "format": "iri"}),
        parameter("default", "The default graph, whatever the value"),
        parameter("format", "A format's name or media type; wins over `Accept`"),
        _language(),
    ]
    summary = "Read a graph or, where none is named, the list of graphs"
    return _get(f"graphs{suffix}", summary, (*_GRAPHS, HTML), asked, ["404", *_OF_QUERIES])


def _description(name: str, summary: str) -> Object:
    asked = [parameter("format", "A format's name or media type; wins over `Accept`")]
    return _get(
        name, summary, _GRAPHS, asked, ["400", "406", "414", "500"], {"304": _text("Not changed")}
    )


def _reference(name: str, summary: str) -> Object:
    asked = [parameter("format", "A format's name or media type; wins over `Accept`"), _language()]
    return _get(name, summary, (*_GRAPHS, HTML), asked, _OF_QUERIES, {"304": _text("Not changed")})


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


def _listing(
    name: str, summary: str, parameters: Sequence[Json] = (), problems: Sequence[str] = ()
) -> Object:
    return _get(name, summary, (JSON, HTML), [*parameters, _language()], ["406", *problems])


def _shown() -> list[Json]:
    return [
        parameter("view", f"How a page shows the answer: {', '.join(VIEWS)}"),
        parameter("column", "The column of numbers that a chart on a page shows"),
    ]
