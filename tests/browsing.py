"""Pages as a visitor reads them."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections import Counter, deque
from collections.abc import Iterator

import httpx
from httpx import Response

PAGES = (
    "/",
    "/about",
    "/downloads",
    "/graphs",
    "/nowhere",
    "/ontology",
    "/page/passage/frontier-technologies/21",
    "/page/session/12",
    "/page/theme/ai-and-ip",
    "/queries",
    "/queries/session-details",
    "/reconcile/en/feature?id=label",
    "/reconcile/en/preview?id=right:copyright",
    "/releases",
    "/search?q=data",
    "/search?q=nothing-goes-by-this-name",
    "/shapes",
    "/sources",
    "/sparql",
    "/sparql?query=SELECT * { ?s a ?kind } LIMIT 5",
    "/sparql?query=SELECT",
    "/sparql?query=CONSTRUCT WHERE { ?s ?p <https://w3id.org/lignee/id/session/9> }&view=graph",
    "/sparql?query=SELECT * { ?s <https://schema.org/startDate> ?start }&view=timeline",
    "/tensions",
    "/themes",
    "/validation",
)
"""A page of every kind, of the shipped graph."""


def chromium() -> str | None:
    """Return Debian's Chromium: the one that has no windows, which is quicker, or the whole one."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


def page_of(client: httpx.Client, path: str, language: str = "en") -> str:
    """Return a page's HTML; whatever its address asks for stays."""
    url = httpx.URL(path).copy_merge_params({"lang": language})
    return client.get(url, headers={"Accept": "text/html"}).text


def text_of(client: httpx.Client, path: str, language: str = "en") -> str:
    """Return a page's text without its markup, spaces made even."""
    content = re.sub(r"<script.*?</script>", "", page_of(client, path, language), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", content).replace("\u00a0", " ").split())


def json_ld(page: str) -> dict[str, object]:
    """Return what a page tells search engines."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    content: dict[str, object] = json.loads(found[1])
    return content


def walk(client: httpx.Client, most_of_a_kind: int = 1_000_000) -> Iterator[tuple[str, Response]]:
    """Yield every page that links from the home page lead to, and the answer when it is asked for.

    Pages are of one kind when their addresses begin alike and have the same parameters.
    """
    waiting, seen = deque(["/?lang=en", "/?lang=fr"]), {"/?lang=en", "/?lang=fr"}
    kinds: Counter[str] = Counter()
    while waiting:
        path = waiting.popleft()
        kinds[_kind(path)] += 1
        if kinds[_kind(path)] > most_of_a_kind:
            continue
        answer = client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        yield path, answer
        if answer.headers["Content-Type"].startswith("text/html"):
            links = re.findall(r'(?:href|src)="(/[^"#]*)', answer.text)
            new = dict.fromkeys(link for one in links if (link := html.unescape(one)) not in seen)
            seen |= new.keys()
            waiting.extend(new)


def _kind(path: str) -> str:
    url = httpx.URL(path)
    return f"{'/'.join(url.path.split('/')[:3])}?{sorted(url.params)}"


def faults_of(page: str) -> list[str]:
    """Return what a page shows that nobody wrote: empty elements, and what Python calls nothing."""
    shown = re.sub(r"<(script|style|pre|textarea|code)\b.*?</\1>", "…", page, flags=re.DOTALL)
    named = r"<(h\d|dt|th|a|button|summary|caption|title)\b(?![^>]*aria-label)[^>]*>\s*</\1>"
    empty = [found[0] for found in re.finditer(named, shown)]
    return empty + re.findall(r".{20}\b(?:None|Undefined|nan)\b", re.sub(r"<[^>]*>", " ", shown))
