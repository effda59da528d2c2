"""Pages as a visitor reads them."""

from __future__ import annotations

import re

import httpx


def page_of(client: httpx.Client, path: str, language: str = "en") -> str:
    """Return a page's HTML; whatever its address asks for stays."""
    url = httpx.URL(path).copy_merge_params({"lang": language})
    return client.get(url, headers={"Accept": "text/html"}).text


def text_of(client: httpx.Client, path: str, language: str = "en") -> str:
    """Return a page's text without its markup, spaces made even."""
    content = re.sub(r"<script.*?</script>", "", page_of(client, path, language), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", content).replace("\u00a0", " ").split())
