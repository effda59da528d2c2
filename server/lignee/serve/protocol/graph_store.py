"""The read part of the SPARQL 1.1 Graph Store HTTP Protocol, and the list of graphs.

See https://www.w3.org/TR/sparql11-http-rdf-update/: graphs are named by `?graph=` and `?default`.
A release is read-only, so every writing method answers 405. The route serves no graph by its own
IRI, which is the site's.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, NotFound

from lignee import formats
from lignee.engines.engine import Request
from lignee.formats import GraphFormat
from lignee.iris import is_absolute_iri
from lignee.serve.context import context
from lignee.serve.http import negotiation, parameters
from lignee.serve.http.identity import client_of
from lignee.serve.protocol.named_graphs import is_there
from lignee.serve.protocol.sparql import cancellation_of
from lignee.serve.site import answer_page, results
from lignee.serve.site.pages import page
from lignee.vocabulary import SD, VOID

_DEFAULT: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_NAMED: Final = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {} {{ ?s ?p ?o }} }}"
_SIZES: Final = """\
SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } }
GROUP BY ?graph ORDER BY ?graph"""
_LIST: Final = f"""\
PREFIX sd: <{SD}>
PREFIX void: <{VOID}>
CONSTRUCT {{
  ?dataset sd:namedGraph ?graph .
  ?graph a sd:NamedGraph ; sd:name ?graph ; void:triples ?triples .
}} WHERE {{
  {{ {_SIZES} }}
}}"""
_PREFERRED: Final = ("turtle", "ntriples", "jsonld")
"""Formats that the page of graphs links to."""


def blueprint() -> Blueprint:
    """Return the route of the graph store."""
    routes = Blueprint("graph_store", __name__)
    routes.add_url_rule("/graphs", view_func=graphs)
    routes.add_url_rule("/graphs/", "slash", view_func=graphs)
    return routes


def graphs() -> Response:
    """Answer with a graph or, where none is named, the list of graphs.

    Raises NotFound for a graph without a triple, which a release does not tell from none.
    """
    given = parameters.of_url(request, context().settings.query_bytes)
    wanted = negotiation.format_in(given)
    name = parameters.single(given, "graph")
    if name is not None and "default" in given:
        raise BadRequest("both `default` and `graph` are given; give the one that is meant")
    if name is None and "default" not in given:
        return _list(wanted)
    if name is None:
        return _graph(_DEFAULT, [("default", "")], wanted)
    node = _node(name)
    if not is_there(node):
        raise NotFound(f"there is no graph {node}; {url_for('.graphs')} lists those there are")
    return _graph(_NAMED.format(node), [("graph", name)], wanted)


def _node(name: str) -> NamedNode:
    try:
        if is_absolute_iri(name):
            return NamedNode(name)
    except ValueError:
        pass
    raise BadRequest(f"`{name}` is not an absolute IRI; name the graph in full")


def _graph(query: str, given: list[tuple[str, str]], wanted: str | None) -> Response:
    asked = _asked(query)
    if negotiation.prefers_html(request, wanted, is_graph=True):
        return answer_page.page_of(asked, MultiDict([("query", query)]))
    return _as_rdf(asked, given, _form(wanted))


def _list(wanted: str | None) -> Response:
    if negotiation.prefers_html(request, wanted, is_graph=True):
        asked = _asked(_SIZES)
        return page("graphs.html", table=results.table_of(asked), formats=_PREFERRED)
    query = _LIST.replace("?dataset", f"<{context().release.manifest.dataset}>")
    asked = _asked(query)
    return _as_rdf(asked, [], _form(wanted))


def _asked(query: str) -> Request:
    """Return the request to the engine, which takes no format yet."""
    return Request(
        query=query,
        result_format=None,
        graph_format=None,
        client=client_of(request.environ),
        cancellation=cancellation_of(request.environ),
    )


def _form(wanted: str | None) -> GraphFormat:
    form = negotiation.graph_format(request, wanted)
    if form is None:
        media_types = (form.media_type for form in formats.GRAPH_FORMATS)
        raise negotiation.not_acceptable((*media_types, negotiation.HTML))
    return form


def _as_rdf(asked: Request, given: list[tuple[str, str]], form: GraphFormat) -> Response:
    """Return the graph that a query constructs; the headers alone, unevaluated, for HEAD."""
    response = Response(content_type=negotiation.content_type(form.media_type))
    if request.method == "HEAD":
        response.automatically_set_content_length = False  # how long it would be is not known
    else:
        answer = context().engine.evaluate(asked._replace(graph_format=form))
        response.response = answer.body
        response.direct_passthrough = True
        response.call_on_close(answer.close)
        if answer.size_bytes is not None:
            response.content_length = answer.size_bytes
    response.vary.add("Accept")
    path = url_for(".graphs")
    response.content_location = f"{path}?{urlencode([*given, ('format', form.name)])}"
    return response
