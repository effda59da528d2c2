"""The RDF dataset that a query runs on: the store's own, or the graphs that were asked for.

See https://www.w3.org/TR/sparql11-query/#rdfDataset and, for graphs named beside the query,
https://www.w3.org/TR/sparql11-protocol/#dataset. A default graph made of several graphs is their
RDF merge, a set. pyoxigraph reads them one after the other, so that a triple in two graphs gives
two solutions (measured with 0.5.13), which changes every count. Several graphs are therefore
copied into a store of their own, within the query's deadline and memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions, Store

from lignee.engines.tokens import form_of, sources_of, tokens


@dataclass(frozen=True, slots=True)
class QueryDataset:
    """A store and which of its graphs the query sees; None leaves it to store and query."""

    store: Store
    default_graphs: list[NamedNode | BlankNode | DefaultGraph] | None = None
    named_graphs: list[NamedNode | BlankNode] | None = None


def dataset_of(
    store: Store,
    text: str,
    default_graphs: list[str],
    named_graphs: list[str],
    base_iri: str | None = None,
) -> QueryDataset:
    """Return the dataset for a query; graphs given beside it win over its FROM clauses.

    Raises ValueError for what is no IRI, SyntaxError where the query's FROM clauses do not parse.
    """
    if default_graphs or named_graphs:
        merged = _distinct([NamedNode(iri) for iri in default_graphs])
        named = _distinct([NamedNode(iri) for iri in named_graphs])
    else:
        merged, named = _from_clauses(text, base_iri)
        if len(merged) < 2:
            return QueryDataset(store)
    if len(merged) < 2:
        return QueryDataset(store, [*merged], [*named])
    return _merged(store, merged, named)


def _distinct(iris: list[NamedNode]) -> list[NamedNode]:
    return list(dict.fromkeys(iris))


def _from_clauses(text: str, base_iri: str | None) -> tuple[list[NamedNode], list[NamedNode]]:
    """Return the graphs of FROM and FROM NAMED, their names resolved by the query's prologue."""
    if text.upper().count("FROM") < 2:
        return [], []
    query = list(tokens(text))
    merged, named = sources_of(query)
    form = form_of(query)
    if len(merged) < 2 or form is None:
        return [], []
    rows = " ".join(f"({token.text})" for token in (*merged, *named))
    asked = f"{text[: form.start]} SELECT ?g {{ VALUES (?g) {{ {rows} }} }}"
    names = Store().query(asked, base_iri=base_iri)
    assert isinstance(names, QuerySolutions)
    iris = [solution["g"] for solution in names]
    assert all(isinstance(iri, NamedNode) for iri in iris)
    resolved = [iri for iri in iris if isinstance(iri, NamedNode)]
    return _distinct(resolved[: len(merged)]), _distinct(resolved[len(merged) :])


def _merged(store: Store, merged: list[NamedNode], named: list[NamedNode]) -> QueryDataset:
    copy = Store()
    for quad in _copied(store, merged, named):
        copy.add(quad)  # as fast as `bulk_extend`, which wants 200 MB whatever it is given
    return QueryDataset(copy, [DefaultGraph()], [*named])


def _copied(store: Store, merged: list[NamedNode], named: list[NamedNode]) -> Iterator[Quad]:
    for graph in merged:
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield Quad(quad.subject, quad.predicate, quad.object)
    for graph in named:
        yield from store.quads_for_pattern(None, None, None, graph)
