"""The examples that join the graph with other data find something where that data is."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import httpx
import pytest

from conftest import ROOT, Lignee
from foreign import ForeignServer, oxigraph
from lignee.engines import services
from serving import Server

EXAMPLES = ROOT / "queries/examples"
BESIDE = EXAMPLES / "18-narrower-in-eurovoc.rq"
CALLING = EXAMPLES / "19-labels-from-eurovoc.rq"
WIKIDATA = EXAMPLES / "20-articles-of-wikipedia.rq"
OFFICE = "https://publications.europa.eu/webapi/rdf/sparql"
ITEM = """<https://en.wikipedia.org/wiki/Artificial_intelligence>
  <http://schema.org/about> <http://www.wikidata.org/entity/Q11660> ;
  <http://schema.org/isPartOf> <https://en.wikipedia.org/> ."""


@pytest.fixture
def eurovoc(shared: Path) -> Path:
    return next((shared / "vocabularies").glob("eurovoc*.nt.gz"))


def load(server: ForeignServer, content: bytes, media_type: str) -> str:
    """Load a graph into another's endpoint and return the endpoint's address."""
    store = server.engine.removesuffix("/query") + "/store?default"
    headers = {"Content-Type": media_type}
    httpx.post(store, content=content, headers=headers, timeout=60).raise_for_status()
    return server.engine


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def moved(query: Path, endpoint: str, folder: Path) -> Path:
    """Return the query as it would be if its endpoint were at that address."""
    text = query.read_text(encoding="utf-8")
    (called,) = services.endpoints_of(text)
    file = folder / query.name
    file.write_text(text.replace(called, endpoint), encoding="utf-8")
    return file


def test_vocabulary_beside_the_graph_is_joined(
    shipped_releases: Path, eurovoc: Path, lignee: Lignee
) -> None:
    where = ("--releases", shipped_releases, "--format", "csv", "--param", "language=fr")
    done = lignee("query", BESIDE, *where, "--with", eurovoc)
    assert {row["name"] for row in rows(done.stdout)} >= {"Propriété intellectuelle"}, done.stderr


def test_endpoint_of_others_is_joined(
    shipped_releases: Path, eurovoc: Path, lignee: Lignee, tmp_path: Path
) -> None:
    with oxigraph() as server:
        endpoint = load(server, gzip.decompress(eurovoc.read_bytes()), "application/n-triples")
        query = moved(CALLING, endpoint, tmp_path)
        where = ("--releases", shipped_releases, "--format", "csv", "--param", "language=fr")
        done = lignee("query", query, *where, "--service-allow", endpoint)
    assert {row["ordinal"] for row in rows(done.stdout)} >= {"1", "10"}, done.stderr


def test_articles_are_found_by_way_of_wikidata(
    shipped_releases: Path, lignee: Lignee, tmp_path: Path
) -> None:
    with oxigraph() as server:
        endpoint = load(server, ITEM.encode(), "text/turtle")
        query = moved(WIKIDATA, endpoint, tmp_path)
        where = ("--releases", shipped_releases, "--format", "csv")
        done = lignee("query", query, *where, "--service-allow", endpoint)
    (row,) = rows(done.stdout)
    assert row["article"].endswith("/Artificial_intelligence")


def test_query_that_calls_what_this_server_does_not_is_shown_as_text(
    shipped_server: Server,
) -> None:
    with shipped_server.client() as client:
        page = client.get("/queries/labels-from-eurovoc", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "--service-allow" in page.text
        assert f"SERVICE &lt;{OFFICE}&gt;" in page.text
        assert ".csv" not in page.text
        answer = client.get("/queries/labels-from-eurovoc.csv")
        assert (answer.status_code, answer.json()["error"]) == (400, "ServiceRefused")
