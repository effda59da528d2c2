"""The way from the web server to the application: ASGI outside, WSGI inside.

The server is spoken to by ASGI (https://asgi.readthedocs.io/en/stable/specs/www.html) for two
things that WSGI lacks: an answer that fails half-way is broken off instead of ended like a whole
one, and a client that goes away is noticed while its query still runs. The application stays WSGI
and runs in threads.
"""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from lignee.engines.engine import Cancellation
from lignee.errors import CalledOff
from lignee.serve.http.record import NOTES, Notes, Observer, RequestRecord
from lignee.serve.protocol.results import Pending
from lignee.serve.protocol.sparql import CANCELLATION, PENDING
from lignee.serve.short_way import EXTENSION, AnswerWhole, Whole
from lignee.serve.threads import Threads
from lignee.serve.wsgi import Message, Started, environ_of, nothing, started

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_logger: Final = logging.getLogger(__name__)
_WATCH_SECONDS: Final = 0.05
"""Requests that take longer have their client watched; most are over before."""
_FAULT: Final = b"The server met a fault of its own; it has been logged.\n"
_TOO_SLOW: Final = b"The request's body did not arrive in time (--request-seconds).\n"
_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")


class Gateway:
    """An ASGI application that runs a WSGI application in threads."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        threads: int,
        body_bytes: int,
        body_seconds: float,
        stall_seconds: float,
        on_shutdown: Callable[[], None],
        observer: Observer | None = None,
    ) -> None:
        self._application = application
        self._threads = Threads(threads)
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds
        self._stall_seconds = stall_seconds
        self._on_shutdown = on_shutdown
        self._observer = observer

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one connection of the kind that the scope names."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self._on_shutdown)  # our own threads may all be waiting
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        account = _Account(cast(str, scope["method"]))
        try:
            environ = environ_of(scope)
            body = await self._read(environ, receive)
            if isinstance(body, Started):
                await self._send(body, Cancellation(), send, account)
            else:
                environ["wsgi.input"] = io.BytesIO(body)
                await self._run(scope, environ, receive, send, account)
        except ConnectionAbortedError:
            account.broken_off_by = CalledOff.__name__
        finally:
            if self._observer:
                self._observer(account.record())

    async def _read(self, environ: WSGIEnvironment, receive: Receive) -> bytes | Started:
        """Return the request's body, cut after the limit so that it can be refused; or a refusal.

        Raises ConnectionAbortedError where the client goes before it has sent all.
        """
        body = b""
        if environ.get("CONTENT_LENGTH", "0") == "0" and "HTTP_TRANSFER_ENCODING" not in environ:
            return body
        try:
            async with asyncio.timeout(self._body_seconds):
                while len(body) <= self._body_bytes:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionAbortedError
                    body += cast(bytes, message.get("body", b""))
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            return Started(408, [_TEXT, (b"connection", b"close")], _TOO_SLOW, None, nothing)
        return body

    async def _run(
        self,
        scope: Message,
        environ: WSGIEnvironment,
        receive: Receive,
        send: Send,
        account: _Account,
    ) -> None:
        cancellation = Cancellation()
        if pending := cast(Pending | None, _extensions_of(scope).pop(PENDING, None)):
            environ[PENDING] = pending
            account.notes = pending.question.notes
            cancellation = pending.question.asked.cancellation or cancellation
        environ[NOTES] = account.notes
        environ[CANCELLATION] = cancellation
        watch = _Watch(receive, cancellation)
        try:
            begun = await self._threads.run(lambda: self._start(environ))
            if not _sent_whole(scope, begun, account):
                await self._send(begun, cancellation, send, account)
        finally:
            watch.end()

    async def _send(
        self, begun: Started, cancellation: Cancellation, send: Send, account: _Account
    ) -> None:
        account.status = begun.status
        await send(
            {"type": "http.response.start", "status": begun.status, "headers": begun.headers}
        )
        if begun.body is None:
            account.sent_bytes = len(begun.whole)
            await send({"type": "http.response.body", "body": begun.whole})
            return
        try:
            await self._stream(begun.body, cancellation, send, account)
        finally:
            await self._threads.run(begun.close)

    async def _stream(
        self, body: Iterator[bytes], cancellation: Cancellation, send: Send, account: _Account
    ) -> None:
        """Send the body piece by piece.

        Where it fails there is no last message, so that the connection is broken off: the client
        must not take what it has for the whole.
        """
        account.broken_off_by = CalledOff.__name__
        try:
            while not cancellation.is_cancelled:
                piece = await self._threads.run(lambda: next(body, None))
                async with asyncio.timeout(self._stall_seconds):
                    await send(
                        {
                            "type": "http.response.body",
                            "body": piece or b"",
                            "more_body": piece is not None,
                        }
                    )
                if piece is None:
                    account.broken_off_by = None
                    return
                account.sent_bytes += len(piece)
        except Exception as error:  # noqa: BLE001  # whatever it was, half an answer went out
            account.broken_off_by = type(error).__name__
            _logger.warning("an answer was broken off: %s", error)

    def _start(self, environ: WSGIEnvironment) -> Started:
        try:
            return started(self._application, environ)
        except Exception:  # nothing above answers: a client must get a 500, and the log the trace
            _logger.exception("a fault of the server")
            headers = [_TEXT, (b"content-length", b"%d" % len(_FAULT))]
            return Started(500, headers, _FAULT, None, nothing)


class _Account:
    """What becomes known of a request while it is answered."""

    def __init__(self, method: str) -> None:
        self.notes = Notes()
        self.status = 500
        self.sent_bytes = 0
        self.broken_off_by: str | None = None
        self._method = method
        self._begun = time.perf_counter()

    def record(self) -> RequestRecord:
        """Return all of it."""
        notes = self.notes
        return RequestRecord(
            method=self._method,
            kind=notes.kind,
            status=self.status,
            seconds=time.perf_counter() - self._begun,
            sent_bytes=self.sent_bytes,
            cache=notes.cache,
            query_digest=notes.query_digest,
            error=self.broken_off_by or notes.error,
            is_broken_off=self.broken_off_by is not None,
            request_id=notes.request_id,
        )


class _Watch:
    """Calls a request off when its client has gone before its answer was whole."""

    def __init__(self, receive: Receive, cancellation: Cancellation) -> None:
        self._receive = receive
        self._cancellation = cancellation
        self._task: asyncio.Task[None] | None = None
        self._start = asyncio.get_running_loop().call_later(_WATCH_SECONDS, self._begin)

    def end(self) -> None:
        """Watch no longer."""
        self._start.cancel()
        if self._task:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        # Not in the requests' threads, all of which may be waiting for what this sets free.
        await asyncio.to_thread(self._cancellation.cancel)


def _sent_whole(scope: Message, begun: Started, account: _Account) -> bool:
    """Send the answer in one go where it is whole and the connection can, and tell whether so.

    One that came from memory, and will be the same next time, is offered to the short way.
    """
    answer_whole = cast(AnswerWhole | None, _extensions_of(scope).get(EXTENSION))
    body = b"" if scope["method"] == "HEAD" else begun.whole
    if begun.body is not None or not answer_whole:
        return False
    account.status, account.sent_bytes = begun.status, len(body)
    record = account.record()._replace(seconds=0.0) if account.notes.is_repeatable else None
    return answer_whole(Whole(begun.status, begun.headers, body), record)


def _extensions_of(scope: Message) -> MutableMapping[str, object]:
    return cast(MutableMapping[str, object], scope.get("extensions", {}))
