"""What the server counts, for Prometheus (https://prometheus.io/docs/concepts/metric_types/).

The registry is the application's own; nothing is counted before there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from lignee.engines.ending import CAUSES
from lignee.engines.tally import WAIT_SECONDS, Tally
from lignee.serve.http.answers import Answers
from lignee.serve.http.record import RequestRecord
from lignee.serve.operation.served import ServedReleases
from lignee.serve.short_way import ShortWay

_DURATIONS: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


class Metrics:
    """Counts requests, and tells that and the state of engines and release when asked."""

    def __init__(self, tally: Tally, served: ServedReleases) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "lignee_requests",
            "Requests answered, by kind of route, method and status.",
            ("kind", "method", "status"),
            registry=self._registry,
        )
        self._durations = Histogram(
            "lignee_request_duration_seconds",
            "From a request's head to the last byte of its answer.",
            ("kind",),
            buckets=_DURATIONS,
            registry=self._registry,
        )
        self._sent = Counter(
            "lignee_sent_bytes",
            "Bytes of bodies as they were sent, compressed or not.",
            ("kind",),
            registry=self._registry,
        )
        self._broken = Counter(
            "lignee_answers_broken_off",
            "Answers that failed after they had begun, by the error or `CalledOff`.",
            ("kind", "error"),
            registry=self._registry,
        )
        self._cached = Counter(
            "lignee_cache_outcomes",
            "Answers by what the cache of results did for them.",
            ("outcome",),
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self.add(_Engines(tally))
        self.add(_Releases(served))

    def add(self, collector: Collector) -> None:
        """Have what the collector tells be told too."""
        self._registry.register(collector)

    def observe(self, record: RequestRecord) -> None:
        """Count a request that is over."""
        method = record.method if record.method in _METHODS else "other"
        self._requests.labels(record.kind, method, str(record.status)).inc()
        self._durations.labels(record.kind).observe(record.seconds)
        self._sent.labels(record.kind).inc(record.sent_bytes)
        if record.cache != "none":
            self._cached.labels(record.cache).inc()
        if record.is_broken_off:
            self._broken.labels(record.kind, record.error or "CalledOff").inc()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics and their media type, in the format that `Accept` prefers."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


class _Engines(Collector):
    """Workers and queue of all engines together."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        tally = self._tally
        yield GaugeMetricFamily("lignee_workers", "Worker processes.", tally.workers)
        yield GaugeMetricFamily("lignee_workers_busy", "Those with a query.", tally.busy)
        yield GaugeMetricFamily(
            "lignee_queries_waiting", "Queries that wait for a worker.", tally.waiting
        )
        waits = HistogramMetricFamily(
            "lignee_query_wait_seconds", "How long queries waited for a worker."
        )
        bounds = [*map(str, WAIT_SECONDS), "+Inf"]
        counts = list(accumulate(tally.waits))
        waits.add_metric([], list(zip(bounds, counts, strict=True)), tally.waited_seconds)
        yield waits
        replaced = CounterMetricFamily(
            "lignee_workers_replaced", "Workers that were replaced, by cause.", labels=("cause",)
        )
        for cause in CAUSES:
            replaced.add_metric((cause,), tally.replaced[cause])
        yield replaced


class _Releases(Collector):
    """The release that is served, and the older ones that are open."""

    def __init__(self, served: ServedReleases) -> None:
        self._served = served

    def collect(self) -> Iterator[Metric]:
        manifest = self._served.release.manifest
        told = {
            "version": manifest.version,
            "issued": manifest.issued,
            "digest": manifest.digest,
        }
        yield InfoMetricFamily("lignee_release", "The current release.", told)
        yield GaugeMetricFamily(
            "lignee_release_quads", "Quads in its named graphs.", manifest.quads
        )
        yield GaugeMetricFamily(
            "lignee_older_releases_open", "Older releases with an engine now.", self._served.older
        )


class Caches(Collector):
    """What is held in memory, and what that has spared the engine."""

    def __init__(self, answers: Answers, short_way: ShortWay) -> None:
        self._answers = answers
        self._short_way = short_way

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        cache, short = self._answers.cache, self._short_way
        held = GaugeMetricFamily(
            "lignee_cache_held_bytes",
            "Answers held: by what they answer, and ready to be sent.",
            labels=("part",),
        )
        held.add_metric(("answers",), cache.held_bytes)
        held.add_metric(("ready",), short.held_bytes)
        yield held
        yield CounterMetricFamily(
            "lignee_cache_hits", "Answers found held.", cache.hits + short.hits
        )
        yield CounterMetricFamily("lignee_cache_misses", "Answers not held.", cache.misses)
        yield CounterMetricFamily(
            "lignee_cache_evictions", "Answers that made room for others.", cache.evictions
        )
