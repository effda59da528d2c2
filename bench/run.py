"""Measure builds of generated graphs on this machine: `make bench`, or `python bench/run.py`."""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from generator.graph import SMALLEST_GRAPH, generate
from runner.parts import Graph, measure
from runner.results import Results, growth, table

_REPOSITORY: Final = Path(__file__).resolve().parents[1]
_SIZES: Final = ("10k", "100k", "1M")
_LARGEST_VALIDATED: Final = 200_000
"""Quads; SHACL over larger graphs takes minutes and is measured with --full only."""
_UNITS: Final = {"": 1, "k": 1_000, "m": 1_000_000}


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
@click.option("--full", is_flag=True, help="validate the largest graphs too (minutes)")
@click.option("--seed", default=1, show_default=True, help="seed of the generated graphs")
@click.option("--results", type=click.Path(path_type=Path), default=_REPOSITORY / "bench/results")
def main(sizes: Sequence[int], full: bool, seed: int, results: Path) -> None:
    """Generate graphs of SIZES quads (10k 100k 1M), build each with and without SHACL, serve it.

    Every finished part is kept at once; interrupt when you have seen enough.
    """
    sizes = sizes or [Size().convert(size, None, None) for size in _SIZES]
    console, kept = Console(stderr=True), Results(results, _REPOSITORY, seed)
    try:
        for quads in sorted(set(sizes)):
            _measure_size(quads, full or quads <= _LARGEST_VALIDATED, seed, kept, console)
    except KeyboardInterrupt:
        console.print("interrupted; finished parts are kept")
    if not kept.parts:
        sys.exit(1)
    Console().print(table(kept.parts))
    for pair, exponents in growth(kept.parts).items():
        console.print(
            f"{pair}: time grows with exponent {exponents['seconds']}, "
            f"memory with {exponents['memory']}"
        )
    click.echo(f"kept in {kept.file}")
    sys.exit(any(part.build.status or not part.ready for part in kept.parts))


def _measure_size(quads: int, with_shacl: bool, seed: int, kept: Results, console: Console) -> None:
    cache = _REPOSITORY / ".cache"
    cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=cache) as scratch:
        started = time.perf_counter()
        folder = Path(scratch) / "kg"
        with console.status(f"generating {quads:,} quads"):
            count = generate(
                _REPOSITORY, folder, quads=quads, seed=seed, progress=lambda _done: None
            )
        graph = Graph(folder, quads, count, time.perf_counter() - started)
        for validated in (False, True) if with_shacl else (False,):
            title = f"{count:,} quads {'with' if validated else 'without'} SHACL"
            console.rule(title, align="left")
            with console.status(f"building {title}"):
                releases = Path(scratch) / f"releases-{validated}"
                part = measure(graph, releases, validated=validated, told=console.print)
            kept.add(part)


if __name__ == "__main__":
    main()
