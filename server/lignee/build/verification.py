"""Verification: a release is what its build wrote, and passages lie where the dataset says.

Every function returns the differences, each a sentence that names the file or passage; an empty
list is the good news.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import QuerySolutions, RdfFormat, Store, parse

from lignee.build import dumps, release_writer, search_index
from lignee.canonical import canonical_lines, digest, to_nquads
from lignee.dataset import OUTSIDE_THE_DEFAULT_GRAPH, Dataset
from lignee.errors import DamagedRelease
from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.release import (
    DATASET_DUMPS,
    GRAPH_DUMPS,
    STORE,
    STORE_CHECKSUMS,
    Release,
    open_store,
    sha256_of,
)
from lignee.vocabulary import LIG, NIF, SCHEMA

_DIGEST: Final = "sha256-"
_PASSAGES: Final = f"""
PREFIX lig: <{LIG}>
PREFIX nif: <{NIF}>
PREFIX schema: <{SCHEMA}>
SELECT ?thing ?file ?begin ?end ?digest ?whole WHERE {{
  {{ ?thing nif:referenceContext/schema:identifier ?file ; lig:digest ?digest ;
           nif:beginIndex ?begin ; nif:endIndex ?end }}
  UNION
  {{ ?thing schema:identifier ?file ; lig:textDigest ?digest ; lig:textLength ?end .
     BIND(0 AS ?begin) BIND(true AS ?whole) }}
}} ORDER BY ?file ?begin ?end
"""


def verify(release: Release) -> list[str]:
    """Return what differs from the build: bytes, digest, dumps, index and store that disagree."""
    differences = changed_files(release)
    folder = release.folder
    try:
        lines = canonical_lines((folder / dumps.DATASET).read_bytes())
        triples = (folder / dumps.GRAPH).read_bytes().splitlines()
    except (OSError, SyntaxError) as error:
        return [*differences, f"{dumps.DATASET} cannot be read: {error}"]
    if digest(lines) != release.manifest.digest:
        differences.append(f"{dumps.DATASET}: its canonical digest is not the manifest's")
    outside = [release.namespaces.graph(name) for name in OUTSIDE_THE_DEFAULT_GRAPH]
    if dumps.default_graph(lines, outside) != triples:
        differences.append(f"{dumps.GRAPH} is not the union of the current graphs")
    for name in (*DATASET_DUMPS, *GRAPH_DUMPS):
        expected = lines if name in DATASET_DUMPS else triples
        differences += _differences_of_dump(folder / name, expected)
    if release.search.is_file():  # old releases have none
        differences += search_index.differences(release)
    return differences + (_differences_of_store(release) if release.has_store else [])


def changed_files(release: Release) -> list[str]:
    """Return the files whose bytes are not those built, that are gone, or that were added."""
    folder, listed = release.folder, release.manifest.files
    differences = [
        f"{name} {fault}"
        for name, record in listed.items()
        if (fault := _fault_of_file(folder / name, record.sha256))
    ]
    try:
        sealed = (folder / STORE_CHECKSUMS).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return [*differences, f"{STORE_CHECKSUMS} cannot be read: {error}"]
    checksums = {name: sha256 for sha256, _, name in (line.partition("  ") for line in sealed)}
    differences += [
        f"{name} {fault}"
        for name, sha256 in checksums.items()
        if (fault := _fault_of_file(folder / name, sha256))
    ]
    known = {*listed, *checksums, STORE_CHECKSUMS}
    found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    unsealed = sorted(name for name in found - known if not _is_log(name))
    return differences + [f"{name} is not a file of the release" for name in unsealed]


def verify_sources(dataset: Dataset, folder: Path) -> list[str]:
    """Return the passages and sources whose text in the folder is not what the dataset says."""
    solutions = dataset.store.query(_PASSAGES)
    assert isinstance(solutions, QuerySolutions)
    texts: dict[str, str | None] = {}
    differences = []
    for solution in solutions:
        thing, name, begin, end, said = (term.value for term in list(solution)[:5])
        if name not in texts:
            texts[name] = _text(folder / name)
            if texts[name] is None:
                differences.append(f"{folder / name}: no such text, or not UTF-8")
        if (text := texts[name]) is None:
            continue
        if solution["whole"] is not None and int(end) != len(text):
            differences.append(
                f"<{thing}>: {name} has {len(text)} characters, not {end}; its passages may have "
                "moved"
            )
            continue
        found = hashlib.sha256(text[int(begin) : int(end)].encode("utf-8")).hexdigest()
        if _DIGEST + found != said or int(end) > len(text):
            differences.append(
                f"<{thing}>: characters {begin} to {end} of {name} have the digest "
                f"{_DIGEST}{found}, not {said}"
            )
    return differences if texts else ["no passage of the dataset names a source text"]


def _text(file: Path) -> str | None:
    try:
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _fault_of_file(file: Path, sha256: str) -> str:
    try:
        return "" if sha256_of(file) == sha256 else "is not the file that was built"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _is_log(name: str) -> bool:
    """Tell whether it is a file that the store's library writes whenever the store is opened."""
    return name.startswith(tuple(f"{STORE}/{log}" for log in release_writer.LOGS))


def _differences_of_dump(file: Path, expected: list[bytes]) -> list[str]:
    form = GRAPH_FORMATS_BY_EXTENSION[file.suffix[1:]]

    def lines(content: bytes) -> list[bytes]:
        quads = parse(content, format=form.rdf_format)
        return canonical_lines(to_nquads(quads))

    return [
        *_compared(file.name, file.read_bytes, lines, expected),
        *_compared(
            file.name + ".gz",
            lambda: gzip.decompress(file.with_name(file.name + ".gz").read_bytes()),
            lambda content: [hashlib.sha256(content).digest()],
            [hashlib.sha256(file.read_bytes()).digest()] if file.is_file() else [],
        ),
    ]


def _compared(
    name: str,
    read: Callable[[], bytes],
    understand: Callable[[bytes], list[bytes]],
    expected: list[bytes],
) -> Iterator[str]:
    try:
        if understand(read()) != expected:
            yield f"{name} does not say what the manifest's digest stands for"
    except (OSError, EOFError, ValueError, SyntaxError, zlib.error) as error:
        yield f"{name} cannot be read: {error}"


def _differences_of_store(release: Release) -> list[str]:
    try:
        stored = _statements(open_store(release, in_memory=False))
        dumped = _statements(open_store(release, in_memory=True))
    except DamagedRelease as error:
        return [str(error)]
    except OSError as error:
        return [f"{STORE}/ cannot be read: {error}"]
    return [] if stored == dumped else [f"{STORE}/ does not say what the dumps say"]


def _statements(store: Store) -> list[bytes]:
    """Return all that the store says; it keeps numbers by value, so compare it with a store."""
    nquads = store.dump(format=RdfFormat.N_QUADS)
    assert nquads is not None  # None only where an output is given
    return canonical_lines(nquads)
