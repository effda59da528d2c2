"""Answers that peers give otherwise than Lignée, and why; what is not here is a fault."""

from __future__ import annotations

from typing import Final

from report.numbers import FIRST

_TRANSITIVE: Final = "Virtuoso evaluates no path with both ends free (`transitive start not given`)"
_DATATYPES: Final = (
    "Oxigraph, Lignée’s engine, keeps `xsd:nonNegativeInteger` and `xsd:positiveInteger` as "
    "`xsd:integer`; this peer counts a number in two datatypes twice, as the standard has it"
)
_DATES: Final = (
    "Virtuoso keeps `1985-03` (`xsd:gYearMonth`) and `1985-03-01` (`xsd:date`) as one value, "
    "and loses one of two statements"
)
_WAYS: Final = (
    "Virtuoso gives a resource as often as there are ways to it; a path of any length gives it once"
)
EXPLAINED: Final = {
    ("virtuoso", "count-by-theme-and-year"): _DATES,
    ("virtuoso", "order-by-limit"): _DATES,
    ("virtuoso", "lineage-up"): _WAYS,
    ("virtuoso", "lineage-down"): _WAYS,
    ("virtuoso", "lineage-all"): _TRANSITIVE,
    ("virtuoso", "lineage-count"): _TRANSITIVE,
    ("virtuoso", "describe"): "Virtuoso describes what points at the resource, too; "
    "SPARQL leaves a description's extent to the server",
    ("shmarql", "ask-held"): "shmarql answers ASK with 500",
    ("rdflib-endpoint", "describe"): "rdflib describes what points at the resource, too",
    ("virtuoso", "distinct-counts"): _DATATYPES,
    ("comunica", "distinct-counts"): _DATATYPES,
    ("rdflib-endpoint", "distinct-counts"): _DATATYPES,
}
"""By peer and query."""


def why(peer: str, query: str, how: str) -> str:
    """Return why a peer answers a query otherwise, or nothing where that is not known."""
    if how.startswith("silent"):
        return "no answer as long as the bench waits"
    if peer == FIRST and how.startswith("503"):
        return f"ended by its own limits ({how})"
    return EXPLAINED.get((peer, query), "")
