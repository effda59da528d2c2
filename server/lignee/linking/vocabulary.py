"""Vocabulary files: RDF in any format, read as it streams, as often as needed and never held.

Labels are skos:prefLabel, skos:altLabel and rdfs:label
(https://www.w3.org/TR/skos-reference/#labels).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from lignee import rdf_files
from lignee.errors import Place, UnparsableInput
from lignee.linking.words import Name, primary
from lignee.vocabulary import DCTERMS, OWL_DEPRECATED, RDF_TYPE, RDFS_LABEL, SKOS, SKOS_PREF_LABEL

_LABELS: Final = {
    SKOS_PREF_LABEL: True,
    RDFS_LABEL: True,
    NamedNode(SKOS + "altLabel"): False,
}
_BROADER: Final = frozenset(
    {NamedNode(SKOS + "broader"), NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")}
)
_REPLACED_BY: Final = NamedNode(DCTERMS + "isReplacedBy")
_STATUS: Final = frozenset(
    {
        NamedNode("http://publications.europa.eu/ontology/euvoc#status"),
        NamedNode("http://www.w3.org/ns/adms#status"),
    }
)
_RETIRED_STATUS: Final = frozenset({"deprecated", "obsolete", "retired", "withdrawn"})
_NO_CONCEPTS: Final = frozenset(
    SKOS + name for name in ("ConceptScheme", "Collection", "OrderedCollection")
)


class Label(NamedTuple):
    """A label of a resource in the file."""

    iri: str
    name: Name


@dataclass(slots=True)
class Described:
    """What a file says of one resource that somebody wants to know of."""

    iri: str
    names: list[Name] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    is_retired: bool = False
    replaced_by: str = ""

    @property
    def is_concept(self) -> bool:
        """Tell whether it is something to be mapped to: no scheme, no collection."""
        return not self.types & _NO_CONCEPTS

    def label(self, language: str = "en") -> str:
        """Return what it is called: a preferred label, in the language if it has one in it."""
        order = sorted(
            self.names,
            key=lambda name: (not name.is_preferred, primary(name.language) != language, name.text),
        )
        return order[0].text if order else ""


def labels(file: Path, languages: AbstractSet[str]) -> Iterator[Label]:
    """Yield the labels in the languages, and those that state none, in file order.

    Raises InputError, at the end for a file that has no label, or none in the languages.
    """
    seen, other = 0, set()
    for quad in rdf_files.read_quads(file):
        is_preferred = _LABELS.get(quad.predicate)
        if is_preferred is None:
            continue
        subject, value = quad.subject, quad.object
        if not isinstance(subject, NamedNode) or not isinstance(value, Literal):
            continue
        language = value.language or ""
        if language and primary(language) not in languages:
            other.add(language)
            continue
        seen += 1
        yield Label(subject.value, Name(value.value, language, is_preferred))
    if not seen:
        raise _without_labels(file, languages, other)


def describe(file: Path, iris: AbstractSet[str]) -> dict[str, Described]:
    """Return what the file says of those resources; of others it is not asked, nor held."""
    return survey(file, iris).described


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file says of some resources, and the namespaces of all that it gives labels to."""

    described: dict[str, Described]
    namespaces: frozenset[str]


def survey(file: Path, iris: AbstractSet[str]) -> Survey:
    """Return what the file says of those resources, and of which namespaces it speaks.

    Raises InputError for a file that cannot be read, or gives labels to nothing.
    """
    found: dict[str, Described] = {}
    namespaces: set[str] = set()
    for quad in rdf_files.read_quads(file):
        if not isinstance(quad.subject, NamedNode):
            continue
        iri = quad.subject.value
        if quad.predicate in _LABELS:
            namespaces.add(namespace(iri))
        if iri in iris:
            _note(quad, found.setdefault(iri, Described(iri)))
    if not namespaces:
        raise _without_labels(file, frozenset(), ())
    return Survey(found, frozenset(namespaces))


def _note(quad: Quad, about: Described) -> None:
    predicate, value = quad.predicate, quad.object
    is_preferred = _LABELS.get(predicate)
    if is_preferred is not None and isinstance(value, Literal):
        name = Name(value.value, value.language or "", is_preferred)
        if name not in about.names:
            about.names.append(name)
    elif predicate == OWL_DEPRECATED and isinstance(value, Literal):
        about.is_retired |= value.value in ("true", "1")
    elif not isinstance(value, NamedNode):
        return
    elif predicate == RDF_TYPE:
        about.types.add(value.value)
    elif predicate in _BROADER:
        about.broader.append(value.value)
    elif predicate == _REPLACED_BY:
        about.is_retired, about.replaced_by = True, value.value
    elif predicate in _STATUS:
        about.is_retired |= local_name(value.value).lower() in _RETIRED_STATUS


def namespace(iri: str) -> str:
    """Return the IRI without its last part: up to the last `#`, or else the last `/`."""
    cut = max(iri.rfind("#"), iri.rfind("/"))
    return iri[: cut + 1]


def local_name(iri: str) -> str:
    """Return the last part of the IRI."""
    return iri[len(namespace(iri)) :]


def _without_labels(
    file: Path, languages: AbstractSet[str], other: Iterable[str]
) -> UnparsableInput:
    listed = ", ".join(sorted(other))
    if listed:
        asked = ", ".join(sorted(languages))
        message = f"has no label in {asked}; it has labels in {listed}: name them by --lang"
    else:
        message = (
            "names nothing: it has no skos:prefLabel, skos:altLabel or rdfs:label of a resource "
            "with an IRI; give a SKOS vocabulary, with SKOS-XL labels written as plain ones"
        )
    return UnparsableInput(message, place=Place(file))
