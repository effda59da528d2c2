"""The catalogue record of a release: DCAT 3, with the size and checksum of every dump.

See https://www.w3.org/TR/vocab-dcat-3/ ; the record conforms to the shapes of DCAT-AP 3.0.1, which
want to see the class of everything named, so that is stated too. It lies in `graph/release`, beside
what the release says, because it holds checksums of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from lignee.dataset import Dataset
from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.release import DATASET_DUMPS, GRAPH_DUMPS, FileRecord
from lignee.vocabulary import (
    DCAT,
    DCAT_DATASET,
    DCAT_VERSION,
    DCTERMS,
    DCTERMS_ISSUED,
    FOAF,
    RDF_TYPE,
    RDFS_LABEL,
    SKOS,
    SPDX,
    XSD,
)

_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_CLASSES: Final[Mapping[str, str]] = {
    DCTERMS + "publisher": FOAF + "Agent",
    DCTERMS + "creator": FOAF + "Agent",
    DCTERMS + "license": DCTERMS + "LicenseDocument",
    DCTERMS + "language": DCTERMS + "LinguisticSystem",
    DCTERMS + "conformsTo": DCTERMS + "Standard",
    DCTERMS + "accessRights": DCTERMS + "RightsStatement",
    DCAT + "theme": SKOS + "Concept",
    DCAT + "landingPage": FOAF + "Document",
    DCAT + "distribution": DCAT + "Distribution",
    DCAT + "mediaType": DCTERMS + "MediaType",
    DCAT + "compressFormat": DCTERMS + "MediaType",
    SPDX + "checksum": SPDX + "Checksum",
    SPDX + "algorithm": SPDX + "ChecksumAlgorithm",
}
"""The class of what a property leads to, where DCAT-AP asks for it."""
_NAMES: Final = {FOAF + "Agent": FOAF + "name", SKOS + "Concept": SKOS + "prefLabel"}
"""How DCAT-AP wants the members of a class to be named, which others know by their rdfs:label."""
_TITLES: Final = {
    "graph": ("Default graph as {}", "Graphe par défaut en {}"),
    "dataset": ("Named graphs as {}", "Graphes nommés en {}"),
}
_FORMAT_NAMES: Final = {
    "ttl": "Turtle",
    "nt": "N-Triples",
    "rdf": "RDF/XML",
    "jsonld": "JSON-LD",
    "trig": "TriG",
    "nq": "N-Quads",
}
DUMPS: Final = tuple(
    name + suffix for name in (*GRAPH_DUMPS, *DATASET_DUMPS) for suffix in ("", ".gz")
)


@dataclass(frozen=True, slots=True)
class Head:
    """What data/dataset.ttl says of the dataset, and the names of agents and themes in it."""

    dataset: NamedNode
    base: str
    issued: Literal
    statements: tuple[Triple, ...]
    names: tuple[Triple, ...]


def head(dataset: Dataset) -> Head:
    """Return what the record repeats of the dataset's own description."""
    store, me = dataset.store, dataset.head.iri
    kept = (DCTERMS, DCAT, FOAF)
    statements = tuple(
        quad.triple
        for quad in store.quads_for_pattern(me, None, None, DefaultGraph())
        if quad.predicate.value.startswith(kept)
        and quad.predicate not in (DCAT_VERSION, DCTERMS_ISSUED)
    )
    named = {
        (statement.object, _NAMES[kind])
        for statement in statements
        if (kind := _CLASSES.get(statement.predicate.value, "")) in _NAMES
    }
    names = tuple(
        Triple(node, NamedNode(name), quad.object)
        for node, name in named
        if isinstance(node, NamedNode)
        for quad in store.quads_for_pattern(node, RDFS_LABEL, None, DefaultGraph())
    )
    issued = Literal(dataset.head.issued, datatype=NamedNode(XSD + "date"))
    return Head(me, dataset.namespaces.base, issued, statements, names)


