"""The remote engine: the queries go to a SPARQL 1.1 server, its answers come back as they are.

See https://www.w3.org/TR/sparql11-protocol/. What is true of the embedded engine is kept: a
deadline of our own, an answer only when its first part is sure, a broken transfer where the rest
fails, and no part passed on as the whole.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from typing import Final, TypeVar

from lignee import errors
from lignee.engines.connection import Address, Connections, authorization
from lignee.engines.engine import Answer, Begun, Busy, Cancellation, Closing, Request
from lignee.engines.machine import with_workers
from lignee.engines.remote_faults import fault_of, refuse_partial, unavailable
from lignee.engines.remote_request import Scope, form_body, wanted_format
from lignee.engines.slots import Slots
from lignee.engines.tally import Tally
from lignee.engines.wholeness import Ending, ending_of
from lignee.formats import Format
from lignee.settings import Settings

T = TypeVar("T")

_PIECE_BYTES: Final = 65_536
_WORDS_BYTES: Final = 20_000
_TSV: Final = "text/tab-separated-values"
FORM: Final = "application/x-www-form-urlencoded"


class RemoteEngine(Closing):
    """Has queries evaluated by the server at `--engine`, `--workers` of them at the same time.

    Raises SettingError for a URL that is none. `scope` says which graphs stand for the release's
    dataset where a query names none.
    """

    def __init__(
        self, settings: Settings, scope: Scope | None = None, tally: Tally | None = None
    ) -> None:
        self._settings = settings = with_workers(settings, on_disk=False)
        self._scope = scope or Scope()
        self._address = Address.of(settings.engine, "--engine")
        self._connections = Connections(self._address)
        self._headers = {"Content-Type": FORM, **authorization(settings)}
        self._slots = Slots(settings, tally or Tally())
        self.server = ""
        """What the server calls itself, once it has answered."""

    def evaluate(self, request: Request) -> Answer:
        """Return the answer once its status is sure; raises QueryError or EngineError.

        Time counts while the server is waited for, not while the client is slow to read.
        """
        media_type = wanted_format(request)
        self._slots.take(request.client, request.cancellation)
        exchange = _Exchange(self._connections, self._slots, self._settings, request)
        if request.cancellation:
            request.cancellation.subscribe(exchange.abandon)
        is_virtuoso = self.server.startswith("Virtuoso")
        milliseconds = int(exchange.timeout_seconds * 1000) if is_virtuoso else None
        try:
            body = form_body(request, self._scope, milliseconds)
            headers = self._headers | {"Accept": media_type}
            response = exchange.send(self._address.target, headers, body)
            self.server = response.getheader("Server", "")
            return exchange.answer(response, media_type)
        except BaseException:
            exchange.abandon()
            raise

    def begin(
        self, _request: Request, _cancellation: Cancellation, _waited_seconds: float = 0.0
    ) -> Begun | Busy | None:
        """Return None: to connect may take waiting."""
        return None

    def look_up(self, _query: str, _form: Format, _base_iri: str) -> bytes | None:
        """Return None: only the server has the data."""
        return None

    def close(self) -> None:
        """Close idle connections and send nothing any more."""
        self._slots.close()
        self._connections.close()


class _Exchange:
    """One query and its answer, between taking a slot and giving it back."""

    def __init__(
        self, connections: Connections, slots: Slots, settings: Settings, request: Request
    ) -> None:
        self._connections = connections
        self._connection = connections.take()
        self._slots = slots
        self._client = request.client
        self._settings = settings
        wished = request.timeout_seconds or settings.timeout_seconds
        self.timeout_seconds = min(wished, settings.timeout_seconds)
        self._left = self.timeout_seconds
        self._started = time.monotonic()
        self._settling = threading.Lock()
        self._is_settled = self._is_overdue = False
        self._alarm: threading.Timer | None = None

    def send(self, target: str, headers: dict[str, str], body: bytes) -> HTTPResponse:
        """Send the query and return the response to it, 200 or raised."""
        self._connect()
        response = self._timed(
            lambda: self._connection.send(
                "POST", target, headers=headers, body=body, timeout_seconds=self._left
            )
        )
        refuse_partial(response)
        if response.status != 200:
            words = self._timed(lambda: response.read(_WORDS_BYTES))
            raise fault_of(response.status, words.decode("utf-8", "replace"))
        return response

    def answer(self, response: HTTPResponse, media_type: str) -> Answer:
        """Return the answer, as much of it as fits read ahead."""
        returned = response.headers.get_content_type()
        if returned != media_type:
            raise unavailable(
                f"the SPARQL server behind this one was asked for {media_type} and answers with "
                f"{returned}; ask for another format"
            )
        pieces = self._pieces(response, ending_of(media_type))
        spool: deque[bytes] = deque()
        size = 0
        is_complete = True
        for piece in pieces:
            if not size and media_type == _TSV and piece.startswith(b'"'):
                raise errors.UnsupportedFormat(
                    "the SPARQL server behind this one writes quoted text as TSV, from which IRIs "
                    "and literals cannot be told; ask for another format, such as JSON or CSV"
                )
            spool.append(piece)
            size += len(piece)
            if size > self._settings.spool_bytes:
                is_complete = False
                self._set_alarm()
                break
        return Answer(
            media_type=media_type,
            is_complete=is_complete,
            size_bytes=size if is_complete else None,
            body=_drained(spool) if is_complete else self._body(spool, pieces),
            close=self.abandon,
        )

    def abandon(self) -> None:
        """Break the connection off unless the answer is whole; any thread may call this."""
        if self._settle():
            self._connection.break_off()
            self._slots.give_back(self._client)

    def _connect(self) -> None:
        try:
            self._connection.connect(self._left)
        except OSError as error:
            raise unavailable(
                "the SPARQL server behind this one cannot be reached; its operator sees that it "
                "runs, and that --engine names it",
                str(error),
            ) from None

    def _body(self, spool: deque[bytes], pieces: Iterator[bytes]) -> Iterator[bytes]:
        yield from _drained(spool)
        yield from pieces

    def _pieces(self, response: HTTPResponse, ending: Ending) -> Iterator[bytes]:
        """Yield the body piece by piece; raises instead of ending where it is not whole."""
        is_framed = response.chunked or response.length is not None
        while piece := self._piece(response):
            ending.feed(piece)
            yield piece
        is_cut = bool(response.length) or not (is_framed or ending.proves_end)
        if is_cut or not ending.is_whole():
            raise self._lost("the answer ended before its end")
        can_be_kept = not response.will_close
        response.close()  # of this response, not of the connection
        self._finish(can_be_kept=can_be_kept)

    def _piece(self, response: HTTPResponse) -> bytes:
        """Return the next piece of a body: what is here of it, since chunks may be small."""
        piece = self._timed(lambda: response.read1(_PIECE_BYTES))
        gathered = bytearray(piece)
        while piece and len(gathered) < _PIECE_BYTES and self._connection.has_received():
            piece = self._timed(lambda: response.read1(_PIECE_BYTES))
            gathered += piece
        return bytes(gathered)

    def _timed(self, operation: Callable[[], T]) -> T:
        """Return what the operation on the connection gives, within the time that is left."""
        start = time.monotonic()
        try:
            self._connection.limit(self._left)
            return operation()
        except TimeoutError:
            raise self._late() from None
        except (OSError, HTTPException) as error:
            raise self._lost(f"{type(error).__name__}: {error}") from None
        finally:
            self._left -= time.monotonic() - start

    def _set_alarm(self) -> None:
        """Have the slot freed in the end, however slowly the client reads."""
        longest = max(self._settings.transfer_seconds, self._settings.timeout_seconds + 1)
        seconds = longest - (time.monotonic() - self._started)
        self._alarm = threading.Timer(max(seconds, 0.0), self._go_off)
        self._alarm.daemon = True
        self._alarm.start()

    def _go_off(self) -> None:
        self._is_overdue = True
        self.abandon()

    def _finish(self, *, can_be_kept: bool) -> None:
        if not self._settle():
            return
        if can_be_kept:
            self._connections.give_back(self._connection)
        self._slots.give_back(self._client)

    def _settle(self) -> bool:
        with self._settling:
            was_settled, self._is_settled = self._is_settled, True
            alarm, self._alarm = self._alarm, None
        if alarm:
            alarm.cancel()
        return not was_settled

    def _late(self) -> errors.DeadlineReached:
        self.abandon()
        return errors.DeadlineReached(
            f"the query took longer than {self.timeout_seconds:g} seconds, the time it was given "
            "(at most --timeout-seconds); ask for less at a time, or download the dumps"
        )

    def _lost(self, details: str) -> errors.LigneeError:
        if self._is_overdue:
            return errors.DeadlineReached(
                f"the answer was not taken within {self._settings.transfer_seconds:g} seconds "
                "(--transfer-seconds); ask for less at a time, or download the dumps"
            )
        if not self._settle():
            return errors.CalledOff("the query was called off before it was answered")
        self._connection.break_off()
        self._slots.give_back(self._client)
        return unavailable(
            "the SPARQL server behind this one broke its answer off; try again", details
        )


def _drained(spool: deque[bytes]) -> Iterator[bytes]:
    while spool:
        yield spool.popleft()
