"""Write docs/reference/performance.md and its plots from the newest result of each size."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from report.gathered import gathered
from report.page import page

_REPOSITORY: Final = Path(__file__).resolve().parents[1]
_RESULTS: Final = _REPOSITORY / "bench" / "results"
_REFERENCE: Final = _REPOSITORY / "docs" / "reference"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("results", type=click.Path(path_type=Path, exists=True), nargs=-1)
def main(results: tuple[Path, ...]) -> None:
    """Write the page from the newest of RESULTS for each size, by default of all that are kept."""
    try:
        content = gathered(results or sorted(_RESULTS.glob("*.json")))
    except ValueError as error:
        sys.exit(str(error))
    (_REFERENCE / "performance.md").write_text(page(content), encoding="utf-8")
    try:
        from report import plots  # the page is written without matplotlib, too
    except ImportError:
        sys.exit("the page is written, its plots are not: matplotlib is missing; run `make bench`")
    names = [origin["file"] for origin in content["origins"]]
    plots.draw(content, _REFERENCE / "performance")
    click.echo(f"docs/reference/performance.md is written from {', '.join(names)}")


if __name__ == "__main__":
    main()
