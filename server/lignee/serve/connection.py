"""A client's connection: uvicorn's, with the short way before it and limits on a request's head."""

from __future__ import annotations

import asyncio
import functools
import logging
from http import HTTPStatus
from typing import Final, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from lignee.engines.engine import Busy
from lignee.serve.http.record import RequestRecord
from lignee.serve.protocol.direct_way import Asked, DirectWay, Place
from lignee.serve.protocol.results import Pending
from lignee.serve.protocol.sparql import PENDING
from lignee.serve.short_way import EXTENSION, AnswerWhole, ShortWay, Whole

_PATIENCE_SECONDS: Final = 0.05
"""An answer that is not here by then is waited for in a thread, which minds deadline and client."""
_QUEUEING_SECONDS: Final = 0.5
"""A turn that has not come by then is waited for in a thread, as the turns of all others are."""
_logger: Final = logging.getLogger(__name__)
LONGEST_URL_BYTES: Final = 65_534
"""The parser of URLs counts in sixteen bits."""
MOST_HEADERS: Final = 256
LONGEST_HEAD_BYTES: Final = 2 * 65_536


class Connection(HttpToolsProtocol):
    """Answers one client's requests, one after the other."""

    def __init__(
        self,
        short_way: ShortWay,
        direct_way: DirectWay | None,
        head_seconds: float,
        *,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._short_way = short_way
        self._direct_way = direct_way
        self._asked: Asked | None = None
        self._place: Place | None = None
        self._asked_by = self._received_since = b""
        self._patience: asyncio.TimerHandle | None = None
        self._begun: Pending | None = None
        self._head_seconds = head_seconds
        self._is_in_message = self._is_in_head = False
        self._head_bytes = 0
        self._generation = 0
        self._refusal = HTTPStatus.BAD_REQUEST
        self._head_timer: asyncio.TimerHandle | None = None
        self._alone: bytes | None = None
        self._answered_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, and expect a head."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._time_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        asked = self._stop_waiting()
        if asked and self._direct_way:
            self._direct_way.give_up(asked)
            self._direct_way.advance()
        self._stop_timing_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer at once what was answered before; have all else parsed."""
        if self._asked or self._place:
            self._received_since += data
            self.flow.pause_reading()
            return
        if is_idle := self._is_idle():
            date = self._date()
            if answer := self._short_way.answer(data, date):
                self._answer_at_once(answer)
                return
            if self._is_asked(data, date):
                return
        self._go_the_long_way(data, is_idle=is_idle)

    def _go_the_long_way(self, data: bytes, *, is_idle: bool) -> None:
        self._alone = data if is_idle else None
        super().data_received(data)
        if self._is_in_message:
            self._alone = None  # the rest of this request is still to come
        self._limit_head(len(data))

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._is_in_message = self._is_in_head = True
        self._generation = self._short_way.generation
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL; raises ValueError, which refuses the request, when too long."""
        super().on_url(url)
        if len(self.url) > LONGEST_URL_BYTES:
            self._refusal = HTTPStatus.REQUEST_URI_TOO_LONG
            raise ValueError("the URL is too long")

    def on_headers_complete(self) -> None:
        """Have the request answered; a whole answer may be given in one go.

        Raises ValueError, which refuses the request, where it has too many headers.
        """
        if len(self.headers) > MOST_HEADERS:
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError("there are too many headers")
        self._is_in_head = False
        extensions: dict[str, AnswerWhole | Pending] = {}
        if self._begun:
            extensions[PENDING], self._begun = self._begun, None
        cast(dict[str, object], self.scope)["extensions"] = extensions
        super().on_headers_complete()
        extensions[EXTENSION] = functools.partial(self._answer_whole, self.cycle)

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        self._is_in_message = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed, and end the connection."""
        text = f"{self._refusal.phrase}: {self._refusal.description or msg}\n".encode("ascii")
        lines = (
            STATUS_LINE[self._refusal],
            self._date(),
            b"content-type: text/plain; charset=utf-8\r\n",
            b"content-length: %d\r\nconnection: close\r\n\r\n" % len(text),
            text,
        )
        self.transport.write(b"".join(lines))
        self.transport.close()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection, unless it was answered at once not long ago."""
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(
                left, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Answer what has been asked, then close."""
        self._hear()
        super().shutdown()

    def _is_asked(self, data: bytes, date: bytes) -> bool:
        """Tell whether the request goes the direct way, which it then does."""
        if not (self._direct_way and self.client and (read := self._direct_way.read(data))):
            return False
        if found := self._direct_way.look_up(read, date):
            self._answer_at_once(found.data)
            self._direct_way.hold(found)
            return True
        if not (wanted := self._direct_way.wanted(read, self.client[0])):
            return False
        asked = self._direct_way.ask(wanted)
        if isinstance(asked, Busy):
            self._place = self._direct_way.wait(wanted, self._resume)
            asked = None
        if asked:
            self._listen(asked)
        elif self._place:
            self._wait(_QUEUEING_SECONDS)
        else:
            return False
        self._asked_by = data
        self._answered_at = self.loop.time()  # as good as: the connection is in use
        self._stop_timing_head()
        return True

    def _listen(self, asked: Asked) -> None:
        self._asked = asked
        self.loop.add_reader(asked.descriptor, self._hear)
        self._wait(_PATIENCE_SECONDS)

    def _wait(self, seconds: float) -> None:
        if self._patience:
            self._patience.cancel()
        self._patience = self.loop.call_later(seconds, self._hear)

    def _resume(self, asked: Asked | None) -> None:
        """Go on with what had a place in the queue."""
        if asked:
            self._place = None
            self._listen(asked)
        else:
            self.loop.call_soon(self._hear)  # not now, as others are being called

    def _hear(self) -> None:
        """Answer what was asked if the answer is here, and have the long way wait for it if not."""
        direct_way, is_waiting = self._direct_way, self._asked or self._place
        if not (direct_way and is_waiting):
            return
        asked = self._stop_waiting()
        if asked and asked.pending.is_ready():
            try:
                given = direct_way.answer(asked, self._date())
                self._answer_at_once(given.data)
                direct_way.tell(given)
            except Exception:  # nothing above answers: the loop would drop the client in silence
                _logger.exception("a fault of the server")
                self.transport.abort()
        else:
            self._begun = direct_way.hand_over(asked) if asked else None
            self._go_the_long_way(self._asked_by, is_idle=True)
            if self._begun:  # the request was refused there
                self._begun.abandon()
                self._begun = None
        direct_way.advance()
        if since := self._received_since:
            self._received_since = b""
            self.flow.resume_reading()
            self.data_received(since)

    def _stop_waiting(self) -> Asked | None:
        """Leave the queue, or hear no more of what is evaluated, which is returned."""
        if (place := self._place) and self._direct_way:
            self._direct_way.leave(place)
        if asked := self._asked:
            self.loop.remove_reader(asked.descriptor)
        if self._patience:
            self._patience.cancel()
        self._asked = self._place = self._patience = None
        return asked

    def _answer_at_once(self, answer: bytes) -> None:
        self._answered_at = self.loop.time()
        self.transport.write(answer)
        if self.timeout_keep_alive_task is None:
            self._stop_timing_head()
            self.timeout_keep_alive_handler()

    def _is_idle(self) -> bool:
        """Tell whether all that came before on this connection has been answered."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and not (self._is_in_message or self.pipeline or self.flow.write_paused)

    def _date(self) -> bytes:
        return b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])

    def _answer_whole(
        self, cycle: RequestResponseCycle, answer: Whole, record: RequestRecord | None
    ) -> bool:
        """Send the answer in one piece, where it can be; keep it where it has a record."""
        if self.flow.write_paused or cycle.disconnected or cycle.response_started:
            return False
        asked = self._alone
        is_of_now = self._generation == self._short_way.generation  # not of a release before
        is_alone = asked is not None and asked.count(b"\r\n\r\n") == 1
        if record and asked and is_alone and is_of_now and cycle.keep_alive:
            self._short_way.keep(asked, answer, record)
        is_last = not cycle.keep_alive or (b"connection", b"close") in answer.headers
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        self.transport.write(answer.start + self._date() + answer.rest(is_last=is_last))
        if is_last:
            self.transport.close()
        cycle.on_response()
        return True

    def _limit_head(self, received_bytes: int) -> None:
        if not self._is_in_head:
            self._head_bytes = 0
            self._stop_timing_head()
            return
        self._head_bytes += received_bytes
        if self._head_bytes > LONGEST_HEAD_BYTES and not self.transport.is_closing():
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self.send_400_response("")
        elif self._head_timer is None:
            self._time_head()

    def _time_head(self) -> None:
        self._head_timer = self.loop.call_later(self._head_seconds, self.transport.close)

    def _stop_timing_head(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
