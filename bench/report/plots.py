"""Plots of a result as SVG, the same bytes for the same result."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from report.numbers import FIRST, Result, is_timed, name_of, ratios, sizes
from report.targets import other

_COLOURS: Final = ("#0b6e99", "#d1663b", "#5b8c3e", "#7a5195")
_DPI: Final = 72


def draw(result: Result, folder: Path) -> None:
    """Write the plots into the folder."""
    mpl.rcParams["svg.hashsalt"] = "lignee"  # ids in the file do not depend on the run
    mpl.rcParams["svg.fonttype"] = "none"
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in (
        ("cold", _cold(result)),
        ("throughput", _throughput(result)),
        ("growth", _growth(result)),
    ):
        figure.savefig(
            folder / f"{name}.svg", format="svg", metadata={"Date": None}, bbox_inches="tight"
        )


def _cold(result: Result) -> Figure:
    figure = Figure(figsize=(8, 8.5), dpi=_DPI)
    axes = figure.subplots()
    names: list[str] = []
    for (quads, parts), colour in zip(sizes(result), _COLOURS, strict=False):
        found = ratios(parts, other(parts))
        names = names or sorted(found, key=found.__getitem__)
        shown = [name for name in names if name in found]
        axes.scatter(
            [found[name] for name in shown],
            [names.index(name) for name in shown],
            color=colour,
            label=name_of(quads),
            zorder=3,
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_xscale("log")
    axes.axvline(1, color="#666666", linewidth=1)
    axes.grid(axis="x", color="#dddddd")
    axes.set_xlabel(
        "Lignée’s time / time of oxigraph serve, same kind of store (left of 1: Lignée is faster)"
    )
    axes.set_title("Cold latency of each query, in proportion")
    axes.legend(title="quads")
    return figure


def _throughput(result: Result) -> Figure:
    measured = [(quads, parts) for quads, parts in sizes(result) if "throughput" in parts]
    figure = Figure(figsize=(8, 3.2 * max(1, len(measured))), dpi=_DPI)
    panels = figure.subplots(max(1, len(measured)), 1, squeeze=False)
    for (quads, parts), axes in zip(measured, panels[:, 0], strict=False):
        kinds = list(parts["throughput"])
        peers = [
            peer
            for peer in parts["peers"]
            if any("per_second" in parts["throughput"][kind].get(peer, {}) for kind in kinds)
        ]
        width = 0.8 / max(1, len(peers))
        for number, peer in enumerate(peers):
            rates = [parts["throughput"][kind].get(peer, {}).get("per_second", 0) for kind in kinds]
            places = [place + width * number for place in range(len(kinds))]
            axes.bar(places, rates, width, label="Lignée" if peer == FIRST else peer)
        axes.set_xticks([place + 0.4 - width / 2 for place in range(len(kinds))], kinds)
        axes.set_yscale("log")
        axes.set_ylabel("answers a second")
        axes.set_title(f"Throughput, {name_of(quads)} quads")
        axes.grid(axis="y", color="#dddddd")
        axes.set_axisbelow(True)
        axes.legend(fontsize="small", ncols=2)
    figure.tight_layout()
    return figure


def _growth(result: Result) -> Figure:
    figure = Figure(figsize=(8, 4.5), dpi=_DPI)
    axes = figure.subplots()
    points = [
        (parts["build"]["release_quads"], parts)
        for _, parts in sizes(result)
        if "build" in parts and "peers" in parts
    ]
    if points:
        timed = [(count, parts) for count, parts in points if is_timed(parts)]
        axes.plot(
            [count for count, _ in timed],
            [parts["build"]["build"]["wall_seconds"] for _, parts in timed],
            marker="o",
            color="#333333",
            label="lignee build, without SHACL",
        )
        for peer in points[-1][1]["peers"]:
            loaded = [
                (count, loading["seconds"])
                for count, parts in points
                if (loading := parts["peers"].get(peer)) and not loading["reason"]
            ]
            if len(loaded) > 1:
                axes.plot(*zip(*loaded, strict=True), marker="o", label=f"{peer}: load and start")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.legend(fontsize="small")
    axes.grid(color="#dddddd")
    axes.set_xlabel("quads in the release")
    axes.set_ylabel("seconds")
    axes.set_title("Building and loading")
    return figure
