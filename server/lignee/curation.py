"""What the command line shows of linking: proposals as a table, their review, and checks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from pyoxigraph import DefaultGraph, NamedNode
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lignee import dataset as datasets
from lignee import kg_folder, sssom, terminal
from lignee.dataset import Dataset
from lignee.errors import SettingError, UnreadableInput
from lignee.kg_folder import MAPPING_SUFFIX, MAPPINGS
from lignee.linking import checking, concepts, decisions, proposals, tables
from lignee.linking.concepts import Mapped
from lignee.linking.decisions import ACCEPTED, REJECTED, Decision
from lignee.linking.matcher import Entry
from lignee.linking.proposals import Found, Proposal
from lignee.linking.tables import Curies
from lignee.linking.words import Name, primary
from lignee.vocabulary import DCTERMS, SKOS

_KEYS: Final = {"a": "accept", "r": "reject", "p": "another predicate", "l": "later", "q": "quit"}
_PREDICATES: Final = ("exact", "close", "broad", "narrow", "related")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a vocabulary file."""

    file: Path
    scheme: str = ""
    languages: frozenset[str] = frozenset()
    """None means those of our labels."""
    out: Path | None = None
    author: str = ""
    most: int = 3
    least: float = 0.6


def propose(kg: Path, wanted: Wanted) -> None:
    """Print or write proposals that no mapping set and no decision knows; raises InputError."""
    if wanted.out:
        tables.check_name(wanted.out)
        if wanted.out.exists():
            raise UnreadableInput(
                f"{wanted.out} is there already; --review adds to it, or name another file"
            )
    dataset, found, mapped = _found(kg, wanted)
    listed = proposals.propose(
        found, mapped, most=wanted.most, least=wanted.least, known=_known(dataset, wanted.out)
    )
    if wanted.out is None and sys.stdout.isatty():
        _show(listed, Curies(dataset.prefixes))
        return
    curies = Curies(dataset.prefixes)
    rows = [tables.proposed(one, curies) for one in listed]
    text = tables.new(rows, curies, _head(dataset, wanted.out or wanted.file))
    if wanted.out is None:
        click.echo(text, nl=False)
        return
    tables.write(wanted.out, text)
    click.echo(f"{wanted.out}: {len(rows):,} proposals")


def review(kg: Path, wanted: Wanted, out: Path) -> None:
    """Ask a curator about each proposal; what is accepted goes to the mapping set `out`.

    Each decision is on the disk before the next is asked for. Raises InputError or CannotWrite.
    """
    tables.check_name(out)
    dataset, found, mapped = _found(kg, wanted)
    known = _known(dataset, out)
    listed = proposals.propose(found, mapped, most=wanted.most, least=wanted.least, known=known)
    session = _Session(dataset, out, wanted.author)
    session.complete(found, mapped)
    console = Console()
    try:
        for number, one in enumerate(listed, 1):
            _present(console, one, number, len(listed), session)
            if not _ask(one, session):
                break
    except click.Abort:
        click.echo()
    click.echo(
        f"{session.accepted:,} accepted, {session.rejected:,} rejected, "
        f"{len(listed) - session.accepted - session.rejected:,} left for later; "
        f"decisions are in {session.journal}"
    )


def check(kg: Path, files: Sequence[Path]) -> bool:
    """Print what no longer agrees with the files, and tell whether all does; raises InputError."""
    dataset = datasets.read(kg_folder.find(kg))
    sets = concepts.mapping_sets(dataset)
    with terminal.progress() as progress:
        progress.step("check", None)
        found = checking.check(sets, files)
        progress.done(rows=found.rows)
    for fault in found.faults:
        click.echo(f"{fault.place}: {fault.what}: {fault.message}")
    for space, rows in sorted(found.unchecked.items()):
        click.echo(f"not checked: {rows:,} rows that lead to {space}", err=True)
    if not found.faults:
        click.echo(f"{found.rows:,} rows agree with {', '.join(file.name for file in files)}")
    return not found.faults


