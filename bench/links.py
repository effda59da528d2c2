"""Measure `lignee link`: what it finds of a curated set, and time and memory on a large vocabulary.

`python bench/links.py EUROVOC_FILE`. Every mapping of the curated set is held out in turn: it is
looked for with all others known, as a curator would who has still to find it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from generator.wording import CAPACITY, label
from lignee import dataset as datasets
from lignee import kg_folder
from lignee.linking import concepts, proposals
from lignee.linking.concepts import Mapped
from lignee.linking.proposals import Found, Proposal
from lignee.sssom import Mapping
from lignee.vocabulary import SKOS
from runner.processes import Run, measured
from runner.results import commit, machine

_REPOSITORY: Final = Path(__file__).resolve().parents[1]
_MOST, _LEAST = 3, 0.6
"""What the command proposes where nothing else is asked for."""
_GROUPS: Final = {
    "exact or close": ("exactMatch", "closeMatch"),
    "broad or narrow": ("broadMatch", "narrowMatch"),
    "related": ("relatedMatch",),
}
_SYLLABLES: Final = tuple(a + b for a in "bdfgklmnprst" for b in "aeiou")
_BANDS: Final = (0.95, 0.9, 0.8, 0.7, 0.6)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("eurovoc", type=click.Path(path_type=Path, exists=True))
@click.option("--concepts", "size", default=1_000_000, show_default=True, help="to generate")
@click.option("--results", type=click.Path(path_type=Path), default=_REPOSITORY / "bench/results")
def main(eurovoc: Path, size: int, results: Path) -> None:
    """Measure against EUROVOC, and on a generated vocabulary of a million concepts."""
    now = datetime.now(UTC)
    found = {
        "commit": commit(_REPOSITORY),
        "started": f"{now:%Y-%m-%dT%H:%MZ}",
        "machine": machine(),
        "load_before": round(os.getloadavg()[0], 2),
        "vocabulary": eurovoc.name,
        "quality": _quality(eurovoc),
        "eurovoc": asdict(_linked(eurovoc)),
    }
    with tempfile.TemporaryDirectory(prefix="bench-", dir=_REPOSITORY / ".cache") as scratch:
        file = Path(scratch) / "generated.nt"
        triples = _generate(file, size)
        run = _linked(file)
        found["generated"] = {"concepts": size, "triples": triples, **asdict(run)}
    results.mkdir(exist_ok=True)
    file = results / f"{now:%Y-%m-%d}-{found['commit']}-links.json"
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    click.echo(json.dumps(found, indent=1))


def _linked(file: Path) -> Run:
    command = [sys.executable, "-m", "lignee", "link", str(file), "--kg", str(_REPOSITORY)]
    with tempfile.TemporaryDirectory() as folder:
        return measured([*command, "--out", f"{folder}/found.sssom.tsv"], lambda _line: None)


def _quality(eurovoc: Path) -> dict[str, object]:
    dataset = datasets.read(kg_folder.find(_REPOSITORY))
    datasets.write_default_graph(dataset)
    ours = concepts.concepts(dataset.store)
    sets = concepts.mapping_sets(dataset)
    known = concepts.mapped(sets)
    started = time.perf_counter()
    found = proposals.search(ours, eurovoc, proposals.languages_of(ours))
    seconds = time.perf_counter() - started
    curated = next(one for one in sets if one.file.name.startswith("eurovoc"))
    subjects = {one.iri for one in ours}
    rows = [row for row in curated.mappings if not row.is_gap and row.subject.value in subjects]
    return {
        "concepts": len(ours),
        "rows": len(rows),
        "search_seconds": round(seconds, 2),
        "recall": {name: _recall(rows, of, found, known) for name, of in _GROUPS.items()},
        "precision": _precision(rows, found, known),
    }


def _recall(
    rows: Sequence[Mapping], predicates: Sequence[str], found: Found, known: Mapped
) -> dict[str, float | int]:
    asked = [row for row in rows if row.predicate.value.removeprefix(SKOS) in predicates]
    numbers = {one.iri: number for number, one in enumerate(found.matcher.entries)}
    ranks, right = [], 0
    for row in asked:
        pair = row.subject.value, row.object.value
        number = numbers[row.subject.value]
        alone = replace(found, pairs={number: found.pairs.get(number, ())})
        of_one = proposals.propose(alone, known.without(pair), most=_MOST, least=_LEAST)
        rank = next((at for at, one in enumerate(of_one, 1) if one.pair == pair), 0)
        ranks.append(rank)
        right += bool(rank) and of_one[rank - 1].predicate == row.predicate.value
    return {
        "rows": len(asked),
        "first": sum(rank == 1 for rank in ranks),
        "proposed": sum(rank > 0 for rank in ranks),
        "recall": round(sum(rank > 0 for rank in ranks) / len(asked), 3),
        "predicate_right": right,
    }


def _precision(rows: Sequence[Mapping], found: Found, known: Mapped) -> dict[str, object]:
    """Return how many proposals curators had made too; they may not have thought of the others."""
    curated = {(row.subject.value, row.object.value) for row in rows}
    proposed = [one for number in found.pairs for one in _held_out(number, found, known)]
    bands = {}
    for band in _BANDS:
        sure = [one for one in proposed if one.confidence >= band]
        right = sum(one.pair in curated for one in sure)
        bands[f"{band:g}"] = {
            "proposed": len(sure),
            "curated": right,
            "precision": round(right / len(sure), 3),
        }
    return {"at_least": bands}


def _held_out(number: int, found: Found, known: Mapped) -> list[Proposal]:
    own = found.matcher.entries[number].iri
    of_one = [
        one
        for iri in found.pairs[number]
        if (one := proposals.proposal_of(found, number, iri, known.without((own, iri))))
        and one.confidence >= _LEAST
    ]
    return sorted(of_one, key=lambda one: (-one.confidence, one.object.iri))[:_MOST]


def _generate(file: Path, size: int) -> int:
    """Write a vocabulary whose labels are of the field's words; return how many triples it has."""
    triples = 0
    with file.open("w", encoding="utf-8") as output:
        for line in _lines(size):
            output.write(line)
            triples += 1
    return triples


def _lines(size: int) -> Iterator[str]:
    for number in range(size):
        concept = f"<https://example.org/concept/{number}>"
        word, named = _coined(number), label(number % CAPACITY)
        yield f"{concept} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{SKOS}Concept> .\n"
        for kind, text in (("prefLabel", named.preferred), ("altLabel", named.inverted)):
            yield f'{concept} <{SKOS}{kind}> "{text.en} {word}"@en .\n'
            yield f'{concept} <{SKOS}{kind}> "{text.fr} {word}"@fr .\n'
        if number:
            yield f"{concept} <{SKOS}broader> <https://example.org/concept/{number // 10}> .\n"


def _coined(number: int) -> str:
    """Return one of 100,003 words that are in no language."""
    rest, word = number * 7919 % 100_003, ""
    for _ in range(4):
        rest, at = divmod(rest, len(_SYLLABLES))
        word += _SYLLABLES[at]
    return word


if __name__ == "__main__":
    main()
