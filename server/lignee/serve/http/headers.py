"""Headers that every answer carries: who may read it, and what a browser may do with it."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g, request

from lignee.serve.http.record import notes_of

_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMED: Final = _PAGE_POLICY.replace("; frame-ancestors 'none'", "")
"""The policy of a page that is made to be shown inside another's, also one of a file."""
_EXPOSED: Final = "Accept-Ranges, Content-Range, ETag, Link, Location, Retry-After, Server-Timing"
COMMON: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Access-Control-Allow-Origin", "*"),  # reads are open, without credentials
    ("Access-Control-Expose-Headers", _EXPOSED),
)
"""What every answer carries."""
_ALLOWED: Final = "Accept, Accept-Language, Content-Type, If-None-Match, If-Range, Range"
_DAY_SECONDS: Final = 86_400


def install(app: Flask) -> None:
    """Have the application add the headers."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    notes_of(request.environ).kind = request.blueprint or request.endpoint or "unknown"
    headers = response.headers
    headers.update(COMMON)
    if request.method == "OPTIONS":
        _answer_preflight(response)
    if response.mimetype == "text/html":
        connect = "; connect-src 'self'" if g.get("has_editor") else ""
        headers.setdefault("Content-Security-Policy", _PAGE_POLICY + connect)
        headers["Referrer-Policy"] = "same-origin"
    return response


def _answer_preflight(response: Response) -> None:
    """Complete the answer to https://fetch.spec.whatwg.org/#cors-preflight-request."""
    response.status_code = 204
    response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
    response.headers["Access-Control-Allow-Headers"] = _ALLOWED
    response.headers["Access-Control-Max-Age"] = str(_DAY_SECONDS)
