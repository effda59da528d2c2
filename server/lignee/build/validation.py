"""Validation: a dataset against its shapes and integrity queries gives a validation report.

pySHACL and rdflib are known here and nowhere else. Shapes are validated on the RDF 1.1 view of the
default graph, the union of knowledge, without inference (https://www.w3.org/TR/shacl/#validation).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyshacl
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple
from pyshacl.errors import ReportableRuntimeError

from lignee.build import integrity
from lignee.build import shapes as shapes_graph
from lignee.build.report import SEVERITIES, Check, Term, ValidationReport, ValidationResult
from lignee.build.shapes import Shapes
from lignee.dataset import Dataset, Statement
from lignee.errors import Place, UnparsableInput
from lignee.query_files import QueryFile
from lignee.vocabulary import RDF_TYPE

SELECTS_FOCUS_NODE: Final = NamedNode("https://w3id.org/lignee/shapes#SelectsFocusNode")
"""The constraint that a shape whose target selects nothing violates."""
_SELECTS_NOTHING: Final = {
    "en": "The shape checks nothing: its target selects no focus node. Mend its target, or delete "
    "the shape.",
    "fr": "La forme ne vérifie rien : sa cible ne sélectionne aucun nœud. Corrigez sa cible, ou "
    "supprimez la forme.",
}


def validate(
    dataset: Dataset,
    shapes: Shapes,
    queries: Iterable[QueryFile] = (),
    *,
    every_shape_selects: bool = True,
) -> ValidationReport:
    """Return the report on the dataset, whose default graph must be written; faults are results.

    With `every_shape_selects`, a shape that selects no focus node is a fault too; leave it out
    before rules have run. Raises UnparsableInput for a query or shape that cannot be used.
    """
    queries = tuple(queries)
    found = list(_shacl_results(dataset.store, shapes))
    if every_shape_selects:
        idle = shapes_graph.idle(shapes, dataset.store)
        found += [_idle_result(shape, shapes.places[shape]) for shape in idle]
    for query in queries:
        found += integrity.faults(dataset, query)
    results = sorted(_placed(found, dataset), key=_order)
    return ValidationReport(
        conforms=not any(result.severity.value == SEVERITIES[0] for result in results),
        results=tuple(results),
        shapes=sum(1 for _ in shapes.named()),
        checks=tuple(_check(query) for query in queries),
        prefixes=dataset.prefixes,
    )


def _check(query: QueryFile) -> Check:
    titles = {
        language: query.titles.get(language, text) for language, text in query.questions.items()
    }
    return Check(query.name, query.severity, titles)


def _shacl_results(store: Store, shapes: Shapes) -> Iterator[ValidationResult]:
    with _silent_rdflib():
        data = _rdflib_graph(store.quads_for_pattern(None, None, None, DefaultGraph()))
        try:
            _, report, text = pyshacl.validate(
                data, shacl_graph=_rdflib_shapes(shapes), inference="none", inplace=True
            )
        except ReportableRuntimeError as error:
            raise UnparsableInput(f"the shapes cannot be applied: {error}") from None
    if not isinstance(report, rdflib.Graph):
        raise UnparsableInput(f"the shapes cannot be applied: {text}")
    for node in report.objects(None, rdflib.SH.result):
        yield _result(report, node, shapes)


def _result(report: rdflib.Graph, node: rdflib.term.Node, shapes: Shapes) -> ValidationResult:
    def value(name: str) -> Term | None:
        term = report.value(node, rdflib.SH[name])
        return None if term is None else _pyoxigraph_term(term)

    focus, path, severity, shape, constraint = (
        value(name)
        for name in (
            "focusNode",
            "resultPath",
            "resultSeverity",
            "sourceShape",
            "sourceConstraintComponent",
        )
    )
    assert focus is not None
    assert isinstance(severity, NamedNode)
    assert isinstance(shape, NamedNode | BlankNode)
    assert isinstance(constraint, NamedNode)
    messages = [
        text
        for text in report.objects(node, rdflib.SH.resultMessage)
        if isinstance(text, rdflib.Literal)
    ]
    return ValidationResult(
        focus_node=focus,
        path=path if isinstance(path, NamedNode) else None,
        value=value("value"),
        severity=severity,
        messages={message.language or "": str(message) for message in messages},
        shape=shapes.owner(shape),
        constraint=constraint,
    )


def _idle_result(shape: NamedNode, place: Place) -> ValidationResult:
    return ValidationResult(
        focus_node=shape,
        path=None,
        value=None,
        severity=NamedNode(SEVERITIES[0]),
        messages=_SELECTS_NOTHING,
        shape=shape,
        constraint=SELECTS_FOCUS_NODE,
        place=place,
    )


def _placed(results: list[ValidationResult], dataset: Dataset) -> Iterator[ValidationResult]:
    """Yield the results with the place of the statement at fault, else of the node's first."""
    asked = {statement for result in results for statement in _statements(result)}
    places = dataset.locate(asked) if asked else {}
    for result in results:
        known = (places[statement] for statement in _statements(result) if statement in places)
        place = result.place or next(known, None)
        yield replace(result, place=place and _inside(dataset.folder.root, place))


def _statements(result: ValidationResult) -> list[Statement]:
    focus = result.focus_node
    if result.place or isinstance(focus, Literal):
        return []
    if result.path is None:
        return [(focus, RDF_TYPE, None), (focus, None, None)]
    return [
        (focus, result.path, result.value),
        (focus, result.path, None),
        (focus, RDF_TYPE, None),
        (focus, None, None),
    ]


def _inside(root: Path, place: Place) -> Place:
    file = place.file.relative_to(root) if place.file.is_relative_to(root) else place.file
    return replace(place, file=file)


def _order(result: ValidationResult) -> tuple[object, ...]:
    place = result.place
    return (
        place is None,
        place.file.as_posix() if place else "",
        place.line if place else 0,
        str(result.focus_node),
        result.shape.value,
        result.constraint.value,
        str(result.path),
        str(result.value),
    )


@contextmanager
def _silent_rdflib() -> Iterator[None]:
    """Keep rdflib from logging a trace for each ill-typed literal: the report names them."""
    logger = logging.getLogger("rdflib.term")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


@lru_cache(maxsize=1)
def _rdflib_shapes(shapes: Shapes) -> rdflib.Graph:
    """Return the shapes for pySHACL, which leaves them as they are; a build validates twice."""
    return _rdflib_graph(shapes_graph.in_bulk(shapes))


def _rdflib_graph(quads: Iterable[Quad]) -> rdflib.Graph:
    """Return the RDF 1.1 triples of the quads; triple terms have no place in it."""
    graph = rdflib.Graph(bind_namespaces="none")
    known: dict[Term, rdflib.term.Node] = {}
    for quad in quads:
        subject, predicate, value = quad.subject, quad.predicate, quad.object
        if isinstance(subject, Triple) or isinstance(value, Triple):
            continue
        graph.add(
            (
                known.get(subject) or known.setdefault(subject, _rdflib_term(subject)),
                known.get(predicate) or known.setdefault(predicate, _rdflib_term(predicate)),
                known.get(value) or known.setdefault(value, _rdflib_term(value)),
            )
        )
    return graph


def _rdflib_term(term: Term) -> rdflib.term.Node:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def _pyoxigraph_term(term: rdflib.term.Node) -> Term:
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    assert isinstance(term, rdflib.Literal)
    if term.language:
        return Literal(str(term), language=term.language)
    datatype = term.datatype or rdflib.XSD.string
    return Literal(str(term), datatype=NamedNode(str(datatype)))