def record(about: Head, *, version: str, files: Mapping[str, FileRecord]) -> Iterator[Triple]:
    """Yield the catalogue record of the release, each statement once."""
    plain = [*_dataset(about, version), *_distributions(about, version, files)]
    typed = (
        Triple(statement.object, RDF_TYPE, NamedNode(_CLASSES[statement.predicate.value]))
        for statement in plain
        if statement.predicate.value in _CLASSES and isinstance(statement.object, NamedNode)
    )
    yield from dict.fromkeys([*plain, *about.names, *typed])


def _dataset(about: Head, version: str) -> Iterator[Triple]:
    release = _release(about, version)
    for node in (about.dataset, release):
        yield Triple(node, RDF_TYPE, DCAT_DATASET)
        for statement in about.statements:
            yield Triple(node, statement.predicate, statement.object)
        yield Triple(node, DCTERMS_ISSUED, about.issued)
    yield Triple(about.dataset, NamedNode(DCAT + "hasVersion"), release)
    yield Triple(about.dataset, NamedNode(DCAT + "hasCurrentVersion"), release)
    yield Triple(release, NamedNode(DCAT + "isVersionOf"), about.dataset)
    yield Triple(release, DCAT_VERSION, Literal(version))


def _distributions(about: Head, version: str, files: Mapping[str, FileRecord]) -> Iterator[Triple]:
    release = _release(about, version)
    licences = [
        statement.object
        for statement in about.statements
        if statement.predicate.value == DCTERMS + "license"
    ]
    for name in DUMPS:
        part = NamedNode(f"{release.value}#{name}")
        yield Triple(release, NamedNode(DCAT + "distribution"), part)
        yield from _titles(part, name)
        for licence in licences:
            yield Triple(part, NamedNode(DCTERMS + "license"), licence)
        yield Triple(part, DCTERMS_ISSUED, about.issued)
        yield from _file(part, f"{release.value}/", name, files[name])


def _file(part: NamedNode, folder: str, name: str, found: FileRecord) -> Iterator[Triple]:
    media_type = GRAPH_FORMATS_BY_EXTENSION[name.split(".")[1]].media_type
    yield Triple(part, NamedNode(DCAT + "accessURL"), NamedNode(folder))
    yield Triple(part, NamedNode(DCAT + "downloadURL"), NamedNode(folder + name))
    yield Triple(part, NamedNode(DCAT + "mediaType"), NamedNode(_MEDIA_TYPES + media_type))
    if name.endswith(".gz"):
        gzip = NamedNode(_MEDIA_TYPES + "application/gzip")
        yield Triple(part, NamedNode(DCAT + "compressFormat"), gzip)
    size = Literal(str(found.size_bytes), datatype=NamedNode(XSD + "nonNegativeInteger"))
    yield Triple(part, NamedNode(DCAT + "byteSize"), size)
    checksum = NamedNode(f"{part.value}-sha256")
    yield Triple(part, NamedNode(SPDX + "checksum"), checksum)
    algorithm = NamedNode(SPDX + "checksumAlgorithm_sha256")
    yield Triple(checksum, NamedNode(SPDX + "algorithm"), algorithm)
    value = Literal(found.sha256, datatype=NamedNode(XSD + "hexBinary"))
    yield Triple(checksum, NamedNode(SPDX + "checksumValue"), value)


def _titles(part: NamedNode, name: str) -> Iterator[Triple]:
    scope, extension, *compressed = name.split(".")
    suffix = ", gzip" if compressed else ""
    for language, title in zip(("en", "fr"), _TITLES[scope], strict=True):
        text = title.format(_FORMAT_NAMES[extension]) + suffix
        yield Triple(part, NamedNode(DCTERMS + "title"), Literal(text, language=language))


def _release(about: Head, version: str) -> NamedNode:
    return NamedNode(f"{about.base}releases/{version}")
