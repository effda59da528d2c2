"""A release on disk: its layout, its manifest, and how to find and open it.

```
releases/
  current -> 1.0.0-0123456789ab      moved by one atomic rename
  1.0.0-0123456789ab/                a release; never changes
    manifest.json                    version, date, canonical digest, sha256 and size of each file
    graph.{ttl,nt,rdf,jsonld}[.gz]   the default graph
    dataset.{trig,nq,jsonld}[.gz]    every named graph but graph/release and graph/validation
    context.jsonld                   the JSON-LD context of both
    void.ttl dcat.ttl queries.ttl    the description, the catalogue record, the published queries
    validation.{ttl,json,txt}        the validation report
    shapes.ttl prefixes.json         the shapes graph, the prefix table
    search.sqlite                    the index by which it is searched
    store/  store.sha256             the store that engines open on disk, in small and very large
                                     releases; checksums of its files, of the index and the manifest
```

The bytes of store and index differ between builds, so their checksums lie beside the manifest,
which two builds of the same content have in common byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from lignee.errors import DamagedRelease, NoRelease, UnknownRelease
from lignee.iris import Namespaces, PrefixTable

CURRENT: Final = "current"
MANIFEST: Final = "manifest.json"
PREFIXES: Final = "prefixes.json"
CONTEXT: Final = "context.jsonld"
STORE: Final = "store"
STORE_CHECKSUMS: Final = "store.sha256"
SEARCH: Final = "search.sqlite"
GRAPH_DUMPS: Final = ("graph.ttl", "graph.nt", "graph.rdf", "graph.jsonld")
DATASET_DUMPS: Final = ("dataset.trig", "dataset.nq", "dataset.jsonld")
OUTSIDE_FILES: Final = {"validation": "validation.ttl", "release": "dcat.ttl"}
"""Files of the graphs that are about the release: in its store, not in its dumps or digest."""
_SMALL_STORE_QUADS: Final = 200_000
"""Writing the store of so many quads takes a few seconds at most."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the manifest says of one file."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release says of itself."""

    version: str
    dataset: str
    """IRI of the dataset."""
    issued: str
    digest: str
    """SHA-256 of the canonical N-Quads, in hexadecimal."""
    quads: int
    triples: int
    """Triples of the default graph."""
    validated: bool
    tools: Mapping[str, str]
    files: Mapping[str, FileRecord]

    def to_json(self) -> bytes:
        """Return the manifest as it stands in the release, sorted, one key a line."""
        files = {
            name: {"sha256": record.sha256, "size_bytes": record.size_bytes}
            for name, record in self.files.items()
        }
        content = {
            "version": self.version,
            "dataset": self.dataset,
            "issued": self.issued,
            "digest": self.digest,
            "quads": self.quads,
            "triples": self.triples,
            "validated": self.validated,
            "tools": dict(self.tools),
            "files": files,
        }
        text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True)
        return text.encode("utf-8") + b"\n"

    @classmethod
    def from_json(cls, file: Path) -> Manifest:
        """Return the manifest in the file; raises DamagedRelease."""
        try:
            content = json.loads(file.read_bytes())
            files = {name: FileRecord(**record) for name, record in content.pop("files").items()}
            return cls(files=files, **content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedRelease(
                f"{file} cannot be read as a manifest ({error}); build the release again"
            ) from None


@dataclass(frozen=True, slots=True)
class Release:
    """One release, opened: its folder and what its manifest says."""

    folder: Path
    manifest: Manifest

    @property
    def version(self) -> str:
        """The release's version, a strong validator for all it answers."""
        return self.manifest.version

    @property
    def namespaces(self) -> Namespaces:
        """Where the dataset's own IRIs lie."""
        return Namespaces.of_dataset(self.manifest.dataset)

    @property
    def store(self) -> Path:
        """The folder of the store that engines open, where the release has one."""
        return self.folder / STORE

    @property
    def search(self) -> Path:
        """The index by which the release is searched; old releases have none."""
        return self.folder / SEARCH

    @property
    def has_store(self) -> bool:
        """Tell whether the release has a store on disk; `wants_store` tells why it may not."""
        return self.store.is_dir()

    def prefixes(self) -> PrefixTable:
        """Return the prefix table; raises DamagedRelease."""
        try:
            return PrefixTable(json.loads((self.folder / PREFIXES).read_bytes()))
        except (OSError, ValueError) as error:
            raise DamagedRelease(
                f"{self.folder / PREFIXES} cannot be read ({error}); build the release again"
            ) from None


def open_release(releases: Path, version: str = CURRENT) -> Release:
    """Return the release of that version; raises NoRelease, UnknownRelease or DamagedRelease."""
    folder = releases / version
    if version == CURRENT and not folder.exists():
        raise NoRelease(f"{releases} holds no release; `lignee build` makes one")
    if version != CURRENT and version not in versions(releases):
        listed = ", ".join(versions(releases)) or "none"
        raise UnknownRelease(f"{releases} holds no release {version}; it holds: {listed}")
    resolved = folder.resolve()
    manifest = Manifest.from_json(resolved / MANIFEST)
    if manifest.version != resolved.name:
        raise DamagedRelease(
            f"{resolved} says that it is release {manifest.version}; build the release again"
        )
    return Release(resolved, manifest)


def versions(releases: Path) -> list[str]:
    """Return the versions that the folder holds, sorted."""
    if not releases.is_dir():
        return []
    return sorted(
        entry.name
        for entry in releases.iterdir()
        if not entry.name.startswith(".") and entry.name != CURRENT and entry.is_dir()
    )


def wants_store(quads: int, memory_store_max_quads: int) -> bool:
    """Tell whether a release of so many quads is to have a store on disk.

    Large ones are opened there, and small ones have it for other tools. Between the two no engine
    opens it, and writing it would take as long as all other steps of a build together.
    """
    return quads <= _SMALL_STORE_QUADS or quads > memory_store_max_quads


def open_store(release: Release, *, in_memory: bool) -> Store:
    """Return the release's store, read-only on disk or copied into memory.

    Raises DamagedRelease where the files cannot be read, or were not built.
    """
    if not in_memory and not release.has_store:
        raise DamagedRelease(
            f"{release.folder} has no store on disk; build it again with --memory-store-max-quads "
            f"below {release.manifest.quads}, or serve it with {release.manifest.quads} or more"
        )
    with _opening(release):
        if not in_memory:
            return Store.read_only(str(release.store))
        store = Store()
        store.bulk_load(path=str(release.folder / "dataset.nq"), format=RdfFormat.N_QUADS)
        _load_default_graph(release, store)
        for name, file in OUTSIDE_FILES.items():
            graph = NamedNode(release.namespaces.graph(name))
            path = str(release.folder / file)
            store.bulk_load(path=path, format=RdfFormat.TURTLE, to_graph=graph)
        return store


def open_default_graph(release: Release) -> Store:
    """Return the release's default graph alone, in memory, its triples in the order of the store's.

    Raises DamagedRelease where it cannot be read.
    """
    store = Store()
    with _opening(release):
        _load_default_graph(release, store)
    return store


def _load_default_graph(release: Release, store: Store) -> None:
    path = str(release.folder / "graph.nt")
    store.bulk_load(path=path, format=RdfFormat.N_TRIPLES, to_graph=DefaultGraph())


@contextmanager
def _opening(release: Release) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, SyntaxError) as error:
        raise DamagedRelease(
            f"{release.folder}: the store cannot be opened ({error}); build the release again"
        ) from None


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of the file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
