"""The query operation of the SPARQL 1.1 Protocol.

See https://www.w3.org/TR/sparql11-protocol/#query-operation. Without a query, a program gets the
service description and a browser a page to write one in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from flask import Blueprint, Response, g, request, url_for
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.wrappers import Request as HttpRequest

from lignee import formats
from lignee.engines.engine import Cancellation, Request
from lignee.engines.tokens import gives_graph, tokens
from lignee.errors import BadParameter, MalformedQuery
from lignee.iris import is_absolute_iri
from lignee.serve.context import Context, Equipment, choose_release, context, context_of, equipment
from lignee.serve.http import negotiation, parameters
from lignee.serve.http.identity import client_of
from lignee.serve.http.parameters import Parameters
from lignee.serve.http.record import notes_of
from lignee.serve.protocol import named_graphs, results, service_description
from lignee.serve.protocol.results import Pending, Reply
from lignee.serve.protocol.service_description import Service
from lignee.serve.site import answer_page
from lignee.serve.site.answer_page import EmptyPage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NAME: Final = "sparql"
PATHS: Final = ("/sparql", "/sparql/")
"""Some clients end the endpoint's address with a slash; a redirect would lose what they post."""
METHODS: Final = ("GET", "HEAD", "POST")
FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
_SEE_ALSO: Final = ("descriptions.void", "graph_store.graphs", "interface.openapi")
_SHOWN: Final = 40
CANCELLATION: Final = "lignee.cancellation"
"""The key of the WSGI environment under which the gateway says that the client has gone."""
PENDING: Final = "lignee.pending"
"""The key under which the answer stands whose evaluation was begun before; see `direct_way`."""
_OPERATION: Final = "lignee.operation"
_ERROR: Final = "lignee.error"
"""Keys of the WSGI environment under which the endpoint hands on what it has found out."""


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
        if environ["PATH_INFO"] not in PATHS or environ["REQUEST_METHOD"] not in METHODS:
            return self._application(environ, start_response)
        begun = cast(Pending | None, environ.pop(PENDING, None))
        try:
            reply = begun.reply() if begun else self._reply(HttpRequest(environ))
        except Exception as error:  # noqa: BLE001  # it is raised again where it can be answered
            environ[_ERROR] = error
            reply = None
        if reply is None:
            return self._application(environ, start_response)
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", reply.headers)
        return reply

    def _reply(self, request: HttpRequest) -> Reply | None:
        """Return the answer to a query for a program, None where a page is wanted, or no query."""
        operation = _operation(request, self._equipment)
        request.environ[_OPERATION] = operation
        if operation.query is None:
            return None
        notes_of(request.environ).kind = NAME
        wanted = negotiation.format_in(operation.given)
        if _wants_page(request, operation.query, wanted):
            return None
        found = context_of(self._equipment, request.environ)
        result_format = negotiation.result_format(request, wanted)
        graph_format = negotiation.graph_format(request, wanted)
        if result_format is None and graph_format is None:
            raise negotiation.not_acceptable(negotiation.all_media_types())
        asked = _asked(request, operation.query, operation.given, found)
        asked = asked._replace(result_format=result_format, graph_format=graph_format)
        question = results.question_of(
            request.environ, asked, found, names_release="release" in operation.given
        )
        return results.reply_to(question, found)


def blueprint() -> Blueprint:
    """Return the route of the endpoint, for what is not a query and for what goes wrong."""
    routes = Blueprint(NAME, __name__)
    view = partial(sparql, answer_page.EmptyPage())
    for path, endpoint in zip(PATHS, (NAME, "slash"), strict=True):
        routes.add_url_rule(path, endpoint, view_func=view, methods=["GET", "POST"])
    return routes


def sparql(empty_page: EmptyPage) -> Response:
    """Answer with a page or, without a query, the service description.

    Raises what was raised for a query, and QueryError or EngineError.
    """
    operation = request.environ.get(_OPERATION)
    wanted = negotiation.format_in(operation.given) if operation else None
    if operation and operation.query is not None:
        g.query = operation.query  # for the page that tells a browser what is wrong with it
        g.wants_page = _wants_page(request, operation.query, wanted)
    if isinstance(error := request.environ.get(_ERROR), Exception):
        raise error
    if operation is None:  # OPTIONS, which Flask answers, is all that comes another way
        operation = _operation(request, equipment())
    if operation.query is None:
        return _without_query(empty_page, wanted)
    asked = _asked(request, operation.query, operation.given, context())
    return answer_page.page_of(asked, operation.given)


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
    for name in ("default-graph-uri", "named-graph-uri"):
        for iri in operation.given.getlist(name):
            if not is_absolute_iri(iri):
                raise BadRequest(f"`{name}` is `{iri}`: a graph's name is not an IRI in full")
    timeout_in(operation.given)
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


def _wants_page(request: HttpRequest, query: str, wanted: str | None) -> bool:
    return negotiation.names_html(request, wanted) and negotiation.prefers_html(
        request, wanted, is_graph=gives_graph(tokens(query))
    )


def _asked(request: HttpRequest, query: str, given: Parameters, found: Context) -> Request:
    """Return the request to the engine, which takes no format yet."""
    return Request(
        query=query,
        result_format=None,
        graph_format=None,
        default_graphs=tuple(given.getlist("default-graph-uri")),
        named_graphs=tuple(given.getlist("named-graph-uri")),
        base_iri=found.release.namespaces.base,
        timeout_seconds=timeout_in(given),
        client=client_of(request.environ),
        cancellation=cancellation_of(request.environ),
    )


def cancellation_of(environ: WSGIEnvironment) -> Cancellation | None:
    """Return what tells that this request's client has gone, None where nobody would."""
    given = environ.get(CANCELLATION)
    return given if isinstance(given, Cancellation) else None


def timeout_in(given: Parameters) -> float | None:
    """Return the deadline asked for, in seconds, None for none; raises BadParameter."""
    text = parameters.single(given, "timeout")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise BadParameter(
            f"the parameter `timeout` is {text[:_SHOWN]!r}; it must be a number of seconds above "
            "0. It can shorten the server's deadline (--timeout-seconds), and not lengthen it"
        )
    return seconds


def _service() -> Service:
    return Service(
        endpoint=url_for(".sparql", _external=True),
        release=context().release,
        label=context().label,
        services=context().settings.service_allow,
        graphs=named_graphs.knowledge_graphs(),
        see_also=tuple(url_for(name, _external=True) for name in _SEE_ALSO),
    )


def _without_query(empty_page: EmptyPage, wanted: str | None) -> Response:
    graph_types = [form.media_type for form in formats.GRAPH_FORMATS]
    if negotiation.prefers_html(request, wanted, is_graph=True):
        return empty_page.show()
    form = negotiation.graph_format(request, wanted)
    if form is None:
        raise negotiation.not_acceptable((*graph_types, negotiation.HTML))
    body = service_description.describe(_service(), form)
    response = Response(body, content_type=negotiation.content_type(form.media_type))
    response.content_location = f"{url_for('.sparql')}?format={form.name}"
    response.vary.add("Accept")
    return response
