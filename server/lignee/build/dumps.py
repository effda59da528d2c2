"""The dumps of a release: the same statements in every format, byte for byte the same each time.

`dataset.nq` and `graph.nt` hold canonical lines; every other dump is made from one of these two,
by a process for each (dump_writer.py), as a large dataset's are most of a build's work.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Self

from lignee import own_modules
from lignee.errors import CannotWrite
from lignee.vocabulary import LIG_SUPERSEDED_BY

DATASET: Final = "dataset.nq"
GRAPH: Final = "graph.nt"
_LINES_AT_ONCE: Final = 100_000
_SUPERSEDED: Final = f" {LIG_SUPERSEDED_BY} ".encode()


def default_graph(lines: Sequence[bytes], outside: Iterable[str]) -> list[bytes]:
    """Return the canonical lines of the union of current graphs, given those of all graphs.

    Those are all but superseded passages (`?graph lig:supersededBy ?later`) and the graphs named.
    """
    closed = {f"<{name}>".encode() for name in outside}
    closed |= {line.partition(b" ")[0] for line in lines if _SUPERSEDED in line}
    union: list[bytes] = []
    last = b""
    for line in lines:  # in canonical order the same triple in two graphs makes two lines in a row
        place = line.rindex(b" ", 0, -2) + 1
        triple = line[:place]
        if triple != last and line[place:-2] not in closed:
            union.append(triple + b".")
            last = triple
    union.sort()
    return union


def write_lines(file: Path, lines: Sequence[bytes]) -> None:
    """Write the lines, each with its end."""
    with file.open("wb") as output:
        for start in range(0, len(lines), _LINES_AT_ONCE):
            output.write(b"\n".join(lines[start : start + _LINES_AT_ONCE]) + b"\n")


class Writers:
    """The processes that write all other dumps of a folder, one for each canonical dump.

    Each ends when its standard input does, so none outlives this process. They start at once, and
    are ready when there is something to write. Leaving the block ends those not waited for.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._begun: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        for canonical in (DATASET, GRAPH):
            self._processes[canonical] = own_modules.start(
                "lignee.build.dump_writer",
                str(self._folder),
                canonical,
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.kill()
            with process:  # closes its pipes and waits
                pass

    def begin(self, canonical: str) -> None:
        """Write what is made from a canonical dump; it, context and prefixes must be there."""
        process = self._processes[canonical]
        self._begun.append(process)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # `finish` tells why it is not there
            process.stdin.write(b"\n")
            process.stdin.flush()

    def finish(self) -> None:
        """Wait until all that was begun is written; raises CannotWrite."""
        for process in self._begun:
            assert process.stderr is not None
            complaint = process.stderr.read().decode("utf-8", "replace").strip()
            if process.wait() != 0:
                raise CannotWrite(complaint.rpartition("\n")[2] or "the writer of dumps was ended")
