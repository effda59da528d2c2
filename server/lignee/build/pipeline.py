"""The order of a build's steps; nothing else knows it.

read → link → validate → derive → validate again → describe → write → publish. Mappings are read
before the first validation, because shapes and integrity queries speak of them too.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lignee import dataset as datasets
from lignee import kg_folder, query_files
from lignee.build import (
    catalogue,
    derivation,
    description,
    dumps,
    linksets,
    publication,
    published_queries,
    release_writer,
    report,
    shapes,
    statements,
    validation,
    verification,
)
from lignee.build.linksets import Linkset
from lignee.build.progress import Progress
from lignee.build.report import ValidationReport
from lignee.build.shapes import Shapes
from lignee.build.statements import Statements
from lignee.canonical import canonical_lines, digest, to_nquads
from lignee.dataset import Dataset
from lignee.errors import ReleaseError, ValidationFailed
from lignee.query_files import QueryFile
from lignee.release import Release, open_release, versions, wants_store


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """The release that a build ended with, whether it made it, and what validation said."""

    release: Release
    is_new: bool
    report: ValidationReport | None


def build(
    kg: Path,
    releases: Path,
    *,
    progress: Progress,
    memory_store_max_quads: int = 0,
    validate: bool = True,
) -> BuildOutcome:
    """Build a release of the folder and make it current; the same content again changes nothing.

    Releases above the number of quads get a store on disk, whatever it takes to write.
    Raises InputError, ValidationFailed (whose message holds the report), BuildInProgress or
    CannotWrite; whatever is raised, and whenever the process is killed, the current release stays
    what it was.
    """
    with (
        _garbage_uncollected(),
        publication.locked(releases),
        publication.building(releases) as folder,
        dumps.Writers(folder) as writers,
    ):
        content = _content(kg, folder, writers, progress, validate=validate)
        existing = _intact(releases, content.version)
        if existing and not existing.has_store:
            needs_store = wants_store(content.quads, memory_store_max_quads)
            existing = None if needs_store else existing
        if existing and not existing.search.is_file():
            existing = None  # it is older than the index
        if existing:
            publication.make_current(releases, content.version)
            return BuildOutcome(existing, is_new=False, report=content.report)
        release_writer.write_release(
            folder, content, writers, progress, memory_store_max_quads=memory_store_max_quads
        )
        progress.step("publish")
        publication.publish(releases, folder, content.version)
        progress.done()
        release = open_release(releases, content.version)
        return BuildOutcome(release, is_new=True, report=content.report)


@contextlib.contextmanager
def _garbage_uncollected() -> Iterator[None]:
    """Leave cycles uncollected: there are hardly any, and the search walks millions of objects."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def check(kg: Path, *, progress: Progress) -> ValidationReport:
    """Return the validation report of the folder, after its rules have run if it conforms before.

    Raises InputError for files that cannot be read.
    """
    dataset, _ = _read(kg, progress)
    return _validated(dataset, _shapes(dataset), progress)


def _content(
    kg: Path, folder: Path, writers: dumps.Writers, progress: Progress, *, validate: bool
) -> release_writer.Content:
    dataset, found_linksets = _read(kg, progress)
    used_shapes = _shapes(dataset)
    found = None
    if validate:
        found = _validated(dataset, used_shapes, progress)
        if not found.conforms:
            _refuse(found)
    else:
        derivation.derive(dataset, progress)
    head, said = _described(dataset, found_linksets, used_shapes, folder, progress)
    progress.step("canonicalize")
    content = release_writer.write_content(
        folder, dataset, head, said, used_shapes.quads, found, writers
    )
    progress.done(quads=content.quads, triples=content.triples)
    return content


def _read(kg: Path, progress: Progress) -> tuple[Dataset, list[Linkset]]:
    folder = kg_folder.find(kg)
    progress.step("read", len(folder.rdf))
    dataset = datasets.read(folder)
    progress.done(files=len(folder.rdf), triples=len(dataset.store))
    return dataset, linksets.add_linksets(dataset, progress)


def _shapes(dataset: Dataset) -> Shapes:
    return shapes.load(dataset.folder.shapes, dataset.prefixes)


def _validated(dataset: Dataset, used: Shapes, progress: Progress) -> ValidationReport:
    """Return the report before the rules if it does not conform, else the one after them."""
    queries = [query_files.load(file) for file in dataset.folder.queries_of("integrity")]
    before = _validate(dataset, used, queries, progress, derived=False)
    if not before.conforms:
        return before
    derivation.derive(dataset, progress)
    return _validate(dataset, used, queries, progress, derived=True)


def _validate(
    dataset: Dataset,
    used: Shapes,
    queries: Sequence[QueryFile],
    progress: Progress,
    *,
    derived: bool,
) -> ValidationReport:
    progress.step("validate again" if derived else "validate")
    found = validation.validate(dataset, used, queries, every_shape_selects=derived)
    progress.done(violations=found.count("Violation"), warnings=found.count("Warning"))
    return found


def _refuse(found: ValidationReport) -> None:
    faults = found.count("Violation")
    raise ValidationFailed(
        f"the dataset does not conform; nothing was published\n\n{report.to_text(found)}",
        faults=faults,
    )


def _described(
    dataset: Dataset, found: list[Linkset], used: Shapes, folder: Path, progress: Progress
) -> tuple[catalogue.Head, Statements]:
    """Return the head of the release's record, and all that the release says."""
    progress.step("describe")
    queries = published_queries.publish_queries(dataset)
    shapes_digest = digest(canonical_lines(to_nquads(used.quads)))
    description.describe(dataset, found, shapes_digest)
    head = catalogue.head(dataset)
    said = statements.gather(dataset, folder)
    progress.done(queries=queries, quads=len(said.lines))
    return head, said


def _intact(releases: Path, version: str) -> Release | None:
    """Return the release of that version if it is there and every file is as it was built."""
    if version not in versions(releases):
        return None
    try:
        release = open_release(releases, version)
    except ReleaseError:
        return None
    return None if verification.changed_files(release) else release
