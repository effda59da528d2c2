"""Data extension: values of properties for entities that are known.

See section 7 of https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ .
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from lignee.linking.words import primary
from lignee.serve.reconciliation.catalogue import Catalogue, Kind, chosen_label
from lignee.serve.reconciliation.given import Json
from lignee.serve.reconciliation.queries import Column, Extension
from lignee.serve.reconciliation.values import Source, Value, number_in
from lignee.vocabulary import XSD

_INTEGERS: Final = {
    XSD + name
    for name in ("integer", "nonNegativeInteger", "positiveInteger", "int", "long", "short")
}
_FLOATS: Final = {XSD + name for name in ("decimal", "double", "float")}
_DATES: Final = {XSD + name for name in ("date", "dateTime")}
_DATE: Final = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?"
)
_LONGEST_INTEGER: Final = 18


def extend(asked: Extension, source: Source, language: str) -> dict[str, Json]:
    """Return the data extension response; an entity that is not known has empty cells.

    Raises EngineError.
    """
    catalogue = source.catalogue
    known = {one: catalogue.entity(one) for one in asked.ids}
    values = source.values(
        (entity for entity in known.values() if entity),
        (column.property for column in asked.columns),
    )
    meta: list[Json] = [
        {"id": column.name, "name": catalogue.name(column.property.iri, language)}
        for column in asked.columns
    ]
    rows: dict[str, Json] = {}
    for given, entity in known.items():
        rows[given] = {
            column.name: _cell(
                column,
                entity or "",
                values.get((entity or "", column.property.iri), ()),
                catalogue,
                language,
            )
            for column in asked.columns
        }
    return {"meta": meta, "rows": rows}


def proposed(catalogue: Catalogue, kind: Kind | None, limit: int | None) -> list[str]:
    """Return the properties that entities of a type have, the targets first, then the commonest."""
    having = [
        one for one in catalogue.properties.values() if kind is None or one.numbers.get(kind.iri, 0)
    ]

    def number(iri: str) -> int:
        found = catalogue.properties[iri]
        return found.numbers[kind.iri] if kind else found.number

    ranked = sorted(
        (one.iri for one in having),
        key=lambda iri: (not catalogue.properties[iri].is_target, -number(iri), iri),
    )
    return ranked[:limit]


def _cell(
    column: Column, entity: str, values: Sequence[Value], catalogue: Catalogue, language: str
) -> list[Json]:
    tag = primary(column.language or language)
    if column.property.is_target:
        mapped = catalogue.mapped(entity, column.property.iri, column.relation)
        values = [Value(iri, is_iri=True) for iri in mapped]
    shown = [_written(one, column, catalogue, tag) for one in _in_language(values, tag)]
    return shown[: column.limit or None]


def _in_language(values: Iterable[Value], language: str) -> list[Value]:
    """Return the values without the texts in other languages, where there is one in this."""
    found = list(values)
    if not any(primary(one.language) == language for one in found if one.language):
        return found
    return [one for one in found if not one.language or primary(one.language) == language]


def _written(value: Value, column: Column, catalogue: Catalogue, language: str) -> Json:
    if not value.is_iri:
        return _literal(value)
    if column.as_labels:
        label = chosen_label(catalogue.labels.get(value.text, ()), language)
        return {"str": label.text if label else value.text}
    if value.text in catalogue.types_of and not column.property.is_target:
        return {"id": value.text, "name": catalogue.name(value.text, language)}
    return {"str": value.text}


def _literal(value: Value) -> Json:
    text = value.text
    if value.datatype in _INTEGERS and re.fullmatch(r"[+-]?\d+", text):
        return {"int": int(text)} if len(text) <= _LONGEST_INTEGER else {"str": text}
    if value.datatype in _FLOATS and (number := number_in(text)) is not None:
        return {"float": number}
    if value.datatype in _DATES and (found := _DATE.fullmatch(text)):
        day = text.removesuffix(found[1] or "")
        time = day if "T" in day else f"{day}T00:00:00"
        return {"date": time + (found[1] or "")}
    return {"str": text}
