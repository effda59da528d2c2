"""The short way: the bytes of a request that was answered before are answered as then.

A release never changes, so the whole of a request's head decides an answer that is held or a 304.
Such answers are kept by the bytes of their request, and given in the moment those arrive: before
they are parsed, in the thread that received them. Whatever differs in a byte goes the long way, and
so does what is not a single, whole request.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from lignee.serve.http.identity import new_request_id
from lignee.serve.http.record import Observer, RequestRecord

EXTENSION: Final = "lignee.whole"
"""The ASGI extension, an `AnswerWhole`, by which the gateway gives an answer in one go."""

_LONGEST_REQUEST_BYTES: Final = 8_192
_LONGEST_BODY_BYTES: Final = 65_536
"""Longer answers gain nothing here: what takes the time is to send them."""
_ENTRY_BYTES: Final = 512

Header: TypeAlias = tuple[bytes, bytes]


class Whole(NamedTuple):
    """A whole answer, as ASGI has it."""

    status: int
    headers: Sequence[Header]
    body: bytes

    @property
    def start(self) -> bytes:
        """The first line, after which the date goes."""
        return STATUS_LINE[self.status]

    def rest(self, *, is_last: bool = False) -> bytes:
        """Return what follows the date."""
        lines = [b"%b: %b\r\n" % header for header in self.headers]
        if is_last and (b"connection", b"close") not in self.headers:
            lines.append(b"connection: close\r\n")
        return b"".join((*lines, b"\r\n", self.body))


AnswerWhole: TypeAlias = Callable[[Whole, RequestRecord | None], bool]
"""Sends the answer and tells whether it could; one with a record may be repeated, and that is what
is told of it then."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer up to its date, the rest of it, and what is to be told of it."""

    start: bytes
    rest: bytes
    record: RequestRecord
    size_bytes: int


class ShortWay:
    """Answers by the bytes of their request, for one thread; `hits` counts those given."""

    def __init__(self, limit_bytes: int, observer: Observer | None = None) -> None:
        self.limit_bytes = limit_bytes
        self.held_bytes = self.hits = self.generation = 0
        self._observer = observer
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    def answer(self, request: bytes, date: bytes) -> bytes | None:
        """Return the answer to exactly this request, None where there is none."""
        if (kept := self._kept.get(request)) is None:
            return None
        self._kept.move_to_end(request)
        self.hits += 1
        if kept.record.request_id:
            record, name = kept.record, b""
        else:
            request_id = new_request_id()
            record = kept.record._replace(request_id=request_id)
            name = b"x-request-id: %b\r\n" % request_id.encode("ascii")
        if self._observer:
            self._observer(record)
        return b"".join((kept.start, date, name, kept.rest))

    def keep(self, request: bytes, answer: Whole, record: RequestRecord) -> None:
        """Keep the answer to the request, in place of those used least recently."""
        if len(request) > _LONGEST_REQUEST_BYTES or len(answer.body) > _LONGEST_BODY_BYTES:
            return
        if record.request_id and record.request_id.encode("ascii") not in request:
            record = record._replace(request_id=None)  # ours, and another the next time
            others = [header for header in answer.headers if header[0] != b"x-request-id"]
            answer = answer._replace(headers=others)
        rest = answer.rest()
        kept = _Kept(answer.start, rest, record, len(request) + len(rest) + _ENTRY_BYTES)
        if before := self._kept.pop(request, None):
            self.held_bytes -= before.size_bytes
        self._kept[request] = kept
        self.held_bytes += kept.size_bytes
        while self.held_bytes > self.limit_bytes:
            self.held_bytes -= self._kept.popitem(last=False)[1].size_bytes

    def clear(self) -> None:
        """Forget all answers, as must be done when another release is served.

        What was asked before belongs to another `generation` than what is asked after.
        """
        self.generation += 1
        self._kept.clear()
        self.held_bytes = 0
