"""What the gateway says to a WSGI application, and hears from it (PEP 3333)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, TypeAlias, cast

from werkzeug.wsgi import FileWrapper

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Message: TypeAlias = MutableMapping[str, object]
Header: TypeAlias = tuple[bytes, bytes]

_AT_ONCE_BYTES: Final = 2**21
"""Answers up to this length are gathered in the thread that made them and sent as one."""
_FILE_PIECE_BYTES: Final = 2**18


@dataclass(frozen=True, slots=True)
class Started:
    """A response whose status and headers are known; `body` is None where `whole` holds it."""

    status: int
    headers: list[Header]
    whole: bytes
    body: Iterator[bytes] | None
    close: Callable[[], None]


def environ_of(scope: Message) -> WSGIEnvironment:
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


def started(application: WSGIApplication, environ: WSGIEnvironment) -> Started:
    """Run the application up to its response, or through it where that is short."""
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
    close = getattr(iterable, "close", nothing)
    status, headers = answered[0]
    length = _length(environ, status, headers)
    if length is None or length > _AT_ONCE_BYTES:
        return Started(status, headers, b"", iter(iterable), close)
    try:
        whole = b"".join(iterable)
    finally:
        close()
    if len(whole) != length:  # what follows on the connection would be taken for its rest
        raise ValueError(f"an answer of {len(whole)} bytes says that it has {length}")
    return Started(status, headers, whole, None, nothing)


def _length(environ: WSGIEnvironment, status: int, headers: list[Header]) -> int | None:
    """Return how many bytes the body has to have, None where that is not said."""
    if environ["REQUEST_METHOD"] == "HEAD" or status in (204, 304):
        return 0
    length = next((value for name, value in headers if name == b"content-length"), None)
    return None if length is None else int(length)


def _refuse_write(_piece: bytes) -> object:
    raise NotImplementedError("an application answers by what it returns, not by write()")


def nothing() -> None:
    """Do nothing: what closes an answer that needs no closing."""
