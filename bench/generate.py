"""Generate a knowledge graph of a given size: `python bench/generate.py --quads 100000`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import Progress

from generator.graph import SMALLEST_GRAPH, generate

_REPOSITORY: Final = Path(__file__).resolve().parents[1]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quads", type=click.IntRange(SMALLEST_GRAPH), required=True, help="about how many")
@click.option("--seed", default=1, show_default=True, help="the same seed gives the same bytes")
@click.option("--out", type=click.Path(path_type=Path), help="new folder  [default: .cache/…]")
def main(quads: int, seed: int, out: Path | None) -> None:
    """Write a folder that `lignee build --kg` takes: generated data, our ontology and shapes."""
    folder = out or _REPOSITORY / ".cache" / "bench" / f"{quads}-{seed}"
    if folder.exists():
        raise click.UsageError(f"{folder} exists; delete it or name another with --out")
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("generating", total=quads)
        count = generate(
            _REPOSITORY,
            folder,
            quads=quads,
            seed=seed,
            progress=lambda done: bar.update(task, completed=done),
        )
    click.echo(f"{folder}: {count:,} quads stated by its data")


if __name__ == "__main__":
    main()
