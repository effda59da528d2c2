"""The query page in a browser: its editor and its views, on a phone, without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import ROOT
from serving import Server
from waiting import until

SESSIONS = """PREFIX lig: <https://w3id.org/lignee/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
SELECT ?session ?number ?date {
  ?session a lig:Session ; lig:ordinal ?number ; schema:startDate ?date .
} ORDER BY ?session ?date"""
LINEAGE = """PREFIX lig: <https://w3id.org/lignee/ontology#>
SELECT ?later ?earlier { ?later lig:buildsOn ?earlier }"""

PASTE = """text => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(pasted);
}"""

pytestmark = pytest.mark.skipif(
    not (ROOT / "server/lignee/serve/site/static/dist/editor.js").is_file(),
    reason="the editor was not bundled: `make setup` says why",
)


def write(page: Page, query: str) -> None:
    """Put the query into the editor, as somebody would who pastes it."""
    page.locator(".CodeMirror-code").focus()
    page.keyboard.press("Control+a")
    page.evaluate(PASTE, query)


def run(page: Page, query: str) -> None:
    write(page, query)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/sparql?query=**")


def column(page: Page, number: int) -> list[str]:
    cells = page.locator(f"table.results tbody td:nth-child({number})")
    return [text.split()[0] for text in cells.all_inner_texts()]


@contextmanager
def without_javascript(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_query_is_run_by_keyboard_and_its_answer_told(page: Page) -> None:
    page.goto("/sparql?lang=en")
    run(page, SESSIONS)
    told = page.locator(".told")
    expect(told).to_contain_text("solutions")
    expect(told).to_contain_text("complete")
    expect(page.locator("table.results thead th")).to_have_text(["session", "number", "date"])


def test_fault_is_shown_at_its_line_and_column_until_it_is_mended(page: Page) -> None:
    page.goto("/sparql?lang=en")
    run(page, SESSIONS.replace("lig:ordinal ?number ;", "lig:ordinal ?number ]"))
    at_fault = page.locator(".line-at-fault")
    expect(at_fault).to_contain_text("lig:ordinal ?number ]")
    expect(page.locator(".at-fault")).to_have_text("]")
    expect(page.locator(".fault")).to_contain_text("line 5, column 48")
    expect(page.locator(".CodeMirror-focused")).to_be_visible()
    page.keyboard.type(";")
    expect(at_fault).to_have_count(0)


@pytest.mark.parametrize(
    ("begun", "offered", "written"),
    [
        ("SELECT * { ?x a lig:Sess", "lig:Session Session", "?x a lig:Session"),
        ("SELECT * { ?x a Sess", "lig:Session Session", "?x a lig:Session"),
        ("SELECT * { ?x lig:builds", "lig:buildsOn builds on", "?x lig:buildsOn"),
        ("PREFIX sche", "schema: <https://schema.org/>", "PREFIX schema: <https://schema.org/>"),
    ],
    ids=["class by name", "class by label", "property", "prefix"],
)
def test_what_is_begun_is_completed_from_the_release(
    page: Page, begun: str, offered: str, written: str
) -> None:
    page.goto("/sparql?lang=en")
    write(page, begun[:-1])
    page.keyboard.type(begun[-1])
    expect(page.locator(".CodeMirror-hint").filter(has_text=offered).first).to_be_visible()
    page.keyboard.press("Enter")
    code = page.locator(".CodeMirror-code")
    expect(code).to_contain_text(written)
    if "lig:" in written:
        expect(code).to_contain_text("PREFIX lig: <https://w3id.org/lignee/ontology#>")


def test_columns_are_sorted_by_number_both_ways(page: Page) -> None:
    page.goto("/sparql?lang=en")
    run(page, SESSIONS)
    header = page.locator("th", has_text="number")
    for direction in ("ascending", "descending"):
        header.locator("button").click()
        expect(header).to_have_attribute("aria-sort", direction)
        expected = sorted(numbers(page), reverse=direction == "descending")
        assert until(partial(shows, page, expected))
    assert len(expected) > 9


def numbers(page: Page) -> list[int]:
    return [int(text) for text in column(page, 2)]


def shows(page: Page, expected: list[int]) -> bool:
    return numbers(page) == expected


def test_views_are_tabs_that_keep_the_query(page: Page) -> None:
    page.goto("/sparql?lang=en")
    run(page, SESSIONS)
    for view, drawing in (("Chart", ".chart rect"), ("Timeline", ".dates circle")):
        page.locator(".views").get_by_text(view, exact=True).click()
        expect(page.locator(".views [aria-current]")).to_have_text(view)
        expect(page.locator(drawing).first).to_be_visible()
        expect(page.locator(".CodeMirror-code")).to_contain_text("lig:ordinal")


def test_graph_leads_to_pages_and_has_its_table(page: Page) -> None:
    page.goto("/sparql?lang=en")
    run(page, LINEAGE)
    page.locator(".views").get_by_text("Graph", exact=True).click()
    expect(page.locator(".network .arrow").first).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.locator("table.results")).to_be_visible()
    page.locator(".network a[aria-label^='Session 12']").click()
    expect(page.locator("h1")).to_contain_text("Session 12")


def test_permanent_link_leads_to_the_same_answer(page: Page) -> None:
    page.goto("/sparql?lang=en")
    run(page, LINEAGE)
    lines = column(page, 1)
    page.get_by_text("Permanent link").click()
    page.wait_for_url("**release=**")
    assert column(page, 1) == lines


def test_keyboard_passes_through_the_editor(page: Page) -> None:
    page.goto("/sparql?lang=en")
    page.get_by_role("textbox", name="SPARQL query").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#format")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("textbox", name="SPARQL query")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("#format")).to_be_focused()
    expect(page.get_by_text("Tab leads out of the editor")).to_be_visible()


@pytest.mark.parametrize("view", ["table", "chart", "timeline"])
def test_page_fits_a_phone(page: Page, view: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"/sparql?{urlencode({'query': SESSIONS, 'lang': 'fr', 'view': view})}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_javascript_the_form_and_all_views_work(browser: Browser, server: Server) -> None:
    with without_javascript(browser, server) as page:
        page.goto("/sparql?lang=en")
        page.locator("textarea").fill(LINEAGE)
        page.get_by_role("button", name="Run").click()
        expect(page.locator("table.results")).to_be_visible()
        for direction in ("ascending", "descending"):
            page.get_by_role("link", name="earlier", exact=True).click()
            expect(page.locator("th", has_text="earlier")).to_have_attribute("aria-sort", direction)
        expect(page.locator("tbody tr").first).to_contain_text("session:11")
        page.locator(".views").get_by_text("Graph", exact=True).click()
        expect(page.locator(".network .arrow").first).to_be_visible()
        expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_examples_are_questions_in_the_visitors_language(page: Page) -> None:
    page.goto("/sparql?lang=fr")
    page.get_by_text("La filiation en graphe").click()
    expect(page.locator("#results h2")).to_contain_text("Quel graphe")
    expect(page.locator(".CodeMirror-code")).to_contain_text('"fr"')
