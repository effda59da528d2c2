"""The published queries over real HTTP: their list, their pages, and their addresses."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator

import httpx
import pytest

from serving import Server

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
CONCEPTS = "/queries/sessions-about-a-concept"


@pytest.fixture(scope="module")
def tiny_client(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def client(shipped_server: Server) -> Iterator[httpx.Client]:
    with shipped_server.client() as opened:
        yield opened


def solutions(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_list_tells_programs_of_every_query_and_its_parameters(client: httpx.Client) -> None:
    queries = client.get("/queries").json()["queries"]
    found = queries["sessions-about-a-concept"]
    assert (found["kind"], found["form"]) == ("examples", "SELECT")
    assert found["questions"].keys() == {"en", "fr"}
    assert [(one["name"], one["type"]) for one in found["parameters"]] == [
        ("concept", "iri"),
        ("language", "language"),
    ]


@pytest.mark.parametrize(
    ("language", "heading", "title"),
    [
        ("en", "Behind the pages", "Timeline of the sessions"),
        ("fr", "Derrière les pages", "Chronologie des sessions"),
    ],
)
def test_list_speaks_the_visitors_language(
    client: httpx.Client, language: str, heading: str, title: str
) -> None:
    page = client.get("/queries", headers={**BROWSER, "Accept-Language": language}).text
    assert f'<h2 id="pages">{heading}</h2>' in page
    assert f">{title}</a>" in page


def test_every_query_has_a_page_and_an_answer_in_each_format(client: httpx.Client) -> None:
    for name, query in client.get("/queries").json()["queries"].items():
        page = client.get(query["url"], headers=BROWSER)
        assert page.status_code == 200, name
        links = re.findall(r'<a href="(/queries/[^"]+\.[a-z]+[^"]*)" rel', page.text)
        assert len(links) == (0 if query["calls"] else 4)
        for link in links:
            assert client.get(html.unescape(link)).status_code == 200, link


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("", "application/sparql-results+json"),
        (".json", "application/sparql-results+json"),
        (".csv", "text/csv; charset=utf-8"),
        (".tsv", "text/tab-separated-values; charset=utf-8"),
        (".xml", "application/sparql-results+xml"),
        (".html", "text/html; charset=utf-8"),
    ],
)
def test_suffix_chooses_the_format(client: httpx.Client, suffix: str, media_type: str) -> None:
    answer = client.get(CONCEPTS + suffix)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        (".ttl", "text/turtle; charset=utf-8"),
        (".jsonld", "application/ld+json"),
        (".json", "application/ld+json"),
        (".xml", "application/rdf+xml"),
    ],
)
def test_suffix_of_a_query_that_gives_a_graph(
    tiny_client: httpx.Client, suffix: str, media_type: str
) -> None:
    answer = tiny_client.get(f"/queries/lineage{suffix}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)


def test_accept_chooses_the_format_and_the_answer_says_where_that_lies(
    client: httpx.Client,
) -> None:
    answer = client.get(CONCEPTS, headers={"Accept": "text/csv"})
    assert answer.headers["Content-Location"] == (
        f"{CONCEPTS}.csv?concept=theme:ai-and-ip&language=en"
    )
    assert client.get(answer.headers["Content-Location"]).text == answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/queries/nothing", 404),
        ("/queries/nothing.csv", 404),
        (f"{CONCEPTS}.pdf", 404),
        (f"{CONCEPTS}.ttl", 406),
        (f"{CONCEPTS}?concept=theme:data&concept=theme:data", 400),
        (f"{CONCEPTS}?release=0.0.0", 400),
    ],
)
def test_what_is_not_there_is_refused(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (f"{CONCEPTS}?concept=them:data", "`concept`"),
        (f"{CONCEPTS}?concept=x%3E%20%7D", "`concept`"),
        (f"{CONCEPTS}?language=fr%22%40en", "`language`"),
        (f"{CONCEPTS}?topic=x", "`topic`"),
        ("/queries/sessions-in-a-period?from=2022-02-30", "`from`"),
        (f"{CONCEPTS}?timeout=-1", "`timeout`"),
    ],
)
def test_wrong_value_is_refused_by_name(client: httpx.Client, path: str, named: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert named in answer.json()["detail"]


def test_browser_gets_its_wrong_value_back_in_the_form(client: httpx.Client) -> None:
    answer = client.get(CONCEPTS, params={"concept": '"><b>x'}, headers=BROWSER)
    assert answer.status_code == 422
    assert 'value="&#34;&gt;&lt;b&gt;x"' in answer.text
    assert 'role="alert"' in answer.text


def test_value_is_bound_to_its_variable(client: httpx.Client) -> None:
    asked = """
        PREFIX lig: <https://w3id.org/lignee/ontology#>
        PREFIX schema: <https://schema.org/>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?session {
          ?session a lig:Session ;
            schema:about/skos:broader* <https://w3id.org/lignee/id/theme/metaverse>
        }"""
    expected = solutions(client.get("/sparql", params={"query": asked, "format": "csv"}))
    given = {"concept": "theme:metaverse", "language": "fr"}
    found = solutions(client.get(f"{CONCEPTS}.csv", params=given))
    assert {one["session"] for one in found} == {one["session"] for one in expected} != set()
    assert all(" : " in one["label"] for one in found)


def test_full_iri_means_the_same_as_its_prefixed_name(client: httpx.Client) -> None:
    short = client.get(f"{CONCEPTS}.csv?concept=theme:data")
    full = client.get(f"{CONCEPTS}.csv?concept=https://w3id.org/lignee/id/theme/data")
    assert short.text == full.text
    assert short.headers["ETag"] == full.headers["ETag"]


def test_answers_of_different_values_are_kept_apart(client: httpx.Client) -> None:
    tags = set()
    for concept in ("theme:data", "theme:metaverse", "theme:data"):
        answer = client.get(f"{CONCEPTS}.csv", params={"concept": concept})
        tags.add(answer.headers["ETag"])
    assert len(tags) == 2
    fresh = client.get(
        f"{CONCEPTS}.csv?concept=theme:data",
        headers={"If-None-Match": next(iter(tags)) + "," + ",".join(tags)},
    )
    assert (fresh.status_code, fresh.content) == (304, b"")


def test_language_is_the_visitors_unless_it_is_given(client: httpx.Client) -> None:
    french = {"Accept-Language": "fr"}
    told = client.get(f"{CONCEPTS}.csv?language=fr")
    asked = client.get(f"{CONCEPTS}.csv", headers=french)
    assert asked.text == told.text
    assert "Accept-Language" in asked.headers["Vary"]
    plain = client.get(f"{CONCEPTS}.csv")
    assert plain.text == client.get(f"{CONCEPTS}.csv?language=en", headers=french).text
    assert plain.text != told.text


def test_permanent_link_names_the_release_and_holds_for_ever(client: httpx.Client) -> None:
    version = client.get("/downloads").json()["version"]
    page = client.get(CONCEPTS, headers=BROWSER).text
    link = re.search(r'<a href="http://[^/]+(/queries/[^"]*)"', page)
    assert link
    path = html.unescape(link[1])
    assert path == f"{CONCEPTS}?concept=theme:ai-and-ip&language=en&release={version}"
    assert "immutable" in client.get(path).headers["Cache-Control"]
    assert "immutable" not in client.get(CONCEPTS).headers["Cache-Control"]


def test_form_offers_resources_like_the_default_by_name(client: httpx.Client) -> None:
    page = client.get("/queries/session-details", headers={**BROWSER, "Accept-Language": "fr"}).text
    offered = re.findall(r'<option value="(session:\d+)" label="Session ([^"]*)">', page)
    assert ("session:1", "1 : IA et politique de propriété intellectuelle") in offered
    assert 'value="session:12" list="session-offered"' in page
    assert "<b>Session 12 :" in page
    assert '<option value="fr" selected>français</option>' in page


def test_dates_have_the_input_that_browsers_have_for_them(client: httpx.Client) -> None:
    page = client.get("/queries/sessions-in-a-period", headers=BROWSER).text
    assert re.search(r'<input id="from" name="from" type="date" value="2022-01-01" +required', page)


def test_page_opens_its_text_with_the_values_on_the_query_page(client: httpx.Client) -> None:
    page = client.get(f"{CONCEPTS}?concept=theme:metaverse", headers=BROWSER).text
    hidden = re.search(r'name="query" value="([^"]*)"', page)
    assert hidden
    told = client.get("/sparql", params={"query": html.unescape(hidden[1]), "format": "csv"})
    assert told.text == client.get(f"{CONCEPTS}.csv?concept=theme:metaverse").text


def test_ask_is_answered_in_a_word(tiny_client: httpx.Client) -> None:
    path = "/queries/was-there-a-session-before"
    assert isinstance(tiny_client.get(path).json()["boolean"], bool)
    page = tiny_client.get(path, headers=BROWSER).text
    assert re.search(r"<b>(Yes|No)</b>", page)


@pytest.mark.parametrize("path", ["/queries", CONCEPTS, f"{CONCEPTS}.csv"])
def test_head_is_answered_without_a_body(client: httpx.Client, path: str) -> None:
    answer = client.head(path, headers=BROWSER)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers.get("Content-Length") != "0"


def test_published_table_sorts_without_javascript_and_keeps_values_and_language(
    client: httpx.Client,
) -> None:
    asked = {"session": "session:2", "language": "fr", "lang": "fr"}
    page = client.get("/queries/session-details", params=asked, headers=BROWSER).text
    columns = []
    for now in ("ascending", "descending"):
        leads = re.search(r'class="sort" href="([^"]+)" rel="nofollow">property<', page)
        assert leads
        address = httpx.URL(html.unescape(leads[1]))
        assert asked.items() <= dict(address.params).items()
        page = client.get(address, headers=BROWSER).text
        assert re.findall(r'aria-sort="(\w+)"><a[^>]*>(\w+)<', page) == [(now, "property")]
        columns.append(re.findall(r'<tr><td><a href="([^"]+)"', page))
    assert columns[0] == columns[1][::-1]
    assert len(set(columns[0])) > 3


def test_order_by_a_column_that_a_published_query_has_not_is_refused(client: httpx.Client) -> None:
    answer = client.get("/queries/session-details?sort=nothing", headers=BROWSER)
    assert answer.status_code == 422
    assert "there are property, propertyLabel, value, valueLabel" in answer.text


def test_order_of_a_page_is_nothing_to_data(client: httpx.Client) -> None:
    plain = client.get("/queries/session-details.csv")
    assert client.get("/queries/session-details.csv?sort=nothing").text == plain.text
