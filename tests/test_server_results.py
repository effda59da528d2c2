"""The answer to a query as a page: what a browser without JavaScript shows of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

import serving
from serving import Server

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MANY = "SELECT (CONCAT('<', STR(?n)) AS ?x) { VALUES ?n { 1 2 3 4 5 6 7 } }"
TERMS = """SELECT ?iri ?script ?text ?tagged ?number ?unbound ?rtl ?triple {
  VALUES (?iri ?script ?text ?tagged ?number ?unbound) {
    (<https://example.org/a&b> <javascript:alert(1)> "<b>bold</b>" "été"@fr 1.5 UNDEF)
  }
  BIND(STRLANGDIR("x", "ar", "rtl") AS ?rtl)
  BIND(<<( <x:s> <x:p> "o"@en )>> AS ?triple)
}"""


@pytest.fixture(scope="module")
def client(tiny_releases: Path) -> Iterator[httpx.Client]:
    with (
        serving.serve(tiny_releases, page_solutions=5, page_bytes=4096) as server,
        server.client() as opened,
    ):
        yield opened


class _Cells(HTMLParser):
    """Gathers the text and the links of a table's cells."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.links: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "td":
            self.cells.append("")
            self._is_inside = True
        if tag == "a" and self._is_inside:
            self.links.append(dict(attributes)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.cells[-1] += data


def shown(answer: httpx.Response) -> _Cells:
    cells = _Cells()
    cells.feed(answer.text)
    return cells


def ask(client: httpx.Client, query: str, **more: str) -> httpx.Response:
    return client.get("/sparql", params={"query": query, **more}, headers=BROWSER)


def test_terms_are_shown_with_tags_and_datatypes(client: httpx.Client) -> None:
    assert shown(ask(client, TERMS)).cells == [
        "https://example.org/a&b",
        "javascript:alert(1)",
        "<b>bold</b>",
        "été @fr",
        "1.5 xsd:decimal",
        "",
        "x @ar--rtl",
        "<<( x:s x:p o @en )>>",
    ]


def test_iris_of_the_web_are_links_and_no_others(client: httpx.Client) -> None:
    assert shown(ask(client, TERMS)).links == ["https://example.org/a&b"]


def test_nothing_of_an_answer_or_a_query_is_markup(client: httpx.Client) -> None:
    answer = ask(client, "SELECT ('</textarea><script>x</script>' AS ?x) {}")
    assert not re.search(r'<script(?! src="/static/)', answer.text)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert not re.search(r"\son\w+=|style=", answer.text)


def test_query_stands_in_the_form_above_its_answer(client: httpx.Client) -> None:
    text = ask(client, MANY).text
    form = text.partition("required>\n")[2].partition("</textarea>")[0]
    assert html.unescape(form) == MANY
    assert text.index("</textarea>") < text.index("<table")


def test_part_says_that_it_is_one_and_links_to_the_whole(client: httpx.Client) -> None:
    answer = ask(client, MANY)
    assert len(shown(answer).cells) == 5
    assert "This is a part of the answer." in answer.text
    links = re.findall(r'href="(/sparql\?[^"]*format=(\w+))"', answer.text)
    assert [name for _, name in links] == ["json", "xml", "csv", "tsv"]
    whole = client.get(html.unescape(links[2][0]), headers=BROWSER)
    assert whole.text.count("\r\n") == 8


def test_answer_that_fits_is_said_to_be_whole(client: httpx.Client) -> None:
    answer = ask(client, "SELECT ?n { VALUES ?n { 1 2 3 4 5 } }")
    assert "<b>5</b> solutions" in answer.text
    assert "This is a part" not in answer.text


def test_long_terms_end_a_page_early_and_it_says_so(client: httpx.Client) -> None:
    long = "'" + "x" * 1500 + "'"
    answer = ask(client, f"SELECT ?n ({long} AS ?x) {{ VALUES ?n {{ 1 2 3 }} }}")
    assert len(shown(answer).cells) == 4
    assert "This is a part of the answer." in answer.text


def test_graph_is_shown_as_a_table_with_links_to_graph_formats(client: httpx.Client) -> None:
    answer = ask(client, "CONSTRUCT { <x:s> <x:p> 'a'@en , <x:o> } {}")
    assert sorted(shown(answer).cells) == ["a @en", "x:o", "x:p", "x:p", "x:s", "x:s"]
    assert "<b>2</b> triples" in answer.text
    assert {"turtle", "jsonld"} <= set(re.findall(r'format=(\w+)"', answer.text))


@pytest.mark.parametrize(("pattern", "word"), [("{}", "Yes"), ("{ <x:y> a 1 }", "No")])
def test_ask_is_answered_in_a_word(client: httpx.Client, pattern: str, word: str) -> None:
    assert f"<b>{word}</b>" in ask(client, f"ASK {pattern}").text


def test_format_html_gives_a_page_to_any_client(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": MANY, "format": "html"})
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))


def test_page_is_in_the_visitors_language_and_links_to_the_other(client: httpx.Client) -> None:
    answer = ask(client, MANY, lang="fr")
    assert "Ceci est une partie de la réponse." in answer.text
    other = re.search(r'class="language" href="([^"]*)"', answer.text)
    assert other
    again = client.get(html.unescape(other[1]), headers=BROWSER)
    assert "This is a part of the answer." in again.text


def test_posted_query_too_long_for_an_address_is_posted_again_for_its_formats(
    client: httpx.Client,
) -> None:
    query = f"{MANY} #{'x' * 9000}"
    given = {"query": query, "default-graph-uri": "x:none"}
    text = client.post("/sparql", data=given, headers=BROWSER).text
    form = text.rpartition('method="post"')[2].partition("</form>")[0]
    names = re.findall(r'type="hidden" name="([^"]*)"', form)
    assert sorted(names) == ["default-graph-uri", "query"]
    assert re.findall(r'name="format" value="(\w+)"', form) == ["json", "xml", "csv", "tsv"]


@pytest.mark.parametrize("more", [{}, {"format": "html"}], ids=["by Accept", "by format"])
def test_fault_is_shown_with_its_place_and_the_query(
    client: httpx.Client, more: dict[str, str]
) -> None:
    headers = {} if more else BROWSER
    answer = client.get("/sparql", params={"query": "ASK {\n <>&", **more}, headers=headers)
    assert answer.status_code == 400
    assert "Line <b>2</b>, column <b>4</b>" in answer.text
    assert "ASK {\n &lt;&gt;&amp;</textarea>" in answer.text


def test_deadline_is_told_on_the_page_with_its_status(tiny_releases: Path) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with serving.serve(tiny_releases, timeout_seconds=0.3) as server, server.client() as client:
        answer = ask(client, endless)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "?j ?k ?l }</textarea>" in answer.text


def test_page_takes_no_more_of_an_endless_answer_than_it_shows(tiny_server: Server) -> None:
    endless = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with tiny_server.client(timeout=10) as client:
        answer = ask(client, endless)
    assert answer.status_code == 200
    assert "This is a part of the answer." in answer.text
