"""Whole answers as the bytes that are sent, and what is to be told of them afterwards."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from lignee.engines.engine import Timings
from lignee.serve.http import compression
from lignee.serve.http.cache import Held, Key
from lignee.serve.http.identity import REQUEST_ID, digest_of, new_request_id
from lignee.serve.http.record import RequestRecord
from lignee.serve.protocol import results
from lignee.serve.protocol.results import Question, Reply
from lignee.serve.protocol.sparql import NAME

_REMEMBERED: Final = 256
_REQUEST_ID: Final = REQUEST_ID.lower()


class Answered(NamedTuple):
    """An answer to a GET as it is sent, and what is told of it once it is."""

    data: bytes
    status: int
    sent_bytes: int
    question: Question
    begun: float

    def record(self, error: str | None = None) -> RequestRecord:
        """Return the record of the request; an error is what broke its answer off."""
        notes = self.question.notes
        return RequestRecord(
            method="GET",
            kind=notes.kind,
            status=self.status,
            seconds=time.perf_counter() - self.begun,
            sent_bytes=self.sent_bytes,
            cache=notes.cache,
            query_digest=notes.query_digest or digest_of(self.question.asked.query),
            error=error,
            is_broken_off=error is not None,
            request_id=notes.request_id,
        )


def whole(question: Question, reply: Reply, begun: float, date: bytes) -> Answered:
    """Return a reply as it is sent; the date is a header line."""
    request_id = question.notes.request_id = new_request_id()
    lines = [f"{name.lower()}: {value}\r\n" for name, value in reply.headers]
    head = f"{''.join(lines)}{_REQUEST_ID}: {request_id}\r\n\r\n".encode("latin-1")
    body = b"".join(reply.body)
    data = b"".join((STATUS_LINE[reply.status], date, head, body))
    return Answered(data, reply.status, len(body), question, begun)


class Found(NamedTuple):
    """An answer that was looked up, as it is sent, and what is told of it once it is."""

    data: bytes
    sent_bytes: int
    request_id: str
    query: str
    key: Key
    held: Held
    begun: float

    def record(self) -> RequestRecord:
        """Return the record of the request."""
        return RequestRecord(
            method="GET",
            kind=NAME,
            status=200,
            seconds=time.perf_counter() - self.begun,
            sent_bytes=self.sent_bytes,
            cache="miss",
            query_digest=digest_of(self.query),
            request_id=self.request_id,
        )


def found(query: str, key: Key, held: Held, coding: str, begun: float, date: bytes) -> Found:
    """Return an answer that was looked up since `begun` as it is sent: as `whole` would.

    Little is made on the way there, as a client waits for no more than this.
    """
    timings = Timings(evaluate_seconds=time.perf_counter() - begun)
    body, head = held.body, _lines_of_held(held.media_type)
    if coding:
        body = compression.compress(body, coding)
        head = b"content-encoding: %b\r\n%b" % (coding.encode("ascii"), head)
    request_id = new_request_id()
    varying = (
        f'{len(body)}\r\netag: "{key.tag(coding)}"\r\n'
        f"server-timing: {results.server_timing(timings, 'miss')}\r\n"
        f"{_REQUEST_ID}: {request_id}\r\n\r\n"
    )
    data = b"".join((STATUS_LINE[200], date, head, varying.encode("ascii"), body))
    return Found(data, len(body), request_id, query, key, held, begun)


@lru_cache(_REMEMBERED)
def _lines_of_held(media_type: str) -> bytes:
    headers = [*results.headers_of_held(media_type), ("Content-Length", "")]
    return "\r\n".join(f"{name.lower()}: {value}" for name, value in headers).encode("latin-1")
