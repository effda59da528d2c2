"""Sources as references to clauses that anybody can check, and where they differ."""

from __future__ import annotations

import html
import re
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from browsing import page_of, text_of
from conftest import ROOT, TINY, Lignee
from lignee import query_files
from serving import Server

SOURCE = "/page/source/poster"


@pytest.fixture(scope="module")
def client(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def shipped_client(shipped_server: Server) -> Iterator[httpx.Client]:
    with shipped_server.client() as opened:
        yield opened


def test_source_is_listed_with_its_clauses_counted(client: httpx.Client) -> None:
    text = text_of(client, "/sources")
    assert "The poster 5 clauses · 12 statements · 97% of the text · 1 clause replaced" in text


def test_percentages_are_written_as_the_language_does(client: httpx.Client) -> None:
    assert "97 % du texte" in text_of(client, "/sources", "fr")


def test_page_of_a_source_tells_its_clauses_in_order(client: httpx.Client) -> None:
    text = text_of(client, SOURCE)
    places = [text.index(f"The poster, clause {number} characters") for number in range(1, 6)]
    assert places == sorted(places)
    assert "characters 30–68 Digest sha256-c4b4dd0004047ca8ad16fef0dd31049f" in text
    assert "Night 1: Stars" in text[places[1] : places[2]]
    assert "208 of the 213 characters of its text lie in a clause (97%)" in text


def test_replaced_clause_is_marked_and_leads_to_the_later_one(client: httpx.Client) -> None:
    part = page_of(client, SOURCE).partition('<li class="past">')[2].partition("</li>\n<li")[0]
    assert "Replaced by" in part
    assert 'href="/page/passage/poster/4?lang=en"' in part


def test_clauses_are_told_once(client: httpx.Client) -> None:
    assert page_of(client, SOURCE).count(">The poster, clause 5</a>") == 1


def test_commands_of_the_page_check_the_clauses(client: httpx.Client, lignee: Lignee) -> None:
    page = page_of(client, SOURCE)
    found = re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
    check_all, print_one = map(html.unescape, found)
    folder = TINY / "sources"
    checked = lignee(*check_all.replace("FOLDER", str(folder)).split()[1:], "--kg", TINY)
    assert checked.returncode == 0, checked.stderr
    printed = subprocess.run(
        ["bash", "-c", print_one], cwd=folder, check=True, capture_output=True, text=True
    )
    assert printed.stdout.strip() in page


def test_replaced_clause_stands_beside_the_later_one(client: httpx.Client) -> None:
    text = text_of(client, "/tensions")
    sides = "clause 3 Replaced by The poster, clause 4 schema:startDate April 2022 The poster, "
    assert sides + "clause 4 schema:startDate May 2022" in text


def test_source_of_the_public_record_has_its_address(shipped_client: httpx.Client) -> None:
    page = page_of(shipped_client, "/sources")
    assert 'href="https://www.wipo.int/about-ip/en/artificial_intelligence/policy.html"' in page


def test_sources_whose_text_is_known_come_first(shipped_client: httpx.Client) -> None:
    text = text_of(shipped_client, "/sources")
    assert re.search("primary source .*46 clauses.*18 clauses.* public record", text)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_tension_of_the_data_is_told_with_its_note(
    shipped_client: httpx.Client, language: str
) -> None:
    page = html.unescape(page_of(shipped_client, "/tensions", language))
    files = [query_files.load(file) for file in sorted((ROOT / "queries/tensions").glob("*.rq"))]
    assert len(files) == 17
    for query in files:
        section = page.partition(f'<h2 id="{query.name}">')[2].partition("</section>")[0]
        assert section.startswith(query.titles[language])
        assert query.notes[language] in section
        assert section.count('<article class="side') >= 2, query.name


def test_sides_that_count_different_people_stand_apart(shipped_client: httpx.Client) -> None:
    text = text_of(shipped_client, "/tensions").partition("People who took part are not")[2]
    case = text.partition("Session 2:")[2].partition("Session 3:")[0]
    assert re.search(
        "Source B, clause 17 primary source Participants at least 2,000 .*"
        "public record Registrants",
        case,
    )


def test_figure_of_a_tension_keeps_its_period(shipped_client: httpx.Client) -> None:
    assert "period 5 years" in text_of(shipped_client, "/tensions")
    assert "période 5 ans" in text_of(shipped_client, "/tensions", "fr")
