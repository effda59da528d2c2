"""Which queries have the same answer each time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lignee import settings
from lignee.engines.determinism import is_deterministic
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.engine import Request
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS
from lignee.release import Release


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT ?now ?rand { ?s ?now ?rand }",
        "ASK { ?s ?p 'NOW() RAND() UUID()' } # BNODE()",
        "ASK { <x:NOW()> <x:RAND> ?o }",
        "PREFIX now: <x:> ASK { ?s now:RAND ?o }",
        "ASK { ?s ?p [] . _:b ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p [ ?q ?o ] }",
        "DESCRIBE ?s { ?s ?p ?o }",
    ],
)
def test_query_has_one_answer(query: str) -> None:
    assert is_deterministic(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?n) {}",
        "SELECT (now() AS ?n) {}",
        "SELECT * { ?s ?p ?o } ORDER BY RAND()",
        "SELECT (STRUUID() AS ?n) {}",
        "SELECT * { BIND(UUID/* */() AS ?u) }",
        "SELECT * { BIND(BNODE('a') AS ?b) }",
        "SELECT * { ?s ?p ?o FILTERRAND()<0.5 }",
        "CONSTRUCT { _:b ?p ?o } { ?s ?p ?o }",
        "CONSTRUCT { [] ?p ?o } { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p (?o) } { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p [] }",
    ],
)
def test_query_may_have_another_answer(query: str) -> None:
    assert not is_deterministic(query)


@pytest.mark.parametrize(
    "query", ["ASK { SERVICE <x:y> { ?s ?p ?o } }", "ASK { ?s ?p ?o FILTER(?s<x:y)SERVICEx:y#>"]
)
def test_query_that_may_call_another_endpoint_may_have_another_answer(query: str) -> None:
    assert not is_deterministic(query, may_call=True)


@pytest.fixture(scope="module", params=[0, 1_000_000], ids=["on disk", "in memory"])
def engines(
    request: pytest.FixtureRequest, tiny_release: Release
) -> Iterator[tuple[EmbeddedEngine, EmbeddedEngine]]:
    chosen = settings.read({"workers": "1", "memory_store_max_quads": str(request.param)}, {})
    with EmbeddedEngine(tiny_release, chosen) as one, EmbeddedEngine(tiny_release, chosen) as other:
        yield one, other


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT DISTINCT ?p ?c { ?s a ?c ; ?p ?o }",
        "SELECT ?p (COUNT(DISTINCT ?o) AS ?n) (SAMPLE(?s) AS ?any) { ?s ?p ?o } GROUP BY ?p",
        "SELECT (GROUP_CONCAT(STR(?o)) AS ?all) { ?s a ?o }",
        "SELECT * { ?s ?p ?o } ORDER BY ?p",
        "SELECT * { ?s a ?c OPTIONAL { ?s !a+ ?o } MINUS { ?s ?p 'a' } }",
        "SELECT * { GRAPH ?g { ?s ?p ?o } } LIMIT 50",
        "CONSTRUCT { ?o ?p ?s } { ?s ?p ?o FILTER(isIRI(?o)) }",
        "DESCRIBE ?s { ?s a ?o }",
    ],
)
def test_deterministic_answer_has_the_same_bytes_in_another_process(
    engines: tuple[EmbeddedEngine, EmbeddedEngine], query: str
) -> None:
    asked = Request(query=query, result_format=RESULT_FORMATS[0], graph_format=GRAPH_FORMATS[0])
    one, other = (b"".join(engine.evaluate(asked).body) for engine in engines)
    assert len(one) > 200
    assert one == other
