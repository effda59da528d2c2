"""Concept schemes as trees: what stands where, what is counted, and a thesaurus of thousands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import serving
from browsing import page_of, text_of
from serving import Server

EUROVOC = "http://eurovoc.europa.eu/"
FLAT = 250
VOCABULARY = "\n".join(
    [
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
        "@prefix v: <https://example.org/v/> .",
        'v:flat a skos:ConceptScheme ; skos:prefLabel "Flat"@en .',
        *(
            f"v:c{number} a skos:Concept ; skos:inScheme v:flat ; "
            f'skos:prefLabel "C {number:03}"@de .'
            for number in range(FLAT)
        ),
        'v:knot a skos:ConceptScheme ; skos:prefLabel "Knot <b>"@en ; skos:hasTopConcept v:top .',
        'v:top a skos:Concept ; skos:prefLabel "Top"@en ; skos:narrower v:left , v:right .',
        'v:left a skos:Concept ; skos:prefLabel "Left"@en ; skos:narrower v:shared .',
        'v:right a skos:Concept ; skos:prefLabel "Right"@en ; skos:narrower v:shared .',
        'v:shared a skos:Concept ; skos:prefLabel "Shared"@en ; skos:narrower v:top , v:leaf .',
        'v:leaf a skos:Concept ; skos:prefLabel "Leaf"@en ; skos:inScheme v:knot .',
    ]
)


@pytest.fixture(scope="module")
def client(tiny_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    added = tmp_path_factory.mktemp("added") / "vocabulary.ttl"
    added.write_text(VOCABULARY, encoding="utf-8")
    with serving.serve(tiny_releases, f"--with={added}") as server, server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def shipped_client(shipped_server: Server) -> Iterator[httpx.Client]:
    with shipped_server.client() as opened:
        yield opened


def test_narrower_concepts_stand_below_wider_ones_with_both_labels(client: httpx.Client) -> None:
    text = text_of(client, "/themes/themes")
    assert re.search("Sky Ciel .* 2 narrower Comets Comètes Stars Étoiles", text)
    text = text_of(client, "/themes/themes", "fr")
    assert re.search("Ciel Sky .* 2 plus étroits Comètes Comets Étoiles Stars", text)


def test_schemes_are_listed_the_datasets_own_first(client: httpx.Client) -> None:
    text = text_of(client, "/themes")
    places = [
        text.index(name) for name in ("Themes Thèmes 3 concepts", "Flat 250", "Knot &lt;b&gt;")
    ]
    assert places == sorted(places)


def test_label_with_markup_stays_text(client: httpx.Client) -> None:
    assert "Knot &lt;b&gt;" in page_of(client, "/themes?iri=https://example.org/v/knot")


def test_long_list_goes_on_on_the_next_page(client: httpx.Client) -> None:
    first = page_of(client, "/themes?iri=https://example.org/v/flat")
    assert re.findall(r">C (\d+)<", first) == [f"{number:03}" for number in range(200)]
    assert 'rel="next"' in first
    second = page_of(client, "/themes?iri=https://example.org/v/flat&page=2")
    assert re.findall(r">C (\d+)<", second) == [f"{number:03}" for number in range(200, FLAT)]
    assert "201–250 / 250" in second


def test_label_in_a_third_language_is_better_than_none_and_marked(client: httpx.Client) -> None:
    assert re.search(r'lang="de">C 000<', page_of(client, "/themes?iri=https://example.org/v/flat"))


def test_what_lies_below_several_is_told_once_and_loops_end(client: httpx.Client) -> None:
    text = text_of(client, "/themes?iri=https://example.org/v/knot")
    assert "Left 1 narrower Shared 2 narrower Leaf Top 2 narrower → Right 1 narrower Shared" in text


def test_branch_leads_up_to_wider_concepts_and_schemes(client: httpx.Client) -> None:
    text = text_of(client, "/themes?iri=https://example.org/v/shared")
    assert "Part of what is wider: Left ; Right" in text
    page = page_of(client, "/themes?iri=https://example.org/tiny/id/theme/stars")
    assert '<a href="/themes/themes?lang=en">Themes</a>' in page
    assert '<a href="/themes?iri=https://example.org/tiny/id/theme/sky&amp;lang=en">Sky</a>' in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/themes/none", 404),
        ("/themes?iri=https://example.org/tiny/id/session/1", 404),
        ("/themes?iri=%3Cscript%3E", 404),
        ("/themes?page=0", 400),
        ("/themes?page=x", 400),
        ("/themes?page=99999999999999999999", 400),
    ],
)
def test_what_is_no_tree_is_refused(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert "<script>" not in answer.text


def test_release_without_the_query_that_counts_has_trees_without_numbers(
    client: httpx.Client,
) -> None:
    assert "session" not in text_of(client, "/themes").partition("Themes Thèmes")[2].casefold()


def test_concept_leads_to_its_place_among_the_themes(client: httpx.Client) -> None:
    page = page_of(client, "/page/theme/stars")
    assert 'href="/themes?iri=https://example.org/tiny/id/theme/stars&amp;lang=en"' in page


def test_sessions_are_counted_by_concept(shipped_client: httpx.Client) -> None:
    text = text_of(shipped_client, "/themes/themes")
    assert re.search(r"AI training data Données d’entraînement de l’IA 3 sessions", text)
    assert re.search(r"Synthetic media Médias synthétiques 1 session \d+ mappings", text)


def test_mappings_lead_out(shipped_client: httpx.Client) -> None:
    page = page_of(shipped_client, "/themes/technologies")
    assert re.search(
        r'the same as <a href="http://www.wikidata.org/entity/Q11660" rel="external">', page
    )


def test_main_theme_has_one_colour_everywhere(shipped_client: httpx.Client) -> None:
    home = page_of(shipped_client, "/")
    found = re.search(r'class="mark session accent-(\d)[^"]*" href="/page/session/7', home)
    assert found
    accent = found[1]
    tree = page_of(shipped_client, "/themes/themes")
    assert f'href="/page/theme/metaverse?lang=en" class="theme accent-{accent}"' in tree
    for path in ("/page/session/7", "/page/theme/metaverse"):
        assert f'<div class="head accent-{accent}">' in page_of(shipped_client, path)


def test_thesaurus_of_thousands_is_browsed_part_by_part(tiny_releases: Path, shared: Path) -> None:
    file = shared / "vocabularies" / "eurovoc-2021-06-04.en-fr.nt.gz"
    with (
        serving.serve(tiny_releases, f"--with={file}", workers=1) as server,
        server.client() as client,
    ):
        pages = [page_of(client, f"/themes?iri={EUROVOC}100141&page={number}") for number in (1, 3)]
        assert max(page.count("<li>") for page in pages) < 700
        assert "401–544 / 544" in pages[1]
        text = text_of(client, f"/themes?iri={EUROVOC}3030")
        assert "artificial intelligence intelligence artificielle" in text
        assert "machine learning apprentissage automatique" in text
