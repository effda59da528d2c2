"""The published queries as addresses: a page with a form, and results in every format.

Values come as parameters of the URL and are bound to variables; no text of a client's becomes part
of a query.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotFound

from lignee import formats
from lignee.engines.engine import Request
from lignee.errors import BadParameter, UnknownParameter
from lignee.query_files import RESERVED
from lignee.serve.context import choose_release, context, equipment
from lignee.serve.http import negotiation, parameters
from lignee.serve.http.cache import Held, key_of
from lignee.serve.http.identity import client_of
from lignee.serve.http.negotiation import HTML, JSON
from lignee.serve.http.parameters import Parameters
from lignee.serve.protocol import results
from lignee.serve.protocol.results import Reply
from lignee.serve.protocol.sparql import cancellation_of, timeout_in
from lignee.serve.site import query_page
from lignee.serve.site.pages import remembered, visitors_language
from lignee.serve.site.published import PublishedQuery
from lignee.serve.site.query_page import Call


def blueprint() -> Blueprint:
    """Return the routes of the published queries."""
    views = _Views()
    routes = Blueprint("queries", __name__)
    routes.add_url_rule("/queries", "listing", view_func=views.listing)
    routes.add_url_rule("/queries/<name>", "query", view_func=views.query)
    return routes


def _queries() -> Collection[PublishedQuery]:
    return equipment().published.of(context()).queries.values()


class _Views:
    def __init__(self) -> None:
        self._list_page = remembered(lambda: query_page.list_page(list(_queries())))

    def listing(self) -> Response:
        """Answer with the list of the queries."""
        media_type = negotiation.acceptable(request, (JSON, HTML))
        if media_type is None:
            raise negotiation.not_acceptable((JSON, HTML))
        if media_type == HTML:
            return self._list_page()
        text = json.dumps(query_page.listed(_queries()), ensure_ascii=False, indent=1)
        response = Response(text + "\n", mimetype=JSON)
        response.vary.add("Accept")
        return response

    def query(self, name: str) -> Response:
        """Answer with what the query finds, or a page that asks it.

        Raises NotFound, UnknownParameter, BadParameter, QueryError or EngineError.
        """
        given = parameters.of_url(request, context().settings.query_bytes)
        release = parameters.single(given, "release")
        if release is not None:
            choose_release(equipment(), request.environ, release)
        of_release = equipment().published.of(context())
        query, suffix = _named(of_release.queries, name)
        wanted = suffix or negotiation.format_in(given)
        g.wants_page = negotiation.prefers_html(request, wanted, is_graph=query.gives_graph)
        timeout = timeout_in(given)
        call = _call(query, given)
        try:
            bindings = query.file.bindings(call.values, of_release.prefixes)
        except (BadParameter, UnknownParameter) as error:
            if not g.wants_page:
                raise
            known = {parameter.name for parameter in query.file.parameters}
            kept = {name: text for name, text in call.values.items() if name in known}
            return query_page.refusal(of_release, replace(call, values=kept), error)
        asked = Request(
            query=query.file.text,
            result_format=None,
            graph_format=None,
            bindings=bindings,
            base_iri=context().release.namespaces.base,
            timeout_seconds=timeout,
            client=client_of(request.environ),
            cancellation=cancellation_of(request.environ),
        )
        if g.wants_page:
            return self._page(call, asked)
        return _data(call, asked, wanted)

    def _page(self, call: Call, asked: Request) -> Response:
        of_release = equipment().published.of(context())
        if request.method == "HEAD" or not results.is_repeatable(asked.query, context()):
            return query_page.query_page(of_release, call, asked)
        answers = context().answers
        key = key_of(context().label, request.url, media_type=HTML, language=visitors_language())
        if held := answers.cache.find(key):
            return query_page.headed(Response(held.body, mimetype=HTML))
        response = query_page.query_page(of_release, call, asked)
        answers.cache.hold(key, Held(HTML, response.get_data()))
        return response


def _named(queries: Mapping[str, PublishedQuery], name: str) -> tuple[PublishedQuery, str | None]:
    """Return the query of that name, and the suffix that the name ends with; raises NotFound."""
    if found := queries.get(name):
        return found, None
    bare, _, suffix = name.rpartition(".")
    is_format = formats.result_format(suffix) or formats.graph_format(suffix)
    if (found := queries.get(bare)) and (is_format or suffix == "html"):
        return found, suffix
    raise NotFound(f"there is no published query {name}; /queries lists those there are")


def _call(query: PublishedQuery, given: Parameters) -> Call:
    """Return the call with a value for each parameter, those of the URL first."""
    values = {name: parameters.single(given, name) or "" for name in given if name not in RESERVED}
    for parameter in query.file.parameters:
        if parameter.name in values:
            continue
        is_told = parameter.type == "language" and _tells_language()
        values[parameter.name] = visitors_language() if is_told else parameter.default
    release, sort = (parameters.single(given, name) for name in ("release", "sort"))
    return Call(query, values, release, sort or "")


def _tells_language() -> bool:
    return "lang" in request.args or bool(request.headers.get("Accept-Language"))


def _data(call: Call, asked: Request, wanted: str | None) -> Response:
    table = formats.GRAPH_FORMATS if call.query.gives_graph else formats.RESULT_FORMATS
    form: formats.Format | None
    if call.query.gives_graph:
        graph_form = negotiation.graph_format(request, wanted)
        form, asked = graph_form, asked._replace(graph_format=graph_form)
    else:
        result_form = negotiation.result_format(request, wanted)
        form, asked = result_form, asked._replace(result_format=result_form)
    if form is None:
        raise negotiation.not_acceptable([*(row.media_type for row in table), HTML])
    names_release = call.release is not None
    question = results.question_of(request.environ, asked, context(), names_release=names_release)
    reply = results.reply_to(question, context())
    response = _response(reply)
    response.content_location = query_page.address(call, form.extension)
    if any(parameter.type == "language" for parameter in call.query.file.parameters):
        response.vary.add("Accept-Language")
    return response


def _response(reply: Reply) -> Response:
    """Return the reply as Flask takes it."""
    response = Response(reply.body, reply.status, reply.headers, direct_passthrough=True)
    response.automatically_set_content_length = False
    if reply.status == 304:
        del response.headers["Content-Type"]
    response.call_on_close(reply.close)
    return response
