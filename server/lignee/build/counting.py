"""The census of the knowledge, taken beside other work: by a process of its own where it is long.

`python -m lignee.build.counting FILE PREFIX GRAPH…` writes, pickled, the census of the union of the
graphs in a file of sorted N-Quads but those named; PREFIX is that of entities.
"""

from __future__ import annotations

import contextlib
import gc
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from lignee import own_modules
from lignee.build import dumps
from lignee.build.census import Census, census
from lignee.errors import CannotWrite

LONG: Final = 100_000
"""Lines that take longer to count than a process to start."""


@contextlib.contextmanager
def counting(
    folder: Path, lines: Sequence[bytes], beside: Sequence[str], entity_prefix: str
) -> Iterator[Callable[[], Census]]:
    """Give what returns the census of the union of graphs but those beside it, when it is there.

    The lines are sorted N-Quads; a long census has them written into the folder meanwhile. Raises
    OSError, and CannotWrite where the process that counts was ended.
    """
    if len(lines) < LONG:
        yield lambda: census(dumps.default_graph(lines, beside), entity_prefix)
        return
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".stated-") as file:
        dumps.write_lines(Path(file.name), lines)
        process = own_modules.start(
            "lignee.build.counting",
            *(file.name, entity_prefix, *beside),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a status says as much to who builds
        )
        with process:
            try:
                yield lambda: _told_by(process)
            finally:
                process.kill()


def _told_by(process: subprocess.Popen[bytes]) -> Census:
    assert process.stdout is not None
    told = process.stdout.read()
    if process.wait() != 0:
        raise CannotWrite("the process that counts what a release holds was ended; build again")
    found = pickle.loads(told)  # noqa: S301  # from a process of ours
    assert isinstance(found, Census)
    return found


def main() -> None:
    """Write the census that the arguments ask for."""
    own_modules.end_with_parent()
    gc.disable()  # millions of small objects and no cycles
    file, entity_prefix, *beside = sys.argv[1:]
    with Path(file).open("rb") as lines:
        stated = [line[:-1] for line in lines]
    union = dumps.default_graph(stated, beside)
    del stated
    sys.stdout.buffer.write(pickle.dumps(census(union, entity_prefix)))


if __name__ == "__main__":
    main()
