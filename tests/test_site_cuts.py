"""A page that shows a part says so and leads to the whole; a description is whole or refused."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import serving
from browsing import page_of, text_of

TINY = "https://example.org/tiny/id/"
MANY = 2_050
"""More statements than a page is made from."""
PROPERTIES = 70
LONGEST = 100
"""Statements that a description may hold here."""


def additions() -> str:
    """Return, as TriG, things of which there is more than a page shows."""
    lines = [
        "@prefix lig: <https://w3id.org/lignee/ontology#> .",
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .",
        "@prefix prov: <http://www.w3.org/ns/prov#> .",
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .",
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
        "@prefix sssom: <https://w3id.org/sssom/> .",
        f"@prefix theme: <{TINY}theme/> .",
        *(f'theme:long skos:note "{number}" .' for number in range(MANY)),
        *(f'theme:fitting skos:note "{number}" .' for number in range(LONGEST)),
        *(f"<urn:thing> <urn:property:{number:02}> theme:named ." for number in range(PROPERTIES)),
        "theme:named skos:note 1 . theme:mapped skos:note 1 . theme:derived skos:note 1 .",
        *(
            f"<urn:mapping:{number}> owl:annotatedSource theme:mapped ; owl:annotatedProperty "
            f"skos:exactMatch ; owl:annotatedTarget <urn:{number}> ; sssom:confidence 1 ."
            for number in range(MANY)
        ),
        *(
            f"<urn:reason:{number}> rdf:subject theme:derived ; rdf:predicate lig:buildsOn ; "
            f"rdf:object <urn:{number}> ; prov:wasDerivedFrom <urn:premise> ."
            for number in range(MANY)
        ),
        "<urn:graph> skos:note 1 . GRAPH <urn:graph> {",
        *(f"<urn:thing> skos:note {number} ." for number in range(60)),
        "}",
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def client(tiny_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    added = tmp_path_factory.mktemp("added") / "many.trig"
    added.write_text(additions(), encoding="utf-8")
    with (
        serving.serve(
            tiny_releases, f"--with={added}", data_statements=LONGEST, page_solutions=2
        ) as server,
        server.client() as opened,
    ):
        yield opened


@pytest.mark.parametrize(
    ("path", "told", "whole"),
    [
        ("/page/theme/long", "from the first 2,000 statements about it", MANY),
        ("/page/theme/named", "by more than 60 properties", PROPERTIES),
        ("/page/theme/mapped", "how its links were made, the first 2,000 details", 4 * MANY),
        ("/page/theme/derived", "why things were derived, the first 2,000 details", 4 * MANY),
        ("/page?iri=urn:graph", "the first 2 statements", 60),
        ("/page/source/poster", "the first 2 clauses", 5),
    ],
    ids=["statements", "properties", "mappings", "reasons", "graph", "clauses"],
)
def test_part_is_called_a_part_and_leads_to_the_whole(
    client: httpx.Client, path: str, told: str, whole: int
) -> None:
    page = page_of(client, path)
    notice = re.search(r'<p class="notice">This is a part: ([^<]*)<a href="([^"]+)"', page)
    assert notice
    assert told in notice[1]
    answer = client.get(html.unescape(notice[2]), headers={"Accept": "text/csv"})
    assert len(answer.text.splitlines()) - 1 == whole


def test_whole_page_is_not_called_a_part(client: httpx.Client) -> None:
    assert "This is a part" not in text_of(client, "/page/theme/stars")


@pytest.mark.parametrize("extension", ["ttl", "trig"])
def test_description_is_refused_rather_than_cut(client: httpx.Client, extension: str) -> None:
    answer = client.get(f"/data/theme/long.{extension}")
    assert answer.status_code == 503
    assert "more than 100 statements" in answer.json()["detail"]
    assert "--data-statements" in answer.json()["detail"]


def test_description_as_long_as_allowed_is_whole(client: httpx.Client) -> None:
    assert len(client.get("/data/theme/fitting.nt").text.splitlines()) == LONGEST


def test_part_of_an_answer_is_sorted_and_says_so(client: httpx.Client) -> None:
    query = "SELECT ?n { VALUES ?n { 2 3 1 } }"
    told = text_of(client, str(httpx.URL("/sparql", params={"query": query, "sort": "-n"})))
    assert "Only what is shown is sorted." in told
    assert told.index("3 xsd:integer") < told.index("2 xsd:integer")
    assert "1 xsd:integer" not in told
