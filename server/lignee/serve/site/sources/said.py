"""What clauses state, put together by what they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from lignee.serve.site.resource.facts import natural
from lignee.serve.site.resource.names import Named, Names
from lignee.serve.site.resource.questions import Node, Solution
from lignee.vocabulary import LIG, NIF, SKOS


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one thing: its properties with their values, a figure's amount before it."""

    thing: Named | None
    facts: tuple[tuple[Named | None, tuple[tuple[str, Named], ...]], ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as a reference: which characters of which source; what is unknown is empty."""

    name: Named
    position: str
    begin: str
    end: str
    digest: str
    source: Named | None
    tier: Named | None
    newer: tuple[Named, ...]
    """What took its place, where it is superseded."""
    note: Named | None
    said: tuple[Said, ...]


def said_by(names: Names, statements: Iterable[Solution]) -> tuple[Said, ...]:
    """Return statements, each a thing, property and value, put together by thing and property."""
    things: dict[Node | None, dict[Node | None, dict[Node, None]]] = {}
    for thing, path, value in statements:
        values = things.setdefault(thing, {}).setdefault(path, {})
        if value is not None:
            values[value] = None
    return tuple(
        Said(
            _named(names, thing),
            tuple(
                (_named(names, path), _values(names, values))
                for path, values in sorted(of_thing.items(), key=lambda one: _place(names, one[0]))
            ),
        )
        for thing, of_thing in sorted(things.items(), key=lambda one: _key(names, one[0]))
    )


def clause_of(names: Names, iri: str, said: tuple[Said, ...], position: str = "") -> Clause:
    """Return what is known of a clause, with what it states."""
    source = first(names, iri, NIF + "referenceContext")
    tier = first(names, source, LIG + "tier")
    newer = names.nodes(iri, LIG + "supersededBy")
    return Clause(
        names.of(iri),
        position,
        first(names, iri, NIF + "beginIndex"),
        first(names, iri, NIF + "endIndex"),
        first(names, iri, LIG + "digest"),
        names.of(source) if source else None,
        names.of(tier) if tier else None,
        tuple(names.of(node.value) for node in newer if isinstance(node, NamedNode)),
        names.texts(iri, SKOS + "editorialNote"),
        said,
    )


def first(names: Names, iri: str, path: str) -> str:
    """Return the text of what is known of a thing for a property, empty for nothing."""
    found = (node.value for node in names.nodes(iri, path) if isinstance(node, NamedNode | Literal))
    return min(found, default="")


def iris_in(rows: Iterable[Iterable[Node | None]]) -> set[str]:
    """Return every IRI that solutions name."""
    return {node.value for row in rows for node in row if isinstance(node, NamedNode)}


def _named(names: Names, node: Node | None) -> Named | None:
    return None if node is None else names.value(node)


def _values(names: Names, values: Iterable[Node]) -> tuple[tuple[str, Named], ...]:
    ordered = sorted(values, key=lambda node: _key(names, node))
    return tuple((names.amount(node), names.value(node)) for node in ordered)


def _key(names: Names, node: Node | None) -> tuple[list[tuple[int, str]], str]:
    named = _named(names, node)
    return natural(named.text if named else ""), str(node)


def _place(names: Names, path: Node | None) -> tuple[int, str]:
    return names.place(path.value) if isinstance(path, NamedNode) else (0, "")
