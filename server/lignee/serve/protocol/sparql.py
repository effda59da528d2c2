"""The query operation of the SPARQL 1.1 Protocol.

See https://www.w3.org/TR/sparql11-protocol/#query-operation. Without a query, a program gets the
service description and a browser a page to write one in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.wsgi import ClosingIterator

from lignee import formats
from lignee.engines.engine import Answer, Cancellation, Request
from lignee.engines.tokens import form_of, tokens
from lignee.errors import MalformedQuery, UnknownRelease
from lignee.serve.context import context
from lignee.serve.http import negotiation, parameters
from lignee.serve.http.parameters import Parameters
from lignee.serve.protocol import service_description
from lignee.serve.site.pages import page

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
CANCELLATION: Final = "lignee.cancellation"
"""The key of the WSGI environment under which the gateway says that the client has gone."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for: a query, None where it has none, and its parameters."""

    query: str | None
    given: Parameters


def blueprint() -> Blueprint:
    """Return the route of the endpoint."""
    routes = Blueprint("sparql", __name__)
    routes.add_url_rule("/sparql", view_func=sparql, methods=["GET", "POST"])
    return routes


def sparql() -> Response:
    """Answer one query; raises QueryError, EngineError or an HTTPException."""
    operation = _operation()
    if operation.query is None:
        return _without_query(parameters.single(operation.given, "format"))
    asked = _request(operation.query, operation.given)
    if request.method == "HEAD":
        return _head(asked)
    return _response(context().engine.evaluate(asked))


def _operation() -> Operation:
    limit = context().settings.query_bytes
    in_url = parameters.of_url(request, limit)
    if request.method != "POST":
        return _checked(Operation(parameters.single(in_url, "query"), in_url))
    if request.mimetype == QUERY:
        _require_utf_8()
        if "query" in in_url:
            raise BadRequest("a query is given both in the URL and as the body; give it once")
        body = parameters.body_of(request, limit)
        return _checked(Operation(parameters.text_of(body), in_url))
    if request.mimetype == UPDATE:
        raise MalformedQuery("this is a SPARQL update, and releases are read-only")
    if request.mimetype != FORM:
        raise _unsupported()
    _require_utf_8()
    in_form = parameters.of_form(request, limit)
    for name, value in in_url.items(multi=True):
        in_form.add(name, value)
    operation = _checked(Operation(parameters.single(in_form, "query"), in_form))
    if operation.query is None:
        raise BadRequest("the form has no parameter `query`; put the SPARQL query there")
    return operation


def _checked(operation: Operation) -> Operation:
    if "update" in operation.given:
        raise MalformedQuery(
            "the parameter `update` asks for a SPARQL update, and releases are read-only"
        )
    release = parameters.single(operation.given, "release")
    if release not in (None, context().label):
        raise UnknownRelease(f"release {release} is not served here; {context().label} is")
    return operation


def _require_utf_8() -> None:
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"the body is in {charset}; send it as UTF-8")


def _unsupported() -> UnsupportedMediaType:
    named = f"of type {request.mimetype}" if request.mimetype else "of no stated type"
    return UnsupportedMediaType(f"the body is {named}; a query is sent as {QUERY} or {FORM}")


def _request(query: str, given: Parameters) -> Request:
    wanted = parameters.single(given, "format")
    result_format = negotiation.result_format(request, wanted)
    graph_format = negotiation.graph_format(request, wanted)
    if result_format is None and graph_format is None:
        raise negotiation.not_acceptable(_all_media_types())
    cancellation = request.environ.get(CANCELLATION)
    return Request(
        query=query,
        result_format=result_format,
        graph_format=graph_format,
        default_graphs=tuple(given.getlist("default-graph-uri")),
        named_graphs=tuple(given.getlist("named-graph-uri")),
        cancellation=cancellation if isinstance(cancellation, Cancellation) else None,
    )


def _all_media_types() -> Iterator[str]:
    for form in (*formats.RESULT_FORMATS, *formats.GRAPH_FORMATS):
        yield form.media_type


def _response(answer: Answer) -> Response:
    response = Response(
        # `call_on_close` would not do: a response that is passed through is not closed.
        ClosingIterator(answer.body, answer.close),
        content_type=negotiation.content_type(answer.media_type),
        direct_passthrough=True,
    )
    if answer.size_bytes is not None:
        response.content_length = answer.size_bytes
    response.vary.add("Accept")
    return response


def _head(asked: Request) -> Response:
    """Answer as GET would, as far as that is known without evaluating the query."""
    form = form_of(tokens(asked.query))
    is_graph = form is not None and form.is_word("CONSTRUCT", "DESCRIBE")
    chosen = asked.graph_format if is_graph else asked.result_format
    if chosen is None:
        raise negotiation.not_acceptable(_all_media_types())
    response = Response(content_type=negotiation.content_type(chosen.media_type))
    response.automatically_set_content_length = False  # how long it would be is not known
    response.vary.add("Accept")
    return response


def _without_query(wanted: str | None) -> Response:
    graph_types = [form.media_type for form in formats.GRAPH_FORMATS]
    if wanted is None and negotiation.acceptable(request, (*graph_types, negotiation.HTML)) == (
        negotiation.HTML
    ):
        return page("query.html")
    form = negotiation.graph_format(request, wanted)
    if form is None:
        raise negotiation.not_acceptable((*graph_types, negotiation.HTML))
    served = context()
    body = service_description.describe(request.base_url, served.release, served.label, form)
    response = Response(body, content_type=negotiation.content_type(form.media_type))
    response.vary.add("Accept")
    return response
