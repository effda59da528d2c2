"""Linksets: the mappings in data/mappings/ as SKOS triples, one graph for each target.

A linkset's graph holds the mapping triples, the labels of what they lead to, and a record for each
row with its justification, as SSSOM writes mappings in RDF
(https://mapping-commons.github.io/sssom/spec-formats-rdf/), but named, not anonymous. A row that
says that nothing was found becomes a record and no mapping triple.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from lignee import sssom
from lignee.build.progress import Progress
from lignee.dataset import Dataset
from lignee.errors import Place, UnparsableInput
from lignee.iris import Namespaces
from lignee.kg_folder import MAPPING_SUFFIX
from lignee.sssom import Mapping, MappingSet
from lignee.vocabulary import DCTERMS, OWL, RDF_TYPE, RDFS_LABEL, SSSOM, VOID, XSD_INTEGER

LINKSETS: Final = "linkset/"


@dataclass(frozen=True, slots=True)
class Linkset:
    """The mappings to one target, and the graph they stand in."""

    target: str
    graph: NamedNode
    mappings: MappingSet

    @property
    def links(self) -> list[Mapping]:
        """The mappings that lead somewhere: those that become triples."""
        return [mapping for mapping in self.mappings.mappings if not mapping.is_gap]

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
        target = target_of(file)
        mappings = sssom.read(file, dataset.prefixes)
        _check(mappings, dataset)
        linkset = Linkset(target, dataset.graph(LINKSETS + target), mappings)
        dataset.add(linkset.graph, _triples(linkset, dataset.namespaces))
        for row in linkset.links:
            dataset.rows[row.subject, row.predicate, row.object] = row.place
        linksets.append(linkset)
        progress.advance()
    progress.done(mappings=sum(len(linkset.links) for linkset in linksets))
    return linksets


def target_of(file: Path) -> str:
    """Return the name of the target whose mappings the file holds."""
    return file.name.removesuffix(MAPPING_SUFFIX)


def described(linksets: Iterable[Linkset], dataset: Dataset) -> Iterator[Triple]:
    """Yield what VoID says of the linksets; https://www.w3.org/TR/void/#linkset .

    A linkset is the mapping triples alone, and so is not named like its graph, which holds more.
    """
    for linkset in linksets:
        node = _node(linkset.target, dataset.namespaces)
        mappings = linkset.links
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


def _check(mapping_set: MappingSet, dataset: Dataset) -> None:
    _check_pairs(mapping_set.mappings, dataset)
    _check_labels(mapping_set.mappings)
    _check_gaps(mapping_set)


def _check_pairs(mappings: Iterable[Mapping], dataset: Dataset) -> None:
    said: dict[tuple[NamedNode, NamedNode], Mapping] = {}
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


def _check_labels(mappings: Iterable[Mapping]) -> None:
    labels: dict[tuple[NamedNode, str], tuple[object, Place]] = {}
    for mapping in mappings:
        for column in (name for name in mapping.cells if name.startswith("object_label")):
            label = mapping.cells[column]
            first, place = labels.setdefault((mapping.object, column), (label, mapping.place))
            if label != first:
                raise UnparsableInput(
                    f"column `{column}` differs from line {place.line}, which leads to the same "
                    "object; write the label its scheme gives it",
                    place=mapping.place,
                )


def _check_gaps(mapping_set: MappingSet) -> None:
    """See that a gap says where it was looked, and is none that another row fills."""
    links = {(one.subject, one.predicate): one for one in mapping_set.mappings if not one.is_gap}
    for gap in (one for one in mapping_set.mappings if one.is_gap):
        if not _object_source(gap, mapping_set):
            raise UnparsableInput(
                "nothing was found, and no `object_source` says where; add it to the head",
                place=gap.place,
            )
        if other := links.get((gap.subject, gap.predicate)):
            raise UnparsableInput(
                f"the row says that nothing was found, and line {other.place.line} maps the same "
                "concept by the same predicate; delete one of them",
                place=gap.place,
            )


def _object_source(mapping: Mapping, mapping_set: MappingSet) -> tuple[sssom.Value, ...]:
    """Return where the object was looked for: what the head says holds for each row (SSSOM)."""
    return mapping.cells.get("object_source") or mapping_set.head.get("object_source", ())


def _is_known(subject: NamedNode, dataset: Dataset) -> bool:
    found = dataset.store.quads_for_pattern(subject, None, None, DefaultGraph())
    return next(iter(found), None) is not None


def _node(target: str, namespaces: Namespaces) -> NamedNode:
    return NamedNode(namespaces.resource("linkset", target))


def _triples(linkset: Linkset, namespaces: Namespaces) -> Iterator[Triple]:
    """Yield what the graph holds: all of the mapping set as SSSOM writes it in RDF, and labels."""
    node = _node(linkset.target, namespaces)
    yield Triple(node, RDF_TYPE, NamedNode(SSSOM + "MappingSet"))
    for name, values in linkset.mappings.head.items():
        for value in values:
            yield Triple(node, NamedNode(sssom.HEAD[name].predicate), value)
    for mapping in linkset.mappings.mappings:
        record = _record(linkset.target, mapping, namespaces)
        yield Triple(node, NamedNode(SSSOM + "mappings"), record)
        yield Triple(record, RDF_TYPE, NamedNode(OWL + "Axiom"))
        if mapping.is_gap:
            for source in _object_source(mapping, linkset.mappings):
                yield Triple(record, NamedNode(SSSOM + "object_source"), source)
        else:
            yield Triple(mapping.subject, mapping.predicate, mapping.object)
            for label in _labels(mapping):
                yield Triple(mapping.object, RDFS_LABEL, label)
        for name, values in mapping.cells.items():
            for value in values if name in sssom.COLUMNS else ():
                yield Triple(record, NamedNode(sssom.COLUMNS[name].predicate), value)


def _labels(mapping: Mapping) -> Iterator[sssom.Value]:
    """Yield the object's labels; the one without a language only if no other has its text."""
    tagged = [cell[0] for name, cell in mapping.cells.items() if sssom.LABELS.fullmatch(name)]
    yield from tagged
    plain = mapping.cells.get("object_label", ())
    yield from (label for label in plain if label.value not in {one.value for one in tagged})


def _record(target: str, mapping: Mapping, namespaces: Namespaces) -> NamedNode:
    """Return a name that stays when rows are added: it is made from what the row says."""
    said = " ".join((mapping.subject.value, mapping.predicate.value, mapping.object.value))
    short = hashlib.sha256(said.encode()).hexdigest()[:12]
    return NamedNode(namespaces.resource("mapping", f"{target}/{short}"))


def _void(name: str) -> NamedNode:
    return NamedNode(VOID + name)
