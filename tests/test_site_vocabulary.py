"""The pages of a graph that the software was not made for: a thesaurus of thousands of concepts."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

import httpx
import psutil
import pytest

import serving
from browsing import faults_of, page_of, text_of, walk
from conftest import SHARED, leave_out, run_lignee
from serving import Server

FILE = SHARED / "vocabularies" / "eurovoc-2021-06-04.en-fr.nt.gz"
CONCEPT = "http://eurovoc.europa.eu/3030"
HEAD = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/eurovoc/dataset> a dcat:Dataset ;
    dcterms:title "EuroVoc"@en , "EuroVoc"@fr ;
    dcterms:issued "2021-06-04"^^xsd:date ;
    dcat:version "4.13" .
"""
MOST_SECONDS = 1.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of the smallest folder that holds the thesaurus: its head and its file."""
    if not FILE.is_file():
        leave_out(f"LIGNEE_SHARED has no file {FILE.name}")
    kg = tmp_path_factory.mktemp("eurovoc")
    (kg / "data").mkdir()
    (kg / "data" / "dataset.ttl").write_text(HEAD, encoding="utf-8")
    (kg / "data" / "eurovoc.nt").write_bytes(gzip.decompress(FILE.read_bytes()))
    done = run_lignee("build", "--without-validation", "--kg", kg, "--releases", kg / "releases")
    assert done.returncode == 0, done.stderr
    with serving.serve(kg / "releases") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


def processor_seconds(server: Server) -> dict[int, float]:
    """Return what each process has used; a worker may be replaced at any time."""
    used = {}
    for process in server.processes():
        with suppress(psutil.NoSuchProcess):
            used[process.pid] = sum(process.cpu_times()[:2])
    return used


def test_pages_make_sense_and_come_without_delay(server: Server, client: httpx.Client) -> None:
    before = processor_seconds(server)
    seconds: dict[str, list[float]] = defaultdict(list)
    for path, answer in walk(client, most_of_a_kind=4):
        after = processor_seconds(server)
        spent = sum(used - before.get(process, 0.0) for process, used in after.items())
        seconds[path.partition("?")[0]].append(spent)
        before = after
        assert answer.status_code == 200, path
        if answer.headers["Content-Type"].startswith("text/html"):
            assert not faults_of(answer.text), path
    assert {"/page", "/themes", "/sources", "/tensions", "/queries", "/ontology"} <= seconds.keys()
    assert {"/shapes", "/validation", "/about", "/releases", "/sparql"} <= seconds.keys()
    del seconds["/reconcile"]  # no page: it waits for the catalogue that is read at the start
    # What the server does besides, in its first seconds, counts with one page or the other.
    assert not [kind for kind, taken in seconds.items() if min(taken) > MOST_SECONDS]


def test_home_counts_the_concepts(client: httpx.Client) -> None:
    assert "Concept 7,317 Concept scheme 128" in text_of(client, "/")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Concept artificial intelligence intelligence artificielle broader information"),
        ("fr", "Concept intelligence artificielle artificial intelligence associé cybernétique"),
    ],
)
def test_terms_of_standards_have_names(client: httpx.Client, language: str, told: str) -> None:
    shown = text_of(client, f"/page?iri={CONCEPT}", language)
    assert told in shown
    assert "w3.org" not in shown


def test_hierarchy_is_told_once(client: httpx.Client) -> None:
    assert page_of(client, f"/page?iri={CONCEPT}").count(">machine learning<") == 1


def test_concepts_are_in_the_sitemap(client: httpx.Client) -> None:
    listed = client.get("/sitemap/1.xml").text
    assert listed.count("<url>") > 7_400
    address = f"{client.base_url}/page?iri=http%3A%2F%2Feurovoc.europa.eu%2F3030"
    assert f"<loc>{address}</loc>" in listed
    assert client.get(address, headers={"Accept": "text/html"}).status_code == 200


def test_queries_that_nobody_published_are_said_to_be_none(client: httpx.Client) -> None:
    assert "This release publishes no queries." in text_of(client, "/queries")


def test_picture_to_share_is_drawn_from_the_title(client: httpx.Client) -> None:
    assert client.get("/picture.png").content.startswith(b"\x89PNG")
