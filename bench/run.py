"""Measure Lignée beside its peers on this machine: `make bench`, or `python bench/run.py`."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from generator.graph import SMALLEST_GRAPH
from measures.latency import FIRST, Effort
from measures.throughput import Round
from peers import PEERS
from peers.peer import PeerUnavailable
from runner.results import Results
from runner.stages import REPOSITORY, Plan, measure_shipped, measure_size

_SIZES: Final = ("10k", "1M")
_UNITS: Final = {"": 1, "k": 1_000, "m": 1_000_000}
_THOROUGH: Final = (Effort(11, 1.0, 40), Round(2.0, 3))
_QUICK: Final = (Effort(5, 0.5, 20), Round(1.0, 1))


class Size(click.ParamType[int]):
    """A number of quads: 10k, 1M, 250000."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the number; fails with a sentence for click to show."""
        found = re.fullmatch(r"(\d+)([kKmM]?)", str(value))
        if not found:
            self.fail(f"{value!r} is no size; write 10k, 1M or 250000", param, ctx)
        quads = int(found[1]) * _UNITS[found[2].lower()]
        if quads < SMALLEST_GRAPH:
            self.fail(f"{value} is too small; the smallest is {SMALLEST_GRAPH}", param, ctx)
        return quads


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("sizes", type=Size(), nargs=-1)
@click.option(
    "--peer",
    "names",
    type=click.Choice([name for name in PEERS if name != FIRST]),
    multiple=True,
    help="measure beside this peer only; may be repeated  [default: all]",
)
@click.option("--quick", is_flag=True, help="fewer rounds and shorter ones; ratios spread more")
@click.option("--full", is_flag=True, help="validate the largest graphs too (minutes)")
@click.option("--build-only", is_flag=True, help="measure the builds, and beside nothing")
@click.option("--old-build", is_flag=True, help="take kept releases of other code, too")
@click.option("--seed", default=1, show_default=True, help="seed of the generated graphs")
@click.option("--results", type=click.Path(path_type=Path), default=REPOSITORY / "bench/results")
@click.option(
    "--peers-folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path.home() / ".cache" / "lignee-bench",
    help="where peers are installed, outside this repository",
)
def main(
    sizes: Sequence[int],
    names: Sequence[str],
    quick: bool,
    full: bool,
    build_only: bool,
    old_build: bool,
    seed: int,
    results: Path,
    peers_folder: Path,
) -> None:
    """Generate graphs of SIZES quads (10k 1M), build them, and measure Lignée beside its peers.

    Every finished part is kept at once; interrupt when you have seen enough. A peer that cannot
    be installed or started is told, and left out. Releases of 3M quads and more are kept, and
    taken again until something that a build reads has changed.
    """
    sizes = sizes or [Size().convert(size, None, None) for size in _SIZES]
    wanted = set() if build_only else {FIRST, *(names or PEERS)}
    chosen = [peer for name, peer in PEERS.items() if name in wanted]
    begun = time.monotonic()

    def told(line: str) -> None:
        click.echo(f"{time.monotonic() - begun:7.1f}  {line}", err=True)

    for number in (signal.SIGINT, signal.SIGTERM):  # the first is ignored in the background
        signal.signal(number, signal.default_int_handler)
    effort, rounds = _QUICK if quick else _THOROUGH
    plan = Plan(chosen, peers_folder, seed, full, old_build, effort, rounds, told)
    kept = Results(results, REPOSITORY, {"seed": seed, "quick": quick, "peers": list(names)})
    fault = ""
    try:
        if chosen:
            measure_shipped(kept)
        for quads in sorted(set(sizes)):
            measure_size(quads, plan, kept)
    except KeyboardInterrupt:
        fault = "interrupted; finished parts are kept"
    except PeerUnavailable as error:
        fault = str(error)
    if kept.has_parts:
        click.echo(f"kept in {kept.file}")
    sys.exit(fault or None)


if __name__ == "__main__":
    main()
