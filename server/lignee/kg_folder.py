"""The folder that people edit: which files of ontology/, data/, shapes/ and queries/ are read.

Nothing in it is silently skipped: a file that no rule below reads is an UnlistedFile.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from lignee.errors import Place, UnlistedFile, UnreadableInput
from lignee.rdf_files import format_of

PARTS: Final = ("ontology", "data", "shapes", "queries")
HEAD: Final = "data/dataset.ttl"
MAPPINGS: Final = "data/mappings"
MAPPING_SUFFIX: Final = ".sssom.tsv"
QUERY_KINDS: Final = ("competency", "examples", "tensions", "pages", "rules", "integrity")
_COMPANIONS: Final = frozenset({".md", ".csv"})
"""Notes for people; they may lie anywhere and are never read."""


@dataclass(frozen=True, slots=True)
class KgFolder:
    """The files of one knowledge-graph folder, each list sorted by path."""

    root: Path
    rdf: tuple[Path, ...]
    """Files of ontology/ and data/, without the mappings."""
    mappings: tuple[Path, ...]
    shapes: tuple[Path, ...]
    queries: tuple[Path, ...]

    def graph_name(self, file: Path) -> str:
        """Return the name of the graph for the file's triples that stand in no named graph."""
        parts = file.relative_to(self.root).parts
        if file == self.root / HEAD:
            return "description"
        return parts[1] if parts[0] == "data" and len(parts) > 2 else parts[0]

    def queries_of(self, kind: str) -> tuple[Path, ...]:
        """Return the query files of one kind, such as `rules`."""
        return tuple(file for file in self.queries if file.parent == self.root / "queries" / kind)


def packaged() -> Path:
    """Return the knowledge-graph folder that came with the package, or the source tree's."""
    inside = Path(str(files("lignee"))) / "kg"
    return inside if inside.is_dir() else Path(__file__).resolve().parents[2]


def find(kg: Path) -> KgFolder:
    """Return the folder's files; the empty path means the current folder or the packaged one.

    Raises UnreadableInput for a missing or forbidden folder, UnlistedFile for a file that the
    build would otherwise skip.
    """
    root = kg
    if kg == Path():
        root = Path.cwd() if Path(HEAD).is_file() else packaged()
    if not root.is_dir():
        raise UnreadableInput("no such folder; --kg names the knowledge graph's", place=Place(root))
    if not (root / HEAD).is_file():
        raise UnreadableInput(
            f"holds no {HEAD}, which names and describes the dataset", place=Place(root)
        )
    listed = [file for part in PARTS for file in _files_below(root / part)]
    return KgFolder(
        root=root,
        rdf=tuple(file for file in listed if _is_rdf(root, file)),
        mappings=tuple(file for file in listed if _is_mapping(root, file)),
        shapes=tuple(file for file in listed if file.is_relative_to(root / "shapes")),
        queries=tuple(file for file in listed if file.suffix == ".rq"),
    )


def _files_below(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    try:
        found = sorted(_walk(folder))
    except OSError as error:
        place = Place(Path(error.filename or folder))
        raise UnreadableInput(f"cannot be read: {error.strerror}", place=place) from None
    return [file for file in found if not _is_companion(folder, file)]


def _walk(folder: Path) -> list[Path]:
    found: list[Path] = []
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        found += _walk(entry) if entry.is_dir() else [entry]
    return found


def _is_companion(folder: Path, file: Path) -> bool:
    """Tell whether the file is for people or, beside a query, its expected result."""
    if folder.name != "queries":
        known = _is_known(folder, file)
    else:
        known = file.suffix == ".rq" and file.parent.name in QUERY_KINDS
    if known:
        return False
    beside_query = file.suffix == ".tsv" and file.with_suffix(".rq").is_file()
    if file.suffix in _COMPANIONS or beside_query:
        return True
    raise UnlistedFile(
        "is not a file the build reads; move it out of the folder or give it a known ending "
        f"(RDF: .ttl .trig .nt .nq .rdf .jsonld; mappings: {MAPPINGS}/<target>{MAPPING_SUFFIX}; "
        f"queries: queries/<{'|'.join(QUERY_KINDS)}>/<name>.rq; notes: .md .csv)",
        place=Place(file),
    )


def _is_known(folder: Path, file: Path) -> bool:
    return format_of(file) is not None or _is_mapping(folder.parent, file)


def _is_rdf(root: Path, file: Path) -> bool:
    parts = file.relative_to(root).parts
    return parts[0] in ("ontology", "data") and not _is_mapping(root, file)


def _is_mapping(root: Path, file: Path) -> bool:
    return file.parent == root / MAPPINGS and file.name.endswith(MAPPING_SUFFIX)
