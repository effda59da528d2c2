"""The query page: where a query is written, and its answer as a table and in other views.

The views are made here, as HTML and SVG: they need no JavaScript, can be linked, and print.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Response, request, url_for

from lignee import formats
from lignee.engines.engine import Request, Timings
from lignee.engines.tokens import form_of, tokens
from lignee.errors import BadParameter, EngineError
from lignee.serve.context import context, equipment
from lignee.serve.http import parameters
from lignee.serve.http.cache import Held, key_of
from lignee.serve.http.negotiation import HTML
from lignee.serve.http.parameters import Parameters
from lignee.serve.http.record import notes_of
from lignee.serve.protocol.results import is_repeatable, server_timing
from lignee.serve.site import results, snippets
from lignee.serve.site.asking import solutions
from lignee.serve.site.pages import has_editor, headed, page, remembered, visitors_language
from lignee.serve.site.published import Example
from lignee.serve.site.results import Table
from lignee.serve.site.views import chart, dates, graph, order
from lignee.serve.site.views.names import names_in

VIEWS: Final = ("table", "chart", "graph", "timeline", "raw")
_NAMING: Final = ("chart", "graph", "timeline")
"""Views that call resources by their labels."""
_OF_PAGE: Final = ("format", "view", "column", "sort")
"""Parameters that say how an answer is shown, and not what is asked."""
_LONGEST_LINK: Final = 8_000
"""Longer queries are posted: not every program takes longer addresses."""
_RAW_CHARACTERS: Final = 100_000
_JSON: Final = formats.RESULT_FORMATS[0]
_TURTLE: Final = formats.GRAPH_FORMATS[0]
_PROPERTIES: Final = """\
PREFIX void: <http://rdfs.org/ns/void#>
SELECT DISTINCT ?property WHERE { ?part void:property ?property }
"""

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Way:
    """A view, or a format of the whole answer: its name, and its address if that is short."""

    name: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer as it comes, or its beginning."""

    text: str
    is_whole: bool


class EmptyPage:
    """The page to write a query in."""

    def __init__(self) -> None:
        self._whole = remembered(lambda: page("query.html", examples=_published()))

    def show(self) -> Response:
        """Return it; without examples where the engine cannot give them now."""
        has_editor()  # as its template asks when it is made
        try:
            return self._whole()
        except EngineError:  # the way in must not close because the engine is busy
            return page("query.html", examples=())


def page_of(asked: Request, given: Parameters) -> Response:
    """Return the page that answers the request; raises BadParameter, QueryError or EngineError."""
    view = parameters.single(given, "view") or VIEWS[0]
    if view not in VIEWS:
        raise BadParameter(
            f"the parameter `view` is {view!r}; it must be one of {', '.join(VIEWS)}"
        )
    if request.method == "HEAD":
        response = page("query.html", query=asked.query, examples=())
        response.automatically_set_content_length = False  # how long it would be is not known
        del response.headers["Content-Length"]
        return response
    if request.method != "GET" or not is_repeatable(asked.query, context()):
        return _made(asked, given, view)
    cache = context().answers.cache
    key = key_of(context().label, request.url, media_type=HTML, language=visitors_language())
    if held := cache.find(key):
        notes_of(request.environ).cache = "hit"
        has_editor()  # as its template would have asked
        response = headed(Response(held.body, mimetype=HTML))
        response.headers["Server-Timing"] = "cache;desc=hit"
        return response
    response = _made(asked, given, view)
    cache.hold(key, Held(HTML, response.get_data()))
    return response


def _made(asked: Request, given: Parameters, view: str) -> Response:
    pairs = [pair for pair in given.items(multi=True) if pair[0] not in _OF_PAGE]
    table, answer = results.told(asked)
    wanted = parameters.single(given, "sort") or ""
    table = order.ordered(table, wanted)
    named = names_in(table, context().engine, visitors_language()) if view in _NAMING else {}
    response = page(
        "results.html",
        query=asked.query,
        question=_question(asked.query),
        table=table,
        heads=order.heads(table, wanted, lambda after: _shown(pairs, "sort", after)),
        is_sorted=bool(wanted),
        timings=None if answer.timings == Timings() else answer.timings,
        view=view,
        drawn=_drawn(view, table, asked, parameters.single(given, "column"), named),
        given=pairs,
        views=list(_views(view, pairs)),
        wholes=list(_wholes(table, pairs)),
        examples=_examples(),
        name_of=lambda iri: named.get(iri, ""),
        **_uses(asked, pairs),
    )
    response.headers["Server-Timing"] = server_timing(answer.timings, answer.outcome)
    return response


