"""Modules of this package as programs: processes that have to end, or be ended, on their own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence


def start(
    module: str,
    *arguments: str,
    stdin: int,
    stdout: int | None = None,
    stderr: int | None = None,
    pass_fds: Sequence[int] = (),
    start_new_session: bool = False,
) -> subprocess.Popen[bytes]:
    """Return the process that runs `python -m module`, by this interpreter; raises OSError.

    The options are those of subprocess.Popen. The folder it is started in is no place to import
    from (`-P`).
    """
    return subprocess.Popen(  # noqa: S603  # this very interpreter, and modules of ours
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=pass_fds,
        start_new_session=start_new_session,
    )


def end_with_parent() -> None:
    """End this process, which was started with a pipe as standard input, when that is closed."""
    threading.Thread(target=_end, daemon=True).start()


def _end() -> None:
    os.read(0, 1)  # not sys.stdin, whose lock a waiting thread would hold at the end
    os._exit(1)
