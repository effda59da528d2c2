"""The answer to a query as a page: a table for people, with links to the whole as files.

A page reads no more of an answer than it shows, and says so: no part is passed off as the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, Final, cast
from urllib.parse import urlencode

from flask import Response, request, url_for
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from lignee import formats
from lignee.engines.engine import Request
from lignee.iris import PrefixTable
from lignee.serve.context import context
from lignee.serve.http.parameters import Parameters
from lignee.serve.site.pages import page
from lignee.serve.site.resource import addresses
from lignee.vocabulary import RDF, XSD

_JSON: Final = formats.RESULT_FORMATS[0]
_N_TRIPLES: Final = formats.GRAPH_FORMATS[1]
"""These two are read as they come, and carry all that an answer can hold."""
_UNTOLD_DATATYPES: Final = (XSD + "string", RDF + "langString", RDF + "dirLangString")
_LINKED: Final = ("http://", "https://")
_LONGEST_LINK: Final = 8_000
"""Longer queries are posted: not every program takes longer addresses."""

Node = NamedNode | BlankNode | Literal | Triple | None


@dataclass(frozen=True, slots=True)
class Term:
    """An RDF term as a page shows it; `parts` are those of a triple term."""

    text: str
    iri: str = ""
    link: str = ""
    language: str = ""
    direction: str = ""
    datatype: str = ""
    parts: tuple[Term | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What a page shows of an answer; `boolean` is that of ASK and None for all else."""

    columns: tuple[str, ...] = ()
    lines: tuple[tuple[Term | None, ...], ...] = ()
    is_graph: bool = False
    is_whole: bool = True
    boolean: bool | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """One format in which the whole answer can be had: its name, and its address if short."""

    name: str
    url: str


class _Part:
    """An answer's bytes as a file for a parser, which ends when a page has read enough."""

    def __init__(self, body: Iterator[bytes], limit_bytes: int) -> None:
        self._body = body
        self._rest = b""
        self._left = limit_bytes
        self.is_cut = False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end; raises what the engine raises."""
        if not self._rest:
            piece = next(self._body, b"")
            self.is_cut = self.is_cut or len(piece) > self._left
            self._rest = piece[: self._left]
            self._left -= len(self._rest)
        size = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def page_of(asked: Request, given: Parameters) -> Response:
    """Return the page that answers the request; raises QueryError or EngineError."""
    if request.method == "HEAD":
        response = page("results.html", table=None, query=asked.query, wholes=[], given=[])
        response.automatically_set_content_length = False  # how long it would be is not known
        del response.headers["Content-Length"]
        return response
    table = table_of(asked)
    repeated = [(name, value) for name, value in given.items(multi=True) if name != "format"]
    return page(
        "results.html",
        table=table,
        query=asked.query,
        wholes=list(_wholes(table, repeated)),
        given=repeated,
    )


def table_of(asked: Request) -> Table:
    """Return what a page shows of the answer; raises QueryError or EngineError."""
    settings = context().settings
    answer = context().engine.evaluate(replace(asked, result_format=_JSON, graph_format=_N_TRIPLES))
    part = _Part(answer.body, settings.page_bytes)
    try:
        return _read(answer.media_type, part, settings.page_solutions)
    except SyntaxError:  # the part ends before the first solution
        if part.is_cut:
            return Table(is_whole=False)
        raise
    finally:
        answer.close()


def _read(media_type: str, part: _Part, limit: int) -> Table:
    file = cast(IO[bytes], part)
    if media_type == _N_TRIPLES.media_type:
        quads = parse(file, format=RdfFormat.N_TRIPLES)
        triples = ((quad.subject, quad.predicate, quad.object) for quad in quads)
        return _table(("subject", "predicate", "object"), triples, part, limit, is_graph=True)
    found = parse_query_results(file, format=QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        return Table(boolean=bool(found))
    names = tuple(variable.value for variable in found.variables)
    return _table(names, (tuple(solution) for solution in found), part, limit, is_graph=False)


def _table(
    columns: tuple[str, ...],
    solutions: Iterator[Sequence[Node]],
    part: _Part,
    limit: int,
    *,
    is_graph: bool,
) -> Table:
    prefixes = context().release.prefixes()
    lines: list[tuple[Term | None, ...]] = []
    is_whole = True
    try:
        for solution in solutions:
            if len(lines) == limit:
                is_whole = False
                break
            lines.append(tuple(_term(node, prefixes) for node in solution))
    except SyntaxError:  # the part ends in the middle of something
        if not part.is_cut:
            raise
    return Table(columns, tuple(lines), is_graph, is_whole and not part.is_cut)


def _term(node: Node, prefixes: PrefixTable) -> Term | None:
    if isinstance(node, NamedNode):
        own = addresses.own_page_of(context().release.namespaces, node.value)
        link = own or (node.value if node.value.startswith(_LINKED) else "")
        return Term(prefixes.shorten(node.value) or node.value, iri=node.value, link=link)
    if isinstance(node, Literal):
        datatype = node.datatype.value
        named = "" if datatype in _UNTOLD_DATATYPES else prefixes.shorten(datatype) or datatype
        direction = str(node.direction.value) if node.direction else ""
        return Term(node.value, language=node.language or "", direction=direction, datatype=named)
    if isinstance(node, Triple):
        parts = (node.subject, node.predicate, node.object)
        return Term("", parts=tuple(_term(part, prefixes) for part in parts))
    return Term(str(node)) if node else None


def _wholes(table: Table, repeated: list[tuple[str, str]]) -> Iterator[Whole]:
    """Yield the formats that hold the whole answer, with addresses unless they are too long."""
    path = url_for("sparql.sparql")
    for form in formats.GRAPH_FORMATS if table.is_graph else formats.RESULT_FORMATS:
        url = f"{path}?{urlencode([*repeated, ('format', form.name)])}"
        yield Whole(form.name, url if len(url) <= _LONGEST_LINK else "")
