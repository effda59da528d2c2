"""Run the application in a production server, in a process with an engine of its own."""

from __future__ import annotations

import functools
import signal
import socket
from typing import Final, cast

import uvicorn

from lignee.engines.embedded import EmbeddedEngine
from lignee.release import Release, open_release
from lignee.serve import supervision
from lignee.serve.app import create_app
from lignee.serve.connection import Connection
from lignee.serve.gateway import Gateway
from lignee.serve.short_way import ShortWay
from lignee.settings import Settings

_STOP_SECONDS: Final = 3
"""How long answers under way may take to end when the server is stopped."""
_KEEP_ALIVE_SECONDS: Final = 75
_SHORT_WAY_SHARE: Final = 4
"""The fraction of --cache-bytes that answers kept ready to be sent may take."""


def serve(settings: Settings) -> None:
    """Serve the current release until the process is told to stop (SIGINT, SIGTERM).

    Raises ReleaseError or SettingError before anything is started, EngineUnavailable where the
    release cannot be opened by the engine.
    """
    release = open_release(settings.releases)
    supervision.run(functools.partial(_serve, settings, release), settings.host, settings.port)


def _serve(settings: Settings, release: Release, listener: socket.socket) -> None:
    """Answer requests until SIGTERM; raises EngineUnavailable."""
    engine = EmbeddedEngine(release, settings)
    gateway = Gateway(
        create_app(settings, engine, release).wsgi_app,
        threads=settings.threads,
        body_bytes=settings.query_bytes,
        body_seconds=settings.request_seconds,
        on_shutdown=engine.close,
    )
    short_way = ShortWay(settings.cache_bytes // _SHORT_WAY_SHARE)
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn repeats it once it has stopped
    greeting = f"Serving release {release.version} at {_url(settings)}"
    _Server(config_of(gateway, short_way, settings), greeting).run([listener])


def config_of(gateway: Gateway, short_way: ShortWay, settings: Settings) -> uvicorn.Config:
    """Return how the web server runs the gateway, with the short way before it."""
    connection = functools.partial(Connection, short_way, settings.request_seconds)
    return uvicorn.Config(
        gateway,
        http=cast(type[Connection], connection),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",  # what fails is logged by the gateway
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


class _Server(uvicorn.Server):
    """Uvicorn's server, which prints a line of ours as soon as it answers."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and print the line."""
        await super().startup(sockets)
        print(self._greeting, flush=True)


def _url(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/"
