"""The ways of joining the graph with other data that the documentation shows give answers."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conftest import ROOT, Lignee
from foreign import oxigraph

PAGE = (ROOT / "docs/how-to/join-with-other-data.md").read_text(encoding="utf-8")
OFFICE = "https://publications.europa.eu/webapi/rdf/sparql"


def shown(name: str) -> str:
    found = re.search(rf"```sparql {name}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def eurovoc(shared: Path) -> Path:
    return next((shared / "vocabularies").glob("eurovoc*.nt.gz"))


@pytest.fixture
def endpoint(eurovoc: Path) -> Iterator[str]:
    """Return the address of another's endpoint that holds EuroVoc."""
    with oxigraph() as server:
        store = server.engine.removesuffix("/query") + "/store?default"
        content = gzip.decompress(eurovoc.read_bytes())
        headers = {"Content-Type": "application/n-triples"}
        httpx.post(store, content=content, headers=headers, timeout=60).raise_for_status()
        yield server.engine


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_vocabulary_beside_the_graph_is_joined(
    shipped_releases: Path, eurovoc: Path, lignee: Lignee
) -> None:
    where = ("--releases", shipped_releases, "--format", "csv")
    done = lignee("query", shown("with EuroVoc beside"), *where, "--with", eurovoc)
    assert {row["name"] for row in rows(done.stdout)} >= {"Propriété intellectuelle"}, done.stderr


def test_endpoint_of_others_is_joined(
    shipped_releases: Path, endpoint: str, lignee: Lignee
) -> None:
    query = shown("calling EuroVoc").replace(OFFICE, endpoint)
    where = ("--releases", shipped_releases, "--format", "csv")
    done = lignee("query", query, *where, "--service-allow", endpoint)
    assert {row["ordinal"] for row in rows(done.stdout)} >= {"1", "10"}, done.stderr
