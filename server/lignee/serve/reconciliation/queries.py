"""Questions of a reconciliation, read from JSON strictly; each fault is told with its place.

See https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ , section 4.1
for queries and 7.3 for data extension.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from lignee.errors import BatchTooLong, MalformedBatch
from lignee.serve.reconciliation.catalogue import Catalogue, Kind, Property, Relation
from lignee.serve.reconciliation.given import (
    Json,
    as_object,
    as_text,
    below,
    list_in,
    parsed,
    shown,
)

MOST_CANDIDATES: Final = 50
"""Candidates of one query that are answered, whatever its limit: who needs a later one asks more
precisely."""
CANDIDATES: Final = 10
"""Candidates where no limit is given."""
_MOST_VALUES: Final = 20
"""Values of properties that one query may ask for: tables have fewer columns to tell things by."""
_FIELDS: Final = frozenset({"query", "type", "limit", "properties", "type_strict"})


class Strictness(Enum):
    """What `type_strict` says of the types: one of them, all, or whatever comes near."""

    ANY = "any"
    ALL = "all"
    SHOULD = "should"


@dataclass(frozen=True, slots=True)
class Wish:
    """A value that a property is to have: of an entity, or a text, which numbers are too."""

    text: str
    is_identifier: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A property, and the values of which it is to have some."""

    property: Property
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a batch."""

    text: str
    kinds: tuple[Kind, ...] = ()
    strictness: Strictness = Strictness.ANY
    conditions: tuple[Condition, ...] = ()
    limit: int = CANDIDATES


@dataclass(frozen=True, slots=True)
class Column:
    """A property whose values are wanted, named as it was asked for, and how they are wanted."""

    name: str
    property: Property
    limit: int = 0
    """Values of one entity; 0 for all."""
    language: str = ""
    relation: Relation = Relation.EQUIVALENT
    as_labels: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """A data extension query; entities stay as they were named."""

    ids: tuple[str, ...]
    columns: tuple[Column, ...] = field(default_factory=tuple)


def batch(text: str, catalogue: Catalogue, most: int) -> dict[str, Query]:
    """Return the queries by their keys; raises MalformedBatch or BatchTooLong."""
    given = as_object(parsed(text, "queries"), "")
    if len(given) > most:
        raise BatchTooLong(
            f"there are {len(given):,} queries in the batch; at most {most:,} are answered at once "
            "(--reconcile-queries, and `batchSize` of the manifest): send them in parts"
        )
    return {key: _query(one, below("", key), catalogue) for key, one in given.items()}


def single(text: str, catalogue: Catalogue) -> Query:
    """Return the query that is given alone, as JSON or as the name to look for."""
    if not text.lstrip().startswith("{"):
        return Query(text)
    return _query(parsed(text, "query"), "", catalogue)


def extension(text: str, catalogue: Catalogue, most: int) -> Extension:
    """Return the data extension query; raises MalformedBatch or BatchTooLong."""
    given = as_object(parsed(text, "extend"), "")
    ids = [as_text(one, below("/ids", number)) for number, one in enumerate(list_in(given, "ids"))]
    if len(ids) > most:
        raise BatchTooLong(
            f"there are {len(ids):,} entities in `ids`; at most {most:,} are answered at once "
            "(--reconcile-queries): send them in parts"
        )
    columns = {
        column.name: column
        for number, one in enumerate(list_in(given, "properties"))
        for column in [_column(one, below("/properties", number), catalogue)]
    }
    return Extension(tuple(ids), tuple(columns.values()))


def _query(given: Json, pointer: str, catalogue: Catalogue) -> Query:
    fields = as_object(given, pointer)
    for name in fields.keys() - _FIELDS:
        raise MalformedBatch(
            f"a query has no field `{name}`; it has {', '.join(sorted(_FIELDS))}",
            pointer=below(pointer, name),
        )
    conditions = tuple(
        _condition(one, below(f"{pointer}/properties", number), catalogue)
        for number, one in enumerate(list_in(fields, "properties", pointer, optional=True))
    )
    if sum(len(one.wishes) for one in conditions) > _MOST_VALUES:
        raise MalformedBatch(
            f"the query asks for more than {_MOST_VALUES} values of properties; give those that "
            "tell most",
            pointer=below(pointer, "properties"),
        )
    if "query" not in fields and not conditions:
        raise MalformedBatch(
            "the query has neither `query`, the name to look for, nor `properties`",
            pointer=pointer,
        )
    strict = fields.get("type_strict", Strictness.ANY.value)
    if strict not in [one.value for one in Strictness]:
        raise MalformedBatch(
            f"`type_strict` is {shown(strict)}; it must be any, all or should",
            pointer=below(pointer, "type_strict"),
        )
    return Query(
        text=as_text(fields.get("query", ""), below(pointer, "query")),
        kinds=_kinds(fields.get("type", ""), below(pointer, "type"), catalogue),
        strictness=Strictness(strict),
        conditions=conditions,
        limit=_limit(fields.get("limit", CANDIDATES), below(pointer, "limit")),
    )


def _kinds(given: Json, pointer: str, catalogue: Catalogue) -> tuple[Kind, ...]:
    if given == "":
        return ()
    several = given if isinstance(given, list) else [given]
    found = []
    for number, one in enumerate(several):
        place = below(pointer, number) if isinstance(given, list) else pointer
        found.append(kind_of(as_text(one, place), place, catalogue))
    return tuple(found)


def kind_of(identifier: str, pointer: str, catalogue: Catalogue) -> Kind:
    """Return the type of that name; raises MalformedBatch, which tells where to find those."""
    if found := catalogue.kind(identifier):
        return found
    raise MalformedBatch(
        f"no entity is of type {shown(identifier)}; the suggest service lists the types "
        "(`suggest.type` of the manifest)",
        pointer=pointer,
    )


def _property(identifier: str, pointer: str, catalogue: Catalogue) -> Property:
    if found := catalogue.property(identifier):
        return found
    raise MalformedBatch(
        f"no entity has the property {shown(identifier)}; the suggest service lists the "
        "properties (`suggest.property` of the manifest)",
        pointer=pointer,
    )


def _condition(given: Json, pointer: str, catalogue: Catalogue) -> Condition:
    fields = as_object(given, pointer)
    for name in ("pid", "v"):
        if name not in fields:
            raise MalformedBatch(f"the property lacks `{name}`", pointer=pointer)
    identifier = as_text(fields["pid"], below(pointer, "pid"))
    values, place = fields["v"], below(pointer, "v")
    wishes = [
        _wish(one, below(place, number) if isinstance(values, list) else place)
        for number, one in enumerate(values if isinstance(values, list) else [values])
    ]
    found = _property(identifier, below(pointer, "pid"), catalogue)
    return Condition(found, tuple(wishes))


def _wish(given: Json, pointer: str) -> Wish:
    if isinstance(given, str):
        return Wish(given)
    if isinstance(given, bool):
        return Wish(str(given).lower())
    if isinstance(given, int | float):
        return Wish(f"{given}")
    if isinstance(given, dict) and isinstance(given.get("id"), str):
        return Wish(str(given["id"]), is_identifier=True)
    raise MalformedBatch(
        f"the value is {shown(given)}; it must be a text, a number, true, false or an object with "
        "the `id` of an entity",
        pointer=pointer,
    )


def _column(given: Json, pointer: str, catalogue: Catalogue) -> Column:
    fields = as_object(given, pointer)
    if "id" not in fields:
        raise MalformedBatch("the property lacks `id`", pointer=pointer)
    name = as_text(fields["id"], below(pointer, "id"))
    found = _property(name, below(pointer, "id"), catalogue)
    place = below(pointer, "settings")
    settings = as_object(fields.get("settings") or {}, place)
    relation = _choice(
        settings, "relation", [one.value for one in Relation], Relation.EQUIVALENT.value, place
    )
    content = _choice(settings, "content", ["identifier", "label"], "identifier", place)
    limit = settings.get("limit") or 0
    if isinstance(limit, str) and limit.isascii() and limit.isdecimal():  # as forms send it
        limit = int(limit[:9])
    return Column(
        name=name,
        property=found,
        limit=_limit(limit, below(place, "limit")) if limit else 0,
        language=as_text(settings.get("lang") or "", below(place, "lang")),
        relation=Relation(relation),
        as_labels=content == "label",
    )


def _choice(
    settings: Mapping[str, Json], name: str, choices: Sequence[str], default: str, pointer: str
) -> str:
    given = settings.get(name) or default
    if isinstance(given, str) and given in choices:
        return given
    raise MalformedBatch(
        f"`{name}` is {shown(given)}; it must be one of {', '.join(choices)}",
        pointer=below(pointer, name),
    )


def _limit(given: Json, pointer: str) -> int:
    number = given
    if isinstance(number, float) and math.isfinite(number) and number == int(number):
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise MalformedBatch(
            f"`limit` is {shown(given)}; it must be a whole number above 0", pointer=pointer
        )
    return number
