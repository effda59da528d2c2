"""The pages' own files, in the content coding that a browser likes best."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, request

from lignee.serve.http import compression

_REMEMBERED: Final = 64
"""Files in a coding; there are about ten, in two."""
_TEXTS: Final = ("text/css", "text/javascript", "image/svg+xml")


def install(app: Flask) -> None:
    """Have the application answer for static files so."""

    def static(filename: str) -> Response:
        response = app.send_static_file(filename)
        if response.mimetype not in _TEXTS:
            return response
        response.vary.add("Accept-Encoding")
        coding = compression.coding_for(request.headers.get("Accept-Encoding", ""))
        if not coding or response.status_code != 200:
            return response
        response.close()
        file = Path(app.static_folder or "") / filename
        coded = Response(_coded(file, file.stat().st_mtime_ns, coding), mimetype=response.mimetype)
        coded.headers["Cache-Control"] = response.headers["Cache-Control"]
        coded.vary.add("Accept-Encoding")
        coded.content_encoding = coding
        coded.set_etag(f"{response.get_etag()[0]}-{coding}")
        coded.make_conditional(request)
        return coded

    app.view_functions["static"] = static


@lru_cache(_REMEMBERED)
def _coded(file: Path, _modified: int, coding: str) -> bytes:
    return compression.compress(file.read_bytes(), coding)
