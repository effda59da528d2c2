"""The shapes graph of a release, read from its file: what is asked of the data.

See https://www.w3.org/TR/shacl/ ; the file is `shapes.ttl`, which every release holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from lignee.errors import DamagedRelease
from lignee.iris import PrefixTable
from lignee.matching.spelling import words_of
from lignee.release import Release
from lignee.serve.site.reference.terms import local_name
from lignee.serve.site.resource.names import Named, Names, best
from lignee.serve.site.resource.questions import Node
from lignee.vocabulary import RDF, RDFS, SH

SHAPES_FILE: Final = "shapes.ttl"
_TYPE: Final = RDF + "type"
_FIRST: Final = RDF + "first"
_REST: Final = RDF + "rest"
_NIL: Final = NamedNode(RDF + "nil")
_NODE_SHAPE: Final = NamedNode(SH + "NodeShape")
_PROPERTY_SHAPE: Final = NamedNode(SH + "PropertyShape")
_TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
_NO_CONSTRAINTS: Final = frozenset(
    SH + name
    for name in (
        *("property", "path", "severity", "message", "name", "description", "order", "group"),
        *("deactivated", "defaultValue", "flags", "ignoredProperties", *_TARGETS),
    )
)
_DEEPEST: Final = 6
"""How far shapes within shapes are told."""

Said = Mapping[str, list[Node]]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing that is asked: the parameter's local name, such as `minCount`, and its values."""

    name: str
    values: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape as its documentation shows it."""

    iri: str
    anchor: str
    name: str
    title: Named
    severity: str
    """Such as `Violation`."""
    reason: Named | None
    message: Named | None
    targets: tuple[tuple[str, Named], ...]
    path: Named | None
    constraints: tuple[Constraint, ...]
    parts: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapesGraph:
    """What is said of each node of the shapes graph."""

    about: Mapping[Node, Said]

    def node_shapes(self) -> list[NamedNode]:
        """Return the node shapes that have an IRI, and property shapes that stand alone."""
        within = {node for said in self.about.values() for node in said.get(SH + "property", ())}
        return sorted(
            (
                node
                for node, said in self.about.items()
                if isinstance(node, NamedNode)
                and node not in within
                and {_NODE_SHAPE, _PROPERTY_SHAPE} & set(said.get(_TYPE, ()))
            ),
            key=str,
        )

    def shapes(self) -> list[NamedNode]:
        """Return all shapes that have an IRI."""
        kinds = {_NODE_SHAPE, _PROPERTY_SHAPE}
        return [
            node
            for node, said in self.about.items()
            if isinstance(node, NamedNode) and kinds & set(said.get(_TYPE, ()))
        ]

    @property
    def constraints(self) -> int:
        """How many constraints all shapes together put."""
        return sum(len(list(self.parameters(node))) for node in self.about if self._is_shape(node))

    def _is_shape(self, node: Node) -> bool:
        return bool({_NODE_SHAPE, _PROPERTY_SHAPE} & set(self.about[node].get(_TYPE, ())))

    def parameters(self, node: Node) -> Iterator[tuple[str, list[Node]]]:
        """Yield the parameters of a node's constraints, with their values."""
        for path, values in sorted(self.about.get(node, {}).items(), key=_counts_first):
            if path.startswith(SH) and path not in _NO_CONSTRAINTS:
                yield path, values

    def guards(self) -> dict[str, list[NamedNode]]:
        """Return the shapes that guard each term: the target's class, or the path."""
        found: dict[str, list[NamedNode]] = defaultdict(list)
        for node in sorted(self.shapes(), key=str):
            said = self.about[node]
            named = [*said.get(SH + "path", ())]
            for target in _TARGETS:
                named += said.get(SH + target, ())
            for term in named:
                if isinstance(term, NamedNode):
                    found[term.value].append(node)
        return found

    def iris(self) -> set[str]:
        """Return the IRIs that the graph mentions."""
        return {
            node.value
            for subject, said in self.about.items()
            for nodes in (*said.values(), [subject])
            for node in nodes
            if isinstance(node, NamedNode)
        }

    def items(self, node: Node) -> Iterator[Node]:
        """Yield the members of a list."""
        while node != _NIL and (said := self.about.get(node)):
            yield from said.get(_FIRST, ())
            node = next(iter(said.get(_REST, ())), _NIL)

    def is_list(self, node: Node) -> bool:
        """Tell whether the node is a list."""
        return node == _NIL or _FIRST in self.about.get(node, {})


def _counts_first(said: tuple[str, list[Node]]) -> tuple[bool, bool, str]:
    path = said[0]
    return path != SH + "minCount", path != SH + "maxCount", path