def _drawn(
    view: str, table: Table, asked: Request, column: str | None, named: Mapping[str, str]
) -> chart.Chart | dates.Line | graph.Drawing | Raw | None:
    """Return what the view shows beside the table, None where the answer is not such."""
    if view == "raw":
        return _raw(asked)
    if table.boolean is not None or not table.lines:
        return None
    if view == "chart":
        return chart.draw(table, column)
    if view == "timeline":
        return dates.draw(table)
    if view == "graph":
        drawing = graph.draw(table, _properties, named)
        return drawing if drawing.boxes else None
    return None


def _raw(asked: Request) -> Raw:
    answer = results.give(asked._replace(result_format=_JSON, graph_format=_TURTLE))
    text = b""
    with results.opened(answer) as body:
        for piece in body:
            text += piece
            if len(text) > _RAW_CHARACTERS:
                break
    if len(text) > _RAW_CHARACTERS:
        return Raw(text[:_RAW_CHARACTERS].decode("utf-8", "ignore"), is_whole=False)
    if answer.answer.media_type == _JSON.media_type:
        return Raw(json.dumps(json.loads(text), ensure_ascii=False, indent=1), is_whole=True)
    return Raw(text.decode("utf-8"), is_whole=True)


def _properties(iris: Iterable[str]) -> set[str]:
    """Return those that are properties in the release."""
    wanted = set(iris)
    known = {one["property"] for one in solutions(context().engine, _PROPERTIES)}
    return wanted & known


def _question(query: str) -> str:
    """Return what the query's first line, if it is a comment, says that it asks."""
    first = query.lstrip().partition("\n")[0]
    return first.lstrip("# ").strip() if first.startswith("#") else ""


def _published() -> tuple[Example, ...]:
    return equipment().published.of(context()).examples(visitors_language())


def _examples() -> tuple[Example, ...]:
    try:
        return _published()
    except EngineError:  # the way in must not close because the engine is busy
        return ()


def _views(current: str, pairs: Pairs) -> Iterator[Way]:
    for name in VIEWS:
        yield Way(name, _shown(pairs, "view", name), name == current)


def _shown(pairs: Pairs, name: str, value: str) -> str:
    """Return the address of the answer shown so, the empty text where it would be too long."""
    url = _address([*pairs, ("format", "html"), (name, value)])
    return f"{url}#results" if url else ""


def _wholes(table: Table, pairs: Pairs) -> Iterator[Way]:
    """Yield the formats that hold the whole answer."""
    for form in formats.GRAPH_FORMATS if table.is_graph else formats.RESULT_FORMATS:
        yield Way(form.name, _address([*pairs, ("format", form.name)]))


def _uses(asked: Request, pairs: Pairs) -> dict[str, object]:
    """Return what a page says of how to use, cite and come back to the answer."""
    kept = [pair for pair in pairs if pair[0] not in ("release", "timeout", "lang")]
    named = [*kept, ("release", context().label)]
    address = _address([*named, ("format", "html")])
    form = form_of(tokens(asked.query))
    overview = equipment().overviews.of(context().engine, context().release, visitors_language())
    return {
        "permanent": request.host_url.rstrip("/") + address if address else "",
        "dataset": overview.title,
        "snippets": snippets.of_query(
            form.text.upper() if form else "",
            url_for("sparql.sparql", _external=True),
            named,
        ),
    }


def _address(pairs: Pairs) -> str:
    """Return the address with these parameters, the empty text where it would be too long."""
    url = f"{url_for('sparql.sparql')}?{urlencode(pairs)}"
    return url if len(url) <= _LONGEST_LINK else ""
