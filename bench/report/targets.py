"""The targets, each as a ratio within one run, and whether a result meets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from report.numbers import FIRST, Result, geometric_mean, is_timed, medians, name_of, ratios, sizes

OTHER: Final = "oxigraph"
DISK: Final = "oxigraph-disk"
_SMALL_MS: Final = 2.0
_LARGE_MS: Final = 10.0
_LATER_MS: Final = 0.15
_DISK_QUADS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured for one target, in words, and whether that meets it."""

    text: str
    is_met: bool | None
    """None where the target is for another size."""


Judge = Callable[[Mapping[str, Any]], Finding | None]
"""Judges the parts of one size; None where they do not tell."""


@dataclass(frozen=True, slots=True)
class Target:
    """One row of the table of targets."""

    measure: str
    wanted: str
    judge: Judge


def other(parts: Mapping[str, Any]) -> str:
    """Return the `oxigraph serve` whose store is of the same kind as Lignée's at that size."""
    return DISK if parts.get("store") == "disk" else OTHER


def is_near(proportion: float, milliseconds: float, theirs: float) -> bool:
    """Tell whether a cold query is as near to theirs as is wanted."""
    if theirs > _LARGE_MS:
        return proportion <= 1.15
    if theirs > _SMALL_MS:
        return proportion <= 1.3
    return milliseconds - theirs <= _LATER_MS


def missed_queries(parts: Mapping[str, Any]) -> dict[str, float]:
    """Return the cold queries that take longer than is wanted, with the milliseconds more."""
    ours, theirs = medians(parts, FIRST), medians(parts, other(parts))
    return {
        name: ours[name] - theirs[name]
        for name, proportion in ratios(parts, other(parts)).items()
        if not is_near(proportion, ours[name], theirs[name])
    }


def _each_cold(parts: Mapping[str, Any]) -> Finding | None:
    missed, proportions = missed_queries(parts), ratios(parts, other(parts))
    if not proportions:
        return None
    count = len(proportions) - len(missed)
    worst = max(missed, key=missed.__getitem__, default="")
    text = f"{count} of {len(proportions)} queries"
    if worst:
        text += f"; `{worst}` {missed[worst]:.2f} ms more, {proportions[worst]:.2f} times"
    return Finding(text, not missed)


def _steady(parts: Mapping[str, Any]) -> Finding | None:
    found = parts.get("steady", {}).get(other(parts))
    if not found:
        return None
    text = f"{found['later']:.3f} ms more than its {found['median']:.3f}"
    return Finding(text, found["later"] <= _LATER_MS)


def _mean_of(peer: str, wanted: float) -> Judge:
    def judge(parts: Mapping[str, Any]) -> Finding | None:
        found = ratios(parts, peer)
        if not found:
            return None
        faster = 1 / geometric_mean(found)
        text = f"{faster:.2f} times faster" if faster >= 1 else f"{1 / faster:.2f} times slower"
        return Finding(text, faster >= wanted)

    return judge


def _disk_mean(parts: Mapping[str, Any]) -> Finding | None:
    """Judge the mean at the size that its target names; elsewhere it is told."""
    found = _mean_of(DISK, 2)(parts)
    if found and parts.get("build", {}).get("asked_quads") != _DISK_QUADS:
        return Finding(found.text, None)
    return found


def _known(parts: Mapping[str, Any]) -> Finding | None:
    found = parts.get("known", {})
    if not found:
        return None
    text = ", ".join(
        f"`{name}` {row['times_faster']:.1f}" if "times_faster" in row else f"`{name}` refused"
        for name, row in found.items()
    )
    return Finding(text, all(row.get("times_faster", 0) >= 20 for row in found.values()))


def _rate(part: str, kinds: tuple[str, ...], wanted: float) -> Judge:
    def judge(parts: Mapping[str, Any]) -> Finding | None:
        rows, peer = parts.get(part, {}), other(parts) if part == "throughput" else OTHER
        found = {
            kind: rows[kind][peer]["ratio"]
            for kind in kinds
            if rows.get(kind, {}).get(peer, {}).get("ratio")
        }
        if not found:
            return None
        text = "; ".join(f"{kind}: {value:.2f}" for kind, value in found.items())
        return Finding(text, min(found.values()) >= wanted)

    return judge


def _export(parts: Mapping[str, Any]) -> Finding | None:
    peer = other(parts)
    found = [
        (form, peers[peer]["ratio"], peers[FIRST]["first_byte_ms"])
        for form, peers in parts.get("export", {}).items()
        if "ratio" in peers.get(peer, {}) and "seconds" in peers.get(FIRST, {})
    ]
    if not found:
        return None
    text = "; ".join(f"{form} {ratio:.2f}, {first:.0f} ms" for form, ratio, first in found)
    return Finding(text, all(ratio <= 1.2 and first <= 20 for _, ratio, first in found))


