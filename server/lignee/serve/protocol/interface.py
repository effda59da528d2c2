"""The HTTP interface described for programs: OpenAPI 3.1, see https://spec.openapis.org/oas/v3.1.1.

Media types come from the table of formats, so that none is told that cannot be had. A test holds
the paths to be those that are served, no more and no fewer.
"""

from __future__ import annotations

import json
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
from lignee.serve.site import interface as pages
from lignee.serve.site.answer_page import VIEWS

_get, _listing, _responses = openapi.operation, openapi.listing, openapi.responses
_text, _language = openapi.only_text, openapi.language
_RESULTS: Final = tuple(form.media_type for form in formats.RESULT_FORMATS)
_GRAPHS: Final = tuple(form.media_type for form in formats.GRAPH_FORMATS)
_METRICS: Final = ("text/plain", "application/openmetrics-text")
_OPENSEARCH: Final = "application/opensearchdescription+xml"
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
        "paths": paths(),
        "components": {
            "schemas": {"Problem": problem_schema()},
            "responses": {status: problem(text) for status, text in _PROBLEMS.items()},
        },
    }


def paths() -> Object:
    """Return the description of every path."""
    return {**_asking(), **reconciliation.paths(), **pages.paths(), **_operating()}


def _asking() -> Object:
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
    }


def _operating() -> Object:
    return {
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
        parameter("q", "Beginnings of words of a name or description, or an identifier"),
        parameter("kind", "The IRI of a class that what is found belongs to"),
        _language(),
    ]
    problems = ["400", "406", "414", "429", "500", "503"]
    return _get(
        "search", "Find resources by name, identifier or description", (JSON, HTML), asked, problems
    )


def _published() -> Object:
    asked = [
        in_path("name"),
        parameter("format", "A format's name or media type; a suffix of the name wins over it"),
        parameter("release", "The version of the release that is meant"),
        parameter("timeout", "A shorter deadline, in seconds", {"type": "number"}),
        _sort(),
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


def _shown() -> list[Json]:
    return [
        parameter("view", f"How a page shows the answer: {', '.join(VIEWS)}"),
        parameter("column", "The column of numbers that a chart on a page shows"),
        _sort(),
    ]


def _sort() -> Json:
    return parameter("sort", "The column by which a page sorts; after `-` the other way round")
