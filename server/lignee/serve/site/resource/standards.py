"""What pages know of the terms of standards, for graphs that do not say it themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lignee.vocabulary import DCTERMS, FOAF, OWL, RDF, RDFS, SD, SH, SKOS, SSSOM, VOID

INVERSES: Final[Mapping[str, str]] = {
    SKOS + "broader": SKOS + "narrower",
    SKOS + "narrower": SKOS + "broader",
    SKOS + "hasTopConcept": SKOS + "topConceptOf",
    SKOS + "topConceptOf": SKOS + "hasTopConcept",
}
"""See https://www.w3.org/TR/skos-reference/."""
_NAMESPACES: Final = {
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": SH,
    "skos": SKOS,
    "void": VOID,
}
_OF_RECORDS: Final = (DCTERMS, OWL, RDF, SD, SH, SSSOM, VOID)
"""Namespaces of terms in which a release records what it is made of."""


def label_of(iri: str, text: Callable[[str], str]) -> str:
    """Return the label of a term among the texts of the pages, empty where there is none."""
    for prefix, namespace in _NAMESPACES.items():
        if iri.startswith(namespace):
            try:
                return text(f"{prefix}:{iri.removeprefix(namespace)}")
            except KeyError:
                return ""
    return ""


def is_record(iri: str) -> bool:
    """Tell whether a class that nobody gave a name is one by which a release keeps its records."""
    return iri.startswith(_OF_RECORDS)
