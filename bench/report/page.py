"""The page about performance, made from a result: tables, plots, what it costs to grow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from report import differences, floors, growth, targets
from report.numbers import FIRST, Result, geometric_mean, is_timed, medians, name_of, ratios, sizes

PLOTS: Final = ("cold", "throughput", "growth")
_SHORT: Final = {
    "lignee": "Lignée",
    "lignee-remote": "Lignée, remote",
    "oxigraph": "oxigraph",
    "oxigraph-disk": "oxigraph, disk",
    "pyoxigraph": "pyoxigraph",
    "virtuoso": "Virtuoso",
    "comunica": "Comunica",
    "floor": "floor",
}
_HEAD: Final = """\
# Performance

Lignée beside what one would use instead: the same data, the same queries, one run, one machine. \
`make bench` writes the result and this page, which is made from it; change neither by hand. How \
it is measured, and how to read it: [bench/README.md](../../bench/README.md).
"""


def page(result: Result) -> str:
    """Return the page in Markdown, of results that were gathered."""
    parts = [
        _HEAD,
        *(_origin(origin, result) for origin in result["origins"]),
        *_cautions(result),
        "## Targets\n\nRatios within one run.\n",
        "\n".join(targets.table(result)) + "\n",
        *_explanations(result),
        "![Cold latency of each query, in proportion](performance/cold.svg)\n",
        "![Throughput](performance/throughput.svg)\n",
    ]
    for quads, measured in sizes(result):
        parts += _of_size(name_of(quads), measured)
    parts += growth.lines(result)
    return "\n".join(parts)


def _origin(origin: Mapping[str, Any], result: Result) -> str:
    machine, file = origin["machine"], origin["file"]
    measured = [(int(size), result["sizes"][size]) for size in origin["sizes"]]
    names = " and ".join(name_of(size) for size, _ in measured)
    loads = [load for _, parts in measured for load in parts.get("load", {}).values()]
    busy = f"{min(loads):.1f} to {max(loads):.1f}" if loads else "unknown"
    quick = ", with fewer and shorter rounds (`--quick`)" if origin["flags"].get("quick") else ""
    return (
        f"{names} quads: measured {origin['started'][:10]} at commit `{origin['commit']}`{quick}, "
        f"on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_bytes'] / 1e9:.0f} GB, Python {machine['python']}, pyoxigraph "
        f"{machine['pyoxigraph']}; processes that wanted a core, the bench’s own among them: "
        f"{busy}. All numbers: [{file}](../../bench/results/{file}).\n"
    )


def _cautions(result: Result) -> Iterator[str]:
    commits = {origin["commit"] for origin in result["origins"]}
    if len(commits) > 1:
        yield (
            "Sizes were measured at different commits: what lies between two columns may be the "
            "change of the code, too.\n"
        )
    if len({origin["machine"]["processor"] for origin in result["origins"]}) > 1:
        yield (
            "Sizes were measured on different processors: ratios are within one run, but "
            "seconds of two columns compare only roughly, and so do exponents of growth.\n"
        )


def _explanations(result: Result) -> Iterator[str]:
    found = targets.missed(result)
    if found:
        yield "Where a target is missed:\n"
        yield ("\n".join(f"- {name}. {floors.explain(name, result)}" for name in found) + "\n")
        yield from floors.tables(result)


def _of_size(name: str, parts: Mapping[str, Any]) -> Iterator[str]:
    peers = [peer for peer, loading in parts.get("peers", {}).items() if not loading["reason"]]
    if "build" in parts:
        build = parts["build"]
        yield f"## {name} quads\n"
        yield (
            f"{build['stated_quads']:,} quads stated, {build['release_quads']:,} in the release’s "
            f"named graphs, {build['default_triples']:,} triples in its default graph. Built "
            f"without SHACL in {_time_of(parts)} with {build['build']['peak_bytes'] / 1e6:,.0f} "
            f"MB; {build['release_bytes'] / 1e6:,.0f} MB on disk.{_kept(build)}\n"
        )
    if "effort" in parts:
        effort = parts["effort"]["latency"]
        yield (
            f"Up to {effort['rounds']} rounds; a peer that takes more than "
            f"{effort['patience_seconds']:g} s for one answer has failed.\n"
        )
    if peers:
        yield from _loading(parts, peers)
    if "cold" in parts:
        yield from _cold(parts, [peer for peer in peers if medians(parts, peer)])
        yield from _disagreements(parts)
    if "known" in parts:
        yield from _known(parts)
    yield from _rates(parts)
    yield from _export(parts)
    yield from _runaway(parts)


def _time_of(parts: Mapping[str, Any]) -> str:
    build = parts["build"]
    if is_timed(parts):
        return f"{build['build']['wall_seconds']:.1f} s"
    used = f"{build['build']['cpu_seconds']:,.0f} s of processor time"
    return f"{used}, when {build['load_before']:.1f} processes wanted a core before it began,"


def _kept(build: Mapping[str, Any]) -> str:
    measured = build.get("measured")
    if not measured:
        return ""
    code = "another state of the code" if measured.get("is_old") else "the same code"
    return (
        f" The build was measured {measured['started'][:10]} at commit `{measured['commit']}`, by "
        f"{code}; its release was kept."
    )


def _loading(parts: Mapping[str, Any], peers: list[str]) -> Iterator[str]:
    yield "### Loading and memory\n"
    rows = [
        "| | version | s until the first answer | MB on disk | MB loaded | MB after the load |",
        "|---|---|---|---|---|---|",
    ]
    after = parts.get("memory", {})
    for peer in peers:
        loading = parts["peers"][peer]
        disk = f"{loading['disk_bytes'] / 1e6:,.0f}" if loading["disk_bytes"] else "–"
        late = f"{after[peer] / 1e6:,.0f}" if peer in after else "–"
        rows.append(
            f"| {loading['title']} | {loading['version']} | {loading['seconds']:.1f} | {disk} | "
            f"{loading['memory_bytes'] / 1e6:,.0f} | {late} |"
        )
    yield "\n".join(rows) + "\n"
    for loading in parts["peers"].values():
        if loading["reason"]:
            yield f"{loading['title']}: not measured. {loading['reason']}\n"


def _cold(parts: Mapping[str, Any], peers: list[str]) -> Iterator[str]:
    yield "### Cold latency\n"
    yield (
        "Median milliseconds, each query in words not used before; in brackets the 95th "
        "percentile of Lignée, and last its median when the same was just asked.\n"
    )
    heads = " | ".join(_SHORT.get(peer, peer) for peer in peers)
    rows = [f"| query | solutions | {heads} | warm |", "|---|---|" + "---|" * (len(peers) + 1)]
    for name, query in parts["cold"].items():
        warm = parts.get("warm", {}).get(name)
        cells = " | ".join(_latency(peer, query["peers"].get(peer)) for peer in peers)
        shown = f"{warm:.2f}" if warm else "–"
        rows.append(f"| `{name}` | {query['solutions']:,} | {cells} | {shown} |")
    means = " | ".join(_mean(parts, peer) for peer in peers)
    rows.append(f"| Lignée is faster, geometric mean | | {means} | |")
    yield "\n".join(rows) + "\n"


def _latency(peer: str, latency: Mapping[str, Any] | None) -> str:
    if not latency:
        return "–"
    extra = f" ({latency['p95']:.2f})" if peer == FIRST else ""
    return f"{latency['median']:.2f}{extra}"


def _mean(parts: Mapping[str, Any], peer: str) -> str:
    found = ratios(parts, peer)
    return f"{1 / geometric_mean(found):.2f} times" if found and peer != FIRST else ""


def _disagreements(parts: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for name, query in parts["cold"].items():
        for peer, how in query["differs"].items():
            reason = differences.why(peer, name, how) or f"**not explained**: {_plain(how)}"
            rows.append(f"- `{name}`, {_SHORT.get(peer, peer)}: {reason}.")
    if rows:
        yield "Answers that are not Lignée’s:\n"
        yield "\n".join(rows) + "\n"
    else:
        yield "All peers gave the same answers.\n"


def _plain(text: str) -> str:
    return text.replace("<", "‹").replace(">", "›").replace("|", "/")


def _known(parts: Mapping[str, Any]) -> Iterator[str]:
    yield "### What the release knows\n"
    rows = [
        "| question | asked of Lignée as | ms | plainly of `oxigraph serve`, ms | times faster |",
        "|---|---|---|---|---|",
    ]
    for name, row in parts["known"].items():
        way = row["way"] if row["way"].startswith("/") else f"known/{row['way']}"
        if "reason" in row:
            rows.append(f"| `{name}` | `{way}` | {row['reason']} | – | – |")
            continue
        rows.append(
            f"| `{name}` | `{way}` | {row['ours']:.2f} | {row['plainly']:.2f} | "
            f"{row['times_faster']:.1f} |"
        )
    yield "\n".join(rows) + "\n"


def _rates(parts: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for part in ("throughput", "smallest"):
        for kind, peers in parts.get(part, {}).items():
            for peer, load in peers.items():
                refused = sum(load.get("refused", {}).values())
                said = load.get("reason") or (f"{refused:,} refused" if refused else "")
                rate = f"{load['per_second']:,.0f}" if "per_second" in load else "–"
                median = f"{load['median_ms']:.2f}" if "median_ms" in load else "–"
                late = f"{load['p95_ms']:.2f}" if "p95_ms" in load else "–"
                ratio = load.get("ratio") if peer != FIRST else None
                rows.append(
                    f"| {kind} | {_SHORT.get(peer, peer)} | {rate} | {median} | {late} | "
                    f"{f'{ratio:.2f}' if ratio else ''} | {said} |"
                )
    if rows:
        yield "### Throughput\n"
        yield "| mix | | a second | median ms | p95 ms | Lignée’s rate, in proportion | |"
        yield "|---|---|---|---|---|---|---|"
        yield "\n".join(rows) + "\n"


def _export(parts: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for form, peers in parts.get("export", {}).items():
        for peer, row in peers.items():
            if "seconds" in row:
                ratio = f"{row['ratio']:.2f}" if row["ratio"] and peer != FIRST else ""
                rows.append(
                    f"| {form} | {_SHORT.get(peer, peer)} | {row['first_byte_ms']:.1f} | "
                    f"{row['seconds']:.3f} | {row['bytes'] / 1e6:.1f} | {ratio} |"
                )
    if rows:
        yield "### Export, up to 100,000 rows\n"
        yield "| | | ms to the first byte | s to the last | MB | Lignée’s time, in proportion |"
        yield "|---|---|---|---|---|---|"
        yield "\n".join(rows) + "\n"


def _runaway(parts: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        f"| {_SHORT.get(peer, peer)} | {row['alone_ms']:.2f} | {row['beside_ms']:.2f} | "
        f"{row['ratio']:.2f} | {_end(row)} |"
        for peer, row in parts.get("runaway", {}).items()
        if "ratio" in row
    ]
    if rows:
        yield "### Beside a runaway query\n"
        yield "| 8 clients with point queries | median ms alone | beside it | ratio | its end |"
        yield "|---|---|---|---|---|"
        yield "\n".join(rows) + "\n"


def _end(row: Mapping[str, Any]) -> str:
    if row["ended_after_deadline_ms"] is None:
        return str(row["status"])
    over, limit = row["ended_after_deadline_ms"], row["deadline_seconds"]
    return f"{row['status']}, {over:.0f} ms after its deadline of {limit:g} s"
