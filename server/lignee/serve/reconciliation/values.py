"""Values of entities, read from the engine, and how near they come to values that are asked for."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pyoxigraph import NamedNode
from rapidfuzz import fuzz

from lignee.engines.engine import Engine
from lignee.errors import MemoryBudgetReached
from lignee.linking.vocabulary import local_name
from lignee.matching.spelling import words_of
from lignee.serve.reconciliation.catalogue import Catalogue, Property, Relation
from lignee.serve.reconciliation.queries import Wish
from lignee.serve.site.asking import Terms, terms

_AT_ONCE: Final = 1_000
"""Entities in one question to the engine."""
_MOST_HOLDERS: Final = 50_000
"""Values of one property that are looked through for entities without a name to go by."""
_DATE: Final = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?")
_WEIGHTS: Final = {Relation.EXACT: 1.0, Relation.EQUIVALENT: 0.9, Relation.ANY: 0.5}
_VALUES: Final = """\
SELECT ?thing ?property ?value WHERE {{
  VALUES ?thing {{ {things} }} VALUES ?property {{ {properties} }} ?thing ?property ?value
}}"""
_HOLDERS: Final = "SELECT ?thing ?value WHERE {{ ?thing {property} ?value }} LIMIT {limit}"


@dataclass(frozen=True, slots=True)
class Value:
    """A value: an IRI, or a literal with its datatype or language."""

    text: str
    is_iri: bool = False
    language: str = ""
    datatype: str = ""
    weight: float = 1.0
    """What it counts for: an identifier in another vocabulary less, the looser its mapping is."""


Values: TypeAlias = Mapping[tuple[str, str], Sequence[Value]]
"""Values by the IRIs of entity and property."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from: a release's engine and catalogue; raises EngineError."""

    engine: Engine
    catalogue: Catalogue
    client: str = ""
    """Whose turn questions to the engine take."""
    _holders: dict[str, Mapping[str, set[str]]] = field(default_factory=dict)
    """What `holders` has read."""

    def values(self, entities: Iterable[str], properties: Iterable[Property]) -> Values:
        """Return the values of these properties that these entities have."""
        found: defaultdict[tuple[str, str], list[Value]] = defaultdict(list)
        things = [iri for iri in dict.fromkeys(entities) if iri in self.catalogue.types_of]
        wanted = list({one.iri: one for one in properties}.values())
        for target in wanted:
            for thing in things if target.is_target else ():
                found[thing, target.iri] = self._mapped(thing, target.iri)
        plain = " ".join(str(NamedNode(one.iri)) for one in wanted if not one.is_target)
        for start in range(0, len(things) if plain else 0, _AT_ONCE):
            listed = " ".join(map(str, map(NamedNode, things[start : start + _AT_ONCE])))
            query = _VALUES.format(things=listed, properties=plain)
            for one in sorted(self._ask(query), key=_order):
                key = one["thing"]["value"], one["property"]["value"]
                found[key].append(_value(one))
        return found

    def holders(self, wanted: Property, wish: Wish) -> set[str]:
        """Return the entities that have just this value for the property."""
        if wanted.iri not in self._holders:
            self._holders[wanted.iri] = self._by_value(wanted)
        asked = self.catalogue.entity(wish.text) or wish.text
        keys = [asked] if wish.is_identifier else [asked, words_of(wish.text)]
        by_value = self._holders[wanted.iri]
        return set().union(*(by_value.get(key, ()) for key in keys if key))

    def likeness(self, wish: Wish, values: Iterable[Value]) -> float:
        """Return how near the values come to the one that is asked for, from 0 to 1."""
        return max((value.weight * self._likeness(wish, value) for value in values), default=0.0)

    def _ask(self, query: str) -> list[Terms]:
        return terms(self.engine, query, client=self.client)

    def _by_value(self, wanted: Property) -> Mapping[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for thing, value in self._holdings(wanted):
            if thing in self.catalogue.types_of:
                for key in self._keys(value):
                    found[key].add(thing)
        return found

    def _mapped(self, thing: str, target: str) -> list[Value]:
        return [
            Value(link.object, is_iri=True, weight=_WEIGHTS[link.closeness])
            for link in self.catalogue.links_to(thing, target)
        ]

    def _holdings(self, wanted: Property) -> Iterator[tuple[str, Value]]:
        if wanted.is_target:
            for thing in self.catalogue.links:
                for value in self._mapped(thing, wanted.iri):
                    yield thing, value
            return
        query = _HOLDERS.format(property=NamedNode(wanted.iri), limit=_MOST_HOLDERS + 1)
        found = self._ask(query)
        if len(found) > _MOST_HOLDERS:
            raise MemoryBudgetReached(
                f"more than {_MOST_HOLDERS:,} entities have the property {wanted.iri}; give the "
                "name to look for (`query`) beside it"
            )
        for one in found:
            yield one["thing"]["value"], _value(one)

    def _keys(self, value: Value) -> Iterator[str]:
        yield value.text
        yield from map(words_of, self._texts(value))

    def _texts(self, value: Value) -> Iterator[str]:
        """Yield what people may write for a value."""
        if not value.is_iri:
            yield value.text
            return
        yield local_name(value.text)
        if short := self.catalogue.prefixes.shorten(value.text):
            yield short
        for label in self.catalogue.labels.get(value.text, ()):
            yield label.text

    def _likeness(self, wish: Wish, value: Value) -> float:
        if value.is_iri and value.text in (wish.text, self.catalogue.entity(wish.text)):
            return 1.0
        if wish.is_identifier:
            return 0.0
        if value.is_iri:
            return max(_alike(wish.text, text) for text in self._texts(value))
        numbers = number_in(wish.text), number_in(value.text)
        if None not in numbers:
            return float(numbers[0] == numbers[1])
        dates = _DATE.fullmatch(wish.text), _DATE.fullmatch(value.text)
        if dates[0] and dates[1]:
            short, long = sorted((dates[0][1], dates[1][1]), key=len)
            return float(long.startswith(short))
        return _alike(wish.text, value.text)


def _alike(one: str, other: str) -> float:
    plain = words_of(one), words_of(other)
    return fuzz.ratio(*plain) / 100 if all(plain) else float(one == other)


def number_in(text: str) -> float | None:
    """Return the finite number that the text is, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _value(one: Terms) -> Value:
    value = one["value"]
    return Value(
        value["value"],
        value["type"] == "uri",
        value.get("xml:lang", ""),
        value.get("datatype", ""),
    )


def _order(one: Terms) -> tuple[str, str]:
    return one["value"].get("xml:lang", ""), one["value"]["value"]
