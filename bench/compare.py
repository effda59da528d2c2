"""Show what changed between two results: `python bench/compare.py A.json B.json`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from report.numbers import Result, flat, name_of
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
    """Return a line for each number that changed by the factor, and for those that came or went.

    Only what both measured is compared: sizes and peers of one result alone are named first.
    """
    lines = list(_unlike(before, after))
    old, new = flat(_shared(before, after)), flat(_shared(after, before))
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


def _unlike(before: Result, after: Result) -> Iterator[str]:
    """Yield what makes the results differ besides what was measured."""
    if before["machine"] != after["machine"]:
        every = sorted({*before["machine"], *after["machine"]})
        differ = [n for n in every if before["machine"].get(n) != after["machine"].get(n)]
        yield f"the machines differ ({', '.join(differ)}): compare ratios only"
    if before["flags"].get("quick") != after["flags"].get("quick"):
        yield "one was measured with --quick: its numbers spread more"
    for result, other, which in ((before, after, "first"), (after, before, "second")):
        alone = [name_of(int(size)) for size in result["sizes"] if size not in other["sizes"]]
        if alone:
            yield f"only the {which} measured {' and '.join(alone)} quads: not compared"
    both = [size for size in before["sizes"] if size in after["sizes"]]
    if not both:
        yield "the results have no size in common: only the shipped graph can be compared"
    for size in both:
        here, there = _peers(before, size), _peers(after, size)
        for left, which in ((here - there, "first"), (there - here, "second")):
            if left:
                peers = ", ".join(sorted(left))
                yield f"{name_of(int(size))}: only the {which} measured {peers}: not compared"


def _peers(result: Result, size: str) -> set[str]:
    loadings = result["sizes"][size].get("peers", {})
    return {peer for peer, loading in loadings.items() if not loading["reason"]}


def _shared(result: Result, other: Result) -> Result:
    """Return a result without the sizes and the peers that the other has not."""
    sizes = {}
    for size, parts in result["sizes"].items():
        if size in other["sizes"]:
            alone = set(parts.get("peers", {})) - (_peers(result, size) & _peers(other, size))
            sizes[size] = {part: _without(content, alone) for part, content in parts.items()}
    return {**result, "sizes": sizes}


def _without(content: object, peers: set[str]) -> object:
    """Return a part without some peers, wherever they stand in it."""
    if not isinstance(content, dict):
        return content
    return {name: _without(inner, peers) for name, inner in content.items() if name not in peers}


def _distance(change: tuple[float, str]) -> float:
    return max(change[0], 1 / change[0])


if __name__ == "__main__":
    main()
