"""Pages show the one picture with what belongs to them lit and the rest faded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import serving
from browsing import page_of, text_of
from serving import Server

MARK = re.compile(r'<a class="mark ([^"]*)" href="/page/([^"?]+)')
PAPERS = "document/draft-issues-paper document/revised-issues-paper"


@pytest.fixture(scope="module")
def client(shipped_server: Server) -> Iterator[httpx.Client]:
    with shipped_server.client() as opened:
        yield opened


def lit(page: str) -> set[str]:
    """Return what the picture of a page shows strongly."""
    return {name for kinds, name in MARK.findall(page) if "faded" not in kinds}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("session/12", "session/9 session/10 session/11 session/12"),
        ("session/9", "session/9 session/12"),
        (
            "document/draft-issues-paper",
            "session/1 session/2 consultation/issues-paper " + PAPERS,
        ),
        ("theme/metaverse", "session/7"),
        ("theme/ai-training-data", "session/9 session/10 session/12"),
        ("technology/blockchain", "session/5 session/7"),
    ],
)
def test_page_lights_what_belongs_to_it(client: httpx.Client, path: str, names: str) -> None:
    assert lit(page_of(client, f"/page/{path}")) == set(names.split())


def test_main_theme_lights_its_lane(client: httpx.Client) -> None:
    page = page_of(client, "/page/theme/synthetic-media")
    lanes = re.findall(r'<text class="lane-name ([^"]*)"[^>]*>([^<]*)', page)
    assert [name for kinds, name in lanes if "faded" not in kinds] == ["Synthetic media"]


def test_what_is_lit_is_told_in_words_and_as_a_table(client: httpx.Client) -> None:
    text = text_of(client, "/page/session/9", "fr")
    assert re.search("tout ce qui en est issu : Session 9 [^;]*; Session 12", text)
    rows = page_of(client, "/page/session/9").partition("<figure")[2].count('<th scope="row">')
    assert rows == 2


@pytest.mark.parametrize("path", ["organization/wipo", "scheme/themes", "passage/ip-and-ai/1"])
def test_page_that_the_picture_does_not_know_has_none(client: httpx.Client, path: str) -> None:
    assert '<svg class="timeline"' not in page_of(client, f"/page/{path}")


def test_session_names_its_main_theme_above_its_title(client: httpx.Client) -> None:
    page = page_of(client, "/page/session/12")
    assert '<a class="pill" href="/page/theme/synthetic-media?lang=en">Synthetic media</a>' in page


MORE = 300
"""Sessions that come with a file; with them there are too many for one picture."""


@pytest.fixture(scope="module")
def crowded_client(
    shipped_releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    added = tmp_path_factory.mktemp("added") / "sessions.ttl"
    prefixes = (
        "@prefix lig: <https://w3id.org/lignee/ontology#> . @prefix schema: <https://schema.org/> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    )
    sessions = (
        f'<urn:{number}> a lig:Session ; rdfs:label "{number}"@en , "{number}"@fr ; '
        f'schema:startDate "{1990 + number % 30}" .'
        for number in range(MORE)
    )
    added.write_text("\n".join([prefixes, *sessions]), encoding="utf-8")
    with serving.serve(shipped_releases, f"--with={added}") as server, server.client() as opened:
        yield opened


def test_more_than_can_be_read_in_one_picture_is_said_not_drawn(
    crowded_client: httpx.Client,
) -> None:
    page = page_of(crowded_client, "/")
    assert "There are 316 things to draw, too many for a picture." in page
    assert MARK.search(page) is None


def test_then_a_page_draws_what_belongs_to_it_in_the_same_colours(
    crowded_client: httpx.Client, client: httpx.Client
) -> None:
    path = "/page/session/12"
    alone = {name: kinds for kinds, name in MARK.findall(page_of(crowded_client, path))}
    assert set(alone) == {"session/9", "session/10", "session/11", "session/12"}
    among_all = {name: kinds for kinds, name in MARK.findall(page_of(client, path))}
    assert alone == {name: among_all[name] for name in alone}
