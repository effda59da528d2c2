"""The service manifest: what the service offers, and at which addresses.

Section 3.1 of https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ .
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from lignee.iris import Namespaces
from lignee.serve.reconciliation.catalogue import Catalogue, Relation, Sort
from lignee.serve.reconciliation.given import Json
from lignee.vocabulary import RDFS

_VERSIONS: Final = ("0.1", "0.2")
_PREVIEW_PX: Final = (440, 260)
_TYPES: Final = 20
"""Types that are offered to choose from, those of the most entities."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service in one language: where it is, what it is called, how many queries it takes."""

    name: str
    language: str
    address: str
    """Of the service in this language; those of its parts begin so."""
    home: str
    page: str
    logo: str
    batch_size: int


def manifest(
    service: Service, catalogue: Catalogue, namespaces: Namespaces, text: Callable[[str], str]
) -> dict[str, Json]:
    """Return the manifest; the text function gives the words of its forms."""
    width, height = _PREVIEW_PX
    suggest: dict[str, Json] = {
        sort.value: {
            "service_url": service.address,
            "service_path": f"/suggest/{sort.value}",
            "flyout_service_url": service.address,
            "flyout_service_path": f"/flyout/{sort.value}?id=${{id}}",
        }
        for sort in Sort
    }
    properties: Json = {"service_url": service.address, "service_path": "/properties"}
    return {
        "versions": list(_VERSIONS),
        "name": f"{service.name} ({service.language})",
        "identifierSpace": namespaces.resources,
        "schemaSpace": f"{RDFS}Resource",
        "documentation": service.home,
        "serviceVersion": version("lignee"),
        "logo": service.logo,
        "view": {"url": f"{service.page}?iri={{{{id}}}}"},
        "feature_view": {"url": f"{service.address}/feature?id={{{{id}}}}"},
        "defaultTypes": types(catalogue, _commonest(catalogue), service.language),
        "preview": {
            "url": f"{service.address}/preview?id={{{{id}}}}",
            "width": width,
            "height": height,
        },
        "suggest": suggest,
        "extend": {"propose_properties": properties, "property_settings": _settings(text)},
        "batchSize": service.batch_size,
    }


def types(catalogue: Catalogue, iris: Iterable[str], language: str) -> list[Json]:
    """Return types as the specification writes them, with those right above them."""
    found: list[Json] = []
    for iri in iris:
        kind = catalogue.kinds[iri]
        above: list[Json] = [
            {"id": one, "name": catalogue.name(one, language)} for one in kind.broader
        ]
        broader: Mapping[str, Json] = {"broader": above} if above else {}
        found.append({"id": iri, "name": catalogue.name(iri, language), **broader})
    return found


def _commonest(catalogue: Catalogue) -> list[str]:
    """Return the types with the most entities, without those above others with as many."""
    ranked = sorted(catalogue.kinds.values(), key=lambda kind: (-kind.number, kind.iri))
    stated = {kind for kinds in catalogue.types_of.values() for kind in kinds}
    return [kind.iri for kind in ranked if kind.iri in stated][:_TYPES]


def _settings(text: Callable[[str], str]) -> list[Json]:
    relations: list[Json] = [
        {"value": one.value, "name": text(f"reconcile.relation.{one.value}")} for one in Relation
    ]
    contents: list[Json] = [
        {"value": one, "name": text(f"reconcile.content.{one}")} for one in ("identifier", "label")
    ]
    return [
        {
            "name": "limit",
            "type": "number",
            "default": 0,
            "label": text("reconcile.limit"),
            "help_text": text("reconcile.limit.help"),
        },
        {
            "name": "relation",
            "type": "select",
            "default": Relation.EQUIVALENT.value,
            "label": text("reconcile.relation"),
            "choices": relations,
        },
        {
            "name": "content",
            "type": "select",
            "default": "identifier",
            "label": text("reconcile.content"),
            "choices": contents,
        },
        {
            "name": "lang",
            "type": "text",
            "default": "",
            "label": text("reconcile.lang"),
            "help_text": text("reconcile.lang.help"),
        },
    ]
