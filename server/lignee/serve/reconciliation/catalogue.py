"""What names can be reconciled to: the entities of a release, their types, properties, mappings.

The words are those of https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
(section 2): a type is a class or a concept scheme, a target is a vocabulary that entities are
mapped to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from lignee.errors import UnknownPrefix
from lignee.iris import PrefixTable
from lignee.linking.matcher import Matcher
from lignee.linking.words import primary
from lignee.matching.index import LabelIndex
from lignee.matching.texts import Label
from lignee.vocabulary import OWL, SKOS


class Sort(Enum):
    """The three sorts of things that can be suggested; each has an index of its own."""

    ENTITY = "entity"
    TYPE = "type"
    PROPERTY = "property"


class Relation(Enum):
    """Which mappings give the identifiers of a target."""

    EXACT = "exact"
    EQUIVALENT = "equivalent"
    ANY = "any"


_EXACT: Final = frozenset({SKOS + "exactMatch", OWL + "sameAs"})
_RELATIONS: Final = {
    Relation.EXACT: _EXACT,
    Relation.EQUIVALENT: _EXACT | {SKOS + "closeMatch"},
    Relation.ANY: _EXACT
    | {SKOS + name for name in ("closeMatch", "broadMatch", "narrowMatch", "relatedMatch")},
}
MAPPING_RELATIONS: Final = _RELATIONS[Relation.ANY]
"""Properties that map one thing to another (https://www.w3.org/TR/skos-reference/#mapping)."""


@dataclass(frozen=True, slots=True)
class Link:
    """A mapping of an entity: by which property, to what, in which target."""

    relation: str
    object: str
    target: str

    @property
    def closeness(self) -> Relation:
        """The narrowest choice of relations that has this one."""
        return next(one for one in Relation if self.relation in _RELATIONS[one])


@dataclass(frozen=True, slots=True)
class Kind:
    """A type: how many entities are of it, which types lie above it, itself among them."""

    iri: str
    number: int
    broader: tuple[str, ...]
    above: frozenset[str]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of entities, or a target to which they are mapped, and how often each type's."""

    iri: str
    is_target: bool
    numbers: Mapping[str, int]

    @property
    def number(self) -> int:
        """How many entities of its commonest type have it."""
        return max(self.numbers.values(), default=0)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of it, for one release; may be used by many threads."""

    prefixes: PrefixTable
    labels: Mapping[str, Sequence[Label]]
    """Of everything that has one: entities, types, properties, targets, what is mapped to."""
    descriptions: Mapping[str, Sequence[Label]]
    types_of: Mapping[str, tuple[str, ...]]
    """The types that each entity is said to be of."""
    kinds: Mapping[str, Kind]
    properties: Mapping[str, Property]
    links: Mapping[str, tuple[Link, ...]]
    matcher: Matcher
    indexes: Mapping[Sort, LabelIndex]
    languages: tuple[str, ...]
    """In which entities have labels, the commonest first."""
    titles: Mapping[str, Sequence[Label]] = field(default_factory=dict)
    """How targets are called, which is shorter than their labels."""

    def entity(self, identifier: str) -> str | None:
        """Return the IRI of the entity, given that or its prefixed name."""
        return self._known(identifier, self.types_of)

    def kind(self, identifier: str) -> Kind | None:
        """Return the type with that IRI or prefixed name."""
        iri = self._known(identifier, self.kinds)
        return self.kinds[iri] if iri else None

    def property(self, identifier: str) -> Property | None:
        """Return the property or target with that IRI or prefixed name."""
        iri = self._known(identifier, self.properties)
        return self.properties[iri] if iri else None

    def kinds_of(self, entity: str) -> frozenset[str]:
        """Return the types of an entity with those above them."""
        above = (self.kinds[kind].above for kind in self.types_of[entity])
        return frozenset().union(*above)

    def targets(self) -> list[Property]:
        """Return the targets, by their IRIs."""
        return sorted(
            (one for one in self.properties.values() if one.is_target), key=lambda one: one.iri
        )

    def mapped(self, entity: str, target: str, relation: Relation) -> list[str]:
        """Return the identifiers of an entity in a target, by the closest relation first."""
        wanted = _RELATIONS[relation]
        found = (link for link in self.links_to(entity, target) if link.relation in wanted)
        return list(dict.fromkeys(link.object for link in found))

    def links_to(self, entity: str, target: str) -> list[Link]:
        """Return the mappings of an entity to a target, the closest first."""
        found = [link for link in self.links.get(entity, ()) if link.target == target]
        return sorted(found, key=lambda link: (list(Relation).index(link.closeness), link.object))

    def name(self, iri: str, language: str) -> str:
        """Return what something is called, in the language if it can be; its IRI as a last way."""
        found = self.titles.get(iri) or self.labels.get(iri)
        chosen = chosen_label(found, language) if found else None
        return chosen.text if chosen else self.prefixes.shorten(iri) or iri

    def description(self, iri: str, language: str) -> str:
        """Return what tells more of something, empty where nothing does."""
        found = chosen_label(self.descriptions.get(iri, ()), language)
        return found.text if found else ""

    def _known(self, identifier: str, among: Mapping[str, object]) -> str | None:
        if identifier in among:
            return identifier
        try:
            iri = self.prefixes.expand(identifier)
        except UnknownPrefix:
            return None
        return iri if iri in among else None


def chosen_label(labels: Iterable[Label], language: str) -> Label | None:
    """Return the label in the language, else without language, else in English, else any."""
    wanted = (primary(language), "", "en")

    def rank(label: Label) -> tuple[int, int, int, str]:
        tag = primary(label.language)
        place = wanted.index(tag) if tag in wanted else len(wanted)
        return (label.grade, place, len(label.text), label.text)

    return min(labels, key=rank, default=None)
