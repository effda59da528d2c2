"""Why a target is missed, and what the floor is: shown on the page as long as it is missed.

Each floor is a measurement of the same run: a peer with nothing in it but evaluation, or the
libraries alone. Where a run has none, that is said.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from report import targets
from report.numbers import FIRST, Result, geometric_mean, medians, name_of, sizes

FLOOR: Final = "floor"
_LIMIT: Final = "pyoxigraph"
_CORES: Final = 2
_WORK: Final = ("read", "load", "sort", "write", "compress")
"""Parts of a build's floor that share the cores."""
Explanation = Callable[[Result], str]
Measured = Callable[[Mapping[str, Any]], str]
"""Returns what the parts of one size say, or nothing."""


def explain(measure: str, result: Result) -> str:
    """Return why a target is missed in a result, with the floor that was measured."""
    explanation = EXPLANATIONS.get(measure)
    return explanation(result) if explanation else "not explained yet."


def tables(result: Result) -> Iterator[str]:
    """Yield for each size the queries that miss their target, with their floors."""
    for quads, parts in sizes(result):
        missed, peer = targets.missed_queries(parts), targets.other(parts)
        if not missed:
            continue
        shown = [name for name in (FIRST, peer, FLOOR, _LIMIT) if medians(parts, name)]
        heads = " | ".join(_HEADS.get(name, "`oxigraph serve`") for name in shown)
        yield f"Queries that miss their target at {name_of(quads)}, milliseconds:\n"
        yield f"| query | {heads} | the floor misses it, too |"
        yield "|---|" + "---|" * (len(shown) + 1)
        yield "\n".join(_row(name, parts, shown) for name in sorted(missed)) + "\n"


_HEADS: Final = {FIRST: "Lignée", FLOOR: "floor", _LIMIT: "pyoxigraph, in process"}


def _row(name: str, parts: Mapping[str, Any], shown: list[str]) -> str:
    times = {peer: medians(parts, peer).get(name) for peer in shown}
    cells = " | ".join(f"{taken:.2f}" if taken else "–" for taken in times.values())
    floor, theirs = times.get(FLOOR), times[targets.other(parts)]
    if not floor or not theirs:
        return f"| `{name}` | {cells} | – |"
    misses = not targets.is_near(floor / theirs, floor, theirs)
    return f"| `{name}` | {cells} | {'yes' if misses else 'no'} |"


def _by_size(result: Result, measured: Measured) -> str:
    told = [(name_of(quads), measured(parts)) for quads, parts in sizes(result)]
    return "; ".join(f"at {name}: {text}" for name, text in told if text)


def _with_floor(reason: str, floor: str, measured: Measured) -> Explanation:
    """Return an explanation whose floor is what `measured` finds, size by size."""

    def explanation(result: Result) -> str:
        found = _by_size(result, measured)
        return f"{reason} {f'{floor} {found}.' if found else 'This run measured no floor.'}"

    return explanation


def _later(parts: Mapping[str, Any]) -> str:
    """Return how much later small queries are answered, by Lignée and by the floor."""
    theirs, floor = medians(parts, targets.other(parts)), medians(parts, FLOOR)
    ours = medians(parts, FIRST)
    small = [name for name in theirs if theirs[name] <= 2 and name in floor and name in ours]
    if not small:
        return ""
    least = statistics.median(floor[name] - theirs[name] for name in small)
    more = statistics.median(ours[name] - theirs[name] for name in small)
    missed = targets.missed_queries(parts)
    both = sum(
        not targets.is_near(floor[name] / theirs[name], floor[name], theirs[name])
        for name in missed
        if name in floor
    )
    return (
        f"{least:.2f} ms later for the median of queries below 2 ms, Lignée {more:.2f} ms; of "
        f"the {len(missed)} queries that miss, {both} miss with the floor, too"
    )


def _underway(parts: Mapping[str, Any]) -> str:
    rows = parts.get("steady", {})
    shown = (f"{rows[name]['median']:.3f}" for name in (FIRST, FLOOR, _LIMIT) if name in rows)
    return ", ".join(shown)


