"""What a page tells of one resource, in its order, each value with who says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.serve.site.resource import addresses
from lignee.serve.site.resource.evidence import Evidence, Testimony
from lignee.serve.site.resource.names import Named, Names
from lignee.serve.site.resource.questions import Node, Solution
from lignee.vocabulary import LIG, LIG_SUPERSEDED_BY, NIF, OWL, RDF, RDFS, SKOS, SSSOM

SHOWN: Final = 50
"""Values of one property that a page shows, unless `--page-solutions` is less."""
_HEADING: Final = frozenset({RDF + "type", RDFS + "label", SKOS + "prefLabel"})
_RETIRED: Final = OWL + "deprecated"
_OBJECT_LABEL: Final = SSSOM + "object_label"
_MATCHES: Final = frozenset(
    SKOS + kind + "Match" for kind in ("exact", "close", "broad", "narrow", "related")
) | {OWL + "sameAs"}
_MATCH_NODES: Final = frozenset(NamedNode(iri) for iri in _MATCHES)

Graphs = dict[Node, list[str]]
"""Values, or things that point here, and the graphs that say so."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value, with the count and bound of a figure, and who says so."""

    named: Named
    testimonies: tuple[Testimony, ...]
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The values of one property; `more` are not shown and can be had at `rest`."""

    label: Named
    values: tuple[Value, ...]
    more: int = 0
    rest: str = ""
    is_inverse: bool = False


@dataclass(slots=True)
class Facts:
    """What the release says of a resource, and of what points to it."""

    iri: str
    outgoing: Mapping[str, Graphs]
    incoming: Mapping[str, Graphs]
    numbers: Mapping[str, int]
    """How many things point here, by property."""
    lineage: frozenset[str] = frozenset()
    inverses: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_retired(self) -> bool:
        """Tell whether the resource has been withdrawn."""
        return any(
            isinstance(node, Literal) and node.value in ("true", "1")
            for node in self.outgoing.get(_RETIRED, {})
        )

    def iris(self) -> set[str]:
        """Return every IRI that a page about it mentions."""
        found = {self.iri, *self.outgoing, *self.incoming, *self.lineage}
        found |= {self.inverses[path] for path in found if path in self.inverses}
        for side in (self.outgoing, self.incoming):
            for graphs in side.values():
                found |= {node.value for node in graphs if isinstance(node, NamedNode)}
                found |= {graph for names in graphs.values() for graph in names}
        return found


def gathered(solutions: Iterable[Solution]) -> dict[str, Graphs]:
    """Return graph, property and value as values with their graphs by property."""
    found: dict[str, Graphs] = {}
    for graph, path, value in solutions:
        if isinstance(graph, NamedNode) and isinstance(path, NamedNode) and value is not None:
            found.setdefault(path.value, {}).setdefault(value, []).append(graph.value)
    return found


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells the facts of one resource as groups of values, in one language."""

    facts: Facts
    names: Names
    evidence: Evidence
    limit: int

    def plain(self) -> list[Group]:
        """Return what is said of it, apart from lineage, matches and what is superseded."""
        apart = self.facts.lineage | _MATCHES | _HEADING | {_RETIRED}
        facts = self.facts
        after = {node for path in facts.lineage for node in facts.incoming.get(path, ())}
        led_to = {
            inverse
            for path in facts.lineage
            if (inverse := facts.inverses.get(path))
            and facts.outgoing.get(inverse, {}).keys() <= after  # told as descendants
        }
        return self._groups(path for path in self.facts.outgoing if path not in apart | led_to)

    def matches(self) -> list[Group]:
        """Return the same or near things in other vocabularies."""
        return self._groups(path for path in self.facts.outgoing if path in _MATCHES)

    def ancestors(self) -> list[Group]:
        """Return what it comes from, each under the most exact relation."""
        return self._groups(path for path in self.facts.outgoing if path in self.facts.lineage)

    def descendants(self) -> list[Group]:
        """Return what comes from it."""
        return self._inverse_groups(
            path for path in self.facts.incoming if path in self.facts.lineage
        )

    def mentions(self) -> list[Group]:
        """Return what points to it otherwise, unless the same is told the other way round."""
        apart = self.facts.lineage | {NIF + "referenceContext"}  # clauses are told apart
        return self._inverse_groups(path for path in self.facts.incoming if path not in apart)

    def superseded(self) -> list[Group]:
        """Return what is said by passages only that later ones have replaced."""
        return self._groups(self.facts.outgoing, is_past=True)

    def _groups(self, paths: Iterable[str], *, is_past: bool = False) -> list[Group]:
        found = []
        for path in sorted(paths, key=self.names.place):
            of_path = self._current(self.facts.outgoing[path], is_past=is_past)
            values = self._in_language(self._least(path, of_path))
            if not values:
                continue
            ordered = sorted(values, key=self._key)
            this, predicate = NamedNode(self.facts.iri), NamedNode(path)
            shown = tuple(
                self._value(node, (this, predicate, node), values[node])
                for node in ordered[: self.limit]
            )
            query = f"SELECT ?value WHERE {{ {this} {predicate} ?value }} ORDER BY ?value"
            more = len(ordered) - len(shown)
            rest = addresses.query_for(query) if more else ""
            found.append(Group(self.names.of(path), shown, more, rest))
        return found

    def _inverse_groups(self, paths: Iterable[str]) -> list[Group]:
        found = []
        this = NamedNode(self.facts.iri)
        for path in sorted(paths, key=self.names.place):
            inverse = self.facts.inverses.get(path)
            told = {
                **self.facts.outgoing.get(inverse or "", {}),
                **self.facts.outgoing.get(path, {}),  # such as skos:related, said both ways
            }
            skipped = {} if path in self.facts.lineage else told
            of_path = self._current(self.facts.incoming[path], is_past=False)
            things = {
                node: graphs
                for node, graphs in self._least(path, of_path, is_inverse=True).items()
                if node not in skipped
            }
            if not things:
                continue
            predicate = NamedNode(path)
            shown = tuple(
                self._value(node, (node, predicate, this), things[node])
                for node in sorted(things, key=self._key)[: self.limit]
            )
            more = max(0, self.facts.numbers.get(path, 0) - len(self.facts.incoming[path]))
            more += len(things) - len(shown)
            query = f"SELECT ?thing WHERE {{ ?thing {predicate} {this} }} ORDER BY ?thing"
            label = self.names.of(inverse) if inverse else self.names.of(path)
            rest = addresses.query_for(query) if more else ""
            found.append(Group(label, shown, more, rest, is_inverse=not inverse))
        return found

    def _value(self, node: Node, statement: tuple[Node, Node, Node], graphs: list[str]) -> Value:
        named = self.names.value(node)
        about = self.evidence.mappings.get(statement, ())
        labels = [label for one in about for label in one.details.get(_OBJECT_LABEL, ())]
        if labels and isinstance(node, NamedNode) and isinstance(labels[0], Literal):
            named = self.names.of(node.value, labels[0].value)
        if isinstance(node, NamedNode) and statement[1] in _MATCH_NODES:
            named = replace(named, hint=self.names.prefixes.shorten(node.value) or "")
        return Value(named, self.evidence.of(statement, graphs), self._amount(node, statement))

    def _amount(self, node: Node, statement: tuple[Node, Node, Node]) -> str:
        """Return the count of a figure with its bound, such as "at least 2,000"."""
        if isinstance(node, NamedNode):
            return self.names.amount(node)
        is_count = statement[1] == NamedNode(LIG + "count")
        return self.names.bound(self.facts.iri) if is_count else ""

    def _current(self, values: Graphs, *, is_past: bool) -> Graphs:
        """Return values that some graph still says, or those that none does."""
        return {
            node: graphs
            for node, graphs in values.items()
            if all(self._is_superseded(graph) for graph in graphs) == is_past
        }

    def _is_superseded(self, graph: str) -> bool:
        return bool(self.names.nodes(graph, LIG_SUPERSEDED_BY.value))

    def _least(self, path: str, values: Graphs, *, is_inverse: bool = False) -> Graphs:
        """Leave out of the widest relation of lineage what a more exact one tells."""
        if path != LIG + "descendsFrom":
            return values
        side = self.facts.incoming if is_inverse else self.facts.outgoing
        exact = {node for other in self.facts.lineage - {path} for node in side.get(other, {})}
        return {node: graphs for node, graphs in values.items() if node not in exact}

    def _in_language(self, values: Graphs) -> Graphs:
        """Return texts in the visitor's language alone, where all have one and some are in it."""
        tags = {node.language or "" if isinstance(node, Literal) else "" for node in values}
        if "" in tags or self.names.language not in tags:
            return values
        return {
            node: graphs
            for node, graphs in values.items()
            if isinstance(node, Literal) and node.language == self.names.language
        }

    def _key(self, node: Node) -> tuple[list[tuple[int, str]], str]:
        text = node.value if isinstance(node, Literal) else self.names.value(node).text
        return natural(text), str(node)


def natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts "Session 2" before "Session 10"."""
    parts: Sequence[str] = re.findall(r"\d+|\D+", text.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
