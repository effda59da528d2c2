"""A real browser on a real server of the shipped graph.

What its console complains of fails a test, and so does a request to anyone but the server.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import browsing
from conftest import Program
from serving import Server


@pytest.fixture(scope="module")
def browser(program: Program) -> Iterator[Browser]:
    """Return Debian's Chromium, without a window."""
    chromium = browsing.chromium() or program("chromium-headless-shell", "chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(shipped_server: Server) -> Server:
    return shipped_server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """Return a page whose addresses are the server's."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    yield page
    context.close()
    # Chromium says so of every page that is a refusal, as it is meant to be.
    assert not [said for said in complaints if "responded with a status of 400" not in said]
    assert not [url for url in asked if not url.startswith((server.url, "data:"))]
