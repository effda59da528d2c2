"""The way from the web server to the application: ASGI outside, WSGI inside.

The server is spoken to by ASGI (https://asgi.readthedocs.io/en/stable/specs/www.html) for two
things that its WSGI mode lacks: an answer that fails half-way is broken off instead of ended like
a whole one, and a client that goes away is noticed while its query still runs. The application
stays WSGI and runs in threads.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

from werkzeug.wsgi import FileWrapper

from lignee.engines.engine import Cancellation
from lignee.serve.http.parameters import BODY_IS_LATE
from lignee.serve.protocol.sparql import CANCELLATION

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Message: TypeAlias = MutableMapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]
T = TypeVar("T")

_LOG: Final = logging.getLogger(__name__)
_AT_ONCE_BYTES: Final = 2**21
"""Answers up to this length are gathered in the thread that made them and sent as one."""
_FILE_PIECE_BYTES: Final = 2**18
_WATCH_SECONDS: Final = 0.05
"""Requests that take longer have their client watched; most are over before."""
_FAULT: Final = b"The server met a fault of its own; it has been logged.\n"


@dataclass(frozen=True, slots=True)
class _Started:
    """A response whose status and headers are known; `body` is None where `whole` holds it."""

    status: int
    headers: list[Header]
    whole: bytes
    body: Iterator[bytes] | None
    close: Callable[[], None]


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
    ) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds
        self._stall_seconds = stall_seconds
        self._on_shutdown = on_shutdown

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
                await self._in_thread(self._on_shutdown)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        environ = _environ(scope)
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_seconds):
                await _read(environ, receive, body, self._body_bytes)
        except TimeoutError:
            environ[BODY_IS_LATE] = True
        environ["wsgi.input"] = io.BytesIO(body)
        environ[CANCELLATION] = cancellation = Cancellation()
        watch = _Watch(receive, cancellation)
        try:
            started = await self._in_thread(lambda: self._start(environ))
            await send(
                {
                    "type": "http.response.start",
                    "status": started.status,
                    "headers": started.headers,
                }
            )
            if started.body is None:
                await send({"type": "http.response.body", "body": started.whole})
            else:
                await self._stream(started, started.body, cancellation, send)
        finally:
            watch.end()

    async def _stream(
        self, started: _Started, body: Iterator[bytes], cancellation: Cancellation, send: Send
    ) -> None:
        try:
            while not cancellation.is_cancelled:
                piece = await self._in_thread(lambda: next(body, None))
                if piece is None:
                    await send({"type": "http.response.body", "body": b""})
                    return
                async with asyncio.timeout(self._stall_seconds):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except Exception as error:  # noqa: BLE001  # the outermost loop of a request
            # Returning without a last message breaks the connection off: the client must not
            # take what it has for the whole.
            why = "its client read no further" if isinstance(error, TimeoutError) else error
            _LOG.warning("an answer was broken off: %s", why)
        finally:
            await self._in_thread(started.close)

    def _start(self, environ: WSGIEnvironment) -> _Started:
        """Run the application up to its response, or through it where that is short."""
        try:
            return _started(self._application, environ)
        except Exception:  # noqa: BLE001  # the outermost loop of a request
            _LOG.exception("a fault of the server")
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            return _Started(500, headers, _FAULT, None, _nothing)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


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


async def _read(
    environ: WSGIEnvironment, receive: Receive, body: bytearray, limit_bytes: int
) -> None:
    """Read the request's body, cut after the limit so that it can be refused."""
    if environ.get("CONTENT_LENGTH", "0") == "0" and "HTTP_TRANSFER_ENCODING" not in environ:
        return
    while len(body) <= limit_bytes:
        message = await receive()
        body += cast(bytes, message.get("body", b""))
        if not message.get("more_body"):
            break


def _environ(scope: Message) -> WSGIEnvironment:
    """Return the environment of PEP 3333 for a request, without its body."""
    server = cast(tuple[str, int], scope.get("server") or ("", 0))
    client = cast(tuple[str, int], scope.get("client") or ("", 0))
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": cast(str, scope["path"]).encode("utf-8").decode("latin-1"),
        "QUERY_STRING": cast(bytes, scope["query_string"]).decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": _file_wrapper,
    }
    for name, value in cast(Iterable[Header], scope["headers"]):
        if b"_" in name:  # it would pass for the header with a hyphen in its place
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _file_wrapper(file: IO[bytes], _size: int = 0) -> FileWrapper:
    """Return the file in pieces larger than Werkzeug's own, each of which costs a thread switch."""
    return FileWrapper(file, _FILE_PIECE_BYTES)


def _started(application: WSGIApplication, environ: WSGIEnvironment) -> _Started:
    answered: list[tuple[int, list[Header]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        encoded = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        answered[:] = [(int(status[:3]), encoded)]
        return _refuse_write

    iterable = application(environ, start_response)
    close = getattr(iterable, "close", _nothing)
    status, headers = answered[0]
    if not _is_short(environ, status, headers):
        return _Started(status, headers, b"", iter(iterable), close)
    try:
        return _Started(status, headers, b"".join(iterable), None, _nothing)
    finally:
        close()


def _is_short(environ: WSGIEnvironment, status: int, headers: list[Header]) -> bool:
    if environ["REQUEST_METHOD"] == "HEAD" or status in (204, 304):
        return True
    length = next((value for name, value in headers if name == b"content-length"), None)
    return length is not None and int(length) <= _AT_ONCE_BYTES


def _refuse_write(_piece: bytes) -> object:
    raise NotImplementedError("an application answers by what it returns, not by write()")


def _nothing() -> None:
    pass
