"""A resource's description as RDF: what is said of it and, with named graphs, who says so."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import Final, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, serialize

from lignee.engines.outlet import checked_for_rdf_xml, with_prefixes
from lignee.errors import MemoryBudgetReached
from lignee.formats import GraphFormat
from lignee.iris import PrefixTable
from lignee.serve.site.resource.questions import Node, Questions, Solution

_DEFAULT: Final = "SELECT ?path ?value WHERE {{ ?this ?path ?value }} LIMIT {limit}"
_NAMED: Final = """\
SELECT ?graph ?path ?value WHERE {{ GRAPH ?graph {{ ?this ?path ?value }} }} LIMIT {limit}"""
_GRAPHS: Final = """\
SELECT ?home ?graph ?path ?value WHERE {{
  VALUES ?graph {{ {graphs} }}
  GRAPH ?home {{ ?graph ?path ?value }}
}} LIMIT {limit}"""


def description(
    iri: str, form: GraphFormat, questions: Questions, prefixes: PrefixTable, *, limit: int
) -> bytes:
    """Return the description, empty where nothing is said; raises QueryError or EngineError.

    TriG and N-Quads hold each statement in the graph that says it, superseded ones too, and what
    is known of those graphs; the other formats hold what the default graph says. UnsupportedFormat
    where RDF/XML cannot name a property, MemoryBudgetReached where there are more statements than
    the limit: a part would pass for the whole.
    """
    this = NamedNode(iri)
    quads = _in_graphs if _has_graphs(form) else _plain
    found = list(quads(this, questions, limit))
    if not found:
        return b""
    if form.rdf_format == RdfFormat.RDF_XML:
        deque(checked_for_rdf_xml(quad.triple for quad in found), maxlen=0)
    _, used = with_prefixes((quad.triple for quad in found), prefixes, form.rdf_format)
    body = serialize(found, format=form.rdf_format, prefixes=used)
    assert body is not None
    return body


def _has_graphs(form: GraphFormat) -> bool:
    return form.name in ("trig", "nquads")


def _plain(this: NamedNode, questions: Questions, limit: int) -> Iterator[Quad]:
    found = _whole(this, questions.of(this.value, _DEFAULT, limit + 1), limit)
    for path, value in sorted(found, key=str):
        yield _quad(this, path, value, None)


def _in_graphs(this: NamedNode, questions: Questions, limit: int) -> Iterator[Quad]:
    own = _whole(this, questions.of(this.value, _NAMED, limit + 1), limit)
    graphs = {graph for graph, _, _ in own if isinstance(graph, NamedNode)}
    about: list[Solution] = []
    if graphs:
        query = _GRAPHS.format(graphs=" ".join(sorted(map(str, graphs))), limit=limit + 1)
        found = _whole(this, questions.ask(query), limit)
        about = [row for row in found if row[0] not in questions.surveys]
    yield from chain(
        (_quad(this, path, value, graph) for graph, path, value in sorted(own, key=str)),
        (_quad(graph, path, value, home) for home, graph, path, value in sorted(about, key=str)),
    )


def _whole(this: NamedNode, solutions: list[Solution], limit: int) -> list[Solution]:
    """Return the solutions, of which one more than the limit was asked for."""
    if len(solutions) > limit:
        raise MemoryBudgetReached(
            f"the description of {this} has more than {limit:,} statements, which is all that "
            "--data-statements allows; ask for them by SPARQL, or take a file of the release"
        )
    return solutions


def _quad(subject: Node | None, path: Node | None, value: Node | None, graph: Node | None) -> Quad:
    return Quad(
        cast(NamedNode, subject),
        cast(NamedNode, path),
        cast(NamedNode, value),
        cast(NamedNode, graph) if graph else DefaultGraph(),
    )
