"""Connections to the server of a remote engine: kept open, and broken off from any thread.

The standard library's client is used because calling off a query, or a deadline, means to shut a
socket down while another thread waits for its first byte, and to give each read what is left of
the time; clients with a pool of their own hide their sockets until an answer has come.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from lignee.errors import SettingError
from lignee.settings import Settings

_CONNECT_SECONDS: Final = 5.0
_CONNECT_AGAIN_SECONDS: Final = 0.2
_KEPT_SECONDS: Final = 5.0
"""Idle connections older than this are not used again: the server may be about to close them."""


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart."""

    is_secure: bool
    host: str
    port: int | None
    target: str

    @classmethod
    def of(cls, url: str, origin: str) -> Address:
        """Return the address; raises SettingError naming `origin`, without the URL's secrets."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise SettingError(f"{origin} is no URL ({error})") from None
        if parts.username is not None or parts.password is not None:
            raise SettingError(
                f"{origin} holds a user or a password; give them as LIGNEE_ENGINE_USER and "
                "LIGNEE_ENGINE_PASSWORD, where nobody sees them"
            )
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingError(f"{origin} is {url!r}; it must be a URL such as http://host/sparql")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme == "https", parts.hostname, port, target)


def authorization(settings: Settings) -> dict[str, str]:
    """Return the header that shows who asks, none where no user or token is set."""
    if settings.engine_token:
        return {"Authorization": "Bearer " + str(settings.engine_token)}
    if not settings.engine_user:
        return {}
    pair = f"{settings.engine_user}:{settings.engine_password}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}


class Connection:
    """One connection; a single thread uses it at a time, any thread may break it off."""

    def __init__(self, address: Address) -> None:
        self.last_used = time.monotonic()
        self._http = (
            HTTPSConnection(address.host, address.port, context=ssl.create_default_context())
            if address.is_secure
            else HTTPConnection(address.host, address.port)
        )
        self._socket: socket.socket | None = None

    def __del__(self) -> None:
        # Not earlier: while one thread receives, another must not free the descriptor's number.
        self.close()

    def connect(self, timeout_seconds: float) -> None:
        """Connect unless that is done; tries twice, as nothing has been sent; raises OSError."""
        if self._socket is not None:
            return
        self._http.timeout = min(timeout_seconds, _CONNECT_SECONDS)
        try:
            self._http.connect()
        except ConnectionRefusedError:
            time.sleep(min(timeout_seconds, _CONNECT_AGAIN_SECONDS))
            self._http.connect()
        self._socket = self._http.sock
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout_seconds: float,
    ) -> HTTPResponse:
        """Send a request and return the response once its head is here.

        Raises OSError (TimeoutError among them) or HTTPException.
        """
        self.limit(timeout_seconds)
        self._http.request(method, target, body=body, headers=dict(headers))
        return self._http.getresponse()

    def limit(self, timeout_seconds: float) -> None:
        """Give the next reads and writes this long each; raises TimeoutError when it is nothing."""
        if timeout_seconds <= 0:
            raise TimeoutError
        if self._socket is not None and self._socket.fileno() >= 0:  # else closed at its end
            self._socket.settimeout(timeout_seconds)

    def break_off(self) -> None:
        """End the connection, whatever another thread does with it."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, which no other thread is using."""
        self._http.close()

    def has_received(self) -> bool:
        """Tell whether a read would give something, or the end, without waiting."""
        poll = select.poll()
        if self._socket is not None and self._socket.fileno() >= 0:
            poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def is_fresh(self) -> bool:
        """Tell whether the connection can be used again: not old, not closed by the server."""
        if self._socket is None or self._http.sock is None:
            return False
        if time.monotonic() - self.last_used > _KEPT_SECONDS:
            return False
        return not self.has_received()


class Connections:
    """Opens connections to one address and keeps those that can be used again."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._idle: list[Connection] = []

    def take(self) -> Connection:
        """Return a connection, kept or new; a new one is not connected yet."""
        with self._lock:
            while self._idle:
                if (connection := self._idle.pop()).is_fresh():
                    return connection
        return Connection(self._address)

    def give_back(self, connection: Connection) -> None:
        """Keep the connection for another request."""
        connection.last_used = time.monotonic()
        with self._lock:
            self._idle.append(connection)

    def close(self) -> None:
        """Close the connections that are kept."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
