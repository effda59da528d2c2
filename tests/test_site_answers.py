"""The views of an answer that the server makes, and what a page says of taking it along."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from inside import serve_inside
from lignee.release import Release
from serving import Server

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
NUMBERS = 'SELECT ?name ?n ?m { VALUES (?name ?n ?m) { ("a" 1 7) ("b" 4 8) ("<c>" -1 9) } }'
DATES = """PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?what ?when { VALUES (?what ?when) {
  ("later" "2021-03-04"^^xsd:date) ("some time" "2020"^^xsd:gYear) ("never" UNDEF)
} }"""
PAIRS = """SELECT ?from ?to {
  VALUES (?from ?to) { (<x:a> <x:b>) (<x:b> <x:c>) (<x:c> <x:a>) (<x:c> <x:c>) }
}"""
LABELLED = """CONSTRUCT {
  <x:a> <x:knows> <x:b> ; a <x:Person> ; <http://www.w3.org/2000/01/rdf-schema#label> "Ada" .
} WHERE {}"""
PROPERTY = """SELECT ?s ?p ?o { VALUES (?s ?p ?o) {
  (<x:a> <http://www.w3.org/2000/01/rdf-schema#label> <x:b>) (<x:b> <x:c> <x:d>)
} }"""
OF_VIEW = {"chart": NUMBERS, "timeline": DATES, "graph": PAIRS}


@pytest.fixture(scope="module")
def client(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def shipped_client(shipped_server: Server) -> Iterator[httpx.Client]:
    with shipped_server.client() as opened:
        yield opened


def ask(client: httpx.Client, query: str, **more: str) -> str:
    answer = client.get("/sparql", params={"query": query, "lang": "en", **more}, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return answer.text


def attributes(text: str, element: str, *names: str) -> list[tuple[float, ...]]:
    """Return numbers that elements of the views have, by their order in the text."""
    shown = text.partition('class="view"')[2]
    found = re.findall(f"<{element} [^>]*>", shown)
    return [
        tuple(float(value) for name in names for value in re.findall(rf'\b{name}="([-\d.]+)', one))
        for one in found
    ]


@pytest.mark.parametrize("view", OF_VIEW)
def test_view_is_drawn_by_the_server(client: httpx.Client, view: str) -> None:
    text = ask(client, OF_VIEW[view], view=view)
    assert "<svg" in text.partition('class="view"')[2]
    assert "style=" not in text


@pytest.mark.parametrize("view", OF_VIEW)
def test_answer_without_what_a_view_needs_says_so_above_its_table(
    client: httpx.Client, view: str
) -> None:
    text = ask(client, "SELECT ?x { VALUES ?x { 'a' 'b' } }", view=view)
    assert "which this answer does not have" in text
    assert 'class="results"' in text


def test_unknown_view_is_refused_by_name(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": PAIRS, "view": "pie"}, headers=BROWSER)
    assert answer.status_code == 422
    assert "`view`" in answer.text


def test_tabs_lead_to_the_same_answer_in_each_view(client: httpx.Client) -> None:
    tabs = ask(client, NUMBERS, view="chart").partition("<nav class=")[2].partition("</nav>")[0]
    links = re.findall(r'href="([^"]*)" rel="nofollow"( aria-current="page")?>(\w+)', tabs)
    assert [name for _, _, name in links] == ["Table", "Chart", "Graph", "Timeline", "Raw"]
    assert [name for _, current, name in links if current] == ["Chart"]
    for link, _, _ in links:
        assert "<b>3</b> solutions" in client.get(html.unescape(link)).text


def test_bars_are_as_long_as_their_numbers_from_a_common_zero(client: httpx.Client) -> None:
    text = ask(client, NUMBERS, view="chart", column="n")
    assert attributes(text, "rect", "x", "width") == [(20, 20), (20, 80), (0, 20)]
    assert "<span>&lt;c&gt;</span>" in text


def test_chart_takes_the_last_numbers_and_offers_the_others(client: httpx.Client) -> None:
    text = ask(client, NUMBERS, view="chart")
    assert "“m”, one bar for each solution" in text
    assert '<button class="plain" name="column" value="n">' in text


def test_dates_stand_where_they_lie_and_are_as_long_as_they_are_vague(
    client: httpx.Client,
) -> None:
    text = ask(client, DATES, view="timeline")
    (year, later), spans = attributes(text, "circle", "cx"), attributes(text, "line", "x1", "x2")
    assert 20 < year[0] < 30 < 50 < later[0] < 65
    (begin, end), (_, _) = [span for span in spans if span[0] != span[1]]
    assert 45 < end - begin < 55
    assert text.index("some time") < text.index("later", text.index('class="dates"'))
    assert "Without a date, and so not drawn: 1." in text


def test_boxes_are_resources_and_arrows_lead_between_them(client: httpx.Client) -> None:
    text = ask(client, PAIRS, view="graph")
    assert text.count('<g class="box">') == 3
    assert text.count('class="arrow"') == 3  # what leads to itself is not drawn
    assert "3 resources and 3 arrows" in text
    assert text.index("</svg>") < text.index("The same as a table") < text.index("<table")


def test_graph_names_boxes_by_the_labels_in_it_and_draws_no_classes(client: httpx.Client) -> None:
    text = ask(client, LABELLED, view="graph")
    assert re.findall(r'<g class="box"><title>(.*?)</title>', text) == ["Ada", "x:b"]
    assert "Every arrow says: x:knows." in text


def test_column_of_properties_names_the_arrows(client: httpx.Client) -> None:
    query = PROPERTY.replace("(<x:b> <x:c> <x:d>)", "")
    assert "2 resources and 1 arrows" in ask(client, query, view="graph")
    assert ask(client, PROPERTY, view="graph").count('<g class="box">') == 4


def test_large_graph_is_drawn_in_part_and_says_so(client: httpx.Client) -> None:
    query = """SELECT ?a ?b { ?x a ?k . ?y a ?k FILTER(?x != ?y)
      BIND(IRI(CONCAT("x:", STR(?x))) AS ?a) BIND(IRI(CONCAT("y:", STR(?y))) AS ?b) } LIMIT 900"""
    text = ask(client, query, view="graph")
    assert "Drawn here: the first 100 only." in text


def test_raw_answer_is_the_answer(client: httpx.Client) -> None:
    text = ask(client, NUMBERS, view="raw").partition('<pre tabindex="0" class="raw"><code>')[2]
    shown = json.loads(html.unescape(text.partition("</code>")[0]))
    assert shown == client.get("/sparql", params={"query": NUMBERS, "format": "json"}).json()


def test_page_tells_how_long_the_answer_took_and_which_was_held(client: httpx.Client) -> None:
    params = {"query": f"{PAIRS} # timed", "lang": "en"}
    first, same = (client.get("/sparql", params=params, headers=BROWSER) for _ in range(2))
    assert re.search(r"<span>[\d.]+\s?ms</span>", first.text)
    assert "evaluate;dur=" in first.headers["Server-Timing"]
    assert (same.text, same.headers["Server-Timing"]) == (first.text, "cache;desc=hit")
    assert same.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert "answered from memory" in ask(client, params["query"], view="graph")


def test_answer_that_changes_each_time_is_made_anew(client: httpx.Client) -> None:
    pages = {ask(client, "SELECT (STRUUID() AS ?x) {}") for _ in range(2)}
    assert len(pages) == 2


def test_permanent_link_names_the_release(client: httpx.Client, tiny_release: Release) -> None:
    text = ask(client, PAIRS)
    (link,) = map(html.unescape, re.findall(r'id="permanent" href="([^"]*)"', text))
    assert f"release={tiny_release.version}" in link
    assert "<b>4</b> solutions" in client.get(link).text


def test_citation_names_dataset_release_and_question(
    client: httpx.Client, tiny_release: Release
) -> None:
    cited = ask(client, f"# Who leads where?\n{PAIRS}").partition('class="citation"')[2]
    assert f"release {tiny_release.version}" in cited
    assert "“Who leads where?”" in cited.partition("</p>")[0]


def programs(text: str) -> dict[str, str]:
    found = re.findall(
        r"<summary>Use it in (\w+)</summary>\s*<pre[^>]*><code[^>]*>(.*?)</code>", text, re.DOTALL
    )
    return {language: html.unescape(program) for language, program in found}


def test_program_in_r_holds_the_query_as_it_is(client: httpx.Client) -> None:
    query = "SELECT ('x' AS ?x) {} # ]\" and ]-\""
    program = programs(ask(client, query))["R"]
    assert program.startswith(f'query <- r"--[{query}\n]--"\n')
    assert "&format=csv" in program


def test_every_example_is_answered_in_every_view(shipped_client: httpx.Client) -> None:
    text = shipped_client.get("/sparql?lang=fr", headers=BROWSER).text
    listed = text.partition('class="examples"')[2].partition("</details>")[0]
    links = [html.unescape(link) for link in re.findall(r'<li><a href="([^"]*)"', listed)]
    assert len(links) > 20
    for link in links:
        for view in ("table", *OF_VIEW):
            answer = shipped_client.get(f"{link}&view={view}")
            assert answer.status_code == 200, link
            wants_files_beside = "EuroVoc" in answer.text and "narrower" in link
            assert wants_files_beside or "<b>0</b>" not in answer.text


def test_without_the_bundle_the_page_is_the_plain_form(
    tiny_release: Release, tmp_path: Path
) -> None:
    with serve_inside(tiny_release) as server:
        server.app.static_folder = str(tmp_path)
        answer = httpx.get(f"http://127.0.0.1:{server.port}/sparql", headers=BROWSER)
    assert "<textarea" in answer.text
    assert "<script" not in answer.text
    assert "connect-src" not in answer.headers["Content-Security-Policy"]


MIXED = """SELECT ?what ?n { VALUES (?what ?n) {
  ("Session 10" 9) ("session 2" 10) ("b" UNDEF) (<x:a> "10") (<x:c> -1)
} }"""


def sorted_page(client: httpx.Client, query: str, by: str) -> str:
    asked = {"query": query, "format": "html", "sort": by, "lang": "en"}
    return client.get("/sparql", params=asked, headers=BROWSER).text


def first_column(page: str) -> list[str]:
    lines = re.findall(r"<tr><td[^>]*>(.*?)</td>", page, re.DOTALL)
    return [html.unescape(" ".join(re.sub(r"<[^>]+>", "", line).split())) for line in lines]


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("n", ["x:c", "Session 10", "session 2", "x:a", "b"]),
        ("-n", ["x:a", "session 2", "Session 10", "x:c", "b"]),
        ("what", ["b", "session 2", "Session 10", "x:a", "x:c"]),
    ],
    ids=["numbers, unbound last", "descending, unbound last", "numbers within texts"],
)
def test_table_is_sorted_by_a_column_without_javascript(
    client: httpx.Client, by: str, first: list[str]
) -> None:
    assert first_column(sorted_page(client, MIXED, by)) == first


def test_heads_lead_to_both_orders_and_say_which_there_is(client: httpx.Client) -> None:
    page = client.get("/sparql", params={"query": NUMBERS}, headers=BROWSER).text
    for now in ("ascending", "descending"):
        leads = re.search(r'class="sort" href="([^"]+)" rel="nofollow">n<', page)
        assert leads
        page = client.get(html.unescape(leads[1]), headers=BROWSER).text
        assert re.findall(r'aria-sort="(\w+)"><a[^>]*>(\w+)<', page) == [(now, "n")]


def test_column_that_an_answer_has_not_is_refused_with_those_it_has(client: httpx.Client) -> None:
    asked = {"query": NUMBERS, "format": "html", "sort": "p"}
    answer = client.get("/sparql", params=asked)
    assert answer.status_code == 422
    assert "there are name, n, m" in html.unescape(answer.text)


def test_long_query_is_posted_again_to_be_sorted(client: httpx.Client) -> None:
    query = f"{NUMBERS} # {'long ' * 2000}"
    page = client.post("/sparql", data={"query": query}, headers=BROWSER).text
    assert '<button class="sort" form="sorting" name="sort" value="n">' in page
    form = page.partition('<form id="sorting"')[2].partition("</form>")[0]
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html.unescape(form)))
    query = html.unescape(form).partition('value="')[2].partition('">')[0]
    page = client.post("/sparql", data=given | {"query": query, "sort": "-n"}, headers=BROWSER).text
    assert first_column(page) == ["b", "a", "<c>"]
