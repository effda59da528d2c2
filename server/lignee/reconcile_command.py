"""The command `lignee reconcile`."""

from __future__ import annotations

from pathlib import Path

import click

from lignee import settings as settings_table
from lignee.flags import takes_files, takes_settings
from lignee.release import CURRENT, open_release


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", required=True, metavar="NAME", help="the column that holds the names")
@click.option("--lang", default="", metavar="TAG", help="language of the names  [default: any]")
@click.option("--type", "kind", default="", metavar="IRI", help="class or scheme to look in")
@click.option("--relation", type=click.Choice(["exact", "equivalent", "any"]), default="equivalent")
@click.option("--out", type=click.Path(path_type=Path), help="a CSV file  [default: the screen]")
@click.option("--release", "version", default=CURRENT, help="version to look in")
@takes_settings("releases")
@takes_files
def reconcile(
    file: Path,
    column: str,
    lang: str,
    kind: str,
    relation: str,
    out: Path | None,
    version: str,
    files: tuple[Path, ...],
    **flags: str | None,
) -> None:
    """Find what the names in a column of a CSV FILE mean, without a server."""
    from lignee import spreadsheet
    from lignee.serve.reconciliation.catalogue import Relation

    settings = settings_table.read(flags)
    release = open_release(settings.releases, version)
    wanted = spreadsheet.Wanted(file, column, lang, kind, Relation(relation), out)
    spreadsheet.fill(release, settings, wanted, files)
