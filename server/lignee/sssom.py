"""Read SSSOM/TSV files: mappings with their justification, checked cell by cell.

See https://mapping-commons.github.io/sssom/spec-formats-tsv/ . What is read is the part of SSSOM
that the tables below name; a column or head line beyond it is an error, never skipped. The
columns of our own are declared in the head for other readers, as `extension_definitions`:
https://mapping-commons.github.io/sssom/spec-model/#non-standard-slots .
"""

from __future__ import annotations

import csv
import re
from collections import abc
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from pyoxigraph import Literal, NamedNode

from lignee.errors import Place, UnknownPrefix, UnparsableInput, UnreadableInput
from lignee.iris import PrefixTable, is_absolute_iri
from lignee.vocabulary import DCTERMS, OWL, PAV, RDFS, SKOS, SSSOM, XSD

Value: TypeAlias = NamedNode | Literal
Cells: TypeAlias = abc.Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Slot:
    """A column or head line: the property it becomes, and the kind of value it holds."""

    predicate: str
    kind: str
    """`name` (a CURIE), `iri`, `text`, `date` or `number`."""
    is_list: bool = False


Slots: TypeAlias = abc.Mapping[str, Slot]
COLUMNS: Final[Slots] = {
    "subject_id": Slot(OWL + "annotatedSource", "name"),
    "subject_label": Slot(SSSOM + "subject_label", "text"),
    "predicate_id": Slot(OWL + "annotatedProperty", "name"),
    "object_id": Slot(OWL + "annotatedTarget", "name"),
    "object_label": Slot(SSSOM + "object_label", "text"),
    "mapping_justification": Slot(SSSOM + "mapping_justification", "name"),
    "author_label": Slot(SSSOM + "author_label", "text", is_list=True),
    "author_id": Slot(PAV + "authoredBy", "name", is_list=True),
    "creator_id": Slot(DCTERMS + "creator", "name", is_list=True),
    "reviewer_id": Slot(SSSOM + "reviewer_id", "name", is_list=True),
    "mapping_date": Slot(DCTERMS + "created", "date"),
    "confidence": Slot(SSSOM + "confidence", "number"),
    "mapping_source": Slot(SSSOM + "mapping_source", "name"),
    "mapping_tool": Slot(SSSOM + "mapping_tool", "text"),
    "match_string": Slot(SSSOM + "match_string", "text", is_list=True),
    "subject_source": Slot(SSSOM + "subject_source", "name"),
    "object_source": Slot(SSSOM + "object_source", "name"),
    "object_source_version": Slot(SSSOM + "object_source_version", "text"),
    "see_also": Slot(RDFS + "seeAlso", "text", is_list=True),
    "comment": Slot(RDFS + "comment", "text"),
}
"""The columns that are read, with the properties that the SSSOM schema gives them."""
HEAD: Final[Slots] = {
    "mapping_set_id": Slot(SSSOM + "mapping_set_id", "iri"),
    "mapping_set_title": Slot(DCTERMS + "title", "text"),
    "mapping_set_description": Slot(DCTERMS + "description", "text"),
    "mapping_set_version": Slot(OWL + "versionInfo", "text"),
    "license": Slot(DCTERMS + "license", "iri"),
    "creator_id": COLUMNS["creator_id"],
    "mapping_date": COLUMNS["mapping_date"],
    "subject_source": COLUMNS["subject_source"],
    "object_source": COLUMNS["object_source"],
    "object_source_version": COLUMNS["object_source_version"],
    "comment": COLUMNS["comment"],
}
"""What the lines at the head of a file, each after a `#`, may say of all its mappings."""
REQUIRED: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
PREDICATES: Final = frozenset(
    SKOS + name
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
)
"""See https://www.w3.org/TR/skos-reference/#mapping ."""

LABELS: Final = re.compile(r"object_label_([a-z]{2,3})")
"""Columns of our own: the object's label in a language, where its scheme has several."""
NO_TERM_FOUND: Final = NamedNode(SSSOM + "NoTermFound")
"""In place of an object: the target was searched, and nothing in it is related so."""

_CURIE_MAP: Final = "curie_map"
_BLOCKS: Final = (_CURIE_MAP, "extension_definitions")
_HEAD_LINE: Final = re.compile(r"#(\s*(?:- )?)([A-Za-z][\w.-]*)\s*:\s*(.*)")
_SHAPES: Final = {
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), "date", "a date such as 2025-10-28"),
    "number": (re.compile(r"0(\.\d+)?|1(\.0+)?"), "double", "a number from 0 to 1"),
}


@dataclass(frozen=True, slots=True)
class Mapping:
    """One row: what is mapped to what, and all its cells as terms, by column."""

    subject: NamedNode
    predicate: NamedNode
    object: NamedNode
    cells: Cells
    place: Place

    @property
    def is_gap(self) -> bool:
        """Tell whether the row says that nothing was found."""
        return self.object == NO_TERM_FOUND


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A file of mappings and what its head says of them."""

    file: Path
    head: Cells
    mappings: tuple[Mapping, ...]


def read(file: Path, prefixes: PrefixTable) -> MappingSet:
    """Return the mappings in the file; raises InputError naming file, row and column."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableInput(
            "is not UTF-8 here; save the file as UTF-8", place=Place(file, line)
        ) from None
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {error.strerror}", place=Place(file)) from None
    head_lines = next(
        (number for number, line in enumerate(lines) if not line.startswith("#")), len(lines)
    )
    head, in_force = _head(file, lines[:head_lines], prefixes)
    rows = csv.reader(lines[head_lines:], delimiter="\t", strict=True)
    return MappingSet(file, head, _mappings(file, rows, head_lines, in_force))


