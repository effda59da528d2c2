"""The curated side of linking: our concepts, and what they are mapped to already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from lignee import sssom
from lignee.dataset import Dataset
from lignee.errors import SettingError
from lignee.linking.matcher import Entry
from lignee.linking.vocabulary import local_name
from lignee.linking.words import Name
from lignee.sssom import MappingSet
from lignee.vocabulary import OWL_DEPRECATED, RDFS_LABEL, SKOS, SKOS_PREF_LABEL

_IN_SCHEME: Final = NamedNode(SKOS + "inScheme")
_BROADER: Final = NamedNode(SKOS + "broader")
_ALTERNATIVE: Final = NamedNode(SKOS + "altLabel")
SAME: Final = frozenset({SKOS + "exactMatch", SKOS + "closeMatch"})
"""Predicates by which a mapping says that two concepts may stand for each other."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Pairs that mapping sets hold already; `same` are those by exact and close matches."""

    pairs: frozenset[tuple[str, str]]
    same: frozenset[tuple[str, str]]

    def without(self, pair: tuple[str, str]) -> Mapped:
        """Return what is left if that pair were not mapped."""
        return Mapped(self.pairs - {pair}, self.same - {pair})

    def targets(self, subject: str) -> frozenset[str]:
        """Return what may stand for the subject."""
        return frozenset(target for one, target in self.same if one == subject)


def mapping_sets(dataset: Dataset) -> list[MappingSet]:
    """Return the mapping sets of the folder; raises InputError."""
    return [sssom.read(file, dataset.prefixes) for file in dataset.folder.mappings]


def mapped(sets: Iterable[MappingSet]) -> Mapped:
    """Return the pairs that the sets hold, gaps left out."""
    rows = [row for one in sets for row in one.mappings if not row.is_gap]
    return Mapped(
        frozenset((row.subject.value, row.object.value) for row in rows),
        frozenset(
            (row.subject.value, row.object.value) for row in rows if row.predicate.value in SAME
        ),
    )


def concepts(store: Store, scheme: str = "") -> list[Entry]:
    """Return the concepts of the scheme whose IRI ends in that name, of all schemes without it.

    Concepts that are retired are left out. Raises SettingError for a scheme that is not there.
    """
    schemes: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, _IN_SCHEME, None, DefaultGraph()):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            schemes.setdefault(quad.subject.value, set()).add(quad.object.value)
    names = sorted({local_name(one) for found in schemes.values() for one in found})
    if scheme and scheme not in names:
        raise SettingError(
            f"--scheme {scheme}: there is no such concept scheme; choose of {', '.join(names)}"
        )
    return [
        _entry(store, NamedNode(iri), found)
        for iri, found in sorted(schemes.items())
        if not scheme or scheme in map(local_name, found)
        if not _is_retired(store, NamedNode(iri))
    ]


def _entry(store: Store, concept: NamedNode, schemes: Iterable[str]) -> Entry:
    names: dict[tuple[str, str], Name] = {}
    for predicate in (SKOS_PREF_LABEL, RDFS_LABEL, _ALTERNATIVE):
        found = store.quads_for_pattern(concept, predicate, None, DefaultGraph())
        labels = (quad.object for quad in found if isinstance(quad.object, Literal))
        # Sorted, since a store gives them in an order of its own.
        for language, text in sorted((label.language or "", label.value) for label in labels):
            name = Name(text, language, predicate != _ALTERNATIVE)
            names.setdefault((text, language), name)
    broader = sorted(
        quad.object.value
        for quad in store.quads_for_pattern(concept, _BROADER, None, DefaultGraph())
        if isinstance(quad.object, NamedNode)
    )
    return Entry(concept.value, tuple(names.values()), frozenset(schemes), tuple(broader))


def _is_retired(store: Store, concept: NamedNode) -> bool:
    found = store.quads_for_pattern(concept, OWL_DEPRECATED, None, DefaultGraph())
    return any(isinstance(quad.object, Literal) and quad.object.value == "true" for quad in found)
