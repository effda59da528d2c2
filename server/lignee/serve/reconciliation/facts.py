"""Questions to a release for its catalogue, whose answers are read whole."""

from __future__ import annotations

from typing import Final

from lignee.engines.engine import Engine
from lignee.errors import MemoryBudgetReached
from lignee.serve.site.asking import Terms, terms

_PREFIXES: Final = """\
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX void: <http://rdfs.org/ns/void#>
"""
_MOST: Final = 500_000
"""Solutions of one question that are read, some 200 MB for a moment."""


def ask(engine: Engine, query: str) -> list[Terms]:
    """Return all solutions; raises EngineError, also where there are too many."""
    found = terms(engine, f"{_PREFIXES}{query} LIMIT {_MOST + 1}")
    if len(found) > _MOST:
        raise MemoryBudgetReached(
            f"this release says more of its resources than the {_MOST:,} facts that are read for "
            "reconciliation; ask by SPARQL"
        )
    return found
