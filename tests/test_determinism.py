"""Which queries have the same answer each time."""

from __future__ import annotations

import pytest

from lignee.engines.determinism import is_deterministic
from lignee.engines.tokens import tokens


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
    assert is_deterministic(list(tokens(query)))


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
        "ASK { SERVICE <x:y> { ?s ?p ?o } }",
    ],
)
def test_query_may_have_another_answer(query: str) -> None:
    assert not is_deterministic(list(tokens(query)))
