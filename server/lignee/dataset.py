"""The dataset: named graphs of quads read from the curated files, each statement traceable."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import IO, Final, TypeAlias, cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple

from lignee import rdf_files
from lignee.errors import DuplicateDefinition, Place, UnparsableInput
from lignee.iris import Namespaces, PrefixTable
from lignee.kg_folder import HEAD, KgFolder
from lignee.loading import Loader, WholeLines, without_graph
from lignee.spelling import TYPED, Spellings
from lignee.vocabulary import (
    DCAT_DATASET,
    DCAT_VERSION,
    DCTERMS_ISSUED,
    LIG_SUPERSEDED_BY,
    RDF_TYPE,
    SH_NAMESPACE,
    SH_PREFIX,
)

_HEAD_VALUES: Final = {
    DCAT_VERSION: re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]*"),
    DCTERMS_ISSUED: re.compile(r"\d{4}-\d{2}-\d{2}"),
}
_WANTED: Final = {
    DCAT_VERSION: "a version such as 1.0.0, of letters, digits, dots, + and -",
    DCTERMS_ISSUED: "a date such as 2025-10-28",
}
_UNION: Final = Template("""
INSERT { ?subject ?predicate ?object }
WHERE {
  GRAPH ?graph { ?subject ?predicate ?object }
  MINUS { VALUES ?graph { $outside } }
}
""")
_TYPE: Final = f" {RDF_TYPE} ".encode()
_DEFINITION: Final = re.compile(rb"<(\S+)>" + re.escape(_TYPE) + rb"[^\s\"]+ \.")
"""A line of N-Quads that types a subject outside named graphs."""
Subject: TypeAlias = NamedNode | BlankNode
Statement: TypeAlias = tuple[Subject, NamedNode | None, NamedNode | BlankNode | Literal | None]

PREFIX_FILE = "prefixes.ttl"
OUTSIDE_THE_DEFAULT_GRAPH = ("validation", "release")
"""Names of the graphs that are about the release, not part of what it says."""


@dataclass(frozen=True, slots=True)
class Head:
    """What data/dataset.ttl says of the dataset: its IRI, version and date of issue."""

    iri: NamedNode
    version: str
    issued: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The named graphs of one knowledge graph, in memory, and their union as default graph."""

    store: Store
    head: Head
    prefixes: PrefixTable
    folder: KgFolder
    spellings: Spellings = field(default_factory=Spellings)
    rows: dict[Statement, Place] = field(default_factory=dict)
    """Where statements stand that were made from rows of a table, not read from RDF."""

    @property
    def namespaces(self) -> Namespaces:
        """Where the dataset's own IRIs lie."""
        return Namespaces.of_dataset(self.head.iri.value)

    def graph(self, name: str) -> NamedNode:
        """Return the name of the graph `graph/<name>`."""
        return NamedNode(self.namespaces.graph(name))

    def add(self, graph: NamedNode, triples: Iterable[Triple]) -> int:
        """Add the triples to a graph and to the default graph it is part of; return how many."""
        added = list(triples)
        terms = [(triple.subject, triple.predicate, triple.object) for triple in added]
        self.store.bulk_extend(Quad(*three, graph) for three in terms)
        self.store.bulk_extend(Quad(*three) for three in terms)
        return len(added)

    def stored_lines(self) -> list[bytes]:
        """Return the N-Quads lines of the named graphs that are not about the release, sorted.

        The store loses its other graphs, the default graph among them.
        """
        for name in OUTSIDE_THE_DEFAULT_GRAPH:
            self.store.clear_graph(self.graph(name))
        self.store.clear_graph(DefaultGraph())
        nquads = self.store.dump(format=RdfFormat.N_QUADS)
        assert nquads is not None  # None only where an output is given
        return sorted(nquads.splitlines())

    def locate(self, statements: Iterable[Statement]) -> dict[Statement, Place]:
        """Return where each statement stands, by reading the files again; unknown are left out.

        A statement is (subject, predicate or None, object or None): None matches any, and the
        first match in file order is returned. Costs a pass over the files, so ask once for all.
        """
        wanted = set(statements)
        tabled = {statement: self.rows[statement] for statement in wanted & self.rows.keys()}
        return tabled | _locate(self.folder.rdf, wanted - tabled.keys())


def read(folder: KgFolder) -> Dataset:
    """Return the dataset that the folder's files state, with its default graph; raises InputError.

    Triples outside named graphs go to `graph/<folder name>`. A subject that is typed outside
    named graphs in two files is a DuplicateDefinition.
    """
    prefixes = read_prefixes(folder)
    dataset = Dataset(Store(), _read_head(folder, prefixes), prefixes, folder)
    definitions: dict[str, Path] = {}
    with Loader(dataset.store) as loader:
        for file in folder.rdf:
            for subject in _read_file(file, dataset, loader):
                _define(subject, file, definitions)
    if loader.saw_blank_nodes:  # which are not the same in the union, loaded apart
        write_default_graph(dataset)
    else:
        _leave_out(dataset)
    return dataset


def _leave_out(dataset: Dataset) -> None:
    """Take from the default graph, which is the union of all, what only graphs outside it say."""
    store = dataset.store
    outside: set[object] = {dataset.graph(name) for name in OUTSIDE_THE_DEFAULT_GRAPH}
    outside |= superseded_graphs(store)
    beside = outside | {DefaultGraph()}
    for graph in outside:
        for quad in store.quads_for_pattern(None, None, None, cast(NamedNode, graph)):
            said = store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
            if all(found.graph_name in beside for found in said):
                store.remove(Quad(quad.subject, quad.predicate, quad.object))


