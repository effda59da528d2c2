"""The ontology, the shapes and the validation report as pages, and the same as RDF."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

import serving
from conftest import Lignee
from lignee.release import Release
from lignee.vocabulary import LIG, RDFS
from serving import Server

AS_PAGE = {"Accept": "text/html"}
VOCABULARY = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://example.org/words/id/scheme/all> a skos:ConceptScheme .
<https://example.org/words/id/word/one> a skos:Concept ;
    skos:prefLabel "<script>alert(1)</script>"@en ;
    skos:inScheme <https://example.org/words/id/scheme/all> .
"""
HEAD = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/words/dataset> a dcat:Dataset ;
    dcterms:title "<b>Words</b>"@en ;
    dcterms:issued "2024-01-01"^^xsd:date ;
    dcat:version "1.0.0" .
"""


@pytest.fixture(scope="module")
def client(shipped_server: Server) -> Iterator[httpx.Client]:
    with shipped_server.client() as opened:
        yield opened


def page(client: httpx.Client, path: str, language: str = "en") -> str:
    answer = client.get(path, params={"lang": language}, headers=AS_PAGE)
    assert answer.status_code == 200
    return answer.text


def term(client: httpx.Client, name: str, language: str = "en") -> str:
    """Return what the page of the ontology tells of a term, without markup."""
    whole = page(client, "/ontology", language)
    found = re.search(rf'<article class="term" id="{name}".*?</article>', whole, re.DOTALL)
    assert found, name
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", found[0]).split()))


def ids(text: str) -> set[str]:
    return {html.unescape(found) for found in re.findall(r'\bid="([^"]+)"', text)}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_iri_of_every_term_leads_to_its_place(
    client: httpx.Client, shipped_store: Store, language: str
) -> None:
    ontology = NamedNode(LIG.removesuffix("#"))
    defined = shipped_store.quads_for_pattern(None, NamedNode(RDFS + "isDefinedBy"), ontology)
    iris = {quad.subject.value for quad in defined if isinstance(quad.subject, NamedNode)}
    terms = {iri.removeprefix(LIG) for iri in iris if iri.startswith(LIG)}
    assert len(terms) > 60
    assert terms <= ids(page(client, "/ontology", language))


def test_term_is_told_with_its_use_and_what_guards_it(client: httpx.Client) -> None:
    told = term(client, "buildsOn")
    assert "builds on lig:buildsOn s’appuie sur An earlier session" in told
    assert "Used on Session Its values Session Narrower than descends from" in told
    assert "In other vocabularies prov:wasInfluencedBy" in told
    assert "Guarded by lig-sh:Session-buildsOn" in told
    assert "3 statements for example Session 12: Synthetic media → Session" in told


def test_term_is_told_in_french(client: httpx.Client) -> None:
    assert "s’appuie sur lig:buildsOn builds on" in term(client, "buildsOn", "fr")
    assert "Réunion numérotée d’une série." in term(client, "Session", "fr")


def test_number_of_uses_is_what_its_query_finds(client: httpx.Client) -> None:
    whole = page(client, "/ontology")
    told = re.findall(r'<a href="(/sparql[^"]+)" rel="nofollow">([\d,]+) ', whole)
    assert len(told) > 50
    for url, number in told[::5]:
        answer = client.get(html.unescape(url), headers={"Accept": "text/csv"})
        assert answer.text.count("\r\n") - 1 == min(int(number.replace(",", "")), 1000), url


def test_terms_of_others_have_their_place_too(client: httpx.Client) -> None:
    assert {"schema:about", "skos:Concept", "prov:wasDerivedFrom"} <= ids(page(client, "/ontology"))


@pytest.mark.parametrize("path", ["/ontology", "/shapes", "/validation"])
def test_links_to_terms_and_shapes_lead_somewhere(client: httpx.Client, path: str) -> None:
    whole = page(client, path)
    places = {name: ids(page(client, name)) for name in ("/ontology", "/shapes", path)}
    for target, name in re.findall(r'href="(/ontology|/shapes|)(?:\?lang=en)?#([^"]+)"', whole):
        if name != "content":
            assert html.unescape(name) in places[target or path], (target, name)


def test_shape_is_told_with_its_reason_and_remedy(client: httpx.Client) -> None:
    whole = page(client, "/shapes")
    found = re.search(r'id="Session-ordinal">.*?</article>', whole, re.DOTALL)
    assert found
    told = html.unescape(" ".join(re.sub(r"<[^>]+>", " ", found[0]).split()))
    assert "ordinal number lig-sh:Session-ordinal must at least 1 at most 1 no less than 1" in told
    assert "State the session’s number once" in told
    assert "Sessions are ordered, and lineage is checked, by this number." in told


def test_ontology_is_had_as_rdf(client: httpx.Client, shipped: Release) -> None:
    answer = client.get("/ontology", headers={"Accept": "application/n-triples"})
    said = {quad.triple for quad in parse(answer.content, format=RdfFormat.N_TRIPLES)}
    graph = NamedNode(shipped.namespaces.graph("ontology"))
    whole = parse(path=str(shipped.folder / "dataset.nq"), format=RdfFormat.N_QUADS)
    assert said == {quad.triple for quad in whole if quad.graph_name == graph}


@pytest.mark.parametrize(("path", "file"), [("/shapes", "shapes"), ("/validation", "validation")])
def test_shapes_and_report_are_had_as_rdf(
    client: httpx.Client, shipped: Release, path: str, file: str
) -> None:
    answer = client.get(path, headers={"Accept": "text/turtle"})
    kept = shipped.folder / f"{file}.ttl"
    assert len(list(parse(answer.content, format=RdfFormat.TURTLE))) == len(
        list(parse(path=str(kept), format=RdfFormat.TURTLE))
    )
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_version_of_the_ontology_leads_to_it(client: httpx.Client) -> None:
    answer = client.get("/ontology/1.0.0")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ontology")
    assert client.get("/ontology/0.9.0").status_code == 404


def test_nothing_else_can_be_had(client: httpx.Client) -> None:
    assert client.get("/ontology", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("language", "verdict", "check"),
    [
        ("en", "The data conform.", "Circles in the lineage"),
        ("fr", "Les données sont conformes.", "Cercles dans la filiation"),
    ],
)
def test_report_tells_what_was_checked(
    client: httpx.Client, shipped: Release, language: str, verdict: str, check: str
) -> None:
    told = html.unescape(page(client, "/validation", language))
    report = json.loads((shipped.folder / "validation.json").read_bytes())
    assert verdict in told
    assert f"<b>{report['shapes']}</b>" in told
    assert f"<b>{report['queries']}</b>" in told
    assert check in told
    assert f"/releases/{shipped.version}/validation.json" in told


@pytest.fixture(scope="module")
def unusual(tmp_path_factory: pytest.TempPathFactory, lignee: Lignee) -> Path:
    """Return a folder with a release of a vocabulary that has no ontology, shape or check."""
    kg = tmp_path_factory.mktemp("words")
    (kg / "data" / "concepts").mkdir(parents=True)
    (kg / "data" / "dataset.ttl").write_text(HEAD)
    (kg / "data" / "concepts" / "words.ttl").write_text(VOCABULARY)
    releases = kg / "releases"
    done = lignee("build", "--kg", kg, "--releases", releases, "--without-validation")
    assert done.returncode == 0, done.stderr
    return releases


def test_vocabulary_without_ontology_shows_the_terms_it_uses(unusual: Path) -> None:
    with serving.serve(unusual) as server, server.client() as client:
        told = page(client, "/ontology")
        assert "defines no terms of its own" in told
        assert re.search(r'id="borrowed-section".*core#Concept"', told, re.DOTALL)
        assert "This release has no shapes." in page(client, "/shapes")
        assert "built without validation" in page(client, "/validation")
        for path in ("/", "/about", "/downloads", "/ontology"):
            assert "<b>Words</b>" not in page(client, path), path
            assert "<script>alert" not in page(client, path), path
        assert client.get("/picture.png").content.startswith(b"\x89PNG")


def test_ontology_without_a_head_shows_its_terms(tiny_server: Server) -> None:
    with tiny_server.client() as client:
        assert {"Session", "buildsOn", "descendsFrom"} <= ids(page(client, "/ontology"))
        assert "Session-ordinal" in ids(page(client, "/shapes"))
