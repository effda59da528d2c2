"""Mapping sets written as SSSOM/TSV: of proposals, and what curators accept added to a set.

See https://mapping-commons.github.io/sssom/spec-formats-tsv/ .
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lignee.errors import CannotWrite, Place, UnreadableInput
from lignee.iris import PrefixTable
from lignee.kg_folder import MAPPING_SUFFIX
from lignee.linking.proposals import Proposal
from lignee.linking.vocabulary import Described, namespace
from lignee.linking.words import primary
from lignee.vocabulary import SEMAPV, SKOS

Row = Mapping[str, str]
TOOL: Final = "lignee link"
_COLUMNS: Final = (
    *("subject_id", "subject_label", "predicate_id", "object_id", "object_label"),
    *("mapping_justification", "confidence", "author_label", "mapping_date"),
    *("mapping_tool", "match_string", "comment"),
)
_ALWAYS: Final = {"skos": SKOS, "semapv": SEMAPV}
_MAP_LINE: Final = re.compile(r"#\s*curie_map\s*:\s*")


@dataclass(slots=True)
class Curies:
    """Prefixed names for IRIs: by the dataset's prefixes, and by new ones for other namespaces."""

    table: PrefixTable
    used: dict[str, str] = field(default_factory=lambda: dict(_ALWAYS))

    def of(self, iri: str) -> str:
        """Return the prefixed name, whose prefix is in `used` from then on."""
        known = self.table.shorten(iri)
        if known:
            prefix = known.partition(":")[0]
            self.used[prefix] = self.table.namespaces[prefix]
            return known
        space = namespace(iri)
        prefix = next((name for name, of in self.used.items() if of == space), "")
        if not prefix:
            taken = {*self.used, *self.table.namespaces}
            numbers = (number for number in range(1, len(taken) + 2) if f"ns{number}" not in taken)
            prefix = f"ns{next(numbers)}"
            self.used[prefix] = space
        return f"{prefix}:{iri[len(space) :]}"


def proposed(one: Proposal, curies: Curies) -> Row:
    """Return the row of a proposal that no curator has seen."""
    how = "CompositeMatching" if one.structure else "LexicalMatching"
    strings = dict.fromkeys(match.theirs.name.text for match in one.likeness.matches)
    return _ends(one, one.predicate, curies) | {
        "mapping_justification": f"semapv:{how}",
        "confidence": f"{one.confidence:g}",
        "mapping_tool": TOOL,
        "match_string": "|".join(text.replace("|", "/") for text in strings),
        "comment": one.evidence,
    }


def accepted(one: Proposal, predicate: str, curies: Curies, *, author: str, date: str) -> Row:
    """Return the row of a mapping that a curator has accepted, with the object's labels."""
    labels = {f"object_label_{tag}": text for tag, text in _labels(one.object).items()}
    return _ends(one, predicate, curies) | labels | {
        "mapping_justification": "semapv:ManualMappingCuration",
        "confidence": f"{one.confidence:g}",
        "author_label": author,
        "mapping_date": date,
        "mapping_tool": TOOL,
        "comment": one.evidence,
    }  # fmt: skip


def _ends(one: Proposal, predicate: str, curies: Curies) -> dict[str, str]:
    label = next((name.text for name in one.subject.names if name.is_preferred), "")
    return {
        "subject_id": curies.of(one.subject.iri),
        "subject_label": label,
        "predicate_id": curies.of(predicate),
        "object_id": curies.of(one.object.iri),
        "object_label": one.object.label(),
    }


def _labels(about: Described) -> dict[str, str]:
    preferred = (name for name in about.names if name.is_preferred and name.language)
    return {primary(name.language): name.text for name in preferred}


def new(rows: Sequence[Row], curies: Curies, head: Mapping[str, str]) -> str:
    """Return the text of a new mapping set."""
    columns = [name for name in _COLUMNS if any(row.get(name) for row in rows)] or [*_COLUMNS]
    lines = [f"# {name}: {value}" for name, value in head.items() if value]
    lines += ["# curie_map:", *_map_lines(curies.used)]
    return "\n".join(lines) + "\n" + _table([columns]) + _rows(rows, columns)


def extended(text: str, rows: Sequence[Row], curies: Curies) -> str:
    """Return the text of a mapping set with rows added at its end, in its own columns."""
    lines = text.splitlines()
    head = [line for line in lines if line.startswith("#")]
    body = lines[len(head) :]
    columns = body[0].split("\t") if body else [*_COLUMNS]
    said = {line.lstrip("# ") for line in head}
    added = [line for line in _map_lines(curies.used) if line.lstrip("# ") not in said]
    place = next((at for at, line in enumerate(head) if _MAP_LINE.fullmatch(line)), None)
    if place is not None:
        head[place + 1 : place + 1] = added
    elif added:
        head += ["# curie_map:", *added]
    kept = "\n".join([*head, *(body or ["\t".join(columns)])])
    return f"{kept}\n{_rows(rows, columns)}"


def _map_lines(prefixes: Mapping[str, str]) -> list[str]:
    return [f"#   {name}: {of}" for name, of in sorted(prefixes.items())]


def _rows(rows: Iterable[Row], columns: Sequence[str]) -> str:
    return _table([row.get(name, "") for name in columns] for row in rows)


def _table(rows: Iterable[Sequence[str]]) -> str:
    output = io.StringIO()
    writer = csv.writer(output, delimiter="\t", lineterminator="\n")
    writer.writerows([" ".join(cell.split()) for cell in row] for row in rows)
    return output.getvalue()


def check_name(file: Path) -> None:
    """Raise UnreadableInput for a name that no mapping set may have."""
    if not file.name.endswith(MAPPING_SUFFIX):
        raise UnreadableInput(f"mapping sets are named <target>{MAPPING_SUFFIX}", place=Place(file))


def write(file: Path, text: str) -> None:
    """Replace the file as a whole, so that it is never seen half written; raises CannotWrite."""
    unfinished = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="utf-8", newline="") as output:
            output.write(text)
            output.flush()
            os.fsync(output.fileno())
        unfinished.replace(file)
    except OSError as error:
        raise CannotWrite(f"{file}: cannot be written: {error.strerror}") from None
