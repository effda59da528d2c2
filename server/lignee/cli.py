"""The command `lignee`: one function a command; each reads settings, calls one module, and prints.

Exit status: 0 done; 1 the answer is no (does not conform, differs, not laid out); 2 what was given
cannot be used (files, settings, query, arguments); 3 it could not be done (disk, engine).
"""

from __future__ import annotations

import gc
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Final

import click

from lignee import settings as settings_table
from lignee.errors import (
    EngineError,
    InputError,
    LigneeError,
    NoRelease,
    QueryError,
    ReleaseError,
    SettingError,
    UnknownRelease,
    ValidationFailed,
)
from lignee.flags import takes_files, takes_settings
from lignee.reconcile_command import reconcile
from lignee.release import CURRENT, Release, open_release
from lignee.settings import Settings

_EXIT_STATUS: Final[tuple[tuple[type[LigneeError], int], ...]] = (
    (ValidationFailed, 1),
    (NoRelease, 2),
    (UnknownRelease, 2),
    (ReleaseError, 3),
    (EngineError, 3),
    (InputError, 2),
    (QueryError, 2),
    (SettingError, 2),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lignee")
def lignee() -> None:
    """Build, check and serve a knowledge graph as verifiable releases."""


lignee.add_command(reconcile)


@lignee.command()
@takes_settings("kg")
@click.option("--format", "form", type=click.Choice(["text", "json", "turtle"]), default="text")
@click.option("--lang", type=click.Choice(["en", "fr"]), default="en", help="language of messages")
def validate(form: str, lang: str, **flags: str | None) -> None:
    """Check the curated files against shapes and integrity queries."""
    from lignee import terminal
    from lignee.build import pipeline, report

    settings = settings_table.read(flags)
    with terminal.progress() as progress:
        found = pipeline.check(settings.kg, progress=progress)
    writers = {"json": report.to_json, "turtle": report.to_turtle}
    text = writers[form](found) if form in writers else report.to_text(found, lang)
    click.echo(text, nl=not text.endswith("\n"))
    sys.exit(0 if found.conforms else 1)


@lignee.command()
@takes_settings("kg", "releases", "memory_store_max_quads")
@click.option(
    "--without-validation", is_flag=True, help="publish unchecked; the manifest will say so"
)
def build(without_validation: bool, **flags: str | None) -> None:
    """Build a release from the curated files and make it the current one."""
    _build(settings_table.read(flags), validated=not without_validation)


@lignee.command()
@takes_settings(*(row.name for row in settings_table.table() if row.flag))
@takes_files
@click.argument("more", nargs=-1, type=click.Path(path_type=Path), metavar="")
def serve(files: tuple[Path, ...], more: tuple[Path, ...], **flags: str | None) -> None:
    """Serve the current release over HTTP; builds it first if there is none."""
    if more and not files:  # more are what a shell makes of `--with *.ttl`
        raise click.UsageError(f"{more[0]}: files to serve beside the release come after --with")
    settings = settings_table.read(flags)
    try:
        open_release(settings.releases)
    except NoRelease:
        _build(settings, validated=True)
    gc.disable()  # it takes a fifth of the time of what is imported now; on again when it serves
    from lignee.serve import server

    server.serve(settings, (*files, *more))


@lignee.command()
@takes_settings("engine", "releases")
@click.option("--release", "version", default=CURRENT, help="version to load")
@click.option("--graph-store", metavar="URL", help="where the server takes graphs, if not guessed")
def publish(version: str, graph_store: str | None, **flags: str | None) -> None:
    """Load a release into the SPARQL server that `serve --engine` is to ask."""
    from lignee import terminal
    from lignee.publishing import publishing

    settings = settings_table.read(flags)
    release = open_release(settings.releases, version)
    with terminal.progress() as progress:
        is_new = publishing.publish(
            release, settings, graph_store=graph_store or "", progress=progress
        )
    done = "is loaded" if is_new else "is loaded already; nothing changed"
    click.echo(f"{release.version} {done}")


@lignee.command()
@click.argument("text_or_file")
@takes_settings("releases", "timeout_seconds", "memory_megabytes", "service_allow")
@click.option("--release", "version", default=CURRENT, help="version to ask")
@click.option("--format", "form", help="json, xml, csv, tsv; turtle, ntriples, rdfxml, jsonld")
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE")
@takes_files
def query(
    text_or_file: str,
    version: str,
    form: str | None,
    parameters: tuple[str, ...],
    files: tuple[Path, ...],
    **flags: str | None,
) -> None:
    """Answer a SPARQL query, given as text or as a .rq file, without a server."""
    from lignee import terminal

    settings = settings_table.read(flags)
    release = open_release(settings.releases, version)
    terminal.answer(release, settings, text_or_file, files=files, form=form, parameters=parameters)


@lignee.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@takes_settings("kg")
@click.option("--check", is_flag=True, help="hold all mapping sets against the files")
@click.option("--review", is_flag=True, help="decide on each proposal, into --out")
@click.option("--scheme", default="", metavar="NAME", help="our concepts of one scheme only")
@click.option("--lang", default="", metavar="en,fr", help="languages of labels  [default: ours]")
@click.option("--out", type=click.Path(path_type=Path), help="a mapping set, NAME.sssom.tsv")
@click.option("--author", default="", metavar="NAME", help="who reviews")
@click.option("--most", default=3, type=click.IntRange(1, 100), help="proposals for a concept")
@click.option("--least", default=0.6, type=click.FloatRange(0, 1), help="confidence to be proposed")
def link(
    files: tuple[Path, ...],
    check: bool,
    review: bool,
    scheme: str,
    lang: str,
    out: Path | None,
    author: str,
    most: int,
    least: float,
    **flags: str | None,
) -> None:
    """Propose links from our concepts to the SKOS vocabulary in FILE."""
    from lignee import curation

    settings = settings_table.read(flags)
    if check:
        sys.exit(0 if curation.check(settings.kg, files) else 1)
    if len(files) > 1:
        raise click.UsageError(
            f"{files[1]}: proposals are made for one FILE; --check takes several"
        )
    languages = frozenset(tag.strip().lower() for tag in lang.split(",") if tag.strip())
    wanted = curation.Wanted(files[0], scheme, languages, out, author, most, least)
    if not review:
        curation.propose(settings.kg, wanted)
    elif out is None:
        raise click.UsageError("--review needs --out, the mapping set that takes the mappings")
    else:
        curation.review(settings.kg, wanted, out)


@lignee.command()
@click.argument("version", default=CURRENT)
@takes_settings("releases")
def verify(version: str, **flags: str | None) -> None:
    """Recompute every checksum and digest of a release and name what differs."""
    from lignee.build import verification

    release = open_release(settings_table.read(flags).releases, version)
    _report_differences(
        verification.verify(release), f"{release.version}: every file is as it was built"
    )


@lignee.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@takes_settings("kg")
def verify_sources(folder: Path, **flags: str | None) -> None:
    """Check every passage's offsets and digest against the source texts in FOLDER."""
    from lignee import dataset, kg_folder
    from lignee.build import verification

    read = dataset.read(kg_folder.find(settings_table.read(flags).kg))
    _report_differences(
        verification.verify_sources(read, folder), "every passage is where the dataset says"
    )


@lignee.command("format")
@takes_settings("kg")
@click.option(
    "--check", is_flag=True, help="change nothing; exit 1 if a file is laid out otherwise"
)
def lay_out(check: bool, **flags: str | None) -> None:
    """Lay out the Turtle and TriG files of ontology/, data/ and shapes/ the one way."""
    from lignee import rdf_layout

    changed = rdf_layout.lay_out(settings_table.read(flags).kg, write=not check)
    for file in changed:
        click.echo(
            f"{file}: {'is laid out otherwise; run `lignee format`' if check else 'changed'}"
        )
    sys.exit(1 if check and changed else 0)


@lignee.command("settings")
@click.option("--markdown", is_flag=True, help="as the table of docs/reference/settings.md")
def show_settings(markdown: bool) -> None:
    """List every setting: flag, variable, value in force, meaning."""
    from lignee import terminal

    if markdown:
        click.echo(terminal.settings_markdown())
    else:
        terminal.settings(settings_table.read())


def _build(settings: Settings, *, validated: bool) -> Release:
    from lignee import terminal
    from lignee.build import pipeline

    with terminal.progress() as progress:
        outcome = pipeline.build(
            settings.kg,
            settings.releases,
            progress=progress,
            memory_store_max_quads=settings.memory_store_max_quads,
            validate=validated,
        )
    manifest = outcome.release.manifest
    if not outcome.is_new:
        click.echo(f"{manifest.version} is already built and current; nothing changed")
    else:
        click.echo(
            f"{manifest.version}: {manifest.quads:,} quads in named graphs, "
            f"{manifest.triples:,} triples in the default graph, in {outcome.release.folder}"
        )
    return outcome.release


def _report_differences(differences: list[str], all_well: str) -> None:
    for difference in differences:
        click.echo(difference)
    if not differences:
        click.echo(all_well)
    sys.exit(1 if differences else 0)


def main() -> None:
    """Run the command; every error of ours becomes one clear line and an exit status."""
    try:
        lignee(prog_name="lignee")
    except LigneeError as error:
        click.echo(f"lignee: {error}", err=True)
        sys.exit(next(status for kind, status in _EXIT_STATUS if isinstance(error, kind)))
    except BrokenPipeError:
        sys.stdout = None  # the reader of our output left; that is its right
    except Exception:  # noqa: BLE001  # a fault of ours: never a trace on the screen
        with tempfile.NamedTemporaryFile(
            "w", prefix="lignee-", suffix=".log", delete=False
        ) as report:
            traceback.print_exc(file=report)
        click.echo(f"lignee: a fault of its own; {report.name} tells where", err=True)
        sys.exit(3)
