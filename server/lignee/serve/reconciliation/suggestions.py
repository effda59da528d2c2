"""Suggestions while somebody types: entities, types and properties whose names begin so.

See section 6 of https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ .
"""

from __future__ import annotations

from lignee.serve.reconciliation.catalogue import Catalogue, Kind, Sort


def suggest(
    catalogue: Catalogue,
    sort: Sort,
    prefix: str,
    language: str,
    *,
    cursor: int,
    most: int,
    kind: Kind | None = None,
) -> list[str]:
    """Return IRIs, best first; `cursor` of them are left out. An identifier finds itself."""
    known = identified(catalogue, sort, prefix.strip())
    found = catalogue.indexes[sort].find(
        prefix, language=language, kind=kind.iri if kind else "", most=cursor + most + 1
    )
    if known and kind and kind.iri not in catalogue.kinds_of(known):
        known = None
    ordered = dict.fromkeys([*([known] if known else []), *(match.iri for match in found)])
    return list(ordered)[cursor : cursor + most]


def identified(catalogue: Catalogue, sort: Sort, identifier: str) -> str | None:
    """Return the IRI of what is of that sort, given its IRI or prefixed name."""
    if sort == Sort.ENTITY:
        return catalogue.entity(identifier)
    found = catalogue.kind(identifier) if sort == Sort.TYPE else catalogue.property(identifier)
    return found.iri if found else None
