"""The query operation of the SPARQL 1.1 Protocol.

See https://www.w3.org/TR/sparql11-protocol/#query-operation. Without a query, a program gets the
service description and a browser a page to write one in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.wrappers import Request as HttpRequest

from lignee import formats
from lignee.engines.engine import Cancellation, Request
from lignee.errors import BadParameter, MalformedQuery
from lignee.serve.context import Equipment, choose_release, context, context_of, equipment
from lignee.serve.http import negotiation, parameters
from lignee.serve.http.identity import client_of
from lignee.serve.http.parameters import Parameters
from lignee.serve.http.record import notes_of
from lignee.serve.protocol import results, service_description
from lignee.serve.protocol.results import Reply
from lignee.serve.site.pages import page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NAME: Final = "sparql"
PATH: Final = "/sparql"
METHODS: Final = ("GET", "HEAD", "POST")
FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
_SHOWN: Final = 40
CANCELLATION: Final = "lignee.cancellation"
"""The key of the WSGI environment under which the gateway says that the client has gone."""
_ERROR: Final = "lignee.error"
"""The key of the WSGI environment under which the endpoint hands an error on to be answered."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for: a query, None where it has none, and its parameters."""

    query: str | None
    given: Parameters


class Endpoint:
    """The WSGI application that answers queries, before Flask.

    What else is asked of `/sparql`, and what goes wrong, is answered by the `application` behind
    it: pages, the service description, problems.
    """

    def __init__(self, equipment: Equipment, application: WSGIApplication) -> None:
        self._equipment = equipment
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request, or have it answered."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] not in METHODS:
            return self._application(environ, start_response)
        try:
            reply = self._reply(HttpRequest(environ))
        except Exception as error:  # noqa: BLE001  # it is raised again where it can be answered
            environ[_ERROR] = error
            reply = None
        if reply is None:
            return self._application(environ, start_response)
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", reply.headers)
        return reply

    def _reply(self, request: HttpRequest) -> Reply | None:
        """Return the answer to a query, None where there is none."""
        operation = _operation(request, self._equipment)
        if operation.query is None:
            return None
        notes_of(request.environ).kind = NAME
        asked = _request(request, operation.query, operation.given)
        names_release = "release" in operation.given
        return results.reply_to(
            request,
            asked,
            context_of(self._equipment, request.environ),
            names_release=names_release,
        )


def blueprint() -> Blueprint:
    """Return the route of the endpoint, for what is not a query and for what goes wrong."""
    routes = Blueprint(NAME, __name__)
    routes.add_url_rule(PATH, view_func=sparql, methods=["GET", "POST"])
    return routes


def sparql() -> Response:
    """Answer a request without a query; raises what was raised for one with a query."""
    if isinstance(error := request.environ.get(_ERROR), Exception):
        raise error
    operation = _operation(request, equipment())
    return _without_query(parameters.single(operation.given, "format"))


def _operation(request: HttpRequest, equipment: Equipment) -> Operation:
    limit = equipment.settings.query_bytes
    in_url = parameters.of_url(request, limit)
    if request.method != "POST":
        operation = Operation(parameters.single(in_url, "query"), in_url)
        return _checked(request, operation, equipment)
    if request.mimetype == QUERY:
        _require_utf_8(request)
        if "query" in in_url:
            raise BadRequest("a query is given both in the URL and as the body; give it once")
        body = parameters.body_of(request, limit)
        return _checked(request, Operation(parameters.text_of(body), in_url), equipment)
    if request.mimetype == UPDATE:
        raise MalformedQuery("this is a SPARQL update, and releases are read-only")
    if request.mimetype != FORM:
        raise _unsupported(request)
    _require_utf_8(request)
    in_form = parameters.of_form(request, limit)
    for name, value in in_url.items(multi=True):
        in_form.add(name, value)
    operation = Operation(parameters.single(in_form, "query"), in_form)
    _checked(request, operation, equipment)
    if operation.query is None:
        raise BadRequest("the form has no parameter `query`; put the SPARQL query there")
    return operation


def _checked(request: HttpRequest, operation: Operation, equipment: Equipment) -> Operation:
    if "update" in operation.given:
        raise MalformedQuery(
            "the parameter `update` asks for a SPARQL update, and releases are read-only"
        )
    release = parameters.single(operation.given, "release")
    if release is not None:
        choose_release(equipment, request.environ, release)
    return operation


def _require_utf_8(request: HttpRequest) -> None:
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"the body is in {charset}; send it as UTF-8")


def _unsupported(request: HttpRequest) -> UnsupportedMediaType:
    named = f"of type {request.mimetype}" if request.mimetype else "of no stated type"
    return UnsupportedMediaType(f"the body is {named}; a query is sent as {QUERY} or {FORM}")


def _request(request: HttpRequest, query: str, given: Parameters) -> Request:
    wanted = parameters.single(given, "format")
    result_format = negotiation.result_format(request, wanted)
    graph_format = negotiation.graph_format(request, wanted)
    if result_format is None and graph_format is None:
        raise negotiation.not_acceptable(results.all_media_types())
    cancellation = request.environ.get(CANCELLATION)
    return Request(
        query=query,
        result_format=result_format,
        graph_format=graph_format,
        default_graphs=tuple(given.getlist("default-graph-uri")),
        named_graphs=tuple(given.getlist("named-graph-uri")),
        timeout_seconds=_timeout(parameters.single(given, "timeout")),
        client=client_of(request.environ),
        cancellation=cancellation if isinstance(cancellation, Cancellation) else None,
    )


def _timeout(given: str | None) -> float | None:
    """Return the deadline asked for, in seconds, None for none; raises BadParameter."""
    if given is None:
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise BadParameter(
            f"the parameter `timeout` is {given[:_SHOWN]!r}; it must be a number of seconds above "
            "0. It can shorten the server's deadline (--timeout-seconds), and not lengthen it"
        )
    return seconds


def _without_query(wanted: str | None) -> Response:
    graph_types = [form.media_type for form in formats.GRAPH_FORMATS]
    if wanted is None and negotiation.acceptable(request, (*graph_types, negotiation.HTML)) == (
        negotiation.HTML
    ):
        return page("query.html")
    form = negotiation.graph_format(request, wanted)
    if form is None:
        raise negotiation.not_acceptable((*graph_types, negotiation.HTML))
    body = service_description.describe(request.base_url, context().release, form)
    response = Response(body, content_type=negotiation.content_type(form.media_type))
    response.vary.add("Accept")
    return response
