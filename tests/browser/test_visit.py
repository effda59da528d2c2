"""A visit as people make it: with a keyboard alone, on a phone, without JavaScript, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from browsing import PAGES
from serving import Server

PARAMETERS = "/queries/session-details"
MOST_BYTES = 100_000


def weight(page: Page, path: str) -> int:
    """Return how many bytes a visitor receives who comes for the first time, coded as sent."""
    session = page.context.new_cdp_session(page)
    received: list[int] = []
    session.on("Network.loadingFinished", lambda one: received.append(one["encodedDataLength"]))
    session.send("Network.enable")
    page.goto(path, wait_until="networkidle")
    session.detach()
    return sum(received)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_first_page_is_light_and_brings_no_editor(page: Page, language: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert 5_000 < weight(page, f"/?lang={language}") < MOST_BYTES
    assert not [url for url in asked if "/dist/" in url]


def test_mark_behind_a_value_opens_what_says_so(page: Page) -> None:
    page.goto("/page/session/12?lang=en")
    mark = page.locator("dl.facts details").first
    expect(mark.locator("blockquote, p, ul").first).to_be_hidden()
    mark.locator("summary").click()
    expect(mark).to_contain_text("characters")
    mark.get_by_role("link").first.click()
    expect(page.locator("h1")).to_contain_text("clause")


def test_language_is_switched_and_kept(page: Page) -> None:
    page.goto("/page/session/12?lang=en")
    page.locator("header .language").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("h1")).to_contain_text("médias synthétiques")
    page.locator("header nav").get_by_text("Sources").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_parameter_is_picked_by_name_and_answered(page: Page) -> None:
    page.goto(f"{PARAMETERS}?lang=en")
    expect(page.locator("datalist option[value='session:7']")).to_have_attribute(
        "label", "Session 7: The metaverse"
    )
    page.get_by_label("session").fill("session:7")
    page.locator("form.parameters button").click()
    expect(page.locator("table.results")).to_contain_text("metaverse")


def test_search_leads_to_what_was_looked_for(page: Page) -> None:
    page.goto("/?lang=fr")
    page.get_by_role("searchbox", name="Rechercher").fill("metavers")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="métavers").first.click()
    expect(page.locator("h1")).to_contain_text("étavers")


def test_visit_by_keyboard_alone(page: Page) -> None:
    page.goto("/?lang=en")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if (page.evaluate("document.activeElement.ariaLabel") or "").startswith("Session 12"):
            break
    outline = "getComputedStyle(document.activeElement.querySelector('circle, text')).stroke"
    assert page.evaluate(outline) != "none"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Session 12")
    summary = page.locator("dl.facts summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dl.facts details").first).to_have_attribute("open", "")


def test_visit_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/?lang=en")
    page.locator("a.mark.session[aria-label^='Session 12:']").click()
    page.locator("dl.facts summary").first.click()
    expect(page.locator("dl.facts details").first).to_contain_text("characters")
    page.goto(f"{PARAMETERS}?lang=en")
    page.locator("form.parameters button").click()
    first = page.locator("table.results")
    expect(first).to_be_visible()
    page.goto("/themes?lang=en")
    expect(page.locator("ul.tree").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_fits_a_phone(page: Page, language: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    wide = []
    for path in (path for path in PAGES if path not in ("/nowhere", "/sparql?query=SELECT")):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 390:
            wide.append((path, width))
    assert not wide


def test_nothing_moves(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    for path in ("/?lang=en", "/sparql?lang=en", "/page/session/12?lang=en"):
        page.goto(path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.getAnimations().length") == 0


def test_printed_page_leaves_out_what_paper_cannot_do(page: Page) -> None:
    page.goto("/page/session/12?lang=en")
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("header nav")).to_be_hidden()
    expect(page.locator("header form")).to_be_hidden()
    expect(page.locator(".cite")).to_be_visible()
