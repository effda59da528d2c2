"""Who says so: what each statement of a page rests on, told from the graphs that hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from typing import Literal as Choice

from pyoxigraph import Literal, NamedNode

from lignee.iris import Namespaces
from lignee.serve.site.resource.names import Named, Names
from lignee.serve.site.resource.questions import About, Node
from lignee.vocabulary import LIG, NIF, PROV, RDFS, SSSOM

Standing: TypeAlias = Choice["stated", "read", "derived", "mapped", "curated"]
Statement: TypeAlias = tuple[Node, Node, Node]
_SUBJECT: Final = "http://purl.org/dc/terms/subject"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a derived statement: the rule, what it started from, by way of what."""

    rules: tuple[Named, ...] = ()
    premises: tuple[Named, ...] = ()
    subjects: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Testimony:
    """One that says so; what is unknown or does not apply is empty."""

    standing: Standing
    name: Named | None = None
    source: Named | None = None
    tier: Named | None = None
    begin: str = ""
    end: str = ""
    digest: str = ""
    newer: tuple[Named, ...] = ()
    """What took its place, where it is superseded."""
    confidence: str = ""
    reason: Named | None = None
    author: str = ""
    premises: tuple[Named, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Finds who says what, for the statements of one page."""

    names: Names
    namespaces: Namespaces
    reasons: Mapping[Statement, Sequence[About]]
    mappings: Mapping[Statement, Sequence[About]]
    rules: Mapping[str, Sequence[str]]

    def of(self, statement: Statement, graphs: Sequence[str]) -> tuple[Testimony, ...]:
        """Return who makes the statement: sources first, then readings, rules and curators."""
        found = [testimony for graph in graphs for testimony in self._of(statement, graph)]
        order = ("stated", "read", "derived", "mapped", "curated")

        def rank(one: Testimony) -> tuple[bool, int, bool]:
            is_checkable = bool(one.digest)  # its text is held
            return bool(one.newer), order.index(one.standing), not is_checkable

        return tuple(sorted(found, key=rank))

    def _of(self, statement: Statement, graph: str) -> Iterator[Testimony]:
        if self.names.nodes(graph, NIF + "referenceContext"):
            yield self._passage(graph)
        elif graph == self.namespaces.graph("derived"):
            yield Testimony("derived", reasons=tuple(self._reasons(statement)))
        elif self.names.nodes(graph, PROV + "wasDerivedFrom"):
            yield self._reading(graph)
        elif mapping := self.mappings.get(statement):
            yield from (self._mapping(about) for about in mapping)
        else:
            yield Testimony("curated")

    def _passage(self, graph: str) -> Testimony:
        names = self.names
        source = _first(names.nodes(graph, NIF + "referenceContext"))
        tier = _first(names.nodes(source, LIG + "tier"))
        return Testimony(
            "stated",
            names.of(graph),
            names.of(source),
            names.of(tier) if tier else None,
            _first(names.nodes(graph, NIF + "beginIndex")),
            _first(names.nodes(graph, NIF + "endIndex")),
            _first(names.nodes(graph, LIG + "digest")),
            self._named(names.nodes(graph, LIG + "supersededBy")),
        )

    def _reading(self, graph: str) -> Testimony:
        names = self.names
        return Testimony(
            "read",
            names.of(graph),
            newer=self._named(names.nodes(graph, LIG + "supersededBy")),
            confidence=_first(names.nodes(graph, LIG + "confidence")),
            reason=names.texts(graph, RDFS + "comment"),
            premises=self._named(names.nodes(graph, PROV + "wasDerivedFrom")),
        )

    def _mapping(self, about: About) -> Testimony:
        comment = _first(about.details.get(RDFS + "comment", ()))
        return Testimony(
            "mapped",
            self.names.of(about.node.strip("<>")),
            confidence=_first(about.details.get(SSSOM + "confidence", ())),
            reason=Named(comment, "en" if self.names.language != "en" else "") if comment else None,
            author=_first(about.details.get(SSSOM + "author_label", ())),
        )

    def _reasons(self, statement: Statement) -> Iterator[Reason]:
        known = self.reasons.get(statement, ())
        for about in known:
            runs = about.details.get(PROV + "wasGeneratedBy", ())
            used = [rule for run in runs for rule in self.names.nodes(_text(run), PROV + "used")]
            yield Reason(
                self._named(used or runs),
                self._named(about.details.get(PROV + "wasDerivedFrom", ())),
                self._named(about.details.get(_SUBJECT, ())),
            )
        rules = self.rules.get(_text(statement[1]), ())
        if not known and rules:
            yield Reason(tuple(self.names.of(rule) for rule in rules))

    def _named(self, nodes: Sequence[Node]) -> tuple[Named, ...]:
        found = (self.names.of(node.value) for node in nodes if isinstance(node, NamedNode))
        return tuple(sorted(found, key=lambda named: named.text))


def by_statement(abouts: Sequence[About]) -> dict[Statement, list[About]]:
    """Return statements about statements by the statement that each is about."""
    found: dict[Statement, list[About]] = {}
    for about in abouts:
        found.setdefault(about.statement, []).append(about)
    return found


def mentioned(abouts: Sequence[About]) -> set[str]:
    """Return the IRIs that these speak of."""
    nodes = (node for about in abouts for values in about.details.values() for node in values)
    found = {node.value for node in nodes if isinstance(node, NamedNode)}
    return found | {about.node.strip("<>") for about in abouts}


def _text(node: Node) -> str:
    return node.value if isinstance(node, NamedNode | Literal) else ""


def _first(nodes: Sequence[Node]) -> str:
    return min((_text(node) for node in nodes), default="")
