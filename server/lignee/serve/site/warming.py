"""Asks for the main pages before a visitor does: a page takes longest when it is first made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from itertools import product
from typing import TYPE_CHECKING, Final

from flask import Flask
from werkzeug.test import Client

from lignee.serve.http.negotiation import HTML
from lignee.serve.site.findable import PAGES
from lignee.serve.site.languages import LANGUAGES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_ASKED: Final = (*PAGES, "still.picture")
_PAUSE_SECONDS: Final = 1
"""Whoever waited for the server to start goes first."""
_GLANCE_SECONDS: Final = 0.2
_NOBODY: Final = {"REMOTE_ADDR": ""}
"""The server itself, which takes no client's turn."""


class Warming:
    """A thread that has the pages of the release made which is served, in every language."""

    def __init__(
        self, app: Flask, application: WSGIApplication, is_busy: Callable[[], bool]
    ) -> None:
        """`is_busy` tells whether queries of others are evaluated or wait, who go first."""
        self._is_busy = is_busy
        self._addresses = app.url_map.bind("localhost")
        self._client = Client(application)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin, anew where it goes on for the release before."""
        self.stop()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the page that is being made."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        """Ask for one page after the other, until one cannot be made in the time allowed."""
        self._stopping.wait(_PAUSE_SECONDS)
        for endpoint, language in product(_ASKED, LANGUAGES):
            while self._is_busy() and not self._stopping.wait(_GLANCE_SECONDS):
                pass
            if self._stopping.is_set() or not self._is_made(endpoint, language):
                return

    def _is_made(self, endpoint: str, language: str) -> bool:
        answer = self._client.get(
            self._addresses.build(endpoint),
            query_string={"lang": language},
            headers={"Accept": HTML},
            environ_base=_NOBODY,
        )
        answer.close()
        return answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
