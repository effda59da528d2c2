"""Why a target is missed, and what the floor is: shown on the page as long as it is missed.

What can be read from the result is; causes are what a profile showed.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Final

from report import targets
from report.numbers import FIRST, Result, geometric_mean, medians, name_of, sizes

_LIMIT: Final = "pyoxigraph"
_PYTHON: Final = (
    "Each cold query passes two processes of Python, the front and a worker. "
    "[0038](../decisions/0038-the-direct-way.md) shows the floor, 92 µs for a small query by the "
    "same two processes with nothing in them but evaluation, beside 59 µs of `oxigraph serve`. "
    "A profile of the front finds no single cause: a fifth of its time is the system call that "
    "sends the answer, the rest is spread over forty functions. For Turtle with prefixes each triple "
    "of a `CONSTRUCT` or `DESCRIBE` is handed through Python once, as pyoxigraph writes prefixes "
    "in no other way. Over a large graph in memory, a worker copies the pages that a query touches for the first time: 54,772 "
    "of them for `count-by-theme-and-year`, 445 ms at first and 170 ms afterwards"
)
Explanation = Callable[[Result], str]


def explain(measure: str, result: Result) -> str:
    """Return why a target is missed in a result."""
    explanation = EXPLANATIONS.get(measure)
    return explanation(result) if explanation else "not explained yet."


def _cold(result: Result) -> str:
    later = []
    for quads, parts in sizes(result):
        ours, theirs = medians(parts, FIRST), medians(parts, targets.OTHER)
        small = [ours[name] - theirs[name] for name in theirs if theirs[name] <= 2 and name in ours]
        if small:
            later.append(f"{statistics.median(small):.2f} ms at {name_of(quads)}")
    return f"{_PYTHON}. The median of queries below 2 ms is later by {' and '.join(later)}."


def _disk(result: Result) -> str:
    told = []
    for quads, parts in sizes(result):
        ours, theirs = medians(parts, FIRST), medians(parts, "oxigraph-disk")
        large = {n: theirs[n] / ours[n] for n in theirs if n in ours and theirs[n] > 10}
        if large:
            told.append(
                f"{geometric_mean(large):.1f} times faster on the {len(large)} that take it more "
                f"than 10 ms at {name_of(quads)}"
            )
    return (
        "The mean weighs each query alike, and most are small: there, what Python adds (above) "
        f"outweighs the disk, which is in the page cache. Lignée is {', '.join(told)}."
    )


def _limit_of(peer: str, reason: str) -> Explanation:
    def explanation(result: Result) -> str:
        told = []
        for quads, parts in sizes(result):
            limit, theirs = medians(parts, _LIMIT), medians(parts, peer)
            both = {name: theirs[name] / limit[name] for name in theirs if name in limit}
            if both:
                told.append(f"{geometric_mean(both):.0f} times at {name_of(quads)}")
        return f"{reason}; pyoxigraph alone, in process, is faster than it {', '.join(told)}."

    return explanation


def _known(result: Result) -> str:
    told = []
    for quads, parts in sizes(result):
        row = parts.get("cold", {}).get("known/lineage-all", {}).get("peers", {})
        if targets.OTHER in row:
            took = row[targets.OTHER]["median"]
            told.append(f"{took:.1f} ms at {name_of(quads)}")
    return (
        "What is one row is fast, up to what a small query costs (above). All lineage is as many "
        "rows however it is asked: `oxigraph serve` itself, asked for the closure that is built "
        f"into the release, takes {', '.join(told)}. On small graphs the plain question is small, "
        "too."
    )


def _build(result: Result) -> str:
    told = []
    for quads, parts in sizes(result):
        steps = {step["name"]: step["seconds"] for step in parts["build"]["build"]["steps"]}
        three = sorted(steps, key=steps.__getitem__, reverse=True)[:3]
        shares = ", ".join(f"`{name}` {steps[name]:.0f} s" for name in three)
        told.append(f"at {name_of(quads)}: {shares}")
    return (
        "A build does what loading does not: it reads Turtle, draws conclusions, counts, sorts "
        "the canonical form, writes and compresses seven dumps. The longest steps "
        f"{'; '.join(told)}."
    )


EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "cold, each query, against `oxigraph serve` in memory": _cold,
    "cold, geometric mean, against `oxigraph serve` on disk": _disk,
    "cold, geometric mean, against shmarql": _limit_of(
        "shmarql", "shmarql evaluates with the same engine, so that large queries take as long"
    ),
    "cold, geometric mean, against rdflib-endpoint": _limit_of(
        "rdflib-endpoint", "Small queries are decided by what Python adds, in both"
    ),
    "what the release knows, against the plain question to `oxigraph serve`": _known,
    "throughput, Zipf mix, against `oxigraph serve`": lambda _: (
        "What was never asked costs several times what it costs `oxigraph serve` (above), and "
        "the first rounds meet much of it; what is held is answered faster than any query. With "
        "8 clients, one of two cores is the bench’s and the other is enough for `oxigraph serve`."
    ),
    "304 and cached small answers, against its smallest query": lambda _: (
        "One client waits for one answer after the other, and what the bench’s own client takes "
        "in Python, about 25 µs, counts for both; by `wrk`, a lighter one, the ratios are in "
        "[bench/README.md](../../bench/README.md)."
    ),
    "export of 100,000 rows: last byte against `oxigraph serve`, first byte": lambda _: (
        "The first byte waits until half a mebibyte of answer is there (`--spool-bytes`), so that "
        "most failures still get a status of their own: about as long as the engine takes to "
        "write that much."
    ),
    "8 clients beside a runaway; its end": lambda _: (
        "The runaway takes one of two cores; clients, front, workers and the bench’s own process "
        "share the other, so an end that is measured late may have come earlier: beside eight "
        "clients over 1.47 million quads, six runaways with a deadline of 5 s were answered 6 to "
        "27 ms after it."
    ),
    "build without SHACL, against `oxigraph load` of its N-Quads": _build,
}
