"""A server in a thread of the test's process, whose insides can be looked at."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from flask import Flask

import serving
from lignee import settings
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.tally import Tally
from lignee.release import Release
from lignee.serve.app import create_app, wsgi_of
from lignee.serve.context import Equipment
from lignee.serve.gateway import Gateway
from lignee.serve.http.answers import Answers
from lignee.serve.http.record import RequestRecord
from lignee.serve.operation.metrics import Metrics
from lignee.serve.operation.served import ServedReleases
from lignee.serve.protocol.direct_way import DirectWay
from lignee.serve.server import config_of
from lignee.serve.short_way import ShortWay
from lignee.serve.site import languages
from lignee.serve.site.overview import Overviews


@dataclass
class Inside:
    """A running server, what it holds, and what it told of the requests so far."""

    port: int
    app: Flask
    answers: Answers
    short_way: ShortWay
    records: list[RequestRecord] = field(default_factory=list)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def client(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for the condition; fail where it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextmanager
def serve_inside(
    release: Release, *, with_lookups: bool = False, **given: float
) -> Iterator[Inside]:
    """Run a server on the release with these settings, one worker unless they say otherwise."""
    flags = {name: f"{value:g}" for name, value in {"workers": 1, **given}.items()}
    chosen = settings.read({"releases": str(release.folder.parent), **flags}, {})
    records: list[RequestRecord] = []
    short_way = ShortWay(1_000_000, records.append)
    answers = Answers(limit_bytes=chosen.cache_bytes, most_waiting=chosen.queue_length)
    tally = Tally()

    def opened(wanted: Release, limits: settings.Settings) -> EmbeddedEngine:
        return EmbeddedEngine(wanted, limits, tally, with_lookups=with_lookups)

    served = ServedReleases(chosen, release, opened)
    with contextlib.closing(served):
        metrics = Metrics(tally, served)
        equipment = Equipment(chosen, served, languages.load(), answers, Overviews(), metrics)
        app = create_app(equipment)
        server = Inside(serving.free_port(), app, answers, short_way, records)
        gateway = Gateway(
            wsgi_of(app, equipment),
            threads=20,
            body_bytes=chosen.query_bytes,
            body_seconds=chosen.request_seconds,
            stall_seconds=chosen.stall_seconds,
            on_shutdown=served.close,
            observer=records.append,
        )
        config = config_of(gateway, short_way, DirectWay(equipment, records.append), chosen)
        config.port = server.port
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run)
        thread.start()
        until(lambda: running.started)
        try:
            yield server
        finally:
            running.should_exit = True
            thread.join()
