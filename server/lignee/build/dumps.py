"""The dumps of a release: the same statements in every format, byte for byte the same each time.

`dataset.nq` and `graph.nt` hold canonical lines; every other dump is made from one of these two,
by a process for each (dump_writer.py), as a large dataset's are most of a build's work.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from lignee import own_modules
from lignee.errors import CannotWrite
from lignee.vocabulary import LIG_SUPERSEDED_BY

DATASET: Final = "dataset.nq"
GRAPH: Final = "graph.nt"
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
        triple, _, graph = line[:-2].rpartition(b" ")
        if triple != last and graph not in closed:
            union.append(triple + b" .")
            last = triple
    union.sort()
    return union


@contextlib.contextmanager
def others_being_written(folder: Path) -> Iterator[None]:
    """Write all other dumps of the folder during the block; its end waits for them.

    The folder must hold the canonical dumps, the context and the prefixes. Raises CannotWrite.
    """
    with contextlib.ExitStack() as stack:
        writers = [stack.enter_context(_writer(folder, name)) for name in (DATASET, GRAPH)]
        yield
        for writer in writers:
            assert writer.stderr is not None
            complaint = writer.stderr.read().decode("utf-8", "replace").strip()
            if writer.wait() != 0:
                raise CannotWrite(complaint.rpartition("\n")[2] or "the writer of dumps was ended")


@contextlib.contextmanager
def _writer(folder: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    # The writer ends when its standard input does, so it never outlives this process.
    with own_modules.start(
        "lignee.build.dump_writer",
        str(folder),
        name,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
