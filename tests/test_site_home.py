"""The home page shows the lineage as a picture, and says the same as a table."""

from __future__ import annotations

import re

import pytest

from serving import Server


def home(server: Server, language: str) -> str:
    with server.client() as client:
        answer = client.get("/", params={"lang": language}, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_picture_links_to_every_session_by_a_name(shipped_server: Server, language: str) -> None:
    marks = re.findall(
        r'<a class="mark session[^"]*" href="/page/session/(\d+)\?lang=(\w+)" aria-label="([^"]+)"',
        home(shipped_server, language),
    )
    assert {int(number) for number, _, _ in marks} == set(range(1, 13))
    assert {tag for _, tag, _ in marks} == {language}
    assert all(label.startswith("Session ") for _, _, label in marks)


def test_stated_read_and_derived_look_different(shipped_server: Server) -> None:
    text = home(shipped_server, "en")
    arrows = re.findall(
        r'<path class="arrow (\w+)" data-from="[^"]*/([\w-]+)" data-to="[^"]*/([\w-]+)"', text
    )
    assert ("derived", "12", "9") in arrows
    assert ("read", "draft-issues-paper", "1") in arrows
    assert ("stated", "revised-issues-paper", "draft-issues-paper") in arrows


def test_table_says_what_the_picture_says(shipped_server: Server) -> None:
    text = home(shipped_server, "fr")
    (line,) = (part for part in text.split("<tr>")[1:] if ">Session 12" in part)
    assert "déduit par une règle" in line
    assert line.count("Session ") == 4


def test_colour_of_a_lane_is_that_of_its_marks(shipped_server: Server) -> None:
    text = home(shipped_server, "en")
    synthetic = re.search(r'class="lane-name accent-(\d)"[^>]*>Synthetic media', text)
    assert synthetic
    assert re.search(
        rf'class="mark session accent-{synthetic[1]}[^"]*" href="/page/session/12', text
    )


def test_release_without_the_queries_of_the_picture_has_none(tiny_server: Server) -> None:
    assert "<svg" not in home(tiny_server, "en")