def superseded_graphs(store: Store) -> set[NamedNode]:
    """Return the named graphs that a later passage replaces."""
    found = store.quads_for_pattern(None, LIG_SUPERSEDED_BY, None, None)
    return {quad.subject for quad in found if isinstance(quad.subject, NamedNode)}


def graphs_of_default(dataset: Dataset) -> list[NamedNode]:
    """Return the graphs whose union the default graph is, sorted by IRI."""
    outside = superseded_graphs(dataset.store)
    outside |= {dataset.graph(name) for name in OUTSIDE_THE_DEFAULT_GRAPH}
    named = (graph for graph in dataset.store.named_graphs() if isinstance(graph, NamedNode))
    return sorted((graph for graph in named if graph not in outside), key=lambda graph: graph.value)


def write_default_graph(dataset: Dataset) -> None:
    """Make the store's default graph the union of the graphs that belong to it."""
    outside = {dataset.graph(name) for name in OUTSIDE_THE_DEFAULT_GRAPH}
    outside |= superseded_graphs(dataset.store)
    dataset.store.clear_graph(DefaultGraph())
    # An update stays inside the store: three times as fast as copying quads through Python.
    dataset.store.update(_UNION.substitute(outside=" ".join(map(str, outside))))


def read_prefixes(folder: KgFolder) -> PrefixTable:
    """Return the folder's prefix table, empty where it has none; raises InputError."""
    names: dict[object, str] = {}
    namespaces: dict[object, str] = {}
    file = folder.root / "ontology" / PREFIX_FILE
    if file.is_file():
        for quad in rdf_files.read_quads(file):
            if quad.predicate == SH_PREFIX and isinstance(quad.object, Literal):
                names[quad.subject] = quad.object.value
            elif quad.predicate == SH_NAMESPACE and isinstance(quad.object, Literal):
                namespaces[quad.subject] = quad.object.value
    return PrefixTable({name: namespaces[key] for key, name in names.items() if key in namespaces})


def _read_head(folder: KgFolder, prefixes: PrefixTable) -> Head:
    file = folder.root / HEAD
    quads = list(rdf_files.read_quads(file, prefixes))
    datasets = [
        quad.subject for quad in quads if quad.predicate == RDF_TYPE and quad.object == DCAT_DATASET
    ]
    if len(datasets) != 1 or not isinstance(datasets[0], NamedNode):
        raise UnparsableInput(
            f"describes {len(datasets)} datasets; it must describe one (`a dcat:Dataset`)",
            place=Place(file),
        )
    iri = datasets[0]
    values: dict[NamedNode, str] = {
        quad.predicate: quad.object.value
        for quad in quads
        if quad.subject == iri and isinstance(quad.object, Literal)
    }
    for predicate, name in ((DCAT_VERSION, "dcat:version"), (DCTERMS_ISSUED, "dcterms:issued")):
        if predicate not in values:
            raise UnparsableInput(f"states no {name} of <{iri.value}>", place=Place(file))
        if not _HEAD_VALUES[predicate].fullmatch(values[predicate]):
            raise UnparsableInput(
                f"{name} is {values[predicate]!r}; it must be {_WANTED[predicate]}",
                place=Place(file),
            )
    return Head(iri, values[DCAT_VERSION], values[DCTERMS_ISSUED])


def _read_file(file: Path, dataset: Dataset, loader: Loader) -> list[NamedNode]:
    """Read a file into the store; return what it gives a type outside named graphs."""
    graph = dataset.graph(dataset.folder.graph_name(file))
    defined: list[NamedNode] = []

    def take(nquads: bytes) -> None:
        lines = nquads.splitlines()
        for line in lines:
            if TYPED in line:
                dataset.spellings.note(line, graph)
            elif _TYPE in line and (found := _DEFINITION.fullmatch(line)):
                defined.append(NamedNode(found[1].decode()))
        loader.add(nquads, graph, b"\n".join([*map(without_graph, lines), b""]))

    rdf_files.write_nquads(file, cast(IO[bytes], WholeLines(take)), dataset.prefixes)
    return defined


def _define(subject: NamedNode, file: Path, definitions: dict[str, Path]) -> None:
    other = definitions.setdefault(subject.value, file)
    if other == file:
        return
    wanted: Statement = (subject, RDF_TYPE, None)
    here, there = _locate([file], {wanted})[wanted], _locate([other], {wanted})[wanted]
    raise DuplicateDefinition(
        f"<{subject.value}> is defined here and in {there}; keep one of the two", place=here
    )


def _locate(files: Iterable[Path], wanted: set[Statement]) -> dict[Statement, Place]:
    found: dict[Statement, Place] = {}
    subjects = {subject for subject, _, _ in wanted}
    for file in files:
        for quad, line in rdf_files.lines_of_quads(file):
            if quad.subject in subjects:
                for statement in _patterns_of(quad) & wanted - found.keys():
                    found[statement] = Place(file, line)
        if len(found) == len(wanted):
            break
    return found


def _patterns_of(quad: Quad) -> set[Statement]:
    subject, predicate, value = quad.subject, quad.predicate, quad.object
    if isinstance(subject, Triple):
        return set()
    patterns: set[Statement] = {(subject, predicate, None), (subject, None, None)}
    if isinstance(value, Triple):
        return patterns
    return patterns | {(subject, predicate, value), (subject, None, value)}
