"""What each request carries: an identifier of its own, and who asks."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from lignee.serve.http.clients import Proxies
from lignee.serve.http.record import notes_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID: Final = "X-Request-Id"
_CLIENT: Final = "lignee.client"
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._:/+=-]{8,128}")
"""Nothing that could break a line of a log, or be taken for something else in it."""
_DIGEST_CHARACTERS: Final = 12


class Identity:
    """A WSGI application before another, which tells requests and clients apart for it."""

    def __init__(self, proxies: Proxies, application: WSGIApplication) -> None:
        self._proxies = proxies
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Have the request answered, and name it in the answer."""
        request_id = notes_of(environ).request_id = request_id_of(environ)
        environ[_CLIENT] = self._proxies.client_of(environ)
        environ["wsgi.url_scheme"] = self._proxies.scheme_of(environ)

        def start(
            status: str, headers: list[tuple[str, str]], _error: object = None, /
        ) -> Callable[[bytes], object]:
            return start_response(status, [*headers, (REQUEST_ID, request_id)])

        return self._application(environ, start)


def request_id_of(environ: WSGIEnvironment) -> str:
    """Return the identifier that the client gave its request, else a new one."""
    given = str(environ.get("HTTP_X_REQUEST_ID", ""))
    return given if _WELL_FORMED.fullmatch(given) else new_request_id()


def new_request_id() -> str:
    """Return an identifier that no other request has."""
    return os.urandom(16).hex()


def client_of(environ: WSGIEnvironment) -> str:
    """Return who asks, as far as turns go; empty where nobody knows."""
    return str(environ.get(_CLIENT, ""))


def digest_of(query: str) -> str:
    """Return by what a log names a query without telling it."""
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]