def _head(file: Path, lines: list[str], prefixes: PrefixTable) -> tuple[Cells, PrefixTable]:
    """Return what the head says, and the prefixes in force: the table's and the file's own."""
    own: dict[str, str] = {}
    said: list[tuple[str, str, Place]] = []
    block, block_indent = "", 0
    for number, line in enumerate(lines, 1):
        place = Place(file, number)
        found = _HEAD_LINE.fullmatch(line.rstrip())
        if not found:
            raise UnparsableInput("a line of the head is written `# name: value`", place=place)
        indent, name, text = len(found[1]), found[2], found[3].strip("\"'")
        if block and indent > block_indent:
            if block == _CURIE_MAP:
                _check_prefix(name, text, prefixes, place)
                own[name] = text
            continue
        block, block_indent = (name, indent) if name in _BLOCKS else ("", 0)
        if not block:
            said.append((name, text, place))
    in_force = PrefixTable({**prefixes.namespaces, **own})
    head = {name: _values(HEAD, name, text, in_force, place) for name, text, place in said}
    return head, in_force


def _check_prefix(prefix: str, namespace: str, prefixes: PrefixTable, place: Place) -> None:
    known = prefixes.namespaces.get(prefix, namespace)
    if known != namespace:
        raise UnknownPrefix(
            f"prefix `{prefix}:` stands for <{known}> in the prefix table; prefixes are declared "
            "in ontology/prefixes.ttl",
            place=place,
        )


def _mappings(
    file: Path, rows: Iterable[list[str]], head_lines: int, prefixes: PrefixTable
) -> tuple[Mapping, ...]:
    columns: list[str] = []
    mappings = []
    try:
        for number, row in enumerate(rows, head_lines + 1):
            if not any(row):
                continue
            if not columns:
                columns = _columns(row, Place(file, number))
            else:
                mappings.append(_mapping(columns, row, Place(file, number), prefixes))
    except csv.Error as error:
        raise UnparsableInput(f"is not tab-separated values: {error}", place=Place(file)) from None
    if not columns:
        raise UnparsableInput(
            f"has no row of column names; it needs {', '.join(REQUIRED)}", place=Place(file)
        )
    return tuple(mappings)


def _columns(row: list[str], place: Place) -> list[str]:
    for position, name in enumerate(row, 1):
        is_known = name in COLUMNS or LABELS.fullmatch(name)
        if not is_known or name in row[: position - 1]:
            fault = "stands twice" if is_known else "is not one that is read"
            raise UnparsableInput(
                f"column `{name}` {fault}; columns are: "
                f"{', '.join(COLUMNS)}, object_label_fr and the like",
                place=Place(place.file, place.line, position),
            )
    if missing := [name for name in REQUIRED if name not in row]:
        raise UnparsableInput(
            f"column `{missing[0]}` is missing; it must be named in this row", place=place
        )
    return row


def _mapping(columns: list[str], row: list[str], place: Place, prefixes: PrefixTable) -> Mapping:
    if len(row) != len(columns):
        raise UnparsableInput(
            f"the row has {len(row)} cells and there are {len(columns)} columns; separate cells "
            "by one tab each",
            place=place,
        )
    cells: dict[str, tuple[Value, ...]] = {}
    for position, (name, text) in enumerate(zip(columns, row, strict=True), 1):
        at = Place(place.file, place.line, position)
        if (language := LABELS.fullmatch(name)) and text.strip():
            cells[name] = (Literal(text.strip(), language=language[1]),)
        elif text.strip():
            cells[name] = _values(COLUMNS, name, text.strip(), prefixes, at)
        elif name in REQUIRED:
            raise UnparsableInput(f"column `{name}` is empty; every mapping needs one", place=at)
    subject, predicate, value = (_name(cells[column]) for column in REQUIRED[:3])
    if predicate.value not in PREDICATES:
        raise UnparsableInput(
            f"column `predicate_id` is {row[columns.index('predicate_id')]}; it must be one of "
            f"{', '.join(sorted(iri.replace(SKOS, 'skos:') for iri in PREDICATES))}",
            place=Place(place.file, place.line, columns.index("predicate_id") + 1),
        )
    return Mapping(subject, predicate, value, cells, place)


def _name(values: tuple[Value, ...]) -> NamedNode:
    assert isinstance(values[0], NamedNode)  # the column's kind is `name`
    return values[0]


def _values(
    slots: Slots, name: str, text: str, prefixes: PrefixTable, place: Place
) -> tuple[Value, ...]:
    slot = slots.get(name)
    if slot is None:
        raise UnparsableInput(
            f"`{name}` is not one that is read; the head may have: curie_map, {', '.join(slots)}",
            place=place,
        )
    texts = [part.strip() for part in text.split("|")] if slot.is_list else [text]
    return tuple(_value(slot, name, part, prefixes, place) for part in texts)


def _value(slot: Slot, name: str, text: str, prefixes: PrefixTable, place: Place) -> Value:
    if slot.kind == "text":
        return Literal(text)
    if slot.kind in _SHAPES:
        pattern, datatype, wanted = _SHAPES[slot.kind]
        if not pattern.fullmatch(text):
            raise UnparsableInput(f"`{name}` is {text!r}; it must be {wanted}", place=place)
        return Literal(text, datatype=NamedNode(XSD + datatype))
    try:
        iri = prefixes.expand(text) if slot.kind == "name" and ":" in text else text
    except UnknownPrefix as error:
        raise UnknownPrefix(f"column `{name}`: {error.message}", place=place) from None
    if not is_absolute_iri(iri):
        wanted = "an IRI" if slot.kind == "iri" else "a prefixed name such as eurovoc:3030"
        raise UnparsableInput(f"`{name}` is {text!r}; it must be {wanted}", place=place)
    return NamedNode(iri)
