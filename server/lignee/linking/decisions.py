"""What curators decided of proposals: a CSV file to which each decision is added at once.

The file lies beside the mapping set that it is about and is kept with it, so that what one curator
rejects is not proposed to the next. `kill -9` loses nothing: a line that is not whole is dropped.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lignee.errors import CannotWrite, Place, UnparsableInput, UnreadableInput
from lignee.kg_folder import MAPPING_SUFFIX

SUFFIX: Final = ".review.csv"
ACCEPTED, REJECTED = "accepted", "rejected"
_COLUMNS: Final = ("time", "decision", "subject", "predicate", "object", "confidence")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; the predicate is the one a curator chose, or rejected."""

    decision: str
    subject: str
    predicate: str
    object: str
    confidence: float

    @property
    def pair(self) -> tuple[str, str]:
        """What was decided on."""
        return self.subject, self.object


def beside(mapping_set: Path) -> Path:
    """Return the file with the decisions about a mapping set."""
    return mapping_set.with_name(mapping_set.name.removesuffix(MAPPING_SUFFIX) + SUFFIX)


def known(folders: Iterable[Path]) -> frozenset[tuple[str, str]]:
    """Return the pairs that are decided on in any file of the folders; raises InputError."""
    files = [file for folder in sorted(set(folders)) for file in sorted(folder.glob("*" + SUFFIX))]
    return frozenset(decision.pair for file in files for decision in read(file))


def read(file: Path) -> list[Decision]:
    """Return the decisions, none for a file that is not there; raises InputError."""
    if not file.exists():
        return []
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {error.strerror}", place=Place(file)) from None
    whole = text[: text.rfind("\n") + 1]
    rows = list(csv.reader(io.StringIO(whole)))
    if rows and tuple(rows[0]) != _COLUMNS:
        raise UnparsableInput(f"has other columns than {', '.join(_COLUMNS)}", place=Place(file, 1))
    return [_decision(row, Place(file, line)) for line, row in enumerate(rows[1:], 2)]


def _decision(row: list[str], place: Place) -> Decision:
    try:
        _, decision, subject, predicate, value, confidence = row
        if decision not in (ACCEPTED, REJECTED):
            raise ValueError
        return Decision(decision, subject, predicate, value, float(confidence))
    except ValueError:
        raise UnparsableInput(
            f"is no decision; a line has {', '.join(_COLUMNS)}, and a decision is {ACCEPTED} or "
            f"{REJECTED}; correct it or delete the line",
            place=place,
        ) from None


def add(file: Path, decision: Decision) -> None:
    """Add a decision, and return when it is on the disk; raises CannotWrite."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    row = (now, decision.decision, decision.subject, decision.predicate, decision.object)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab+") as output:
            _drop_unfinished(output.fileno())
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            if os.fstat(output.fileno()).st_size == 0:
                writer.writerow(_COLUMNS)
            writer.writerow((*row, f"{decision.confidence:g}"))
            output.write(text.getvalue().encode())
            output.flush()
            os.fsync(output.fileno())
    except OSError as error:
        raise CannotWrite(f"{file}: cannot be written: {error.strerror}") from None


def _drop_unfinished(file: int) -> None:
    """Cut off a last line that has no end."""
    size = os.fstat(file).st_size
    os.lseek(file, 0, os.SEEK_SET)
    whole = os.read(file, size).rfind(b"\n") + 1 if size else 0
    if whole < size:
        os.ftruncate(file, whole)
