"""axe-core finds no fault on any kind of page, in either language, light or dark."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page

from browsing import PAGES
from serving import Server

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
COLOURS = {"runOnly": {"type": "rule", "values": COLOUR_RULES}}
"""What the scheme decides; everything else is the same in both, and this in every language."""
OTHERS = RULES | {"rules": {rule: {"enabled": False} for rule in COLOUR_RULES}}

THIN = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const list of document.querySelectorAll("main, ul, ol, dl, tbody, section")) {
    const most = list.localName === "main" ? 10 : 3;
    [...list.children].slice(most).forEach((child) => child.remove());
  }
}"""
"""Leaves out what only repeats: axe's time grows with the square of a page's length."""

RUN = """async (options) => {
  const { violations } = await axe.run(document, { ...options, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
}"""


@pytest.fixture(scope="module")
def tab(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 900})
    axe = files("axe_playwright_python") / "axe.min.js"
    context.add_init_script(axe.read_text(encoding="utf-8"))  # the pages' policy would refuse it
    yield context.new_page()
    context.close()


def faults(tab: Page, options: object) -> list[str]:
    found: list[str] = tab.evaluate(RUN, options)
    return found


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible(tab: Page, path: str) -> None:
    tab.emulate_media(color_scheme="light")
    visit(tab, path, "en")
    assert not faults(tab, RULES)
    tab.emulate_media(color_scheme="dark")
    assert not faults(tab, COLOURS)
    visit(tab, path, "fr")
    assert not faults(tab, OTHERS)


def visit(tab: Page, path: str, language: str) -> None:
    tab.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
    tab.evaluate(THIN)