@dataclass(slots=True)
class _Session:
    """One sitting: where decisions and mappings go, and how many there were."""

    dataset: Dataset
    out: Path
    author: str
    accepted: int = 0
    rejected: int = 0

    @property
    def journal(self) -> Path:
        return decisions.beside(self.out)

    def accept(self, one: Proposal, predicate: str) -> None:
        self._decide(ACCEPTED, one, predicate)
        self.accepted += 1
        self._write([(one, predicate)])

    def reject(self, one: Proposal) -> None:
        self._decide(REJECTED, one, one.predicate)
        self.rejected += 1

    def complete(self, found: Found, mapped: Mapped) -> None:
        """Write what was accepted before and did not reach the mapping set."""
        made = {one.pair: one for one in decisions.read(self.journal) if one.decision == ACCEPTED}
        there = self._rows()
        missing = {pair for pair in made if pair not in there}
        left = proposals.proposals_of(found, mapped, missing)
        self._write([(one, made[one.pair].predicate) for one in left])

    def _decide(self, decision: str, one: Proposal, predicate: str) -> None:
        decided = Decision(decision, one.subject.iri, predicate, one.object.iri, one.confidence)
        decisions.add(self.journal, decided)

    def _rows(self) -> frozenset[tuple[str, str]]:
        if not self.out.exists():
            return frozenset()
        return concepts.mapped([sssom.read(self.out, self.dataset.prefixes)]).pairs

    def _write(self, made: Sequence[tuple[Proposal, str]]) -> None:
        if not made:
            return
        curies = Curies(self.dataset.prefixes)
        date = f"{datetime.now(UTC):%Y-%m-%d}"
        rows = [
            tables.accepted(one, predicate, curies, author=self.author, date=date)
            for one, predicate in made
        ]
        if self.out.exists():
            before = self.out.read_text(encoding="utf-8")
            text = tables.extended(before, rows, curies)
        else:
            text = tables.new(rows, curies, _head(self.dataset, self.out))
        tables.write(self.out, text)


def _found(kg: Path, wanted: Wanted) -> tuple[Dataset, Found, Mapped]:
    dataset = datasets.read(kg_folder.find(kg))
    ours = concepts.concepts(dataset.store, wanted.scheme)
    mapped = concepts.mapped(concepts.mapping_sets(dataset))
    spoken = proposals.languages_of(ours)
    languages = frozenset(map(primary, wanted.languages)) or spoken
    if not spoken & languages:
        raise SettingError(
            f"--lang {','.join(sorted(wanted.languages))}: our labels are in "
            f"{', '.join(sorted(spoken))}"
        )
    with terminal.progress() as progress:
        progress.step("match", None)
        found = proposals.search(ours, wanted.file, languages)
        pairs = sum(map(len, found.pairs.values()))
        progress.done(concepts=len(ours), pairs_compared=pairs)
    return dataset, found, mapped


def _known(dataset: Dataset, out: Path | None) -> frozenset[tuple[str, str]]:
    beside = (dataset.folder.root / MAPPINGS, *([out.parent] if out else []))
    return decisions.known(folder.resolve() for folder in beside)


def _head(dataset: Dataset, named_for: Path) -> dict[str, str]:
    """Return what the head of a new mapping set says; SSSOM wants a name and a licence."""
    licences = dataset.store.quads_for_pattern(
        dataset.head.iri, NamedNode(DCTERMS + "license"), None, DefaultGraph()
    )
    stem = named_for.name.removesuffix(MAPPING_SUFFIX).partition(".")[0]
    licence = next((quad.object for quad in licences), None)
    return {
        "mapping_set_id": f"{dataset.namespaces.base}mappings/{stem}",
        "mapping_set_title": stem,
        "license": licence.value if isinstance(licence, NamedNode) else "",
    }


def _show(listed: Sequence[Proposal], curies: Curies) -> None:
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("ours", "predicate", "theirs", "", "confidence"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("predicate", "confidence"))
    for one in listed:
        cells = (_label(one.subject), curies.of(one.predicate), one.object.label())
        table.add_row(*map(Text, (*cells, curies.of(one.object.iri), f"{one.confidence:.2f}")))
    Console().print(table)
    click.echo(f"{len(listed):,} proposals")


def _present(console: Console, one: Proposal, number: int, total: int, session: _Session) -> None:
    decided = f"{session.accepted} accepted, {session.rejected} rejected"
    console.rule(f"{number} of {total} · {decided}", align="left")
    for iri, names in ((one.subject.iri, one.subject.names), (one.object.iri, one.object.names)):
        shown = session.dataset.prefixes.shorten(iri) or iri
        console.print(Text(f"{_names(names)}  {shown}"))
    predicate = one.predicate.replace(SKOS, "skos:")
    console.print(Text(f"{predicate}, confidence {one.confidence:.2f}"), style="bold")
    console.print(Text(one.evidence))


def _ask(one: Proposal, session: _Session) -> bool:
    """Take one decision; tell whether to go on."""
    keys = ", ".join(f"{key} {meaning}" for key, meaning in _KEYS.items())
    key = click.prompt(keys, type=click.Choice(list(_KEYS)), show_choices=False)
    if key == "a":
        session.accept(one, one.predicate)
    elif key == "p":
        chosen = click.prompt("predicate", type=click.Choice(_PREDICATES))
        session.accept(one, f"{SKOS}{chosen}Match")
    elif key == "r":
        session.reject(one)
    return bool(key != "q")


def _names(names: Sequence[Name]) -> str:
    shown = (f"{name.text} ({primary(name.language)})" for name in names if name.is_preferred)
    return " · ".join(shown) or "; ".join(name.text for name in names)


def _label(entry: Entry) -> str:
    return next((name.text for name in entry.names if name.is_preferred), entry.iri)
