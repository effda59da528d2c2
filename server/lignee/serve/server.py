"""Run the application in a production server, in a process with an engine of its own."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, cast

import uvicorn

from lignee.engines import additions
from lignee.engines.additions import Additions
from lignee.engines.engine import Engine
from lignee.engines.machine import with_workers
from lignee.engines.opening import open_engine
from lignee.engines.tally import Tally
from lignee.errors import LigneeError, SettingError
from lignee.release import Release, open_release
from lignee.serve import supervision
from lignee.serve.app import create_app, wsgi_of
from lignee.serve.connection import Connection
from lignee.serve.context import Equipment
from lignee.serve.gateway import Gateway
from lignee.serve.http.answers import Answers
from lignee.serve.http.clients import Proxies
from lignee.serve.http.record import RequestRecord
from lignee.serve.operation import logs
from lignee.serve.operation.metrics import Caches, Metrics
from lignee.serve.operation.served import OLDER_QUEUE_LENGTH, ServedReleases
from lignee.serve.operation.watch import Watch
from lignee.serve.protocol.direct_way import DirectWay
from lignee.serve.short_way import ShortWay
from lignee.serve.site import languages
from lignee.serve.site.overview import Overviews
from lignee.serve.site.warming import Warming
from lignee.settings import Settings

_KEEP_ALIVE_SECONDS: Final = 75
_THREADS_OF_PAGES: Final = 16
"""Beyond those that queries may hold, where --threads is left to us."""
_SHORT_WAY_SHARE: Final = 4
"""The fraction of --cache-bytes that answers kept ready to be sent may take."""


def serve(settings: Settings, files: Sequence[Path] = ()) -> None:
    """Serve the current release, and files beside it, until told to stop (SIGINT, SIGTERM).

    Raises ReleaseError, InputError or SettingError before anything is started, EngineUnavailable
    where the release cannot be opened by the engine.
    """
    release = open_release(settings.releases)
    _require_usable(settings, files)
    added = additions.read(files, release, settings)
    logs.configure(settings)
    supervision.run(
        functools.partial(_serve, settings, release, added),
        settings.host,
        settings.port,
        stop_seconds=settings.stop_seconds,
    )


def _serve(settings: Settings, release: Release, added: Additions, listener: socket.socket) -> None:
    """Answer requests until SIGTERM; raises EngineUnavailable."""
    with contextlib.suppress(LigneeError):  # this process may follow one that has served longer
        release = open_release(settings.releases)
    tally = Tally()
    served = ServedReleases(
        settings, release, lambda wanted, limits: open_engine(wanted, limits, tally, added), added
    )
    answers = Answers(limit_bytes=settings.cache_bytes, most_waiting=settings.queue_length)
    metrics = Metrics(tally, served)
    equipment = Equipment(settings, served, languages.load(), answers, Overviews(), metrics)
    log = logs.RequestLog()

    def observe(record: RequestRecord) -> None:
        metrics.observe(record)
        log.observe(record)

    app = create_app(equipment)
    application = wsgi_of(app, equipment)
    warming = Warming(app, application, lambda: tally.busy + tally.waiting > 0)

    def end() -> None:
        watch.stop()
        warming.stop()
        served.close()
        log.close()

    short_way = ShortWay(settings.cache_bytes // _SHORT_WAY_SHARE, observe)
    metrics.add(Caches(answers, short_way))
    gateway = Gateway(
        application,
        threads=settings.threads or _threads_held(settings) + _THREADS_OF_PAGES,
        body_bytes=settings.query_bytes,
        body_seconds=settings.request_seconds,
        stall_seconds=settings.stall_seconds,
        on_shutdown=end,
        observer=observe,
    )
    greeting = f"Serving release {added.label(release)} at {_url(settings)}"
    server = _Server(
        config_of(gateway, short_way, DirectWay(equipment, observe), settings), greeting
    )

    def welcome(engine: Engine, release: Release) -> None:
        server.run_soon(short_way.clear)
        equipment.overviews.prepare(engine, release)
        equipment.labels.of(engine, release, added.label(release))
        equipment.catalogues.of(engine, release, added.label(release))
        if settings.warm_pages == "yes":
            warming.begin()

    watch = Watch(settings.releases, served, welcome)
    signal.signal(signal.SIGHUP, lambda *_: watch.look_again())
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn repeats it once it has stopped
    server.run([listener])


def config_of(
    gateway: Gateway, short_way: ShortWay, direct_way: DirectWay | None, settings: Settings
) -> uvicorn.Config:
    """Return how the web server runs the gateway, with the two other ways before it."""
    connection = functools.partial(Connection, short_way, direct_way, settings.request_seconds)
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
        timeout_graceful_shutdown=settings.stop_seconds,
    )


class _Server(uvicorn.Server):
    """Uvicorn's server, which prints a line of ours as soon as it answers."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting
        self._loop: asyncio.AbstractEventLoop | None = None

    def run_soon(self, work: Callable[[], None]) -> None:
        """Have the work done in the thread that serves; before that, there is none to do."""
        if self._loop:
            self._loop.call_soon_threadsafe(work)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and print the line."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        print(self._greeting, flush=True)


def _url(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/"


def _require_usable(settings: Settings, files: Sequence[Path]) -> None:
    """Raise SettingError where a setting makes no sense, or not with the others."""
    if files and settings.engine:
        raise SettingError(
            f"--with adds files to an engine of Lignée's own, and --engine is {settings.engine}; "
            "load them into that server, or serve without it"
        )
    Proxies.from_setting(settings.trusted_proxies)
    if 0 < settings.threads <= (held := _threads_held(settings)):
        raise SettingError(
            f"--threads is {settings.threads}; queries may hold {held} (--workers, twice "
            f"--queue-length, {1 + OLDER_QUEUE_LENGTH} for each of --older-releases), and pages "
            "need some too"
        )


def _threads_held(settings: Settings) -> int:
    """Return how many threads queries may hold, whatever kind of store is served next."""
    held = with_workers(settings, on_disk=True).workers + 2 * settings.queue_length
    return held + settings.older_releases * (1 + OLDER_QUEUE_LENGTH)
