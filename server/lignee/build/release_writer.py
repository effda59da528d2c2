"""Writing everything a release holds into a folder, from what the dataset says in the end."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store

from lignee.build import catalogue, dump_writer, dumps, jsonld, linksets, report, search_index
from lignee.build.description import DESCRIPTION
from lignee.build.progress import Progress
from lignee.build.published_queries import QUERIES
from lignee.build.reading_order import without_graph
from lignee.build.report import ValidationReport
from lignee.build.statements import Statements
from lignee.canonical import canonical_lines, to_nquads
from lignee.dataset import OUTSIDE_THE_DEFAULT_GRAPH, Dataset
from lignee.release import (
    CONTEXT,
    MANIFEST,
    OUTSIDE_FILES,
    PREFIXES,
    SEARCH,
    STORE,
    STORE_CHECKSUMS,
    FileRecord,
    Manifest,
    sha256_of,
    wants_store,
)

LOGS: Final = ("LOG", "LOCK")
"""Files that RocksDB makes again when it needs them, and that say when and where it ran."""
_DESCRIBED: Final = {"void.ttl": DESCRIPTION, "queries.ttl": QUERIES}
_TOOLS: Final = ("lignee", "deflate", "pyoxigraph", "pyshacl", "rdflib")


@dataclass(frozen=True, slots=True)
class Content:
    """What a release is made from, once nothing will be added to the dataset any more."""

    version: str
    digest: str
    quads: int
    triples: int
    head: catalogue.Head
    described: Mapping[str, list[bytes]]
    """Canonical lines of the graphs that become files of their own, by the file's name."""
    outside: Mapping[str, NamedNode]
    """Names of the graphs that are about the release and lie beside its dumps."""
    prefixes: Mapping[str, str]
    shapes: tuple[Quad, ...]
    report: ValidationReport | None


def write_content(
    folder: Path,
    dataset: Dataset,
    head: catalogue.Head,
    said: Statements,
    shapes: Iterable[Quad],
    found: ValidationReport | None,
    writers: dumps.Writers,
) -> Content:
    """Write the canonical dumps of what is said and return what else the release is made from.

    The writers begin with the other dumps as soon as they can. The version is the dataset's own,
    with the first digits of the digest of all it says. Raises OSError.
    """
    outside = {name: dataset.graph(name) for name in OUTSIDE_THE_DEFAULT_GRAPH}
    context = jsonld.context(said.seen, dataset.prefixes).document()
    prefixes = dict(sorted(dataset.prefixes.namespaces.items()))
    _write_json(folder / CONTEXT, {"@context": context})
    _write_json(folder / PREFIXES, prefixes)
    dumps.write_lines(folder / dumps.DATASET, said.lines)
    writers.begin(dumps.DATASET)
    dumps.write_lines(folder / dumps.GRAPH, said.union)
    writers.begin(dumps.GRAPH)
    for file in dataset.folder.mappings:
        shutil.copyfile(file, folder / f"linkset-{file.name}")
    hexadecimal = sha256_of(folder / dumps.DATASET)
    return Content(
        version=f"{dataset.head.version}-{hexadecimal[:12]}{'' if found else '-unvalidated'}",
        digest=hexadecimal,
        quads=len(said.lines),
        triples=len(said.union),
        head=head,
        described=_described(dataset, said.lines),
        outside=outside,
        prefixes=prefixes,
        shapes=tuple(shapes),
        report=found,
    )


