"""Which named graphs there are, asked of the engine: it may hold more than the release."""

from __future__ import annotations

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)

from lignee.engines.engine import Request
from lignee.formats import RESULT_FORMATS
from lignee.serve.context import context


def knowledge_graphs() -> tuple[NamedNode, ...]:
    """Return the graphs that are no passages, of which there may be very many; raises EngineError.

    A graph of a passage is named as the passage, a resource.
    """
    resources = context().release.namespaces.resources
    found = _asked(f"""
        SELECT ?graph WHERE {{ GRAPH ?graph {{}} FILTER(!STRSTARTS(STR(?graph), "{resources}")) }}
        ORDER BY ?graph
    """)
    assert isinstance(found, QuerySolutions)
    return tuple(name for (name,) in found if isinstance(name, NamedNode))


def is_there(graph: NamedNode) -> bool:
    """Tell whether the graph holds a triple; raises EngineError."""
    found = _asked(f"ASK {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
    assert isinstance(found, QueryBoolean)
    return bool(found)


def _asked(query: str) -> QuerySolutions | QueryBoolean:
    asked = Request(query=query, result_format=RESULT_FORMATS[0], graph_format=None)
    answer = context().engine.evaluate(asked)
    try:
        body = b"".join(answer.body)
    finally:
        answer.close()
    return parse_query_results(body, format=QueryResultsFormat.JSON)
