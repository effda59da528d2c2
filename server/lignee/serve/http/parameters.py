"""Parameters and bodies of requests, read strictly: what is not right UTF-8 is refused.

Werkzeug replaces what it cannot decode, which would make another query of the client's.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import (
    BadRequest,
    RequestEntityTooLarge,
    RequestURITooLarge,
    UnsupportedMediaType,
)
from werkzeug.exceptions import (
    NotImplemented as TransferNotImplemented,
)
from werkzeug.wrappers import Request, Response

_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_MOST_PARAMETERS: Final = 1_000

Parameters = MultiDict[str, str]


def of_url(request: Request, limit_bytes: int) -> Parameters:
    """Return the parameters of the URL; raises BadRequest or RequestURITooLarge."""
    encoded = request.query_string
    if len(encoded) > limit_bytes:
        raise RequestURITooLarge(
            f"the URL's query is {len(encoded)} bytes long; at most {limit_bytes} are accepted "
            "(--query-bytes). A long query can be sent by POST"
        )
    return _decoded(encoded, "the URL")


def of_form(request: Request, limit_bytes: int) -> Parameters:
    """Return the parameters of a form sent by POST; raises BadRequest, RequestEntityTooLarge.

    See https://url.spec.whatwg.org/#application/x-www-form-urlencoded.
    """
    return _decoded(body_of(request, limit_bytes), "the form")


def body_of(request: Request, limit_bytes: int) -> bytes:
    """Return the request's body; raises RequestEntityTooLarge.

    For a body that is coded it raises UnsupportedMediaType or NotImplemented.
    """
    _check_body(request)
    body = b""
    if (request.content_length or 0) <= limit_bytes:
        body = request.stream.read(limit_bytes + 1)
    if len(body) > limit_bytes or (request.content_length or 0) > limit_bytes:
        raise RequestEntityTooLarge(
            f"the request's body is longer than the {limit_bytes} bytes that are accepted "
            "(--query-bytes)"
        )
    return body


def _check_body(request: Request) -> None:
    """Refuse a body that is coded."""
    transfer = request.headers.get("Transfer-Encoding", "chunked")
    if transfer.lower() != "chunked":
        raise TransferNotImplemented(
            f"the body is sent as {transfer}; send it with a Content-Length"
        )
    codings = request.headers.get("Content-Encoding", "").lower().replace(" ", "")
    if codings not in ("", "identity"):
        # See https://www.rfc-editor.org/rfc/rfc9110#name-415-unsupported-media-type
        plain = Response(headers={"Accept-Encoding": "identity"})
        raise UnsupportedMediaType("the body is compressed; send it as it is", plain)


def text_of(body: bytes) -> str:
    """Return the body as text; raises BadRequest where it is not UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"the body is not UTF-8 (at byte {error.start}); send it as UTF-8"
        ) from None


def single(parameters: Parameters, name: str) -> str | None:
    """Return the parameter's value, None where it is not given; raises BadRequest for several."""
    values = parameters.getlist(name)
    if len(values) > 1:
        raise BadRequest(f"the parameter `{name}` is given {len(values)} times; give it once")
    return values[0] if values else None


def _decoded(encoded: bytes, where: str) -> Parameters:
    if found := _BROKEN_ESCAPE.search(encoded):
        shown = encoded[found.start() : found.start() + 3].decode("ascii", "replace")
        raise BadRequest(
            f"{where} holds `{shown}`, which is no percent-encoded byte; write `%` itself as `%25`"
        )
    pairs = encoded.replace(b"+", b" ").split(b"&", _MOST_PARAMETERS)
    if len(pairs) > _MOST_PARAMETERS:
        raise BadRequest(
            f"{where} gives more parameters than the {_MOST_PARAMETERS} that are accepted"
        )
    try:
        return MultiDict([_pair(pair) for pair in pairs if pair])
    except UnicodeDecodeError:
        raise BadRequest(f"{where} is not UTF-8; percent-encode its text as UTF-8") from None


def _pair(encoded: bytes) -> tuple[str, str]:
    # The library's `parse_qsl` does the same in three times the time, half a small query's.
    name, _, value = encoded.partition(b"=")
    return unquote_to_bytes(name).decode("utf-8"), unquote_to_bytes(value).decode("utf-8")