def _described(dataset: Dataset, lines: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Return the lines of each graph that becomes a file of its own, by the file's name."""
    targets = (linksets.target_of(file) for file in dataset.folder.mappings)
    graphs = _DESCRIBED | {f"linkset-{one}.ttl": linksets.LINKSETS + one for one in targets}
    endings = {name: f" {dataset.graph(graph)} .".encode() for name, graph in graphs.items()}
    either = tuple(endings.values())
    found = [line for line in lines if line.endswith(either)]
    return {
        name: [line for line in found if line.endswith(ending)] for name, ending in endings.items()
    }


def write_release(
    folder: Path,
    what: Content,
    writers: dumps.Writers,
    progress: Progress,
    *,
    memory_store_max_quads: int,
) -> None:
    """Fill the folder, which holds what `write_content` wrote; raises OSError or CannotWrite.

    The store is left out where engines would not open it and it would take long to write.
    """
    progress.step("write", len(catalogue.DUMPS))
    _write_graphs(folder, what)
    has_store = wants_store(what.quads, memory_store_max_quads)
    store = _load(folder) if has_store else None
    search_index.write(folder)
    writers.finish()
    known = {dumps.DATASET: what.digest}
    files = _records(folder, catalogue.DUMPS, progress, known)
    progress.done(quads=what.quads, triples=what.triples)
    progress.step("seal")
    record = catalogue.record(what.head, version=what.version, files=files)
    nquads = to_nquads(Quad(one.subject, one.predicate, one.object) for one in record)
    _write_turtle(folder / "dcat.ttl", canonical_lines(nquads), what.prefixes)
    if store is not None:
        for name, graph in what.outside.items():
            path = str(folder / OUTSIDE_FILES[name])
            store.bulk_load(path=path, format=RdfFormat.TURTLE, to_graph=graph)
        _close(store, folder / STORE)
        del store  # RocksDB lets go of its files when the last reference does
    others = {file.name for file in folder.iterdir() if file.is_file()} - files.keys() - {SEARCH}
    files |= _records(folder, sorted(others), progress)
    (folder / MANIFEST).write_bytes(_manifest(what, files).to_json())
    (folder / STORE_CHECKSUMS).write_text(checksums(folder), encoding="utf-8")
    progress.done(files=len(files))


def checksums(folder: Path) -> str:
    """Return the SHA-256 of manifest, index and the store's files, as `sha256sum` writes them."""
    stored = (f"{STORE}/{file.name}" for file in sorted((folder / STORE).glob("*")))
    names = [MANIFEST, SEARCH, *stored]
    return "".join(f"{sha256_of(folder / name)}  {name}\n" for name in names)


def _write_graphs(folder: Path, what: Content) -> None:
    for name, lines in what.described.items():
        dump_writer.write_graph(folder / name, map(without_graph, lines), what.prefixes)
    shapes = to_nquads(Quad(quad.subject, quad.predicate, quad.object) for quad in what.shapes)
    _write_turtle(folder / "shapes.ttl", canonical_lines(shapes), what.prefixes)
    validation = folder / OUTSIDE_FILES["validation"]
    if what.report is None:
        validation.write_text("# This release was not validated.\n", encoding="utf-8")
        return
    turtle = report.to_turtle(what.report, what.outside["validation"])
    validation.write_text(turtle, encoding="utf-8")
    validation.with_suffix(".json").write_text(report.to_json(what.report), encoding="utf-8")
    validation.with_suffix(".txt").write_text(report.to_text(what.report), encoding="utf-8")


def _load(folder: Path) -> Store:
    """Return the release's store, with all that the canonical dumps hold."""
    store = Store(str(folder / STORE))
    store.bulk_load(path=str(folder / dumps.DATASET), format=RdfFormat.N_QUADS)
    path = str(folder / dumps.GRAPH)
    store.bulk_load(path=path, format=RdfFormat.N_TRIPLES, to_graph=DefaultGraph())
    return store


def _close(store: Store, folder: Path) -> None:
    store.flush()
    store.optimize()
    for name in LOGS:
        for file in folder.glob(f"{name}*"):
            file.unlink()


def _write_turtle(file: Path, lines: Iterable[bytes], prefixes: Mapping[str, str]) -> None:
    dump_writer.write_graph(file, lines, prefixes)


def _write_json(file: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")


def _records(
    folder: Path, names: Iterable[str], progress: Progress, known: Mapping[str, str] | None = None
) -> dict[str, FileRecord]:
    """Return the size and SHA-256 of each file; some of these may be known."""
    digests = known or {}

    def record(name: str) -> FileRecord:
        file = folder / name
        return FileRecord(digests.get(name) or sha256_of(file), file.stat().st_size)

    found = {}
    with ThreadPoolExecutor() as pool:  # hashing lets other threads run
        listed = list(names)
        for name, one in zip(listed, pool.map(record, listed), strict=True):
            found[name] = one
            progress.advance()
    return found


def _manifest(what: Content, files: Mapping[str, FileRecord]) -> Manifest:
    tools = {}
    for name in _TOOLS:
        with contextlib.suppress(PackageNotFoundError):
            tools[name] = version(name)
    return Manifest(
        version=what.version,
        dataset=what.head.dataset.value,
        issued=what.head.issued.value,
        digest=what.digest,
        quads=what.quads,
        triples=what.triples,
        validated=what.report is not None,
        tools=tools,
        files=files,
    )
