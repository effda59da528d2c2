"""Takes the pictures of the main pages that the documentation shows, into docs/images/.

`make images` runs it: the shipped graph is built and served, and Debian's Chromium looks at it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from playwright.sync_api import ViewportSize, sync_playwright

import browsing
import serving

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "images"
QUERY: Final = """\
PREFIX lig: <https://w3id.org/lignee/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>

# Which sessions were there, when, and under which heading?
SELECT ?number ?session (MAX(STR(?stated)) AS ?date) ?heading WHERE {
  ?session a lig:Session ; lig:ordinal ?number ; schema:startDate ?stated .
  ?session lig:mainTheme/rdfs:label ?heading FILTER(LANG(?heading) = "en")
}
GROUP BY ?number ?session ?heading
ORDER BY ?number
"""
PAGES: Final = {
    "home": "/?lang=en",
    "session": "/page/session/12?lang=en",
    "theme": "/page/theme/synthetic-media?lang=en",
    "query": f"/sparql?{urlencode({'query': QUERY, 'lang': 'en'})}",
    "downloads": "/downloads?lang=en",
}
SIZE: Final[ViewportSize] = {"width": 1280, "height": 900}


def main() -> None:
    """Take all pictures; what Chromium or the build cannot do ends the run."""
    chromium = browsing.chromium()
    if chromium is None:
        sys.exit("Chromium is not installed; on Debian: apt-get install chromium-headless-shell")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as releases:
        lignee = Path(sys.executable).with_name("lignee")
        subprocess.run([lignee, "build", "--kg", ROOT, "--releases", releases], check=True)
        with serving.serve(Path(releases)) as server:
            take(server.url, chromium)


def take(url: str, chromium: str) -> None:
    """Take the pictures of a running server's pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=url, viewport=SIZE, color_scheme="light")
        for name, path in PAGES.items():
            page.goto(path, wait_until="networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
