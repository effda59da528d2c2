"""The picture of the lineage, used with a pointer, a keyboard, a phone and no JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from serving import Server

SESSION = "a.mark.session[aria-label^='Session {}:']"


def strong(page: Page) -> set[str]:
    """Return the marks that are not faded, by what they show."""
    texts: list[str] = page.locator("a.mark").evaluate_all(
        "marks => marks.filter(mark => getComputedStyle(mark).opacity === '1')"
        ".map(mark => mark.querySelector('text').textContent)"
    )
    return set(texts)


def test_pointing_at_a_session_lights_its_lineage(page: Page) -> None:
    page.goto("/?lang=en")
    everything = strong(page)
    assert len(everything) == 15
    page.locator(SESSION.format(12)).hover()
    assert strong(page) == {"9", "10", "11", "12"}
    page.locator("h1").hover()
    assert strong(page) == everything


def test_lineage_is_lit_by_keyboard_too(page: Page) -> None:
    page.goto("/?lang=en")
    page.locator(SESSION.format(2)).focus()
    assert strong(page) == {"2", "R", "P", "D", "1"}


def test_picture_scrolls_within_its_frame_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/?lang=fr")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".picture .scroll").evaluate("frame => frame.scrollWidth > 390")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_without_javascript_the_picture_and_its_table_are_there(
    browser: Browser, server: Server, language: str
) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/?lang={language}")
    expect(page.locator("a.mark.session")).to_have_count(12)
    page.locator(".picture summary").click()
    expect(page.locator(".picture table tbody tr")).to_have_count(15)
    context.close()


def test_picture_of_a_page_lights_its_lineage_until_another_is_pointed_at(page: Page) -> None:
    page.goto("/page/session/12?lang=en")
    assert strong(page) == {"9", "10", "11", "12"}
    page.locator(SESSION.format(2)).focus()
    assert strong(page) == {"2", "R", "P", "D", "1"}


def test_picture_of_a_page_begins_at_its_own_marks_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/page/session/12?lang=en")
    box = page.locator(SESSION.format(12)).bounding_box()
    assert box
    assert 0 < box["x"] < 390 - box["width"]
