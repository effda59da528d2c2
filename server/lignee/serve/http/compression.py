"""Content codings: which one a client gets, and bodies in it.

See https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding; zstd is RFC 8878. The header is
parsed by Werkzeug.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Protocol

import zstandard
from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header
from zstandard import COMPRESSOBJ_FLUSH_BLOCK, COMPRESSOBJ_FLUSH_FINISH

from lignee.serve.http.cache import IDENTITY

ZSTD: Final = "zstd"
GZIP: Final = "gzip"
SMALLEST_BYTES: Final = 1_000
"""Bodies below this fit a network packet however they are written."""

_GZIP_LEVEL: Final = 5
_ZSTD_LEVEL: Final = 3
_WITH_GZIP_FRAME: Final = 31
_LONGEST: Final = 1_000
_REMEMBERED: Final = 256
_APPLICATION_TEXT: Final = ("json", "xml", "n-triples", "n-quads", "trig", "javascript", "yaml")


class _Compressor(Protocol):
    """Takes pieces; gives what a reader needs to have everything so far, and then the end."""

    def piece(self, data: bytes) -> bytes: ...
    def end(self) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(_GZIP_LEVEL, wbits=_WITH_GZIP_FRAME)

    def piece(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._stream.flush()


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()

    def piece(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(COMPRESSOBJ_FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._stream.flush(COMPRESSOBJ_FLUSH_FINISH)


def install(app: Flask) -> None:
    """Have the application compress what its views answer as a whole, without a validator."""
    app.after_request(_compress)


@lru_cache(_REMEMBERED)
def coding_for(accept_encoding: str) -> str:
    """Return the coding that the header likes best, zstd where it likes several the same."""
    accept = parse_accept_header(accept_encoding[:_LONGEST], Accept)
    named = dict(accept)
    best = max((ZSTD, GZIP), key=accept.quality)
    wanted = accept.quality(best)
    return best if wanted > 0 and wanted >= named.get("identity", 0) else IDENTITY


def compress(body: bytes, coding: str) -> bytes:
    """Return the body in that coding."""
    if coding == ZSTD:
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


def compressed(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield the pieces in that coding, each so that it can be read as soon as it arrives.

    What `pieces` raises is raised before the end is written: a reader sees that something is
    missing even where its transfer looks whole.
    """
    compressor: _Compressor = _Zstd() if coding == ZSTD else _Gzip()
    for piece in pieces:
        yield compressor.piece(piece)
    yield compressor.end()


def _compress(response: Response) -> Response:
    if not _is_compressible(response):
        return response
    response.vary.add("Accept-Encoding")
    coding = coding_for(request.headers.get("Accept-Encoding", ""))
    if coding != IDENTITY and (response.content_length or 0) >= SMALLEST_BYTES:
        response.set_data(compress(response.get_data(), coding))
        response.content_encoding = coding
    return response


def _is_compressible(response: Response) -> bool:
    return (
        response.status_code == 200
        and not response.is_streamed
        and not response.content_encoding
        and "ETag" not in response.headers
        and _is_text(response.mimetype or "")
    )


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith(_APPLICATION_TEXT)
