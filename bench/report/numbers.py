"""The numbers of a result: by name, as ratios, and how they grow with the graph."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

FIRST: Final = "lignee"
Result = Mapping[str, Any]
"""A result as it was read: JSON, whose shape `results.SHAPE` counts."""


def sizes(result: Result) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the sizes that were measured, the smallest first, each with its parts."""
    return sorted((int(quads), parts) for quads, parts in result["sizes"].items())


def name_of(quads: int) -> str:
    """Return a size as it was asked for: 10k, 1M."""
    for factor, unit in ((1_000_000, "M"), (1_000, "k")):
        if quads % factor == 0:
            return f"{quads // factor}{unit}"
    return f"{quads:,}"


def medians(parts: Mapping[str, Any], peer: str) -> dict[str, float]:
    """Return the median milliseconds of each query that a peer answered, cold.

    The queries below `known/` are other ways to ask the same and are left out.
    """
    return {
        name: query["peers"][peer]["median"]
        for name, query in parts.get("cold", {}).items()
        if peer in query["peers"] and not name.startswith("known/")
    }


def ratios(parts: Mapping[str, Any], peer: str) -> dict[str, float]:
    """Return Lignée's time to a peer's for each query that both answered."""
    return {
        name: query["peers"][peer]["ratio"]
        for name, query in parts.get("cold", {}).items()
        if query["peers"].get(peer, {}).get("ratio") and not name.startswith("known/")
    }


def geometric_mean(values: Mapping[str, float]) -> float:
    """Return the geometric mean of some numbers above 0."""
    return math.exp(sum(math.log(value) for value in values.values()) / len(values))


def flat(result: Result) -> dict[str, float]:
    """Return what can be compared between two results, by name."""
    found = dict(_shipped(result))
    for quads, parts in sizes(result):
        for name, value in (*_build(parts), *_peers(parts), *_cold(parts), *_rates(parts)):
            found[f"{name_of(quads)}: {name}"] = value
    return found


def costs(parts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield what grows with the graph, by name; rates end in `a second`."""
    yield from _build(parts)
    for peer, loading in parts.get("peers", {}).items():
        if not loading["reason"]:
            yield f"{peer}: seconds to load", loading["seconds"]
            yield f"{peer}: MB of memory, loaded", loading["memory_bytes"] / 1e6
            yield f"{peer}: MB on disk", loading["disk_bytes"] / 1e6
    for name, milliseconds in medians(parts, FIRST).items():
        yield f"{name}: ms, cold", milliseconds
    for kind, peers in parts.get("throughput", {}).items():
        for peer, load in peers.items():
            if peer in {FIRST, "oxigraph"} and "per_second" in load:
                yield f"{kind}, {peer}: answers a second", load["per_second"]


def _shipped(result: Result) -> Iterator[tuple[str, float]]:
    for name, size in result.get("shipped", {}).items():
        yield f"shipped graph: {name.replace('_', ' ')}, MB", size / 1e6


def is_timed(parts: Mapping[str, Any]) -> bool:
    """Tell whether the time of a build may be set beside others: not that of another code."""
    return not parts["build"].get("measured", {}).get("is_old")


def _build(parts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for kind in ("build", "build with SHACL"):
        if kind in parts:
            run = parts[kind]["build"]
            if is_timed(parts):
                yield f"{kind}: seconds", run["wall_seconds"]
            yield f"{kind}: MB of memory", run["peak_bytes"] / 1e6
            yield f"{kind}: MB on disk", parts[kind]["release_bytes"] / 1e6


def _peers(parts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for peer, loading in parts.get("peers", {}).items():
        if not loading["reason"]:
            yield f"{peer}: seconds to load", loading["seconds"]


def _cold(parts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, query in parts.get("cold", {}).items():
        for peer, latency in query["peers"].items():
            if peer == FIRST:
                yield f"cold {name}: ms", latency["median"]
            elif latency["ratio"]:
                yield f"cold {name}: ratio to {peer}", latency["ratio"]
    for name, milliseconds in parts.get("warm", {}).items():
        yield f"warm {name}: ms", milliseconds


def _rates(parts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for part in ("throughput", "smallest"):
        for kind, peers in parts.get(part, {}).items():
            for peer, load in peers.items():
                if "per_second" in load:
                    what = "a second" if peer == FIRST else f"ratio to {peer}"
                    yield f"{kind}: {what}", load["per_second" if peer == FIRST else "ratio"]
    for form, peers in parts.get("export", {}).items():
        for peer, export in peers.items():
            if "seconds" in export:
                what = "seconds" if peer == FIRST else f"ratio to {peer}"
                yield f"export {form}: {what}", export["seconds" if peer == FIRST else "ratio"]
    for peer, beside in parts.get("runaway", {}).items():
        if "ratio" in beside:
            yield f"{peer} beside a runaway: ratio to alone", beside["ratio"]
