"""Pages, downloads and health checks over real HTTP."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import serving
from browsing import faults_of, walk
from lignee.release import Release
from lignee.serve.site import languages
from serving import Server
from waiting import settled, until


@pytest.fixture(scope="module")
def server(tiny_server: Server) -> Server:
    return tiny_server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "header", "language"),
    [
        ("/", "", "en"),
        ("/", "fr", "fr"),
        ("/", "de, fr-CA;q=0.7, en;q=0.3", "fr"),
        ("/", "de", "en"),
        ("/?lang=fr", "en", "fr"),
        ("/?lang=xx", "fr", "fr"),
        ("/downloads?lang=fr", "en", "fr"),
    ],
)
def test_page_speaks_the_visitors_language(
    client: httpx.Client, path: str, header: str, language: str
) -> None:
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": header})
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_home_says_what_it_is_and_what_it_holds(
    client: httpx.Client, tiny_release: Release
) -> None:
    text = client.get("/").text
    assert f"<b>{tiny_release.manifest.triples:,}</b>" in text
    assert "Unofficial." in text
    assert tiny_release.version in text
    assert re.search(r'<td><a href="/sparql\?query=[^"]*">Session</a></td>', text)


def test_query_to_try_works(client: httpx.Client) -> None:
    page = client.get("/?lang=fr").text
    query = html.unescape(page.partition("required>\n")[2].partition("</textarea>")[0])
    answer = client.get("/sparql", params={"query": query, "format": "csv"})
    assert answer.text.startswith("kind,label,number\r\n")


@pytest.mark.parametrize("path", ["/", "/sparql", "/downloads", "/releases", "/nowhere"])
def test_page_holds_no_script_of_its_own_and_asks_nobody_else(
    client: httpx.Client, path: str
) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    scripts = r"<script(?! src=\"/static/| type=\"application/ld\+json\")"
    assert not re.search(rf"{scripts}|\son\w+=|style=", answer.text)
    assert not re.search(r'(?:src|action)="(?:https?:)?//', answer.text)
    fetched = re.findall(r'<link rel="(?:stylesheet|icon|search)"[^>]* href="([^"]*)"', answer.text)
    assert len(fetched) >= 3
    assert all(re.match(r"/[^/]", path) for path in fetched)


def test_links_of_the_pages_lead_somewhere(client: httpx.Client) -> None:
    seen = set()
    for path, answer in walk(client, most_of_a_kind=50):
        seen.add(path)
        assert answer.status_code == 200, path
        if answer.headers["Content-Type"].startswith("text/html"):
            assert not faults_of(answer.text), path
    assert "/static/lignee.css" in seen


def test_both_languages_have_the_same_texts() -> None:
    texts = languages.load().texts
    assert texts["en"].keys() == texts["fr"].keys()


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [(1234567, "en", "1,234,567"), (1234567, "fr", "1\u202f234\u202f567"), (0, "fr", "0")],
)
def test_numbers_are_written_as_the_language_does(value: int, language: str, shown: str) -> None:
    assert languages.number(value, language) == shown


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        (999, "en", "999 bytes"),
        (0, "fr", "0 octet"),
        (1_500, "en", "1.5 kB"),
        (1_500, "fr", "1,5 ko"),
        (2**31, "fr", "2,1 Go"),
    ],
)
def test_sizes_are_written_as_the_language_does(value: int, language: str, shown: str) -> None:
    assert " ".join(languages.size(value, language).split()) == shown


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [("0.50", "fr", "0,50"), ("1234.5", "en", "1,234.5"), ("7", "en", "7")],
)
def test_decimals_keep_their_digits(text: str, language: str, shown: str) -> None:
    assert languages.decimal(text, language) == shown


def test_every_text_that_a_template_names_is_written() -> None:
    written = languages.load().texts["en"].keys()
    folder = Path(languages.__file__).parent / "templates"
    templates = [file.read_text(encoding="utf-8") for file in folder.iterdir()]
    named = {key for text in templates for key in re.findall(r"text\([\"']([^\"']+)[\"']\)", text)}
    assert named
    assert named <= written


def listing(client: httpx.Client) -> dict[str, dict[str, str]]:
    files: dict[str, dict[str, str]] = client.get("/downloads").json()["files"]
    return files


def test_every_download_is_what_its_checksum_says(client: httpx.Client) -> None:
    for name, item in listing(client).items():
        answer = client.get(item["url"])
        assert answer.status_code == 200, name
        assert hashlib.sha256(answer.content).hexdigest() == item["sha256"], name
        assert str(len(answer.content)) == str(item["size_bytes"]), name
        assert answer.headers["Content-Type"].partition(";")[0] == item["media_type"]


def test_download_never_changes(client: httpx.Client) -> None:
    item = listing(client)["graph.ttl"]
    headers = client.head(item["url"]).headers
    assert headers["ETag"] == f'"{item["sha256"]}"'
    assert "immutable" in headers["Cache-Control"]
    assert "no-cache" not in headers["Cache-Control"]
    assert "Last-Modified" not in headers
    assert headers["Content-Length"] == str(item["size_bytes"])


def test_download_known_to_the_client_is_not_sent_again(client: httpx.Client) -> None:
    item = listing(client)["graph.ttl"]
    answer = client.get(item["url"], headers={"If-None-Match": f'"{item["sha256"]}"'})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-5", -5, None)],
)
def test_part_of_a_download(client: httpx.Client, wanted: str, start: int, end: int | None) -> None:
    url = listing(client)["graph.nt"]["url"]
    whole = client.get(url).content
    answer = client.get(url, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, whole[start:end])
    assert answer.headers["Content-Range"].endswith(f"/{len(whole)}")


def test_part_that_does_not_exist_is_refused(client: httpx.Client) -> None:
    answer = client.get(listing(client)["graph.nt"]["url"], headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_part_of_another_version_is_answered_with_the_whole(client: httpx.Client) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert client.get(listing(client)["graph.nt"]["url"], headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/releases/0.0.1/",
        "/releases/{v}/nothing.ttl",
        "/releases/{v}/store",
        "/releases/{v}/store.sha256",
        "/releases/{v}/..%2f..%2fmanifest.json",
        "/releases/..%2f..%2f/manifest.json",
        "/releases/current/graph.ttl",
    ],
)
def test_what_is_no_file_of_a_release_is_not_found(
    client: httpx.Client, tiny_release: Release, path: str
) -> None:
    answer = client.get(path.format(v=tiny_release.version))
    assert answer.status_code == 404
    assert str(tiny_release.folder.parent) not in answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_releases_are_listed(client: httpx.Client, tiny_release: Release) -> None:
    content = client.get("/releases").json()
    assert content["current"] == tiny_release.version
    url = content["releases"][tiny_release.version]
    assert client.get(url).json()["version"] == tiny_release.version


def test_server_that_lives_says_so(client: httpx.Client) -> None:
    assert client.get("/health/live").json() == {"status": "live"}


def test_server_that_answers_queries_says_so(client: httpx.Client, tiny_release: Release) -> None:
    answer = client.get("/health/ready")
    assert json.loads(answer.text) == {"status": "ready", "release": tiny_release.version}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_static_file_comes_compressed_and_once(client: httpx.Client, coding: str) -> None:
    plain = client.get("/static/lignee.css", headers={"Accept-Encoding": "identity"})
    coded = client.get("/static/lignee.css", headers={"Accept-Encoding": coding})
    assert coded.headers["Content-Encoding"] == coding
    assert int(coded.headers["Content-Length"]) < len(plain.content) / 2
    assert coded.headers["ETag"] != plain.headers["ETag"]
    assert {plain.headers["Vary"], coded.headers["Vary"]} == {"Accept-Encoding"}
    known = {"Accept-Encoding": coding, "If-None-Match": coded.headers["ETag"]}
    assert client.get("/static/lignee.css", headers=known).status_code == 304


def test_main_pages_are_made_before_a_visitor_asks(tiny_releases: Path) -> None:
    with serving.serve(tiny_releases, warm_pages="yes") as server, server.client() as client:

        def evaluated() -> float:
            found = re.search(r"lignee_query_wait_seconds_count (\S+)", client.get("/metrics").text)
            return float(found[1]) if found else 0

        assert until(settled(evaluated, seconds=2), seconds=60)
        before = evaluated()
        for path in ("/", "/ontology", "/themes", "/tensions", "/sources", "/validation"):
            for language in languages.LANGUAGES:
                headers = {"Accept": "text/html", "Accept-Language": language}
                assert client.get(path, headers=headers).status_code == 200
        assert evaluated() == before
