"""Small questions to a release, asked for a page."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from lignee.engines.engine import Engine, Request
from lignee.formats import RESULT_FORMATS
from lignee.release import Release
from lignee.vocabulary import SH

_TEXT = f"SELECT ?text WHERE {{ ?query <{SH}select> ?text }}"

Solution = dict[str, str]
"""The values of a solution by variable, as text; a variable without value is left out."""
Terms = dict[str, dict[str, str]]
"""The same as https://www.w3.org/TR/sparql11-results-json/#select-encode-terms has them."""


def solutions(
    engine: Engine, query: str, bindings: Mapping[str, NamedNode | Literal] | None = None
) -> list[Solution]:
    """Return all solutions of a query that has few; raises QueryError or EngineError."""
    return [
        {name: term["value"] for name, term in solution.items()}
        for solution in terms(engine, query, bindings)
    ]


def terms(
    engine: Engine,
    query: str,
    bindings: Mapping[str, NamedNode | Literal] | None = None,
    *,
    client: str = "",
) -> list[Terms]:
    """Return the same with all that is said of each term; raises QueryError or EngineError.

    The client is whose turn it takes; empty for the server itself.
    """
    request = Request(
        query=query,
        result_format=RESULT_FORMATS[0],
        graph_format=None,
        bindings=bindings or {},
        client=client,
    )
    answer = engine.evaluate(request)
    try:
        content = json.loads(b"".join(answer.body))
    finally:
        answer.close()
    found: list[Terms] = content["results"]["bindings"]
    return found


def published_text(engine: Engine, release: Release, name: str) -> str:
    """Return the text of the release's published SELECT query of that name, empty for none.

    Raises EngineError.
    """
    query = NamedNode(release.namespaces.resource("query", name))
    return next(iter(solutions(engine, _TEXT, {"query": query})), {}).get("text", "")
