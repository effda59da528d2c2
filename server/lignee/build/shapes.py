"""The shapes graph: read from files, its nodes traceable; and the shapes that check nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from lignee import rdf_files
from lignee.build import shape_syntax
from lignee.build.report import Node, Term
from lignee.build.shape_syntax import Properties
from lignee.errors import Place
from lignee.iris import PrefixTable
from lignee.vocabulary import OWL, RDF_TYPE, RDFS, RDFS_LABEL, SH

_SUBCLASS_OF: Final = NamedNode(RDFS + "subClassOf")
_CLASSES: Final = frozenset({NamedNode(RDFS + "Class"), NamedNode(OWL + "Class")})
_TARGET_CLASS: Final = NamedNode(SH + "targetClass")
_TARGET_NODE: Final = NamedNode(SH + "targetNode")
_TARGET_SUBJECTS: Final = NamedNode(SH + "targetSubjectsOf")
_TARGET_OBJECTS: Final = NamedNode(SH + "targetObjectsOf")
_TARGETS: Final = (_TARGET_CLASS, _TARGET_NODE, _TARGET_SUBJECTS, _TARGET_OBJECTS)
_PROPERTY: Final = NamedNode(SH + "property")
_NODE_SHAPE: Final = NamedNode(SH + "NodeShape")
_SHAPE: Final = frozenset({_NODE_SHAPE, NamedNode(SH + "PropertyShape")})
_FOR_PEOPLE: Final = frozenset(
    {
        RDFS_LABEL,
        NamedNode(RDFS + "comment"),
        NamedNode(SH + "name"),
        NamedNode(SH + "description"),
    }
)
_CLOSED: Final = NamedNode(SH + "closed")
_DEACTIVATED: Final = NamedNode(SH + "deactivated")

Target = tuple[NamedNode, Term]
"""A kind of target, such as sh:targetClass, and its value."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """A shapes graph, with what is said of each of its nodes and where; equal to itself only."""

    quads: tuple[Quad, ...]
    about: Mapping[Node, Properties]
    places: Mapping[Node, Place]
    around: Mapping[Node, Node]
    """The node whose description an anonymous node stands in."""

    def named(self) -> Iterator[tuple[NamedNode, Properties]]:
        """Yield each shape that has an IRI and is not deactivated, with its properties."""
        for node, properties in self.about.items():
            if not isinstance(node, NamedNode) or not _SHAPE & set(properties.get(RDF_TYPE, [])):
                continue
            if all(value.value != "true" for value in properties.get(_DEACTIVATED, [])):
                yield node, properties

    def owner(self, node: Node) -> NamedNode:
        """Return the nearest node with an IRI around an anonymous one."""
        while not isinstance(node, NamedNode):
            node = self.around[node]
        return node


def load(files: Iterable[Path], prefixes: PrefixTable | None = None) -> Shapes:
    """Return the shapes graph that the files make together.

    Raises InputError, with file and line, for a file that does not parse or a shape that is not
    well-formed (https://www.w3.org/TR/shacl/#syntax-rules).
    """
    quads: list[Quad] = []
    about: dict[Node, Properties] = {}
    places: dict[Node, Place] = {}
    for file in files:
        for _ in rdf_files.read_quads(file, prefixes):
            pass
        for quad, line in rdf_files.lines_of_quads(file):
            subject, value = quad.subject, quad.object
            if isinstance(subject, Triple) or isinstance(value, Triple):
                continue
            quads.append(quad)
            places.setdefault(subject, Place(file, line))
            about.setdefault(subject, {}).setdefault(quad.predicate, []).append(value)
    shape_syntax.check(about, places)
    around: dict[Node, Node] = {
        value: subject
        for subject, properties in about.items()
        for values in properties.values()
        for value in values
        if isinstance(value, BlankNode)
    }
    return Shapes(tuple(quads), about, places, around)


def in_bulk(shapes: Shapes) -> Iterator[Quad]:
    """Yield the shapes graph rewritten so that the validator takes all focus nodes at once.

    pySHACL goes through a node shape's properties once for each focus node, which is ten times
    slower than a property shape with the target of its own; the results are the same, for a
    property shape's focus node is the node shape's (https://www.w3.org/TR/shacl/#property-shapes).
    """
    referred = {quad.object for quad in shapes.quads}
    bulk = {
        shape: _targets(shape, properties)
        for shape, properties in shapes.named()
        if shape not in referred
        and _CLOSED not in properties  # which looks at the shape's properties itself
        and _NODE_SHAPE in properties.get(RDF_TYPE, [])
    }
    for quad in shapes.quads:
        subject, value = quad.subject, quad.object
        targets = bulk.get(subject) if isinstance(subject, NamedNode) else None
        if targets and quad.predicate == _PROPERTY and not isinstance(value, Literal):
            yield from (Quad(value, kind, target) for kind, target in targets)
        elif quad.predicate not in _FOR_PEOPLE:
            yield quad


def idle(shapes: Shapes, store: Store) -> Iterator[NamedNode]:
    """Yield each shape that selects no focus node in the store's default graph.

    That is a shape whose target selects none, and one without a target to which nothing refers.
    """
    referred = {quad.object for quad in shapes.quads}
    for shape, properties in shapes.named():
        targets = _targets(shape, properties)
        if not targets and shape in referred:
            continue
        if not any(_selects(store, kind, value) for kind, value in targets):
            yield shape


def _targets(shape: NamedNode, properties: Properties) -> list[Target]:
    """Return the shape's targets; https://www.w3.org/TR/shacl/#targets ."""
    targets: list[Target] = [
        (kind, value) for kind in _TARGETS for value in properties.get(kind, [])
    ]
    if _CLASSES & set(properties.get(RDF_TYPE, [])):
        targets.append((_TARGET_CLASS, shape))
    return targets


def _selects(store: Store, kind: NamedNode, value: Term) -> bool:
    if kind == _TARGET_NODE:
        return True
    assert isinstance(value, NamedNode)
    if kind in (_TARGET_SUBJECTS, _TARGET_OBJECTS):
        return _holds(store, value, None)
    return any(_holds(store, RDF_TYPE, subclass) for subclass in _with_subclasses(store, value))


def _holds(store: Store, predicate: NamedNode, value: Node | None) -> bool:
    found = store.quads_for_pattern(None, predicate, value, DefaultGraph())
    return next(iter(found), None) is not None


def _with_subclasses(store: Store, superclass: NamedNode) -> set[Node]:
    """Return the class and what rdfs:subClassOf says is below it, at any depth."""
    found: set[Node] = {superclass}
    waiting: list[Node] = [superclass]
    while waiting:
        for quad in store.quads_for_pattern(None, _SUBCLASS_OF, waiting.pop(), DefaultGraph()):
            if not isinstance(quad.subject, Triple) and quad.subject not in found:
                found.add(quad.subject)
                waiting.append(quad.subject)
    return found
