"""Frames: how the front and a worker talk over their socket.

A frame is one letter, the length of its payload (4 bytes, network order) and the payload. To
each JOB from the front the worker answers with HEAD (the media type), any number of DATA (the body)
and END; a FAULT in their place ends the answer at any point. JOB and FAULT are objects: a FAULT as
JSON, a JOB as `marshal` writes it in a fraction of the time, for the same Python to read. END is
empty unless the worker is worn out, that is, should be replaced rather than given another job.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import socket
import struct
from typing import Final, NamedTuple, Protocol, TypeAlias

JOB: Final = b"J"
HEAD: Final = b"H"
DATA: Final = b"D"
END: Final = b"E"
FAULT: Final = b"F"

PIECE_BYTES: Final = 65_536
"""How much a worker gathers before it sends, and the front receives at a time."""

Value: TypeAlias = str | int | float | bool | list[str] | dict[str, str] | None
_PREFIX: Final = struct.Struct("!cI")


class Frame(NamedTuple):
    """One frame as it was received."""

    kind: bytes
    payload: bytes

    @property
    def content(self) -> dict[str, Value]:
        """The payload of a JOB or FAULT."""
        read = marshal.loads if self.kind == JOB else json.loads
        content: dict[str, Value] = read(self.payload)
        return content


def pack(kind: bytes, payload: bytes | bytearray | dict[str, Value] = b"") -> bytes:
    """Return the bytes of a frame, whose payload may be an object."""
    if isinstance(payload, dict):
        payload = marshal.dumps(payload) if kind == JOB else json.dumps(payload).encode("ascii")
    return _PREFIX.pack(kind, len(payload)) + payload


class Sink(Protocol):
    """Takes frames, in order."""

    def add(self, kind: bytes, payload: bytes | bytearray | dict[str, Value]) -> None:
        """Take a frame; who gives it may change the payload afterwards."""
        ...


class Sender:
    """Sends frames through a socket, small ones together."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._waiting = bytearray()

    def add(self, kind: bytes, payload: bytes | bytearray | dict[str, Value]) -> None:
        """Send a frame, now or with the next ones."""
        self._waiting += pack(kind, payload)
        if len(self._waiting) >= PIECE_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        self._connection.sendall(self._waiting)
        self._waiting.clear()


class Reader:
    """Reads frames from one end of a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = bytearray()

    def read(self, timeout_seconds: float | None = None) -> Frame | None:
        """Return the next frame, None where the other end has gone; raises TimeoutError.

        The time is that of one wait for bytes, not of the whole frame.
        """
        received = self._received
        while True:
            if len(received) >= _PREFIX.size:
                kind, length = _PREFIX.unpack_from(received)
                end = _PREFIX.size + length
                if len(received) >= end:
                    payload = bytes(memoryview(received)[_PREFIX.size : end])
                    del received[:end]
                    return Frame(kind, payload)
            if not (piece := self._receive(timeout_seconds)):
                return None
            received += piece

    def whole_now(self) -> tuple[bytes, bytes, bytes] | None:
        """Return the payloads of HEAD, DATA and END, where all of these are here already.

        Takes what the other end has sent and waits for nothing. Where it is something else, such
        as a FAULT or a part of an answer, None is returned and all is left to be read.
        """
        received = self._received
        with contextlib.suppress(OSError):
            if self._connection.gettimeout() != 0:
                self._connection.settimeout(0)
            received += self._connection.recv(PIECE_BYTES + _PREFIX.size)
        payloads = {HEAD: b"", DATA: b""}
        start = 0
        while len(received) >= start + _PREFIX.size:
            kind, length = _PREFIX.unpack_from(received, start)
            start += _PREFIX.size
            payload = bytes(received[start : start + length])
            start += length
            if kind == END and len(received) >= start:
                del received[:start]
                return payloads[HEAD], payloads[DATA], payload
            if kind not in payloads:
                return None
            payloads[kind] += payload
        return None

    def _receive(self, timeout_seconds: float | None) -> bytes:
        try:
            self._connection.settimeout(timeout_seconds)
            return self._connection.recv(PIECE_BYTES + _PREFIX.size)
        except TimeoutError:
            raise
        except OSError:  # reset by a killed worker, or closed by another thread of ours
            return b""
