"""Write docs/reference/performance.md and its plots from the newest result."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from report.page import page
from runner.results import newest, read

_REPOSITORY: Final = Path(__file__).resolve().parents[1]
_REFERENCE: Final = _REPOSITORY / "docs" / "reference"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("result", type=click.Path(path_type=Path, exists=True), required=False)
def main(result: Path | None) -> None:
    """Write the page from RESULT, the newest by default."""
    try:
        file = result or newest(_REPOSITORY / "bench" / "results")
        content = read(file)
    except ValueError as error:
        sys.exit(str(error))
    (_REFERENCE / "performance.md").write_text(page(content, file.name), encoding="utf-8")
    try:
        from report import plots  # the page is written without matplotlib, too
    except ImportError:
        sys.exit("the page is written, its plots are not: matplotlib is missing; run `make bench`")
    plots.draw(content, _REFERENCE / "performance")
    click.echo(f"docs/reference/performance.md is written from {file.name}")


if __name__ == "__main__":
    main()
