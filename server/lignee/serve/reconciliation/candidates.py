"""Which entities a query may mean: scores from 0 to 100, explained by features.

Whether labels mean the same is told by the matcher that proposes links too; what comes from here
is the rest of a query. See section 4.2 of
https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ .
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from lignee.errors import DeadlineReached
from lignee.linking.comparing import LabelMatch
from lignee.linking.matcher import Candidate as Likely
from lignee.linking.words import Name, primary
from lignee.serve.reconciliation.catalogue import Catalogue
from lignee.serve.reconciliation.queries import Condition, Query, Strictness
from lignee.serve.reconciliation.values import Source, Values

_LONGEST_NAME: Final = 200
"""Characters of a text that may be a name: no entity is called by a longer one."""
_COMPARED: Final = 60
"""Entities compared for one name."""
_REFINED: Final = 20
"""Of these, the best by name, whose properties are looked at."""
_LEAST: Final = 0.4
"""Likeness of labels below which they have nothing to do with each other."""
_CERTAIN: Final = frozenset({"same spelling", "same words"})
_CERTAIN_VALUE: Final = 0.9
_OTHER_LANGUAGE: Final = 0.95
_OTHER_TYPE: Final = 0.7
_PROPERTIES: Final = 0.4
"""Of a score, the part that properties make where there is a name too."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What a score is made of, see `docs/reference/http.md`."""

    id: str
    value: float | bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that may be meant."""

    entity: str
    score: float
    is_match: bool
    features: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class _Named:
    """How a name leads to an entity: by its identifier, or by a label; by neither if unnamed."""

    is_identifier: bool = False
    label: LabelMatch | None = None


def reconcile(
    queries: Mapping[str, Query], source: Source, language: str, *, seconds: float = math.inf
) -> dict[str, list[Candidate]]:
    """Return the candidates of each query, best first; raises EngineError.

    The language is that of the names, empty where it is not known. DeadlineReached where it takes
    longer than the seconds.
    """
    end = time.monotonic() + seconds
    named: dict[str, Mapping[str, _Named]] = {}
    for key, query in _before(end, queries.items()):
        named[key] = _named(query, source, language)
    asked = [
        (entity, condition.property)
        for key, query in queries.items()
        for entity in named[key]
        for condition in query.conditions
    ]
    values = source.values((one for one, _ in asked), (wanted for _, wanted in asked))
    return {
        key: _judged(query, named[key], source, values, language)
        for key, query in _before(end, queries.items())
    }


def _before(end: float, queries: Iterable[tuple[str, Query]]) -> Iterator[tuple[str, Query]]:
    for key, query in queries:
        if time.monotonic() > end:
            raise DeadlineReached(
                "the names took longer to look for than a query may take (--timeout-seconds); send "
                "fewer at once"
            )
        yield key, query


def _named(query: Query, source: Source, language: str) -> dict[str, _Named]:
    """Return the entities that the query may mean by their names, the nearest first."""
    text, catalogue = query.text.strip(), source.catalogue
    if not text and query.conditions:
        return _by_properties(query, source)
    if not text or len(text) > _LONGEST_NAME:
        return {}
    found: dict[str, _Named] = {}
    if (entity := catalogue.entity(text)) and _fits(query, entity, catalogue):
        found[entity] = _Named(is_identifier=True)
    best = _labelled(query, text, catalogue, language)
    for iri in sorted(best, key=lambda iri: -_weighed(best[iri], language)):
        if best[iri].score >= _LEAST and _fits(query, iri, catalogue):
            found.setdefault(iri, _Named(label=best[iri]))
    kept = max(_REFINED, query.limit) if query.conditions else _COMPARED
    return dict(list(found.items())[:kept])


def _labelled(
    query: Query, text: str, catalogue: Catalogue, language: str
) -> dict[str, LabelMatch]:
    """Return the nearest label of each entity that may go by the name.

    Other languages than the one that is known are looked through if that one has no such name.
    """
    found: dict[str, LabelMatch] = {}
    others = [tag for tag in catalogue.languages if tag != primary(language)]
    for tags in ([language], others) if language else (others or [""],):
        for one in _likely(query, [Name(text, tag) for tag in tags], catalogue):
            match = max(one.likeness.matches, key=lambda match: _weighed(match, language))
            known = found.get(one.entry.iri)
            if known is None or _weighed(match, language) > _weighed(known, language):
                found[one.entry.iri] = match
        if any(match.how in _CERTAIN for match in found.values()):
            break
    return found


def _likely(query: Query, names: list[Name], catalogue: Catalogue) -> list[Likely]:
    kinds = frozenset(kind.iri for kind in query.kinds)
    wanted = frozenset() if query.strictness == Strictness.SHOULD else kinds
    return catalogue.matcher.best(names, kinds=wanted, most=_COMPARED, least=0.0) if names else []


def _by_properties(query: Query, source: Source) -> dict[str, _Named]:
    found: set[str] = set()
    for condition in query.conditions:
        found.update(*(source.holders(condition.property, wish) for wish in condition.wishes))
    kept = sorted(one for one in found if _fits(query, one, source.catalogue))
    return dict.fromkeys(kept, _Named())


def _fits(query: Query, entity: str, catalogue: Catalogue) -> bool:
    """Tell whether an entity's types are such that it may be answered."""
    return query.strictness == Strictness.SHOULD or _is_of_types(query, entity, catalogue)


