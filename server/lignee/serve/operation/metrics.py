"""What the server counts, for Prometheus (https://prometheus.io/docs/concepts/metric_types/).

The registry is the application's own; nothing is counted before there is one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
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
        self._requests = _Requests()
        ProcessCollector(registry=self._registry)
        for collector in (self._requests, _Engines(tally), _Releases(served)):
            self.add(collector)

    def add(self, collector: Collector) -> None:
        """Have what the collector tells be told too."""
        self._registry.register(collector)

    def observe(self, record: RequestRecord) -> None:
        """Count a request that is over; for one thread."""
        self._requests.count(record)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics and their media type, in the format that `Accept` prefers."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


@dataclass(slots=True)
class _Count:
    """What was counted of the requests of one kind of route."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    durations: list[int] = field(default_factory=lambda: [0] * (len(_DURATIONS) + 1))
    seconds: float = 0.0
    sent_bytes: int = 0
    broken: Counter[str] = field(default_factory=Counter)


class _Requests(Collector):
    """Requests and their outcomes.

    The library's own counters take ten times as long as these, and as an answer from memory.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, _Count] = {}
        self._cached: Counter[str] = Counter()

    def count(self, record: RequestRecord) -> None:
        kind = self._kinds.get(record.kind)
        if kind is None:
            kind = self._kinds[record.kind] = _Count()
        kind.answers[record.method, record.status] += 1
        kind.durations[bisect_left(_DURATIONS, record.seconds)] += 1
        kind.seconds += record.seconds
        kind.sent_bytes += record.sent_bytes
        if record.cache != "none":
            self._cached[record.cache] += 1
        if record.is_broken_off:
            kind.broken[record.error or "CalledOff"] += 1

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "lignee_requests",
            "Requests answered, by kind of route, method and status.",
            labels=("kind", "method", "status"),
        )
        durations = HistogramMetricFamily(
            "lignee_request_duration_seconds",
            "From a request's head to the last byte of its answer.",
            labels=("kind",),
        )
        sent = CounterMetricFamily(
            "lignee_sent_bytes", "Bytes of bodies as sent, compressed or not.", labels=("kind",)
        )
        broken = CounterMetricFamily(
            "lignee_answers_broken_off",
            "Answers that failed after they had begun, by the error; CalledOff: the client left.",
            labels=("kind", "error"),
        )
        for kind, count in list(self._kinds.items()):
            for (method, status), number in _by_known_method(count.answers).items():
                requests.add_metric((kind, method, str(status)), number)
            durations.add_metric((kind,), _buckets(_DURATIONS, count.durations), count.seconds)
            sent.add_metric((kind,), count.sent_bytes)
            for error, number in list(count.broken.items()):
                broken.add_metric((kind, error), number)
        cached = CounterMetricFamily(
            "lignee_cache_outcomes",
            "Answers by what the cache of results did for them.",
            labels=("outcome",),
        )
        for outcome, number in list(self._cached.items()):
            cached.add_metric((outcome,), number)
        yield from (requests, durations, sent, broken, cached)


def _by_known_method(answers: Counter[tuple[str, int]]) -> Counter[tuple[str, int]]:
    """Return the counts with all methods that no route knows as one."""
    known: Counter[tuple[str, int]] = Counter()
    for (method, status), number in list(answers.items()):
        known[method if method in _METHODS else "other", status] += number
    return known


def _buckets(bounds: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    """Return a histogram's buckets, each of which holds those before it too."""
    return list(zip([*map(str, bounds), "+Inf"], accumulate(counts), strict=True))


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
        waits.add_metric([], _buckets(WAIT_SECONDS, tally.waits), tally.waited_seconds)
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
