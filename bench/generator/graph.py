"""A whole generated graph: the repository's ontology, shapes and rules beside generated data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Final

from generator.concepts import ConceptWriter
from generator.pages import World
from generator.series import QUADS_OF_A_SESSION, Series
from generator.wording import Text, label
from generator.writing import RdfFile, Statements, Tally, in_both, literal, typed
from lignee import kg_folder
from lignee.dataset import read_prefixes

SMALLEST_GRAPH: Final = 1_500
"""Quads; below this the schemes alone would be most of the graph."""
_COPIED: Final = ("ontology", "shapes", "queries/rules", "queries/integrity")
_QUADS_PER_ORGANIZATION: Final = 20_000
_RESOURCES: Final = ("series", "session", "document", "consultation", "figure")
_RESOURCE_PREFIXES: Final = ("lig", "organization", "rdfs", "schema")
_TITLE: Final = Text("A generated graph", "Un graphe produit au hasard")


def generate(
    repository: Path, folder: Path, *, quads: int, seed: int, progress: Callable[[int], object]
) -> int:
    """Write about that many quads into the new folder; return how many its data files state.

    `progress` is told the quads so far. What the ontology states, the mappings and what a build
    derives come on top.
    """
    folder.mkdir(parents=True)
    (folder / "sources").mkdir()
    for part in _COPIED:
        if (repository / part).is_dir():
            shutil.copytree(repository / part, folder / part)
    prefixes = dict(read_prefixes(kg_folder.find(repository)).namespaces)
    tally, rng = Tally(), Random(seed)
    _write_head(folder / "data" / "dataset.ttl", prefixes, tally)
    with ExitStack() as files:
        organizations = _write_organizations(folder, prefixes, quads, rng, tally)
        popular = ConceptWriter(folder / "data", prefixes, rng, tally).write(quads)
        resources = {
            kind: files.enter_context(_resource_file(folder, kind, prefixes, tally))
            for kind in _RESOURCES
        }
        world = World(folder, prefixes, rng, tally, popular, organizations, resources)
        number = 0
        while quads - tally.quads >= QUADS_OF_A_SESSION:
            number += 1
            Series(world, number).write(quads)
            for file in resources.values():
                file.flush()
            progress(tally.quads)
    return tally.quads


def _resource_file(folder: Path, kind: str, prefixes: dict[str, str], tally: Tally) -> RdfFile:
    path = folder / "data" / "resources" / f"{kind.removesuffix('s')}s.ttl"
    return RdfFile(path, prefixes, {*_RESOURCE_PREFIXES, "series", kind}, tally)


def _write_organizations(
    folder: Path, prefixes: dict[str, str], quads: int, rng: Random, tally: Tally
) -> list[str]:
    names = []
    with _resource_file(folder, "organization", prefixes, tally) as file:
        for number in range(max(3, quads // _QUADS_PER_ORGANIZATION)):
            text = label(rng.randrange(1000) * 1000 + number).preferred.lowered()
            name = f"organization:office-{number + 1}"
            title = Text(f"Office {number + 1}, {text.en}", f"Office {number + 1}, {text.fr}")
            file.describe(name, [("a", "schema:Organization"), *in_both("rdfs:label", title)])
            names.append(name)
    return names


def _write_head(path: Path, prefixes: dict[str, str], tally: Tally) -> None:
    statements: Statements = [
        ("a", "dcat:Dataset"),
        *in_both("rdfs:label", _TITLE),
        *in_both("dcterms:title", _TITLE),
        *in_both("dcterms:description", _TITLE),
        ("dcterms:issued", typed("2026-01-01", "date")),
        ("dcterms:publisher", "organization:office-1"),
        ("dcterms:license", "<https://creativecommons.org/licenses/by/4.0/>"),
        ("dcat:version", literal("0.0.0")),
    ]
    with RdfFile(path, prefixes, ("dcat", "dcterms", "organization", "rdfs", "xsd"), tally) as file:
        file.describe("<https://w3id.org/lignee/dataset>", statements)
