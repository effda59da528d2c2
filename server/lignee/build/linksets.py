"""Linksets: the mappings in data/mappings/ as SKOS triples, one graph for each target.

A linkset's graph holds the mapping triples, the labels of what they lead to, and a record for each
row with its justification, as SSSOM writes mappings in RDF
(https://mapping-commons.github.io/sssom/spec-formats-rdf/), but named, not anonymous.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from lignee.build import sssom
from lignee.build.progress import Progress
from lignee.build.sssom import Mapping, MappingSet
from lignee.dataset import Dataset
from lignee.errors import Place, UnparsableInput
from lignee.iris import Namespaces
from lignee.kg_folder import MAPPING_SUFFIX
from lignee.vocabulary import DCTERMS, OWL, RDF_TYPE, RDFS_LABEL, SSSOM, VOID, XSD_INTEGER

LINKSETS: Final = "linkset/"


@dataclass(frozen=True, slots=True)
class Linkset:
    """The mappings to one target, and the graph they stand in."""

    target: str
    graph: NamedNode
    mappings: MappingSet

    @property
    def title(self) -> str:
        """The target's name for people, as the file's head gives it."""
        return next(
            (value.value for value in self.mappings.head.get("mapping_set_title", ())), self.target
        )


def add_linksets(dataset: Dataset, progress: Progress) -> list[Linkset]:
    """Add a graph for each mapping file and return the linksets; the default graph must be written.

    Raises InputError for a row that cannot be read, maps what the dataset does not know, stands
    twice, or contradicts another.
    """
    files = dataset.folder.mappings
    progress.step("link", len(files))
    linksets = []
    for file in files:
        target = file.name.removesuffix(MAPPING_SUFFIX)
        mappings = sssom.read(file, dataset.prefixes)
        _check(mappings.mappings, dataset)
        linkset = Linkset(target, dataset.graph(LINKSETS + target), mappings)
        dataset.add(linkset.graph, _triples(linkset, dataset.namespaces))
        for row in mappings.mappings:
            dataset.rows[row.subject, row.predicate, row.object] = row.place
        linksets.append(linkset)
        progress.advance()
    progress.done(mappings=sum(len(linkset.mappings.mappings) for linkset in linksets))
    return linksets


def described(linksets: Iterable[Linkset], dataset: Dataset) -> Iterator[Triple]:
    """Yield what VoID says of the linksets; https://www.w3.org/TR/void/#linkset .

    A linkset is the mapping triples alone, and so is not named like its graph, which holds more.
    """
    for linkset in linksets:
        node = NamedNode(dataset.namespaces.resource("linkset", linkset.target))
        mappings = linkset.mappings.mappings
        yield Triple(dataset.head.iri, _void("subset"), node)
        yield Triple(node, RDF_TYPE, _void("Linkset"))
        yield Triple(node, RDF_TYPE, NamedNode(SSSOM + "MappingSet"))
        for language, text in (("en", "Links to {}"), ("fr", "Liens vers {}")):
            label = Literal(text.format(linkset.title), language=language)
            yield Triple(node, RDFS_LABEL, label)
        yield Triple(node, NamedNode(DCTERMS + "isPartOf"), linkset.graph)
        yield Triple(node, _void("subjectsTarget"), dataset.head.iri)
        for predicate in {mapping.predicate for mapping in mappings}:
            yield Triple(node, _void("linkPredicate"), predicate)
        count = Literal(str(len(mappings)), datatype=XSD_INTEGER)
        yield Triple(node, _void("triples"), count)
        for source in linkset.mappings.head.get("object_source", ()):
            yield Triple(node, _void("objectsTarget"), source)
        for name, values in linkset.mappings.head.items():
            for value in values:
                yield Triple(node, NamedNode(sssom.HEAD[name].predicate), value)


def _check(mappings: Iterable[Mapping], dataset: Dataset) -> None:
    said: dict[tuple[NamedNode, NamedNode], Mapping] = {}
    labels: dict[NamedNode, tuple[object, Place]] = {}
    for mapping in mappings:
        if not _is_known(mapping.subject, dataset):
            raise UnparsableInput(
                f"column `subject_id` names <{mapping.subject.value}>, which the dataset does not "
                "describe; correct the name",
                place=mapping.place,
            )
        other = said.setdefault((mapping.subject, mapping.object), mapping)
        if other is not mapping:
            same = other.predicate == mapping.predicate
            raise UnparsableInput(
                f"the row {'repeats' if same else 'contradicts'} line {other.place.line}, which "
                "maps the same two; keep one of them",
                place=mapping.place,
            )
        label = mapping.cells.get("object_label")
        first, place = labels.setdefault(mapping.object, (label, mapping.place))
        if label != first:
            raise UnparsableInput(
                f"column `object_label` differs from line {place.line}, which leads to the same "
                "object; write the label its scheme gives it",
                place=mapping.place,
            )


def _is_known(subject: NamedNode, dataset: Dataset) -> bool:
    found = dataset.store.quads_for_pattern(subject, None, None, DefaultGraph())
    return next(iter(found), None) is not None


def _triples(linkset: Linkset, namespaces: Namespaces) -> Iterator[Triple]:
    for mapping in linkset.mappings.mappings:
        yield Triple(mapping.subject, mapping.predicate, mapping.object)
        for label in mapping.cells.get("object_label", ()):
            yield Triple(mapping.object, RDFS_LABEL, label)
        record = _record(linkset.target, mapping, namespaces)
        yield Triple(record, RDF_TYPE, NamedNode(OWL + "Axiom"))
        yield Triple(record, RDF_TYPE, NamedNode(SSSOM + "Mapping"))
        for name, values in mapping.cells.items():
            for value in values:
                yield Triple(record, NamedNode(sssom.COLUMNS[name].predicate), value)


def _record(target: str, mapping: Mapping, namespaces: Namespaces) -> NamedNode:
    """Return a name that stays when rows are added: it is made from what the row says."""
    said = " ".join((mapping.subject.value, mapping.predicate.value, mapping.object.value))
    short = hashlib.sha256(said.encode()).hexdigest()[:12]
    return NamedNode(namespaces.resource("mapping", f"{target}/{short}"))


def _void(name: str) -> NamedNode:
    return NamedNode(VOID + name)