def read(release: Release) -> ShapesGraph:
    """Return the release's shapes graph; raises DamagedRelease."""
    file = release.folder / SHAPES_FILE
    about: dict[Node, dict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
    try:
        for quad in parse(path=str(file), format=RdfFormat.TURTLE):
            if not isinstance(quad.subject, Triple):
                about[quad.subject][quad.predicate.value].append(quad.object)
    except (OSError, SyntaxError) as error:
        raise DamagedRelease(f"{file} cannot be read ({error}); build the release again") from None
    return ShapesGraph({node: dict(said) for node, said in about.items()})


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells shapes in one language."""

    graph: ShapesGraph
    names: Names
    prefixes: PrefixTable

    def all(self) -> Iterable[Shape]:
        """Yield the shapes that stand by themselves, with their parts, in the order of titles."""
        told = (self.of(node) for node in self.graph.node_shapes())
        return sorted(told, key=lambda shape: (not shape.targets, words_of(shape.title.text)))

    def of(self, node: Node, depth: int = 0) -> Shape:
        """Return one shape."""
        said = self.graph.about[node]
        iri = node.value if isinstance(node, NamedNode) else ""
        name = (self.prefixes.shorten(iri) or iri) if iri else ""
        path = next((self.path(value) for value in said.get(SH + "path", ())), None)
        parts = said.get(SH + "property", ()) if depth < _DEEPEST else ()
        return Shape(
            iri=iri,
            anchor=local_name(iri) if iri else "",
            name=name,
            title=self._text(said, RDFS + "label", SH + "name") or path or Named(name),
            severity=self._severity(said),
            reason=self._text(said, RDFS + "comment", SH + "description"),
            message=self._text(said, SH + "message"),
            targets=tuple(self._targets(said)),
            path=path,
            constraints=tuple(self._constraints(node)),
            parts=tuple(self.of(part, depth + 1) for part in parts if part in self.graph.about),
        )

    def path(self, node: Node) -> Named:
        """Return a property path as people read it."""
        if isinstance(node, NamedNode):
            return self.names.of(node.value)
        if self.graph.is_list(node):
            steps = [self.path(step).text for step in self.graph.items(node)]
            return Named(" / ".join(steps))
        said = self.graph.about.get(node, {})
        for name, sign in (
            *(("inversePath", "^"), ("zeroOrMorePath", "*")),
            *(("oneOrMorePath", "+"), ("zeroOrOnePath", "?"), ("alternativePath", "|")),
        ):
            for inner in said.get(SH + name, ()):
                members = self.graph.items(inner) if sign == "|" else (inner,)
                text = " | ".join(self.path(member).text for member in members)
                return Named(sign + text if sign == "^" else text + sign.replace("|", ""))
        return Named("…")

    def _targets(self, said: Said) -> Iterator[tuple[str, Named]]:
        for target in _TARGETS:
            for node in said.get(SH + target, ()):
                yield target, self.names.value(node)

    def _constraints(self, node: Node) -> Iterator[Constraint]:
        for path, values in self.graph.parameters(node):
            told = [one for value in values for one in self._values(value, 0)]
            yield Constraint(path.removeprefix(SH), tuple(told))

    def _values(self, node: Node, depth: int) -> Iterator[Named]:
        if self.graph.is_list(node):
            for item in self.graph.items(node):
                yield from self._values(item, depth)
        elif isinstance(node, BlankNode) and depth < _DEEPEST:
            yield Named(self._nested(node, depth + 1))
        elif isinstance(node, Literal):
            yield Named(node.value)
        else:
            yield self.names.value(node)

    def _nested(self, node: BlankNode, depth: int) -> str:
        parts = [
            f"{self.prefixes.shorten(path) or path} "
            + ", ".join(one.text for value in values for one in self._values(value, depth))
            for path, values in self.graph.parameters(node)
        ]
        path = next(
            (self.path(one).text for one in self.graph.about[node].get(SH + "path", ())), ""
        )
        return f"{path}: {', '.join(parts)}" if path else ", ".join(parts)

    def _severity(self, said: Said) -> str:
        found = next(iter(said.get(SH + "severity", ())), None)
        return local_name(found.value) if isinstance(found, NamedNode) else "Violation"

    def _text(self, said: Said, *paths: str) -> Named | None:
        for path in paths:
            literals = [node for node in said.get(path, ()) if isinstance(node, Literal)]
            if chosen := best(literals, self.names.language):
                return Named(chosen.value, self.names.foreign(chosen))
        return None