def _mean_beside(peer: str) -> Measured:
    """Return what finds the geometric means of a peer's times to those of the floors."""

    def measured(parts: Mapping[str, Any]) -> str:
        theirs, told = medians(parts, peer), []
        for least, title in ((FLOOR, "the floor"), (_LIMIT, "pyoxigraph in process")):
            floor = medians(parts, least)
            both = {name: theirs[name] / floor[name] for name in theirs if name in floor}
            if both:
                told.append(f"{title} is {geometric_mean(both):.2f} times faster than it")
        return ", ".join(told)

    return measured


def _known(parts: Mapping[str, Any]) -> str:
    """Return, for each question that misses, what the same way costs with nothing around it."""
    told = []
    floor, searched = parts.get("cold", {}), parts.get("search floor", {})
    for name, row in parts.get("known", {}).items():
        if row.get("times_faster", 20) >= 20:
            continue
        peers = floor.get(f"known/{row['way']}", {}).get("peers", {})
        least = peers.get(FLOOR) or peers.get(targets.OTHER)
        took = searched.get(name) or (least and least["median"])
        if took:
            told.append(f"`{name}` {took:.2f} ms, {row['plainly'] / took:.1f} times faster")
    return ", ".join(told)


def _constant(parts: Mapping[str, Any]) -> str:
    rows = parts.get("smallest", {})
    told = [
        f"{kind} {peers[FLOOR]['per_second'] / peers[targets.OTHER]['per_second']:.2f}"
        for kind, peers in rows.items()
        if "per_second" in peers.get(FLOOR, {}) and "per_second" in peers.get(targets.OTHER, {})
    ]
    return ", ".join(told)


def _unrepeated(parts: Mapping[str, Any]) -> str:
    told = []
    for kind, peers in parts.get("throughput", {}).items():
        rates = [peers.get(peer, {}).get("per_second") for peer in (FLOOR, FIRST)]
        theirs = peers.get(targets.other(parts), {}).get("per_second")
        if theirs and kind.startswith("no repeats"):
            shown = " and ".join(f"{rate / theirs:.2f}" if rate else "–" for rate in rates)
            told.append(f"{kind.partition(', ')[2]} {shown}")
    return ", ".join(told)


def _export(parts: Mapping[str, Any]) -> str:
    told = []
    for form, peers in parts.get("export", {}).items():
        theirs = peers.get(targets.other(parts), {}).get("seconds")
        least = [
            peers[peer]["seconds"] for peer in (FLOOR, _LIMIT) if "seconds" in peers.get(peer, {})
        ]
        if theirs and least:
            shown = " and ".join(f"{seconds / theirs:.2f}" for seconds in least)
            told.append(f"{form} {shown} times")
    return ", ".join(told)


def _beside(parts: Mapping[str, Any]) -> str:
    row = parts.get("runaway", {}).get(targets.OTHER, {})
    return f"{row['ratio']:.2f} times" if "ratio" in row else ""


def _build(parts: Mapping[str, Any]) -> str:
    floor = parts.get("build floor")
    load = parts.get("peers", {}).get(targets.DISK, {}).get("steps", {}).get("dataset.nq")
    steps = {step["name"]: step["seconds"] for step in parts["build"]["build"]["steps"]}
    three = sorted(steps, key=steps.__getitem__, reverse=True)[:3]
    longest = ", ".join(f"`{name}` {steps[name]:.1f} s" for name in three)
    if not floor or not load:
        return ""
    shares = ", ".join(f"{name} {floor[name]:.1f} s" for name in _WORK)
    least = max(sum(floor[name] for name in _WORK) / _CORES, floor["disk"]) + floor["start"]
    return (
        f"start {floor['start']:.1f} s, {shares}, {floor['bytes'] / 1e6:,.0f} MB to the disk "
        f"{floor['disk']:.1f} s, which is {least / load:.1f} times on {_CORES} cores; its longest "
        f"steps are {longest}"
    )


EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "cold, each query, against `oxigraph serve` with the same kind of store": _with_floor(
        "Each cold query passes two processes of Python, the front and a worker, as only a "
        "process can be ended at a deadline; what a small release says of one subject is looked up "
        "by the front alone ([0057](../decisions/0057-lookups-in-the-front.md)). The floor is "
        "measured as a peer: a front in uvloop and workers that only evaluate "
        "([bench/peers/floor.py](../../bench/peers/floor.py)), "
        "without limits, negotiation, cache and record; where the rest goes is told in "
        "[0038](../decisions/0038-the-direct-way.md), query by query below.",
        "The floor:",
        _later,
    ),
    "cold `point`, one client under way, against the same": _with_floor(
        "A store on disk is asked by workers only, and in memory the front that looks up is "
        "Python still ([0057](../decisions/0057-lookups-in-the-front.md)).",
        "Milliseconds of Lignée, the floor of two processes, and pyoxigraph in process,",
        _underway,
    ),
    "cold, geometric mean, against `oxigraph serve` on disk": _with_floor(
        "The mean weighs each query alike, and most are small: there, what two processes add "
        "outweighs the disk, whose pages are in memory after the first round.",
        "Measured the same way,",
        _mean_beside("oxigraph-disk"),
    ),
    "cold, geometric mean, against Virtuoso": _with_floor(
        "Small queries are decided by what two processes add.",
        "Measured the same way,",
        _mean_beside("virtuoso"),
    ),
    "cold, geometric mean, against shmarql": _with_floor(
        "shmarql evaluates with the same engine, so that large queries take as long.",
        "Measured the same way,",
        _mean_beside("shmarql"),
    ),
    "cold, geometric mean, against rdflib-endpoint": _with_floor(
        "Small queries are decided by what Python adds, in both.",
        "Measured the same way,",
        _mean_beside("rdflib-endpoint"),
    ),
    "what the release knows, against the plain question to `oxigraph serve`": _with_floor(
        "What is one row is fast, up to what a small query costs (above); all lineage is as many "
        "rows however it is asked; and on small graphs the plain question is small, too.",
        "With nothing around it (the query for what is known put to the floor, the search to its "
        "index in process),",
        _known,
    ),
    "throughput, Zipf mix, against `oxigraph serve`": _with_floor(
        "What was never asked costs what a cold query costs (above), and the first rounds meet "
        "much of it; what is held is answered faster than any query. On a large graph short "
        "queries wait for long ones: no more are evaluated at once than there are workers, each "
        "with its deadline and its memory, while `oxigraph serve` evaluates all that is asked.",
        "Without repeats, the rate of the floor and of Lignée to that of `oxigraph serve`,",
        _unrepeated,
    ),
    "304 and cached small answers, against its smallest query": _with_floor(
        "One client waits for one answer after the other, and what the bench’s own client takes "
        "in Python counts for both; by `wrk`, a lighter one, the ratios are in "
        "[bench/README.md](../../bench/README.md).",
        "The rate of a constant answer by uvloop, with nothing read but the address, in the same "
        "proportion,",
        _constant,
    ),
    "export of 100,000 rows: last byte against `oxigraph serve`, first byte": _with_floor(
        "The first byte waits until half a mebibyte of answer is there (`--spool-bytes`), so that "
        "most failures still get a status of their own.",
        "The last byte of the floor and of pyoxigraph in process, to that of `oxigraph serve`,",
        _export,
    ),
    "8 clients beside a runaway; its end": _with_floor(
        "The runaway takes one of two cores; clients, front, workers and the bench’s own process "
        "share the other, so an end that is measured late may have come earlier.",
        "Eight clients of `oxigraph serve` feel of it,",
        _beside,
    ),
    "build without SHACL, against `oxigraph load` of its N-Quads": _with_floor(
        "A build does what loading does not: it reads Turtle, draws conclusions, counts, sorts "
        "the canonical form, writes and compresses seven dumps.",
        "What it cannot do without, in processor time of pyoxigraph and libdeflate alone (a store "
        "to ask is loaded once),",
        _build,
    ),
}
