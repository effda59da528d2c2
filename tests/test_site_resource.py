"""Addresses, pages and data of resources over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

import serving
from browsing import json_ld, page_of, text_of
from lignee import formats
from lignee.release import Release
from serving import Server

TINY = "https://example.org/tiny/id/"
RETIRED = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix theme: <https://example.org/tiny/id/theme/> .
theme:planets a skos:Concept ; rdfs:label "Planets </script><b>"@en ;
  owl:deprecated true ; dcterms:isReplacedBy theme:sky .
theme:sky skos:related theme:a , theme:b , theme:c .
"""


@pytest.fixture(scope="module")
def client(tiny_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    added = tmp_path_factory.mktemp("added") / "retired.ttl"
    added.write_text(RETIRED, encoding="utf-8")
    with (
        serving.serve(tiny_releases, f"--with={added}", page_solutions=2) as server,
        server.client() as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def shipped_client(shipped_server: Server) -> Iterator[httpx.Client]:
    with shipped_server.client() as opened:
        yield opened


@pytest.mark.parametrize(
    ("accept", "target"),
    [
        ("text/html", "/page/session/1"),
        ("text/html, */*;q=0.1", "/page/session/1"),
        ("", "/data/session/1.ttl"),
        ("*/*", "/data/session/1.ttl"),
        ("application/ld+json", "/data/session/1.jsonld"),
        ("application/rdf+xml, text/html;q=0.5", "/data/session/1.rdf"),
        ("application/trig", "/data/session/1.trig"),
    ],
)
def test_resource_leads_to_what_suits_the_client(
    client: httpx.Client, accept: str, target: str
) -> None:
    answer = client.get("/id/session/1", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["Location"]) == (303, target)
    assert "Accept" in answer.headers["Vary"]


def test_language_is_kept_on_the_way_to_the_page(client: httpx.Client) -> None:
    answer = client.get("/id/session/1?lang=fr", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == "/page/session/1?lang=fr"


def test_format_that_no_resource_has_is_not_acceptable(client: httpx.Client) -> None:
    assert client.get("/id/session/1", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("path", ["/id/session/3", "/page/session/3", "/data/session/3.ttl"])
def test_unknown_resource_is_not_found_and_near_ones_are_named(
    client: httpx.Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "/page/session/1" in answer.json()["near"]


def test_page_of_what_is_not_found_links_to_near_ones(client: httpx.Client) -> None:
    answer = client.get("/id/sessions/1", headers={"Accept": "text/html"})
    assert (
        answer.status_code,
        '<a href="/page/session/1?lang=en">session/1</a>' in answer.text,
    ) == (404, True)


@pytest.mark.parametrize(
    "name",
    ["a b", "%3Cscript%3E", "x%22y", "%C3%A9t%C3%A9", "a/" * 300, "%EE%80%80", "%00", "%E2%80%AE"],
)
def test_name_that_makes_no_iri_is_not_found(client: httpx.Client, name: str) -> None:
    for path in (f"/id/{name}", f"/page/{name}", f"/data/{name}.ttl"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "<script>" not in answer.text


def test_address_of_data_without_a_format_says_which_there_are(client: httpx.Client) -> None:
    answer = client.get("/data/session/1")
    assert (answer.status_code, ".jsonld" in answer.json()["detail"]) == (404, True)


def test_retired_resource_is_gone_and_names_its_successor(client: httpx.Client) -> None:
    answer = client.get("/id/theme/planets")
    assert answer.status_code == 410
    assert answer.json()["near"] == ["/page/theme/sky", "/page/theme/planets"]


def test_page_of_a_retired_resource_says_so(client: httpx.Client) -> None:
    answer = client.get("/page/theme/planets", headers={"Accept": "text/html"})
    assert answer.status_code == 410
    assert "This has been retired. In its place: Sky" in text_of(client, "/page/theme/planets")


def test_label_with_markup_stays_text(client: httpx.Client) -> None:
    page = client.get("/page/theme/planets").text
    assert page.count("</script") == 1  # the end of the JSON-LD itself
    assert json_ld(page)["name"] == "Planets </script><b>"


@pytest.mark.parametrize("form", formats.GRAPH_FORMATS, ids=lambda form: form.name)
def test_data_is_all_that_is_said_of_the_resource(
    client: httpx.Client, tiny_release: Release, form: formats.GraphFormat
) -> None:
    answer = client.get(f"/data/session/1.{form.extension}")
    assert answer.headers["Content-Type"].partition(";")[0] == form.media_type
    this = NamedNode(TINY + "session/1")
    said = {quad.triple for quad in parse(answer.content, format=form.rdf_format)}
    whole = Store()
    whole.bulk_load(path=str(tiny_release.folder / "graph.nt"), format=RdfFormat.N_TRIPLES)
    assert {triple for triple in said if triple.subject == this} == {
        quad.triple for quad in whole.quads_for_pattern(this, None, None)
    }


def test_data_with_graphs_tells_which_clause_says_it(client: httpx.Client) -> None:
    quads = list(parse(client.get("/data/session/1.nq").content, format=RdfFormat.N_QUADS))
    clause = NamedNode(TINY + "passage/poster/2")
    assert any(quad.graph_name == clause for quad in quads)
    assert any(quad.subject == clause for quad in quads)


def test_data_known_to_the_client_is_not_sent_again(client: httpx.Client) -> None:
    tag = client.get("/data/session/1.ttl").headers["ETag"]
    answer = client.get("/data/session/1.ttl", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_data_and_page_link_to_each_other_and_to_the_licence(client: httpx.Client) -> None:
    page = client.get("/page/session/1").headers["Link"]
    data = client.get("/data/session/1.ttl").headers["Link"]
    assert f'<{TINY}session/1>; rel="cite-as"' in page
    assert '/data/session/1.ttl>; rel="describedby alternate"; type="text/turtle"' in page
    assert '/page/session/1>; rel="alternate"; type="text/html"' in data
    for links in (page, data):
        assert 'rel="canonical"' in links
        assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in links


def test_page_tells_the_clause_behind_a_date(client: httpx.Client) -> None:
    text = text_of(client, "/page/session/1")
    assert "12 March 2021 Who says so: The poster, clause 2 Stated in" in text
    assert "characters 30–68" in text


def test_page_speaks_french(client: httpx.Client) -> None:
    text = text_of(client, "/page/session/1", "fr")
    assert "Nuit 1 : les étoiles" in text
    assert "12 mars 2021 Qui le dit : L’affiche, passage 2" in text


def test_text_in_another_language_is_marked(client: httpx.Client) -> None:
    page = client.get("/page/series/night-talks?lang=en").text
    assert '<span lang="fr">Les nuits de l’observatoire 🔭</span>' in page


def test_derived_statement_names_its_rule(client: httpx.Client) -> None:
    assert "Derived by the rule" in text_of(client, "/page/session/10")


def test_what_a_later_clause_replaces_is_shown_apart(client: httpx.Client) -> None:
    before, _, after = text_of(client, "/page/session/2").partition("No longer said")
    assert "April 2022" not in before
    assert "April 2022" in after
    assert "May 2022" in before


def test_many_values_are_cut_with_a_link_to_the_rest(client: httpx.Client) -> None:
    page = client.get("/page/theme/sky?lang=en").text
    found = re.search(r'href="(/sparql[^"]+)"[^>]*>1 more', page)
    assert found
    assert client.get(found[1].replace("&amp;", "&")).text.count(TINY) == 3


def test_page_of_a_clause_tells_what_it_states(client: httpx.Client) -> None:
    text = text_of(client, "/page/passage/poster/2")
    assert "What it states" in text
    assert "Night 1: Stars" in text


def test_results_link_to_pages_of_own_resources(client: httpx.Client) -> None:
    query = f"SELECT (<{TINY}session/1> AS ?it) {{}}"
    answer = client.get("/sparql", params={"query": query, "format": "html"})
    assert 'href="/page/session/1"' in answer.text


def test_thing_described_under_another_iri_has_its_page_and_data(client: httpx.Client) -> None:
    iri = "https://w3id.org/lignee/ontology#buildsOn"
    page = client.get("/page", params={"iri": iri, "lang": "en"})
    assert (page.status_code, "<h1>builds on</h1>" in page.text) == (200, True)
    data = client.get("/data", params={"iri": iri}, headers={"Accept": "application/n-triples"})
    assert data.text.startswith(f"<{iri}> ")


def test_page_without_an_iri_is_refused(client: httpx.Client) -> None:
    assert client.get("/page").status_code == 400


def test_page_tells_search_engines_of_an_event(client: httpx.Client) -> None:
    content = json_ld(client.get("/page/session/1").text)
    assert (content["@type"], content["startDate"]) == ("Event", "2021-03-12")


def test_thing_that_schema_org_has_no_type_for_has_the_properties_of_any(
    client: httpx.Client,
) -> None:
    told = json_ld(page_of(client, "/page/passage/poster/1"))
    assert told["@type"] == "Thing"
    assert told.keys() <= {
        *("@context", "@id", "@type"),
        *("alternateName", "name", "url", "subjectOf"),
    }


def test_page_has_its_other_language(client: httpx.Client) -> None:
    page = client.get("/page/session/1?lang=en").text
    assert re.search(
        r'rel="alternate" hreflang="fr" href="http://[^"]+/page/session/1\?lang=fr"', page
    )


def test_session_page_shows_figures_with_their_bound(shipped_client: httpx.Client) -> None:
    assert "at least 2,000 · People who took part" in text_of(shipped_client, "/page/session/2")


def test_reading_comes_with_its_reason(shipped_client: httpx.Client) -> None:
    text = text_of(shipped_client, "/page/session/5")
    assert "2022 Who says so: curator’s reading A curator’s reading. Confidence 0.95" in text
    assert "is dated 8 April 2022" in text


def test_derived_lineage_comes_with_its_premises(shipped_client: httpx.Client) -> None:
    text = text_of(shipped_client, "/page/session/12").partition("Where it comes from")[2]
    assert "derived, 2 reasons" in text
    assert re.search(r"by way of Copyright infrastructure Rests on: Source A, clause 21", text)


def test_properties_come_in_the_order_of_the_data(shipped_client: httpx.Client) -> None:
    text = text_of(shipped_client, "/page/session/12")
    places = [text.index(label) for label in ("ordinal number", "start date", "status", "about")]
    assert places == sorted(places)


def test_link_is_told_from_the_other_end_where_the_ontology_names_it(
    shipped_client: httpx.Client,
) -> None:
    text = text_of(shipped_client, "/page/theme/ai-and-ip")
    assert "narrower AI and IP policy" in text
    assert "by “broader”" not in text


def test_mapping_out_names_who_made_it(shipped_client: httpx.Client) -> None:
    text = text_of(shipped_client, "/page/technology/artificial-intelligence")
    assert "In other vocabularies" in text
    assert "Mapped by" in text


def test_every_resource_of_the_release_has_its_page(
    shipped_client: httpx.Client, shipped: Release
) -> None:
    resources = shipped.namespaces.resources
    query = f'SELECT DISTINCT ?it {{ ?it a ?k FILTER(STRSTARTS(STR(?it), "{resources}")) }}'
    found = shipped_client.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1:]
    assert len(found) > 400
    for iri in found[::9]:
        assert shipped_client.get("/page/" + iri.removeprefix(resources)).status_code == 200, iri
