"""The search over real HTTP."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

import serving

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
VOCABULARY = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://example.org/v/1> a skos:Concept ; skos:prefLabel "Zythologie"@fr, "Beer lore"@en ;
    skos:definition "What <b> and bubbles tell."@en .
"""


@pytest.fixture(scope="module")
def client(
    shipped_releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    file = tmp_path_factory.mktemp("beside") / "vocabulary.ttl"
    file.write_text(VOCABULARY, encoding="utf-8")
    with serving.serve(shipped_releases, f"--with={file}") as server, server.client() as opened:
        yield opened


def test_resource_is_found_by_part_of_its_name(client: httpx.Client) -> None:
    found = client.get("/search?q=SESSION+2&lang=en").json()
    assert found["results"][0]["iri"] == "https://w3id.org/lignee/id/session/2"
    assert found["number"] >= len(found["results"])
    assert found["results"][0]["label"].startswith("Session 2: ")


def test_accents_do_not_matter_and_the_language_is_the_visitors(client: httpx.Client) -> None:
    french = client.get("/search?q=propriete+intellectuelle", headers={"Accept-Language": "fr"})
    assert french.json()["results"][0]["label"] == "Propriété intellectuelle"
    assert "Accept-Language" in french.headers["Vary"]


def test_files_beside_the_release_are_searched(client: httpx.Client) -> None:
    (found,) = client.get("/search?q=zytho&lang=en").json()["results"]
    assert (found["iri"], found["label"]) == ("https://example.org/v/1", "Beer lore")


def test_page_offers_kinds_and_keeps_to_the_one_chosen(client: httpx.Client) -> None:
    page = client.get("/search?q=metaverse&lang=en", headers=BROWSER).text
    link = re.search(r'<a href="(/search[^"]*)" title="[^"]*Session">Session</a>', page)
    assert link
    chosen = client.get(html.unescape(link[1]), headers=BROWSER).text
    shown = re.findall(r'<code class="soft">(\w+):', chosen)
    assert set(shown) == {"session"}


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Published query"), ("fr", "Requête publiée")]
)
def test_kinds_are_words_and_none_is_of_the_records_of_a_release(
    client: httpx.Client, language: str, name: str
) -> None:
    page = client.get(f"/search?q=session&lang={language}", headers=BROWSER).text
    offered = page.partition('<nav class="ways"')[2].partition("</nav>")[0]
    kinds = re.findall(r">([^<>]+)</a>", offered)
    assert name in kinds
    assert not [kind for kind in kinds if ":" in kind]


def test_whatever_is_found_has_a_page(client: httpx.Client) -> None:
    for query in ("metaverse", "zytho"):
        page = client.get(f"/search?q={query}", headers=BROWSER).text
        first = re.search(r'<ol class="found">\s*<li>\s*<a href="([^"]*)"', page)
        assert first
        assert client.get(html.unescape(first[1]), headers=BROWSER).status_code == 200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("session:12", "session/12"),
        ("Session/12", "session/12"),
        ("https://w3id.org/lignee/id/session/12", "session/12"),
        ("lig:Session", "https://w3id.org/lignee/ontology#Session"),
    ],
)
def test_identifier_finds_what_it_names(client: httpx.Client, query: str, name: str) -> None:
    first = client.get("/search", params={"q": query}).json()["results"][0]
    assert first["iri"] == first["matched"] == urljoin("https://w3id.org/lignee/id/", name)
    assert first["matched_in"] == "identifier"


def test_words_of_a_description_are_found_and_marked(client: httpx.Client) -> None:
    params = {"q": "bubbles", "lang": "en"}
    (found,) = client.get("/search", params=params).json()["results"]
    assert (found["iri"], found["matched_in"]) == ("https://example.org/v/1", "description")
    page = client.get("/search", params=params, headers=BROWSER).text
    assert '<p lang="en">What &lt;b&gt; and <mark>bubbles</mark> tell.</p>' in page


def test_page_shows_no_markup_of_the_visitors(client: httpx.Client) -> None:
    page = client.get("/search", params={"q": '"><script>'}, headers=BROWSER).text
    assert "<script" not in page


@pytest.mark.parametrize("query", ["", "q=", "q=a&q=b", "q=" + "x" * 201])
def test_what_cannot_be_looked_for_is_refused(client: httpx.Client, query: str) -> None:
    assert client.get(f"/search?{query}").status_code == 400


def test_browser_is_told_of_the_search(client: httpx.Client) -> None:
    page = client.get("/?lang=fr").text
    link = re.search(r'<link rel="search" type="([^"]*)"[^>]* href="([^"]*)"', page)
    assert link
    answer = client.get(html.unescape(link[2]))
    assert answer.headers["Content-Type"].partition(";")[0] == link[1]
    root = ET.fromstring(answer.text)  # our own server's
    urls = root.findall("{http://a9.com/-/spec/opensearch/1.1/}Url")
    found = client.get(urls[1].attrib["template"].replace("{searchTerms}", "metaverse"))
    assert found.json()["results"]
