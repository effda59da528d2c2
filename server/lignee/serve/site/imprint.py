"""Who answers for a dataset and on which terms it may be used, as its catalogue record says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from lignee.errors import DamagedRelease
from lignee.release import OUTSIDE_FILES, Release
from lignee.serve.site.resource.names import Named, best
from lignee.vocabulary import DCAT, DCTERMS, FOAF, RDFS, SCHEMA

_REMEMBERED: Final = 8
_NAMES: Final = (FOAF + "name", RDFS + "label", DCTERMS + "title", SCHEMA + "name")
_CONTACTS: Final = (
    DCAT + "contactPoint",
    FOAF + "mbox",
    SCHEMA + "email",
    SCHEMA + "contactPoint",
)


@dataclass(frozen=True, slots=True)
class Imprint:
    """Agents, terms of use and addresses; a link is empty where an IRI leads nowhere on the web."""

    publishers: tuple[Named, ...]
    creators: tuple[Named, ...]
    licences: tuple[str, ...]
    landing_pages: tuple[str, ...]
    contacts: tuple[str, ...]


def imprint_of(release: Release, language: str = "") -> Imprint:
    """Return the imprint, names in the language where there are any; raises DamagedRelease."""
    return _read(release.folder, release.manifest.dataset, language)


@lru_cache(_REMEMBERED)
def _read(folder: Path, dataset: str, language: str) -> Imprint:
    store, file = Store(), folder / OUTSIDE_FILES["release"]
    try:
        store.load(path=str(file), format=RdfFormat.TURTLE)
    except (OSError, SyntaxError) as error:
        raise DamagedRelease(f"{file} cannot be read ({error}); build the release again") from None
    record = _Record(store, NamedNode(dataset), language)
    return Imprint(
        publishers=record.agents(DCTERMS + "publisher"),
        creators=record.agents(DCTERMS + "creator"),
        licences=record.values(DCTERMS + "license"),
        landing_pages=record.values(DCAT + "landingPage"),
        contacts=tuple(one for path in _CONTACTS for one in record.values(path)),
    )


@dataclass(frozen=True, slots=True)
class _Record:
    store: Store
    dataset: NamedNode
    language: str

    def values(self, path: str) -> tuple[str, ...]:
        quads = self.store.quads_for_pattern(self.dataset, NamedNode(path), None)
        nodes = {quad.object for quad in quads}
        return tuple(sorted(n.value for n in nodes if isinstance(n, NamedNode | Literal)))

    def agents(self, path: str) -> tuple[Named, ...]:
        return tuple(map(self._agent, self.values(path)))

    def _agent(self, iri: str) -> Named:
        try:
            node = NamedNode(iri)
        except ValueError:  # it is a text
            return Named(iri)
        for path in _NAMES:
            quads = self.store.quads_for_pattern(node, NamedNode(path), None)
            literals = [quad.object for quad in quads if isinstance(quad.object, Literal)]
            if chosen := best(literals, self.language):
                return Named(chosen.value, iri=iri)
        return Named(iri, iri=iri)
