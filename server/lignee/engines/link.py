"""What the front knows of one worker, and their socket."""

from __future__ import annotations

import select
import socket
import threading
from dataclasses import dataclass, field

from lignee.engines.ending import Cause, Ending
from lignee.engines.frames import Reader


class Link(socket.socket):
    """A socket that is closed when nobody has it any more.

    Not earlier: while one thread receives, another must not free the descriptor's number.
    """

    def __del__(self) -> None:
        self.close()


@dataclass(eq=False, slots=True)
class Worker:
    """The front's end of one worker."""

    number: int
    connection: Link
    reader: Reader
    ended: threading.Event = field(default_factory=threading.Event)
    ending: Ending = field(default_factory=Ending)
    client: str | None = None
    """Whose query it evaluates; None while it is idle."""
    discarded_for: Cause | None = None

    def is_idle(self) -> bool:
        """Tell whether the worker lives and says nothing."""
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        return not poll.poll(0)
