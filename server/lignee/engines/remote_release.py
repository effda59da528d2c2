"""Which release a remote engine holds, and how its dataset is to be addressed there.

A release is marked as loaded by its own record in the graph `graph/release`, which is written last
and taken away first when releases are changed; so no graph is there that the release has not.
"""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store, parse_query_results

from lignee.engines.engine import Engine, Request
from lignee.engines.remote_request import Scope
from lignee.errors import DamagedRelease
from lignee.formats import RESULT_FORMATS
from lignee.release import Release
from lignee.vocabulary import DCAT

COPY = "default"
"""Name of the graph that holds the default graph where a server has none of its own."""


def copy_of_default_graph(release: Release) -> str:
    """Return the name of the graph that stands for the default graph where there is no other."""
    return release.namespaces.graph(COPY)


def loaded_version(engine: Engine, release: Release) -> str | None:
    """Return the version of this dataset that the engine holds whole; raises EngineError."""
    found = solutions(
        engine,
        "SELECT ?v { ?dataset ?property ?v }",
        graphs=(release.namespaces.graph("release"),),
        dataset=NamedNode(release.manifest.dataset),
        property=NamedNode(DCAT + "hasCurrentVersion"),
    )
    versions = release.namespaces.base + "releases/"
    return found[0][0].removeprefix(versions) if found else None


def scope_of(engine: Engine, release: Release) -> Scope:
    """Return how the release's dataset is addressed on the engine; raises EngineError."""
    copy = copy_of_default_graph(release)
    if not solutions(engine, "SELECT ?s { ?s ?p ?o } LIMIT 1", graphs=(copy,)):
        return Scope()
    return Scope(copy, named_graphs(release))


def named_graphs(release: Release) -> tuple[str, ...]:
    """Return the names of the release's graphs, sorted; raises DamagedRelease."""
    try:
        found = Store.read_only(str(release.store)).named_graphs()
        return tuple(sorted(graph.value for graph in found))
    except OSError as error:
        raise DamagedRelease(
            f"{release.folder}: the store cannot be opened ({error}); build the release again"
        ) from None


def solutions(
    engine: Engine, query: str, *, graphs: tuple[str, ...] = (), **bindings: NamedNode
) -> list[tuple[str, ...]]:
    """Return the values of each solution of a query of our own; raises QueryError, EngineError."""
    request = Request(
        query=query,
        result_format=RESULT_FORMATS[0],
        graph_format=None,
        default_graphs=graphs,
        bindings=bindings,
    )
    answer = engine.evaluate(request)
    try:
        body = b"".join(answer.body)
    finally:
        answer.close()
    found = parse_query_results(body, format=RESULT_FORMATS[0].results_format)
    assert isinstance(found, QuerySolutions)
    return [
        tuple(term.value if isinstance(term, NamedNode | Literal) else "" for term in solution)
        for solution in found
    ]
