"""Show what changed between two results: `python bench/compare.py A.json B.json`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from report.numbers import Result, flat
from runner.results import read

_NOTABLE: Final = 1.2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("before", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("after", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--factor", default=_NOTABLE, show_default=True, help="show what changed by this or more"
)
def main(before: Path, after: Path, factor: float) -> None:
    """Show what changed from the result BEFORE to the result AFTER, the largest change first.

    Ratios can be compared between machines; seconds and rates only on one, and when it is quiet.
    """
    try:
        first, second = read(before), read(after)
    except ValueError as error:
        sys.exit(str(error))
    for line in compared(first, second, factor):
        click.echo(line)


def compared(before: Result, after: Result, factor: float) -> list[str]:
    """Return a line for each number that changed by the factor, and for those that came or went."""
    old, new = flat(before), flat(after)
    lines = []
    if before["machine"] != after["machine"]:
        lines.append("the machines differ: compare ratios only")
    both = [name for name in old if name in new and old[name] > 0 and new[name] > 0]
    changes = sorted(((new[name] / old[name], name) for name in both), key=_distance, reverse=True)
    lines += [
        f"{change:6.2f} times  {name}: {old[name]:,.4g} → {new[name]:,.4g}"
        for change, name in changes
        if max(change, 1 / change) >= factor
    ]
    lines += [f"no longer    {name}" for name in old if name not in new]
    lines += [f"new          {name}: {new[name]:,.4g}" for name in new if name not in old]
    unchanged = len(both) - sum(max(change, 1 / change) >= factor for change, _ in changes)
    return [*lines, f"{unchanged} of {len(both)} numbers changed by less than {factor:g} times"]


def _distance(change: tuple[float, str]) -> float:
    return max(change[0], 1 / change[0])


if __name__ == "__main__":
    main()
