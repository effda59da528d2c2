"""The embedded engine: pyoxigraph in worker processes that can be ended at any moment."""

from __future__ import annotations

import time
from typing import Final

from lignee.engines.additions import NOTHING_ADDED, Additions
from lignee.engines.engine import Answer, Begun, Busy, Cancellation, Closing, Request
from lignee.engines.exchange import Exchange, LostAtOnce
from lignee.engines.frames import JOB, PIECE_BYTES, pack
from lignee.engines.link import Worker
from lignee.engines.lookup import Lookups
from lignee.engines.machine import with_workers
from lignee.engines.pool import Pool
from lignee.engines.tally import Tally
from lignee.formats import Format
from lignee.release import Release
from lignee.settings import Settings

_LONGEST_JOB_BYTES: Final = 32_768
"""What the socket of an idle worker takes at once, and more."""


class EmbeddedEngine(Closing):
    """Evaluates queries on a release in worker processes with a deadline and a memory cap.

    Raises EngineUnavailable when the release, or a file added to it, cannot be opened.
    """

    def __init__(
        self,
        release: Release,
        settings: Settings,
        tally: Tally | None = None,
        additions: Additions = NOTHING_ADDED,
        *,
        with_lookups: bool = False,
    ) -> None:
        on_disk = release.manifest.quads > settings.memory_store_max_quads
        self._settings = settings = with_workers(settings, on_disk=on_disk)
        self._pool = Pool(release, additions, settings, tally or Tally())
        # A store on disk is left to workers: here, everybody would wait for the disk.
        most = min(settings.lookup_max_quads, settings.memory_store_max_quads)
        has_lookups = with_lookups and release.manifest.quads <= most and not additions.files
        self._lookups = Lookups(release) if has_lookups else None

    def evaluate(self, request: Request) -> Answer:
        """Return the answer once its status is sure; raises QueryError or EngineError.

        Time counts while the worker is waited for, not while the client is slow to read.
        """
        try:
            return self._attempt(request)
        except LostAtOnce:
            return self._attempt(request)

    def begin(
        self, request: Request, cancellation: Cancellation, waited_seconds: float = 0.0
    ) -> Begun | Busy | None:
        """Have an idle worker evaluate the query, where the client may have one now."""
        job = _job(request)
        if len(job) > _LONGEST_JOB_BYTES or self._settings.spool_bytes < PIECE_BYTES:
            return None
        worker = self._pool.take_idle(request.client, waited_seconds)
        if not isinstance(worker, Worker):
            return worker
        exchange = self._exchange(worker, request, cancellation)
        if not exchange.send_now(job):
            exchange.abandon("crash")
            return None
        return Begun(
            descriptor=worker.connection.fileno(),
            answer_now=lambda: exchange.answer_now(waited_seconds),
            answer=lambda: self._answer_begun(exchange, request, cancellation, waited_seconds),
            abandon=exchange.abandon,
        )

    def look_up(self, query: str, form: Format, base_iri: str) -> bytes | None:
        """Return the answer to a lookup, where the engine was opened with them."""
        return self._lookups.answer(query, form, base_iri) if self._lookups else None

    def _answer_begun(
        self,
        exchange: Exchange,
        request: Request,
        cancellation: Cancellation,
        queue_seconds: float,
    ) -> Answer:
        try:
            return exchange.answer(queue_seconds)
        except LostAtOnce:
            return self._attempt(request._replace(cancellation=cancellation))
        except BaseException:
            exchange.abandon()
            raise

    def _attempt(self, request: Request) -> Answer:
        asked = time.monotonic()
        worker = self._pool.take(request.client, request.cancellation)
        queued = time.monotonic() - asked
        exchange = self._exchange(worker, request, request.cancellation)
        try:
            exchange.send(_job(request))
            return exchange.answer(queued)
        except BaseException:
            exchange.abandon()
            raise

    def _exchange(
        self, worker: Worker, request: Request, cancellation: Cancellation | None
    ) -> Exchange:
        exchange = Exchange(self._pool, worker, self._settings, request.timeout_seconds)
        if cancellation:
            cancellation.subscribe(exchange.abandon)
        return exchange

    def close(self) -> None:
        """End the workers and the process that forks them."""
        self._pool.close()


def _job(request: Request) -> bytes:
    return pack(
        JOB,
        {
            "query": request.query,
            "result_format": request.result_format.name if request.result_format else None,
            "graph_format": request.graph_format.name if request.graph_format else None,
            "default_graphs": list(request.default_graphs),
            "named_graphs": list(request.named_graphs),
            "base_iri": request.base_iri,
            "bindings": {name: str(term) for name, term in request.bindings.items()},
        },
    )
