"""The query operation of the SPARQL 1.1 Protocol.

See https://www.w3.org/TR/sparql11-protocol/#query-operation. Without a query, a program gets the
service description and a browser a page to write one in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, Response, g, request, url_for
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from lignee import formats
from lignee.engines.engine import Answer, Cancellation, Request
from lignee.engines.tokens import form_of, tokens
from lignee.errors import MalformedQuery, UnknownRelease
from lignee.iris import is_absolute_iri
from lignee.serve.context import context
from lignee.serve.http import negotiation, parameters
from lignee.serve.http.parameters import Parameters
from lignee.serve.protocol import named_graphs, service_description
from lignee.serve.protocol.service_description import Service
from lignee.serve.site import results
from lignee.serve.site.pages import page

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
_SEE_ALSO: Final = ("descriptions.void", "graph_store.graphs", "interface.openapi")
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
    # Some clients end the endpoint's address with a slash; a redirect would lose what they post.
    routes.add_url_rule("/sparql/", "slash", view_func=sparql, methods=["GET", "POST"])
    return routes


def sparql() -> Response:
    """Answer one query; raises QueryError, EngineError or an HTTPException."""
    operation = _operation()
    wanted = negotiation.format_in(operation.given)
    if operation.query is None:
        return _without_query(wanted)
    g.query = operation.query  # for the page that tells a browser what is wrong with it
    # Where no page is thought of, the query is not looked into: that takes as long as a small one.
    if negotiation.names_html(request, wanted) and negotiation.prefers_html(
        request, wanted, is_graph=_gives_graph(operation.query)
    ):
        g.wants_page = True
        return results.page_of(_asked(operation), operation.given)
    asked = _request(operation, wanted)
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
    for name in ("default-graph-uri", "named-graph-uri"):
        for iri in operation.given.getlist(name):
            if not is_absolute_iri(iri):
                raise BadRequest(f"`{name}` is `{iri}`: a graph's name is not an IRI in full")
    release = parameters.single(operation.given, "release")
    if release not in (None, context().release.version):
        raise UnknownRelease(
            f"release {release} is not served here; {context().release.version} is"
        )
    return operation


def _require_utf_8() -> None:
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"the body is in {charset}; send it as UTF-8")


def _unsupported() -> UnsupportedMediaType:
    named = f"of type {request.mimetype}" if request.mimetype else "of no stated type"
    return UnsupportedMediaType(f"the body is {named}; a query is sent as {QUERY} or {FORM}")


def _request(operation: Operation, wanted: str | None) -> Request:
    result_format = negotiation.result_format(request, wanted)
    graph_format = negotiation.graph_format(request, wanted)
    if result_format is None and graph_format is None:
        raise negotiation.not_acceptable(_all_media_types())
    return replace(_asked(operation), result_format=result_format, graph_format=graph_format)


def _asked(operation: Operation) -> Request:
    """Return the request to the engine, which takes no format yet."""
    assert operation.query is not None
    return Request(
        query=operation.query,
        result_format=None,
        graph_format=None,
        default_graphs=tuple(operation.given.getlist("default-graph-uri")),
        named_graphs=tuple(operation.given.getlist("named-graph-uri")),
        base_iri=context().release.namespaces.base,
        cancellation=cancellation(),
    )


def cancellation() -> Cancellation | None:
    """Return what tells that this request's client has gone, None where nobody would."""
    given = request.environ.get(CANCELLATION)
    return given if isinstance(given, Cancellation) else None


def _all_media_types() -> Iterator[str]:
    for form in (*formats.RESULT_FORMATS, *formats.GRAPH_FORMATS):
        yield form.media_type
    yield negotiation.HTML


def _gives_graph(query: str) -> bool:
    form = form_of(tokens(query))
    return form is not None and form.is_word("CONSTRUCT", "DESCRIBE")


def _response(answer: Answer) -> Response:
    response = Response(
        answer.body,
        content_type=negotiation.content_type(answer.media_type),
        direct_passthrough=True,
    )
    response.call_on_close(answer.close)
    if answer.size_bytes is not None:
        response.content_length = answer.size_bytes
    response.vary.add("Accept")
    return response


def _head(asked: Request) -> Response:
    """Answer as GET would, as far as that is known without evaluating the query."""
    chosen = asked.graph_format if _gives_graph(asked.query) else asked.result_format
    if chosen is None:
        raise negotiation.not_acceptable(_all_media_types())
    response = Response(content_type=negotiation.content_type(chosen.media_type))
    response.automatically_set_content_length = False  # how long it would be is not known
    response.vary.add("Accept")
    return response


def _service() -> Service:
    return Service(
        endpoint=url_for(".sparql", _external=True),
        release=context().release,
        graphs=named_graphs.knowledge_graphs(),
        see_also=tuple(url_for(name, _external=True) for name in _SEE_ALSO),
    )


def _without_query(wanted: str | None) -> Response:
    graph_types = [form.media_type for form in formats.GRAPH_FORMATS]
    if negotiation.prefers_html(request, wanted, is_graph=True):
        return page("query.html")
    form = negotiation.graph_format(request, wanted)
    if form is None:
        raise negotiation.not_acceptable((*graph_types, negotiation.HTML))
    body = service_description.describe(_service(), form)
    response = Response(body, content_type=negotiation.content_type(form.media_type))
    response.content_location = f"{url_for('.sparql')}?format={form.name}"
    response.vary.add("Accept")
    return response
