"""The answer to a query as a table for people.

A page reads no more of an answer than it shows, and says so: no part is passed off as the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final, cast

from flask import request
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
from lignee.serve.http.answers import Given
from lignee.serve.http.cache import Held
from lignee.serve.protocol import results as protocol
from lignee.serve.site.resource import addresses
from lignee.vocabulary import RDF, XSD

_JSON: Final = formats.RESULT_FORMATS[0]
_N_TRIPLES: Final = formats.GRAPH_FORMATS[1]
"""These two are read as they come, and carry all that an answer can hold."""
_UNTOLD_DATATYPES: Final = (XSD + "string", RDF + "langString", RDF + "dirLangString")
_LINKED: Final = ("http://", "https://")

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
    datatype_iri: str = ""
    parts: tuple[Term | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What a page shows of an answer; `boolean` is that of ASK and None for all else."""

    columns: tuple[str, ...] = ()
    lines: tuple[tuple[Term | None, ...], ...] = ()
    is_graph: bool = False
    is_whole: bool = True
    boolean: bool | None = None

    def by_column(self) -> Sequence[Sequence[Term | None]]:
        """Return the terms of each column."""
        if not self.lines:
            return [()] * len(self.columns)
        return list(zip(*self.lines, strict=True))


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


def table_of(asked: Request) -> Table:
    """Return what a page shows of the answer; raises QueryError or EngineError."""
    return told(asked)[0]


def told(asked: Request) -> tuple[Table, Given]:
    """Return the table with the answer that it is read from; raises QueryError or EngineError."""
    settings = context().settings
    given = give(asked._replace(result_format=_JSON, graph_format=_N_TRIPLES))
    with opened(given) as body:
        part = _Part(body, settings.page_bytes)
        try:
            return _read(given.answer.media_type, part, settings.page_solutions), given
        except SyntaxError:  # the part ends before the first solution
            if part.is_cut:
                return Table(is_whole=False), given
            raise


def give(asked: Request) -> Given:
    """Return the answer, held or evaluated; raises QueryError or EngineError."""
    question = protocol.question_of(request.environ, asked, context())
    given = context().answers.give(context().engine, asked, question.key)
    question.notes.cache = given.outcome
    return given


@contextmanager
def opened(given: Given) -> Iterator[Iterator[bytes]]:
    """Give the bytes of an answer, and free the engine in the end."""
    if isinstance(given.answer, Held):
        yield iter((given.answer.body,))
        return
    try:
        yield given.answer.body
    finally:
        given.answer.close()


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
        return Term(
            node.value,
            language=node.language or "",
            direction=direction,
            datatype=named,
            datatype_iri=datatype,
        )
    if isinstance(node, Triple):
        parts = (node.subject, node.predicate, node.object)
        return Term("", parts=tuple(_term(part, prefixes) for part in parts))
    return Term(str(node)) if node else None
