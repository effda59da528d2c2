"""What a remote engine is sent: the checked query, the graphs it is about, the format wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from lignee import formats
from lignee.engines import query_text
from lignee.engines.engine import Request
from lignee.engines.services import refused
from lignee.engines.tokens import Token, form_of, sources_of, tokens, where_of
from lignee.errors import MalformedQuery, UnsupportedFormat
from lignee.iris import is_absolute_iri

_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_GRAPH_FORMS: Final = _FORMS[2:]
_IN_NAME: Final = re.compile(r"[^:]*?(?<!\w)(?:true|false)?SERVICE", re.IGNORECASE)
_IN_IRI: Final = re.compile(r"(?:^<[^A-Za-z]|[)}]).*SERVICE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which graphs are the dataset of a query that names none; empty: as the server has it.

    Some servers take the union of all graphs for the default graph, with each triple as often as
    it stands somewhere, and their own graphs among them; there the release's default graph is a
    named one, and the named graphs are listed for queries that look into them.
    """

    default_graph: str = ""
    named_graphs: tuple[str, ...] = ()


def wanted_format(request: Request) -> str:
    """Return the media type to ask for; raises UnsupportedFormat, MalformedQuery for an update."""
    form = form_of(tokens(request.query))
    query_text.refuse_update(request.query, form)
    if form is None or not form.is_word(*_FORMS):
        raise MalformedQuery("a query starts with SELECT, ASK, CONSTRUCT or DESCRIBE")
    chosen: formats.GraphFormat | formats.ResultFormat | None
    if form.is_word(*_GRAPH_FORMS):
        chosen, kind, known = request.graph_format, "a graph", _listed(*formats.GRAPH_FORMATS)
    else:
        chosen, kind = request.result_format, "a result set"
        known = _listed(*formats.RESULT_FORMATS)
    if chosen is None:
        raise UnsupportedFormat(f"the query gives {kind}, which can be had as {known}")
    return chosen.media_type


def form_body(request: Request, scope: Scope, timeout_milliseconds: int | None) -> bytes:
    """Return the form that asks for the query; raises MalformedQuery or ServiceRefused.

    `timeout_milliseconds` is for Virtuoso, which stops then and says so; elsewhere the parameter
    has other units, or is unknown.
    """
    bindings = {name: str(term) for name, term in request.bindings.items()}
    text = query_text.bind(request.query, bindings)
    query_text.refuse_depth(text)
    query = list(tokens(text))
    if any(_may_call(query, index) for index in range(len(query))):
        raise refused()
    _refuse_more(query)
    if request.base_iri and any(map(_is_relative, query)):
        text = f"BASE <{request.base_iri}> {text}"
        query = list(tokens(text))
    merged, named = request.default_graphs, request.named_graphs
    for iri in (*merged, *named):
        if not is_absolute_iri(iri):
            raise MalformedQuery(f"a graph's name is not an IRI: {iri}")
    if scope.default_graph and not (merged or named or any(sources_of(query))):
        merged = (scope.default_graph,)
        if any(token.is_word("GRAPH") for token in query) and where_of(query):
            merged, text = (), _with_dataset(text, query, scope)
    fields = [("query", text)]
    fields += [("default-graph-uri", iri) for iri in merged]
    fields += [("named-graph-uri", iri) for iri in named]
    if timeout_milliseconds is not None:
        fields.append(("timeout", str(max(timeout_milliseconds, 1_000))))
    return urlencode(fields).encode("ascii")


def _may_call(query: list[Token], index: int) -> bool:
    """Tell whether a SERVICE may be called there, without a parser, which plans and takes time.

    Servers ask for no space around keywords: some read `SERVICEx:y {` and `trueSERVICE` as two
    words, and `?a<b:c)SERVICE…>` as a comparison.
    """
    token = query[index]
    if token.kind == "word":
        return "SERVICE" in token.text.upper()
    if token.kind == "iri":
        return bool(_IN_IRI.search(token.text))
    if token.kind == "name" and _IN_NAME.match(token.text):
        follows = query[index + 1].text if index + 1 < len(query) else ""
        return follows == "{" and not (index and query[index - 1].is_word("GRAPH"))
    return False


def _is_relative(token: Token) -> bool:
    return token.kind == "iri" and not is_absolute_iri(token.text[1:-1])


def _with_dataset(text: str, query: list[Token], scope: Scope) -> str:
    """Return the query with dataset clauses in front of its WHERE clause, on the same line.

    Virtuoso repeats every graph given beside a query in a header of its own, and Python's client
    takes a hundred headers.
    """
    where = where_of(query)
    assert where is not None
    index = query.index(where)
    if index and query[index - 1].is_word("WHERE"):
        where = query[index - 1]
    graphs = " ".join(f"FROM NAMED <{graph}>" for graph in scope.named_graphs)
    clauses = f" FROM <{scope.default_graph}> {graphs} "
    return text[: where.start] + clauses + text[where.start :]


def _refuse_more(query: list[Token]) -> None:
    """Raise MalformedQuery for what follows the end of a query: a server might carry it out."""
    depth = 0
    for token in query:
        if token.text in ("{", "("):
            depth += 1
        elif token.text in ("}", ")"):
            depth -= 1
        elif token.text == ";" and depth <= 0:
            raise MalformedQuery("`;` stands behind the query; send one query at a time")


def _listed(*known: formats.GraphFormat | formats.ResultFormat) -> str:
    return ", ".join(form.media_type for form in known)
