"""Mapping sets held against vocabulary files: what is missing there, retired, or renamed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lignee.errors import Place, UnreadableInput
from lignee.linking import vocabulary
from lignee.linking.vocabulary import Described, namespace
from lignee.matching.spelling import words_of
from lignee.sssom import LABELS, Mapping, MappingSet


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that no longer agrees with a vocabulary, and what to do about it."""

    what: str
    """`missing`, `retired` or `relabelled`."""
    message: str
    place: Place


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, how many rows were held against a file, and how many could not be."""

    faults: tuple[Fault, ...]
    rows: int
    unchecked: dict[str, int]
    """Rows by the namespace that no file speaks of."""


def check(sets: Sequence[MappingSet], files: Sequence[Path]) -> Checked:
    """Return how the mapping sets agree with the files; raises InputError.

    A row is held against the files that give labels to something in its object's namespace.
    """
    rows = [row for one in sets for row in one.mappings if not row.is_gap]
    wanted = frozenset(row.object.value for row in rows)
    surveys = {file: vocabulary.survey(file, wanted) for file in files}
    faults: list[Fault] = []
    unchecked: Counter[str] = Counter()
    for row in rows:
        space = namespace(row.object.value)
        speaking = [file for file, one in surveys.items() if space in one.namespaces]
        if not speaking:
            unchecked[space] += 1
            continue
        said = (surveys[file].described.get(row.object.value) for file in speaking)
        faults += _faults(row, [one for one in said if one], speaking)
    if rows and unchecked.total() == len(rows):
        raise UnreadableInput(
            "gives labels to nothing that a mapping leads to; the mapping sets lead to "
            f"{', '.join(sorted(unchecked))}",
            place=Place(files[0]),
        )
    return Checked(tuple(faults), len(rows) - unchecked.total(), dict(unchecked))


def _faults(row: Mapping, said: Sequence[Described], files: Iterable[Path]) -> Iterable[Fault]:
    names = ", ".join(file.name for file in files)
    iri = row.object.value
    if not any(one.names for one in said):
        message = f"<{iri}> is missing from {names}; map to what took its place, or delete the row"
        yield Fault("missing", message, row.place)
        return
    if retired := next((one for one in said if one.is_retired), None):
        successor = f" and replaced by <{retired.replaced_by}>" if retired.replaced_by else ""
        message = f"<{iri}> is retired in {names}{successor}; map to what took its place"
        yield Fault("retired", message, row.place)
    for column, cell in row.cells.items():
        if column == "object_label" or LABELS.fullmatch(column):
            yield from _relabelled(row, column, cell[0].value, said)


def _relabelled(row: Mapping, column: str, text: str, said: Sequence[Described]) -> Iterable[Fault]:
    """Yield a fault if the text, spelled plainly, is no preferred label."""
    language = LABELS.fullmatch(column)
    names = [name for one in said for name in one.names]
    if language:
        names = [name for name in names if name.language == language[1]]
    preferred = {name.text for name in names if name.is_preferred}
    spellings = {words_of(name) for name in preferred}
    if not preferred or {words_of(part) for part in (text, *text.split(" | "))} & spellings:
        return
    alternative = any(words_of(name.text) == words_of(text) for name in names)
    now = ", ".join(f"“{name}”" for name in sorted(preferred))
    message = (
        f"column `{column}` is “{text}”, and <{row.object.value}> is called {now}"
        f"{', the other being an alternative label' if alternative else ''}; "
        "see that it still means the same, and write what it is called"
    )
    yield Fault("relabelled", message, row.place)