def _is_of_types(query: Query, entity: str, catalogue: Catalogue) -> bool:
    wanted = {kind.iri for kind in query.kinds}
    found = wanted & catalogue.kinds_of(entity)
    return not wanted or (found == wanted if query.strictness == Strictness.ALL else bool(found))


def _weighed(match: LabelMatch, language: str) -> float:
    return match.score * (1.0 if _is_in(match, language) else _OTHER_LANGUAGE)


def _is_in(match: LabelMatch, language: str) -> bool:
    return match.ours.language in ("", primary(language)) or not language


def _judged(
    query: Query,
    named: Mapping[str, _Named],
    source: Source,
    values: Values,
    language: str,
) -> list[Candidate]:
    found = []
    certain = []
    for entity, how in named.items():
        candidate, is_certain = _judge(query, entity, how, source, values, language)
        found.append(candidate)
        if is_certain:
            certain.append(candidate)
    found.sort(key=lambda one: (-one.score, one.entity))
    match = _unambiguous(certain)
    return [replace(one, is_match=one.entity == match) for one in found[: query.limit]]


def _unambiguous(certain: Iterable[Candidate]) -> str | None:
    """Return the entity that is meant, None where several may be.

    An identifier given as a name means what it identifies, whatever else is called so.
    """
    found = list(certain)
    identified = [one for one in found if any(f.id == "identifier" for f in one.features)]
    found = identified or found
    return found[0].entity if len(found) == 1 else None


def _judge(
    query: Query,
    entity: str,
    how: _Named,
    source: Source,
    values: Values,
    language: str,
) -> tuple[Candidate, bool]:
    features: list[Feature] = []
    score, is_certain = 1.0, True
    if how.is_identifier:
        features.append(Feature("identifier", value=True))
    elif how.label:
        score = _weighed(how.label, language)
        is_certain = how.label.how in _CERTAIN and _is_in(how.label, language)
        features.extend(_features_of(how.label, language))
    if query.conditions:
        likenesses = [_met(one, entity, source, values) for one in query.conditions]
        mean = sum(likenesses) / len(likenesses)
        is_named = how.is_identifier or how.label is not None
        score = (1 - _PROPERTIES) * score + _PROPERTIES * mean if is_named else mean
        is_certain = is_certain and is_named and min(likenesses) >= _CERTAIN_VALUE
        features.append(Feature("properties", _rounded(mean)))
        by_property = dict(
            zip((one.property.iri for one in query.conditions), likenesses, strict=True)
        )
        features.extend(Feature(iri, _rounded(value)) for iri, value in by_property.items())
    if query.kinds:
        is_of_types = _is_of_types(query, entity, source.catalogue)
        score *= 1.0 if is_of_types else _OTHER_TYPE
        is_certain = is_certain and is_of_types
        features.append(Feature("type", value=is_of_types))
    return Candidate(entity, _rounded(score), False, tuple(features)), is_certain


def _met(condition: Condition, entity: str, source: Source, values: Values) -> float:
    """Return how far a condition is met, the mean of the values that it asks for."""
    found = values.get((entity, condition.property.iri), ())
    likenesses = [source.likeness(wish, found) for wish in condition.wishes]
    return sum(likenesses) / len(likenesses) if likenesses else 0.0


def _features_of(match: LabelMatch, language: str) -> Iterator[Feature]:
    yield Feature("label", _rounded(match.score))
    yield Feature("words", _rounded(match.words))
    yield Feature("letters", _rounded(match.letters))
    yield Feature("same_words", match.how in _CERTAIN)
    yield Feature("preferred_label", match.ours.name.is_preferred)
    if language:
        yield Feature("language", _is_in(match, language))


def _rounded(likeness: float) -> float:
    """Return the likeness as a number from 0 to 100."""
    return round(100 * likeness, 1)
