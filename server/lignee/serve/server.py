"""Run the application in a production server, in a process with an engine of its own."""

from __future__ import annotations

import functools
import multiprocessing
import socket
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from lignee.engines import additions
from lignee.engines.additions import Additions
from lignee.engines.embedded import EmbeddedEngine
from lignee.errors import EngineUnavailable, SettingError
from lignee.release import Release, open_release
from lignee.serve.app import create_app
from lignee.serve.gateway import Gateway
from lignee.settings import Settings

_LONGEST_URL_BYTES: Final = 65_534
_HEADERS_BYTES: Final = 65_536
_STOP_SECONDS: Final = 3
"""How long answers under way may take to end when the server is stopped."""
_CONNECT_SECONDS: Final = 0.02
_LOGGING: Final = {
    "handlers": {
        name: {
            "class": "logging.StreamHandler",
            "formatter": "generic",
            "stream": "ext://sys.stderr",
        }
        for name in ("console", "access")
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
}
"""Added to the server's own: standard output is for the start-up message alone."""


def serve(settings: Settings, files: Sequence[Path] = ()) -> None:
    """Serve the current release, and files beside it, until told to stop (SIGINT, SIGTERM).

    Raises ReleaseError, InputError or SettingError before anything is started, EngineUnavailable
    where the release cannot be opened by the engine.
    """
    release = open_release(settings.releases)
    added = additions.read(files, release, settings)
    _require_free(settings.host, settings.port)
    failures, tell_failure = multiprocessing.Pipe(duplex=False)
    server = Server(
        "lignee",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(
            max_buffer_size=_LONGEST_URL_BYTES + _HEADERS_BYTES,
            header_read_timeout=round(settings.header_seconds * 1000),
        ),
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    )
    load = functools.partial(_load, settings, release, added, tell_failure)
    try:
        server.serve(target_loader=load, wrap_loader=False)
    except SystemExit:
        if failures.poll():
            raise EngineUnavailable(failures.recv()) from None
        raise


def _load(
    settings: Settings, release: Release, added: Additions, tell_failure: Connection
) -> Gateway:
    """Return the application in the process that serves it; called there, once."""
    try:
        engine = EmbeddedEngine(release, settings, added)
    except EngineUnavailable as error:
        tell_failure.send(str(error))
        sys.exit(1)
    label = added.label(release)
    app = create_app(settings, engine, release, label)
    threading.Thread(target=_announce, args=(settings, label), daemon=True).start()
    return Gateway(
        app.wsgi_app,
        threads=settings.threads,
        body_bytes=settings.query_bytes,
        body_seconds=settings.body_seconds,
        stall_seconds=settings.stall_seconds,
        on_shutdown=engine.close,
    )


def _announce(settings: Settings, label: str) -> None:
    """Print the address and the release as soon as connections are accepted."""
    wildcard = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what to connect to instead
    address = (wildcard.get(settings.host, settings.host), settings.port)
    while True:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            time.sleep(_CONNECT_SECONDS)
            continue
        break
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Serving release {label} at http://{host}:{settings.port}/", flush=True)


def _require_free(host: str, port: int) -> None:
    """Raise SettingError where the address cannot be listened on.

    The server itself shares its port (SO_REUSEPORT), so that two would take turns unnoticed.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise SettingError(f"--host is {host}, which is no address of this machine") from None
    except OSError as error:
        raise SettingError(
            f"port {port} of {host} cannot be listened on ({error.strerror}); "
            "--port and --host choose another"
        ) from None
