"""How cost grows with the graph, and what a billion quads would cost on paper."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from report.numbers import Result, costs, medians, name_of, sizes

_BILLION: Final = 1e9
_STEEPEST: Final = 1.2
_SWEEPING: Final = 0.5
"""The exponent from which a query reads a share of the graph, not only what it is about."""
_ENGINES: Final = ("oxigraph", "oxigraph-disk", "virtuoso")
"""Servers that the remote engine can be put before, measured here."""


@dataclass(frozen=True, slots=True)
class Growth:
    """One measure at each size that has it."""

    name: str
    values: Mapping[int, float]
    """By quads asked for."""
    exponent: float
    """1: ten times the quads cost ten times as much; 2: a hundred times. Least squares, log-log."""
    at_a_billion: float


def growth(result: Result) -> list[Growth]:
    """Return how each measure grows that two sizes or more have, in the order of the page."""
    quads = _quads(result)
    found: dict[str, dict[int, float]] = {}
    for size, parts in sizes(result):
        for name, value in costs(parts):
            if size in quads and value > 0:
                found.setdefault(name, {})[size] = value
    return [_grown(name, values, quads) for name, values in found.items() if len(values) > 1]


def lines(result: Result) -> Iterator[str]:
    """Yield the part of the page about growth; nothing for a single size."""
    found = growth(result)
    if not found:
        return
    measured = [size for size, _ in sizes(result) if size in _quads(result)]
    heads = " | ".join(name_of(size) for size in measured)
    yield "## How cost grows\n"
    yield (
        "An exponent of 1 means ten times the quads cost ten times as much, 0 nothing more, and "
        "less than 0 that it became less; it is fitted by least squares to the logarithms of all "
        "sizes that have the measure. The last column carries the largest size on to a billion "
        "quads in the release, on paper: with that exponent, or with the one between the two "
        "largest sizes where that is steeper, since what is the same at every size hides growth; "
        f"for costs held between 0 and {_STEEPEST:g}, for rates between -{_STEEPEST:g} and 0. "
        f"{_stores(result)}\n"
    )
    yield "![Growth](performance/growth.svg)\n"
    yield f"| | {heads} | exponent | a billion, on paper |"
    yield "|---|" + "---|" * (len(measured) + 2)
    yield "\n".join(_row(row, measured) for row in found) + "\n"
    yield from _a_billion(result, found)


def _quads(result: Result) -> dict[int, int]:
    """Return by size the quads of its release, which growth is measured against."""
    return {
        size: parts["build"]["release_quads"] for size, parts in sizes(result) if "build" in parts
    }


def _grown(name: str, values: Mapping[int, float], quads: Mapping[int, int]) -> Growth:
    points = [(math.log(quads[size]), math.log(value)) for size, value in values.items()]
    fitted = statistics.linear_regression(*zip(*points, strict=True)).slope
    (before, small), (last, large) = points[-2:]
    late = (large - small) / (last - before)
    if name.endswith("a second"):
        carried = max(-_STEEPEST, min(0.0, fitted, late))
    else:
        carried = min(_STEEPEST, max(0.0, fitted, late))
    return Growth(name, values, fitted, math.exp(large + carried * (math.log(_BILLION) - last)))


def _row(row: Growth, measured: Iterable[int]) -> str:
    cells = " | ".join(number(row.values[size]) if size in row.values else "–" for size in measured)
    return f"| {row.name} | {cells} | {row.exponent:.2f} | {number(row.at_a_billion)} |"


def number(value: float) -> str:
    """Return a number with as many digits as it says something by."""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2g}" if value < 1 else f"{value:,.1f}"


def _stores(result: Result) -> str:
    on_disk = [name_of(size) for size, parts in sizes(result) if parts.get("store") == "disk"]
    if not on_disk:
        return "At all of these sizes Lignée holds its store in memory."
    return (
        f"At {' and '.join(on_disk)} Lignée opens its store on disk (`--memory-store-max-quads`), "
        "at smaller sizes it holds it in memory: part of what its queries grow by is that step."
    )


def _a_billion(result: Result, found: list[Growth]) -> Iterator[str]:
    """Yield the estimate for each engine, and which one to use."""
    engines = {peer: _engine(peer, result, found) for peer in _ENGINES}
    engines = {peer: row for peer, row in engines.items() if row}
    build = {row.name: row.at_a_billion for row in found}
    yield "### A billion quads, on paper\n"
    if engines:
        yield (
            "| engine | hours to load | GB of memory, loaded | GB on disk | a query about one "
            "resource, ms | a query over a share of the graph, s |"
        )
        yield "|---|---|---|---|---|---|"
        yield "\n".join(_engine_row(row) for row in engines.values()) + "\n"
        yield (
            "Queries are geometric means of those that all of these answered at all sizes; one is "
            f"over a share of the graph where its exponent for Lignée is {_SWEEPING:g} or more.\n"
        )
    if "build: seconds" in build:
        yield (
            f"A build would take {build['build: seconds'] / 3600:,.1f} hours and "
            f"{build['build: MB of memory'] / 1000:,.0f} GB of memory, since it holds its dataset "
            f"in memory, and write {build['build: MB on disk'] / 1000:,.0f} GB. That is beyond "
            "one machine like this. The embedded engine would open its store on disk, where a "
            "query about one resource stays fast and one over a share of the graph passes any "
            "deadline.\n"
        )
    yield _advice(engines)


def _engine(peer: str, result: Result, found: list[Growth]) -> dict[str, Any]:
    """Return what an engine would need; nothing where it was not measured at all sizes."""
    rows = {row.name: row.at_a_billion for row in found}
    quads, measured = _quads(result), [parts for _, parts in sizes(result) if "cold" in parts]
    if peer not in _peers(measured) or f"{peer}: seconds to load" not in rows:
        return {}
    shared = set.intersection(
        *(set(medians(parts, other)) for parts in measured for other in _peers(measured))
    )
    sweeping = {
        row.name.partition(":")[0]
        for row in found
        if row.name.endswith(": ms, cold") and row.exponent >= _SWEEPING
    }
    times: dict[bool, list[float]] = {True: [], False: []}
    for name in shared:
        values = {
            size: medians(parts, peer)[name] for size, parts in sizes(result) if "cold" in parts
        }
        times[name in sweeping].append(_grown(name, values, quads).at_a_billion)
    return {
        "title": measured[0]["peers"][peer]["title"],
        "hours": rows[f"{peer}: seconds to load"] / 3600,
        "memory": rows[f"{peer}: MB of memory, loaded"] / 1000,
        "disk": rows.get(f"{peer}: MB on disk", 0) / 1000,
        "local": statistics.geometric_mean(times[False]) if times[False] else 0,
        "sweeping": statistics.geometric_mean(times[True]) / 1000 if times[True] else 0,
    }


def _peers(measured: list[Mapping[str, Any]]) -> list[str]:
    """Return the engines that answered something at every size."""
    return [peer for peer in _ENGINES if all(medians(parts, peer) for parts in measured)]


def _engine_row(row: Mapping[str, Any]) -> str:
    cells = (row["hours"], row["memory"], row["disk"], row["local"], row["sweeping"])
    return (
        f"| {row['title']} | " + " | ".join(number(cell) if cell else "–" for cell in cells) + " |"
    )


def _advice(engines: Mapping[str, Mapping[str, Any]]) -> str:
    able = {peer: row for peer, row in engines.items() if row["disk"] and row["sweeping"]}
    if not able:
        return _FRONT
    best = min(able, key=lambda peer: able[peer]["sweeping"])
    others = [row for peer, row in able.items() if peer != best]
    beside = "; ".join(
        f"{row['title']} would take {number(row['sweeping'] / able[best]['sweeping'])} times as "
        "long for a query over a share of the graph"
        for row in others
    )
    return (
        f"Of the engines that keep their data on disk, use {able[best]['title']} there, as the "
        f"remote engine{f': {beside}' if beside else ''}. {_FRONT}"
    )


_FRONT: Final = """\
Mind [the differences that are known](engines.md) of the server behind; QLever, made for this \
size, was not measured here. Load the dumps with that server’s own bulk loader, not by \
`lignee publish`, and keep Lignée in front for pages, limits and held answers.
"""
