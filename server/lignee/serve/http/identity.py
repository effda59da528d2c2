"""What each request carries: an identifier of its own, and who asks."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, request

from lignee.serve.http.clients import Proxies
from lignee.serve.http.record import notes_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REQUEST_ID: Final = "X-Request-Id"
_CLIENT: Final = "lignee.client"
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._:/+=-]{8,128}")
"""Nothing that could break a line of a log, or be taken for something else in it."""
_DIGEST_CHARACTERS: Final = 12


def install(app: Flask, proxies: Proxies) -> None:
    """Have the application tell requests and clients apart."""
    inner = app.wsgi_app

    def begin(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        notes_of(environ).request_id = request_id_of(environ)
        environ[_CLIENT] = proxies.client_of(environ)
        environ["wsgi.url_scheme"] = proxies.scheme_of(environ)
        return inner(environ, start_response)

    @app.after_request
    def name(response: Response) -> Response:
        if request_id := notes_of(request.environ).request_id:
            response.headers[REQUEST_ID] = request_id
        return response

    app.wsgi_app = begin  # type: ignore[method-assign]  # as Flask's documentation says to


def request_id_of(environ: WSGIEnvironment) -> str:
    """Return the identifier that the client gave its request, else a new one."""
    given = str(environ.get("HTTP_X_REQUEST_ID", ""))
    return given if _WELL_FORMED.fullmatch(given) else new_request_id()


def new_request_id() -> str:
    """Return an identifier that no other request has."""
    return uuid.uuid4().hex


def client() -> str:
    """Return who asks, as far as turns go; empty where nobody knows."""
    return str(request.environ.get(_CLIENT, ""))


def digest_of(query: str) -> str:
    """Return by what a log names a query without telling it."""
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]