def _runaway(parts: Mapping[str, Any]) -> Finding | None:
    row = parts.get("runaway", {}).get(FIRST, {})
    if "ratio" not in row:
        return None
    over = row["ended_after_deadline_ms"]
    return Finding(
        f"{row['ratio']:.2f} times, deadline + {over:.0f} ms", row["ratio"] <= 2 and over <= 250
    )


def _build(parts: Mapping[str, Any]) -> Finding | None:
    steps = parts.get("peers", {}).get("oxigraph-disk", {}).get("steps", {})
    if "dataset.nq" not in steps or "build" not in parts or not is_timed(parts):
        return None
    ratio = parts["build"]["build"]["wall_seconds"] / steps["dataset.nq"]
    return Finding(f"{ratio:.1f} times", ratio <= 2)


TARGETS: Final = (
    Target(
        "cold, each query, against `oxigraph serve` with the same kind of store",
        "≤ 1.15 times over 10 ms, ≤ 1.3 times over 2 ms, ≤ 0.15 ms more below",
        _each_cold,
    ),
    Target(
        "cold `point`, one client under way, against the same",
        "≤ 0.15 ms more",
        _steady,
    ),
    Target(
        "cold, geometric mean, against `oxigraph serve` on disk",
        "2 times faster at 1M",
        _disk_mean,
    ),
    Target("cold, geometric mean, against Virtuoso", "faster", _mean_of("virtuoso", 1)),
    Target(
        "cold, geometric mean, against rdflib-endpoint",
        "20 times faster",
        _mean_of("rdflib-endpoint", 20),
    ),
    Target("cold, geometric mean, against shmarql", "20 times faster", _mean_of("shmarql", 20)),
    Target(
        "what the release knows, against the plain question to `oxigraph serve`",
        "20 times faster",
        _known,
    ),
    Target(
        "throughput, Zipf mix, against `oxigraph serve`",
        "5 times",
        _rate("throughput", ("zipf, 8 clients", "zipf, 64 clients"), 5),
    ),
    Target(
        "304 and cached small answers, against its smallest query",
        "1.3 times",
        _rate(
            "smallest",
            ("cached, 1 clients", "cached, 8 clients", "304, 1 clients", "304, 8 clients"),
            1.3,
        ),
    ),
    Target(
        "export of 100,000 rows: last byte against `oxigraph serve`, first byte",
        "≤ 1.2 times, ≤ 20 ms",
        _export,
    ),
    Target("8 clients beside a runaway; its end", "≤ 2 times; ≤ deadline + 250 ms", _runaway),
    Target("build without SHACL, against `oxigraph load` of its N-Quads", "≤ 2 times", _build),
)
SHIPPED: Final = "memory of a server of the shipped graph, all processes"
_SHIPPED_MB: Final = 300


def shipped(result: Result) -> Finding | None:
    """Judge the memory of a server of the shipped graph."""
    found = result.get("shipped")
    if not found:
        return None
    ready, after = found["memory_ready"] / 1e6, found["memory_after_queries"] / 1e6
    text = f"{ready:.0f} MB ready, {after:.0f} MB after 126 queries"
    return Finding(text, max(ready, after) <= _SHIPPED_MB)


def table(result: Result) -> list[str]:
    """Return the targets as a table in Markdown, a column for each size."""
    measured = sizes(result)
    heads = " | ".join(name_of(quads) for quads, _ in measured)
    lines = [f"| measure | target | {heads} |", "|---|---|" + "---|" * len(measured)]
    for target in TARGETS:
        cells = " | ".join(_cell(target.judge(parts)) for _, parts in measured)
        lines.append(f"| {target.measure} | {target.wanted} | {cells} |")
    blank = " |" * (len(measured) - 1)
    lines.append(f"| {SHIPPED} | ≤ {_SHIPPED_MB} MB | {_cell(shipped(result))} |{blank}")
    return lines


def missed(result: Result) -> list[str]:
    """Return the measures that are missed at some size."""
    found = [
        target.measure
        for target in TARGETS
        if any(
            (finding := target.judge(parts)) and finding.is_met is False
            for _, parts in sizes(result)
        )
    ]
    own = shipped(result)
    return [*found, *([SHIPPED] if own and not own.is_met else [])]


def _cell(finding: Finding | None) -> str:
    if finding is None:
        return "–"
    if finding.is_met is None:
        return finding.text
    return f"{'met' if finding.is_met else '**missed**'}: {finding.text}"
