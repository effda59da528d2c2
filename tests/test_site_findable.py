"""What others find the pages by: sitemap, robots' policy, feed, picture, headers, descriptions."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import httpx
import pytest

from lignee.release import Release
from lignee.serve.site import findable
from serving import Server

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
ATOM = "{http://www.w3.org/2005/Atom}"
PAGES = ("/", "/about", "/downloads", "/ontology", "/page/session/1", "/queries", "/releases")
AS_PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def client(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as opened:
        yield opened


def xml(client: httpx.Client, path: str, media_type: str) -> ElementTree.Element:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (
        200,
        media_type,
    )
    return ElementTree.fromstring(answer.content)


def path_of(client: httpx.Client, url: str | None) -> str:
    assert url
    assert url.startswith(str(client.base_url))
    return "/" + url.removeprefix(str(client.base_url)).removeprefix("/")


def located(client: httpx.Client) -> list[str]:
    index = xml(client, "/sitemap.xml", "application/xml")
    parts = [path_of(client, part.text) for part in index.iter(f"{SITEMAP}loc")]
    entries = [xml(client, part, "application/xml") for part in parts]
    return [path_of(client, found.text) for one in entries for found in one.iter(f"{SITEMAP}loc")]


def test_sitemap_has_every_resource_once(client: httpx.Client, tiny_release: Release) -> None:
    resources = tiny_release.namespaces.resources
    query = f'SELECT DISTINCT ?it {{ ?it ?path ?value FILTER(STRSTARTS(STR(?it), "{resources}")) }}'
    found = client.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1:]
    listed = [path for path in located(client) if path.startswith("/page/")]
    assert sorted(listed) == sorted("/page/" + iri.removeprefix(resources) for iri in found)


def test_sitemap_leads_to_pages(client: httpx.Client) -> None:
    listed = located(client)
    assert {"/", "/about", "/ontology", "/downloads"} <= set(listed)
    for path in listed[:10] + listed[10::5]:
        assert client.get(path, headers=AS_PAGE).status_code == 200, path


def test_sitemap_names_both_languages_of_a_page(client: httpx.Client) -> None:
    entry = next(xml(client, "/sitemap/1.xml", "application/xml").iter(f"{SITEMAP}url"))
    tags = {link.get("hreflang"): link.get("href") for link in entry.iter(f"{XHTML}link")}
    assert tags == {tag: f"{client.base_url}/?lang={tag}" for tag in ("en", "fr")}


def test_sitemap_comes_in_parts_that_miss_nothing(tiny_release: Release) -> None:
    (whole,) = findable.parts_of(tiny_release)
    parts = findable.parts_of(tiny_release, most=20)
    assert len(parts) > 2
    assert all(part.resources <= 20 for part in parts)
    names = [name for part in parts for name in findable.names_of(tiny_release, part)]
    assert names == list(findable.names_of(tiny_release, whole))


@pytest.mark.parametrize("number", ["0", "2"])
def test_part_that_is_not_there_is_not_found(client: httpx.Client, number: str) -> None:
    assert client.get(f"/sitemap/{number}.xml").status_code == 404


def test_robots_may_read_pages_and_ask_no_queries(client: httpx.Client) -> None:
    policy = RobotFileParser()
    policy.parse(client.get("/robots.txt").text.splitlines())
    assert policy.can_fetch("any", "/page/session/1")
    assert policy.can_fetch("any", "/sparql")
    assert not policy.can_fetch("any", "/sparql?query=ASK%7B%7D")
    assert policy.site_maps() == [f"{client.base_url}/sitemap.xml"]


def test_feed_tells_of_releases(client: httpx.Client, tiny_release: Release) -> None:
    feed = xml(client, "/feed.atom?lang=fr", "application/atom+xml")
    (entry,) = feed.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == f"Version {tiny_release.version}"
    assert entry.findtext(f"{ATOM}updated") == f"{tiny_release.manifest.issued}T00:00:00Z"
    assert (
        entry.findtext(f"{ATOM}id") == f"https://example.org/tiny/releases/{tiny_release.version}"
    )
    for link in feed.iter(f"{ATOM}link"):
        path = path_of(client, link.get("href"))
        assert client.get(path, headers=AS_PAGE).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_page_has_its_title_description_and_addresses(client: httpx.Client, path: str) -> None:
    text = client.get(path, params={"lang": "fr"}, headers=AS_PAGE).text
    url = f"{client.base_url}{path}"
    assert f'<link rel="canonical" href="{url}?lang=fr">' in text
    assert f'<link rel="alternate" hreflang="en" href="{url}?lang=en">' in text
    assert f'<link rel="alternate" hreflang="x-default" href="{url}">' in text
    assert re.search(r'<meta name="description" content="[^"]{20,}">', text)
    assert re.search(r'<meta property="og:image" content="http[^"]+/picture.png\?lang=fr">', text)
    assert text.count('rel="canonical"') == 1
    assert "noindex" not in text


def test_pages_have_titles_of_their_own(client: httpx.Client) -> None:
    titles = [
        re.findall(r"<title>(.*?)</title>", client.get(path, headers=AS_PAGE).text)
        for path in PAGES
    ]
    assert len({title for (title,) in titles}) == len(PAGES)


@pytest.mark.parametrize("path", ["/search?q=star", "/sparql?query=ASK{}&format=html"])
def test_answer_made_for_one_visitor_is_not_to_be_listed(client: httpx.Client, path: str) -> None:
    assert '<meta name="robots" content="noindex">' in client.get(path, headers=AS_PAGE).text


def test_page_of_a_problem_is_not_to_be_listed(client: httpx.Client) -> None:
    text = client.get("/nowhere", headers=AS_PAGE).text
    assert '<meta name="robots" content="noindex">' in text


def test_picture_is_a_png_of_the_size_that_is_told(client: httpx.Client) -> None:
    answer = client.get("/picture.png")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", answer.content[16:24]) == (1200, 630)
    tag = answer.headers["ETag"]
    assert client.get("/picture.png", headers={"If-None-Match": tag}).status_code == 304


def test_picture_has_words_in_the_visitors_language(client: httpx.Client) -> None:
    english, french = (client.get(f"/picture.png?lang={tag}").content for tag in ("en", "fr"))
    assert english != french


def links_of(answer: httpx.Response) -> list[tuple[str, str, str]]:
    return re.findall(
        r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?', answer.headers.get("Link", "")
    )


def test_home_tells_programs_what_the_dataset_is(client: httpx.Client) -> None:
    found = links_of(client.get("/", headers=AS_PAGE))
    assert ("https://example.org/tiny/dataset", "cite-as", "") in found
    assert ("https://schema.org/Dataset", "type", "") in found
    assert ("https://creativecommons.org/licenses/by/4.0/", "license", "") in found
    items = [link for link in found if link[1] in ("item", "describedby")]
    assert len(items) == 10
    for target, _, media_type in items:
        answer = client.get(path_of(client, target))
        assert answer.headers["Content-Type"].partition(";")[0] == media_type, target


@pytest.mark.parametrize(("language", "name"), [("en", "Night talks"), ("fr", "Les nuits")])
def test_home_tells_search_engines_of_the_dataset(
    client: httpx.Client, tiny_release: Release, language: str, name: str
) -> None:
    text = client.get("/", params={"lang": language}, headers=AS_PAGE).text
    content = json.loads(text.partition('<script type="application/ld+json">')[2].partition("<")[0])
    assert (content["@type"], content["version"]) == ("Dataset", tiny_release.version)
    assert content["name"].startswith(name)
    assert content["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert content["publisher"][0]["@id"] == "https://example.org/tiny/id/organization/observatory"
    for file in content["distribution"]:
        answer = client.head(path_of(client, file["contentUrl"]))
        assert answer.headers["Content-Type"].partition(";")[0] == file["encodingFormat"]


def test_page_of_a_resource_tells_programs_what_it_is(client: httpx.Client) -> None:
    found = links_of(client.get("/page/session/1", headers=AS_PAGE))
    relations = {relation: target for target, relation, _ in found}
    assert relations["cite-as"] == "https://example.org/tiny/id/session/1"
    assert relations["collection"] == "https://example.org/tiny/dataset"
    assert relations["license"] == "https://creativecommons.org/licenses/by/4.0/"
    types = {target for target, relation, _ in found if relation == "type"}
    assert types == {"https://schema.org/AboutPage", "https://schema.org/Event"}


def test_file_tells_programs_what_it_belongs_to(
    client: httpx.Client, tiny_release: Release
) -> None:
    found = links_of(client.head(f"/releases/{tiny_release.version}/graph.ttl"))
    assert (f"{client.base_url}/", "collection", "text/html") in found
