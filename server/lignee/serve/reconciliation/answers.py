"""Answers as the specification writes them in JSON, and what previews show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lignee.linking.vocabulary import local_name
from lignee.linking.words import primary
from lignee.serve.reconciliation.candidates import Candidate
from lignee.serve.reconciliation.catalogue import Catalogue, Relation, Sort
from lignee.serve.reconciliation.given import Json

FEATURES: Final = (
    "label", "words", "letters", "same_words", "preferred_label", "language", "type", "identifier",
    "properties",
)  # fmt: skip
"""Parts of scores that are explained, beside properties by their IRIs."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What a preview shows of an entity, a type or a property."""

    iri: str
    name: str
    description: str
    types: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    mapped: tuple[tuple[str, str, str], ...] = ()
    """Names of targets, identifiers in them, and those without their namespaces."""


def thing(iri: str, catalogue: Catalogue, language: str) -> Thing:
    """Return what to show of something."""
    name = catalogue.name(iri, language)
    called = dict.fromkeys(
        label.text
        for label in catalogue.labels.get(iri, ())
        if primary(label.language) in ("", primary(language)) and label.text != name
    )
    mapped = tuple(
        (catalogue.name(target.iri, language), identifier, local_name(identifier))
        for target in catalogue.targets()
        for identifier in catalogue.mapped(iri, target.iri, Relation.EQUIVALENT)
    )
    types = tuple(catalogue.name(kind, language) for kind in catalogue.types_of.get(iri, ()))
    return Thing(iri, name, catalogue.description(iri, language), types, tuple(called), mapped)


def result(candidates: Iterable[Candidate], catalogue: Catalogue, language: str) -> Json:
    """Return the candidates of one query."""
    return {"result": [_candidate(one, catalogue, language) for one in candidates]}


def suggestion(iri: str, catalogue: Catalogue, sort: Sort, language: str) -> Json:
    """Return a suggestion of an entity or a property."""
    description = catalogue.description(iri, language)
    written: dict[str, Json] = {"id": iri, "name": catalogue.name(iri, language)}
    if description:
        written["description"] = description
    if sort == Sort.ENTITY:
        written["notable"] = _types(iri, catalogue, language)
    return written


def _candidate(one: Candidate, catalogue: Catalogue, language: str) -> Json:
    description = catalogue.description(one.entity, language)
    features: list[Json] = [{"id": part.id, "value": part.value} for part in one.features]
    written: dict[str, Json] = {
        "id": one.entity,
        "name": catalogue.name(one.entity, language),
        "score": one.score,
        "match": one.is_match,
        "type": _types(one.entity, catalogue, language),
        "features": features,
    }
    return written | ({"description": description} if description else {})


def _types(iri: str, catalogue: Catalogue, language: str) -> list[Json]:
    """Return the types of an entity, the narrowest first: clients that keep one keep that."""
    kinds = sorted(catalogue.types_of[iri], key=lambda kind: (catalogue.kinds[kind].number, kind))
    return [{"id": kind, "name": catalogue.name(kind, language)} for kind in kinds]
