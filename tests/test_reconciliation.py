"""The reconciliation service over real HTTP, as OpenRefine and others speak to it.

Sections are those of
https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ .
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pandas as pd
import pytest
import reconciler

import serving
from reconciling import EUROVOC, ID, Schemas, schemas_in, terms
from serving import Server

AI = f"{ID}technology/artificial-intelligence"
CONCEPT = "http://www.w3.org/2004/02/skos/core#Concept"
TECHNOLOGIES = f"{ID}scheme/technologies"
THEMES = f"{ID}scheme/themes"
VOCABULARY = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://example.org/v/1> a skos:Concept ; skos:prefLabel "Zythologie"@fr, "Beer lore"@en ;
  skos:inScheme <https://example.org/v/> ; skos:exactMatch <https://example.com/beer/9> .
<http://eurovoc.europa.eu/5937> a skos:Concept ; skos:prefLabel "decisions seen by all"@en .
"""
Answer = Any  # what json() returns


@pytest.fixture(scope="module")
def server(shipped_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    file = tmp_path_factory.mktemp("beside") / "vocabulary.ttl"
    file.write_text(VOCABULARY, encoding="utf-8")
    with serving.serve(shipped_releases, f"--with={file}") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


@pytest.fixture
def schemas(shared: Path) -> Schemas:
    return schemas_in(shared)


def ask(client: httpx.Client, queries: Answer, path: str = "/reconcile/fr") -> Answer:
    answer = client.post(path, data={"queries": json.dumps(queries)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def candidates(client: httpx.Client, query: Answer, path: str = "/reconcile/fr") -> Answer:
    return ask(client, {"q": query}, path)["q"]["result"]


def best(client: httpx.Client, query: Answer, path: str = "/reconcile/fr") -> Answer:
    return candidates(client, query, path)[0]


def features(candidate: Answer) -> dict[str, Answer]:
    return {one["id"]: one["value"] for one in candidate["features"]}


def extended(client: httpx.Client, ids: list[str], *columns: Answer) -> Answer:
    asked = json.dumps({"ids": ids, "properties": columns})
    answer = client.post("/reconcile/fr", data={"extend": asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


# 3.1 The manifest, and what follows from it.


def test_manifest_is_valid_and_all_that_it_offers_is_there(
    client: httpx.Client, schemas: Schemas
) -> None:
    manifest = client.get("/reconcile?lang=fr").json()
    schemas.check("manifest", manifest)
    assert "0.2" in manifest["versions"]
    assert manifest["batchSize"] == 500
    assert manifest["name"] == "Lignée : le graphe de connaissances du Dialogue de l’OMPI (fr)"
    assert {"id": TECHNOLOGIES, "name": "Technologies"}.items() <= next(
        one for one in manifest["defaultTypes"] if one["id"] == TECHNOLOGIES
    ).items()

    def encoded(identifier: str) -> str:
        return quote(identifier, safe="")

    ids = {"entity": AI, "type": CONCEPT, "property": EUROVOC}
    for sort, identifier in ids.items():
        offered = manifest["suggest"][sort]
        url = offered["service_url"] + offered["service_path"]
        assert client.get(url, params={"prefix": "t"}).json()["result"], sort
        flyout = offered["flyout_service_url"] + offered["flyout_service_path"]
        shown = client.get(
            flyout.replace("${id}", httpx.QueryParams({"": identifier}).__str__()[1:])
        )
        assert shown.json()["id"] == identifier
    for template in (manifest["view"]["url"], manifest["preview"]["url"]):
        page = client.get(template.replace("{{id}}", encoded(AI)))
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    feature = manifest["feature_view"]["url"].replace("{{id}}", "same_words")
    assert client.get(feature).status_code == 200
    assert client.get(manifest["logo"]).status_code == 200


def test_manifest_is_in_the_language_that_the_client_takes(client: httpx.Client) -> None:
    french = client.get("/reconcile", headers={"Accept-Language": "fr-CH"})
    assert french.json()["preview"]["url"].endswith("/reconcile/fr/preview?id={{id}}")
    assert "Accept-Language" in french.headers["Vary"]
    assert client.get("/reconcile").json()["name"].endswith("(en)")


def test_script_of_another_site_may_call_by_cors_and_by_jsonp(client: httpx.Client) -> None:
    """3.3: CORS on all endpoints; JSONP for old clients."""
    manifest = client.get("/reconcile/fr")
    assert manifest.headers["Access-Control-Allow-Origin"] == "*"
    preflight = client.options(
        "/reconcile/fr",
        headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"},
    )
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    script = client.get("/reconcile/fr", params={"callback": "jQuery1_2.run"})
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    called = script.text.removeprefix("/**/jQuery1_2.run(").removesuffix(");\n")
    assert json.loads(called) == manifest.json()


@pytest.mark.parametrize("callback", ["", "alert(1)//", "a;b", "1a", "a..b", "a" * 201, "é"])
def test_callback_that_is_no_name_is_refused(client: httpx.Client, callback: str) -> None:
    refused = client.get("/reconcile/fr", params={"callback": callback})
    assert refused.status_code == 400
    assert refused.headers["Content-Type"] == "application/problem+json"


# 4. Queries.


def test_list_of_french_terms_comes_back_with_eurovoc_identifiers(
    client: httpx.Client, schemas: Schemas
) -> None:
    listed = terms()
    queries = {f"q{number}": {"query": term.text} for number, term in enumerate(listed)}
    schemas.check("reconciliation-query-batch", queries)
    found = ask(client, queries)
    schemas.check("reconciliation-result-batch", found)
    nearest = [found[key]["result"][0] for key in queries]
    assert [one["id"] for one in nearest] == [term.entity for term in listed]
    assert all(one["match"] for one in nearest)
    asked = {"ids": [one["id"] for one in nearest], "properties": [{"id": EUROVOC}]}
    schemas.check("data-extension-query", asked)
    answer = extended(client, asked["ids"], *asked["properties"])
    schemas.check("data-extension-response", answer)
    assert [
        "".join(cell["str"] for cell in answer["rows"][term.entity][EUROVOC]) for term in listed
    ] == [term.eurovoc for term in listed]
    assert sum(bool(term.eurovoc) for term in listed) == 19


def test_batch_by_get_and_query_alone_answer_the_same(client: httpx.Client) -> None:
    query = {"query": "Chaîne de blocs", "limit": 1}
    posted = ask(client, {"q0": query})
    got = client.get("/reconcile/fr", params={"queries": json.dumps({"q0": query})}).json()
    alone = client.get("/reconcile/fr", params={"query": json.dumps(query)}).json()
    assert posted == got == {"q0": alone}
    by_name = client.get("/reconcile/fr", params={"query": "Chaîne de blocs"}).json()
    assert by_name["result"][0] == alone["result"][0]


def test_score_is_explained_and_best_come_first(client: httpx.Client) -> None:
    named = {"query": "offices de la propriété intellectuel", "limit": 5}
    found = candidates(client, named)
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 100 for score in scores)
    assert found[0]["id"] == f"{ID}stakeholder/ip-offices"
    assert not found[0]["match"]
    assert features(found[0])["same_words"] is False
    assert features(found[0])["label"] == found[0]["score"]


def test_name_that_two_entities_bear_is_no_match(client: httpx.Client) -> None:
    found = candidates(client, {"query": "Musique"})
    assert [one["score"] for one in found[:2]] == [100, 100]
    assert not any(one["match"] for one in found)
    typed = best(client, {"query": "Musique", "type": f"{ID}scheme/fields"})
    assert (typed["id"], typed["match"]) == (f"{ID}field/music", True)


def test_identifier_finds_its_entity(client: httpx.Client) -> None:
    for identifier in (AI, "technology:artificial-intelligence"):
        found = best(client, {"query": identifier})
        assert (found["id"], found["score"], found["match"]) == (AI, 100, True)


def test_english_name_in_a_french_list_is_found_but_not_certain(client: httpx.Client) -> None:
    named = {"query": "Artificial intelligence"}
    french = best(client, named)
    assert (french["id"], french["match"], french["score"]) == (AI, False, 95)
    assert features(french)["language"] is False
    unknown = best(client, named, "/reconcile")
    assert (unknown["id"], unknown["match"], unknown["score"]) == (AI, True, 100)


def test_types_are_held_to_as_type_strict_says(client: httpx.Client) -> None:
    def asked(strictness: str, *types: str) -> dict[str, float]:
        query = {"query": "Métavers", "type": list(types), "type_strict": strictness, "limit": 50}
        return {one["id"]: one["score"] for one in candidates(client, query)}

    theme = f"{ID}theme/metaverse"
    assert theme in asked("any", THEMES, TECHNOLOGIES)
    assert theme not in asked("any", TECHNOLOGIES)
    assert theme in asked("all", THEMES, CONCEPT)
    assert theme not in asked("all", THEMES, TECHNOLOGIES)
    assert asked("should", TECHNOLOGIES)[theme] == pytest.approx(0.7 * 97, abs=0.1)


def test_properties_refine_the_score(client: httpx.Client) -> None:
    query = {"query": "Musique", "type": CONCEPT, "type_strict": "should"}
    broader = {"pid": "skos:inScheme", "v": {"id": "scheme:fields", "name": "Domaines"}}
    found = candidates(client, {**query, "properties": [broader]})
    assert [(one["score"], one["match"]) for one in found[:2]] == [(100, True), (60, False)]
    assert found[0]["id"] == f"{ID}field/music"
    assert features(found[1])["properties"] == 0
    written = {"pid": "http://www.w3.org/2004/02/skos/core#inScheme", "v": ["domaines", 7]}
    assert best(client, {**query, "properties": [written]})["score"] == 80


def test_properties_alone_find_who_has_them(client: httpx.Client) -> None:
    by_code = best(client, {"properties": [{"pid": EUROVOC, "v": "3030"}], "limit": 3})
    assert (by_code["id"], by_code["score"], by_code["match"]) == (AI, 100, False)
    wanted = {"pid": "schema:startDate", "v": "2022-09-21"}
    session = best(client, {"properties": [wanted], "type": "lig:Session"})
    assert session["id"] == f"{ID}session/6"


def test_files_beside_the_release_are_reconciled_to(client: httpx.Client) -> None:
    found = best(client, {"query": "zythologie"})
    assert (found["id"], found["match"]) == ("https://example.org/v/1", True)
    namespace = "https://example.com/beer/"
    answer = extended(client, [found["id"]], {"id": namespace})
    assert answer["rows"][found["id"]][namespace] == [{"str": f"{namespace}9"}]


def test_limit_is_kept(client: httpx.Client) -> None:
    assert len(candidates(client, {"query": "propriété intellectuelle", "limit": 3})) == 3


@pytest.mark.parametrize("name", ["", "  ", "?!", "qwertzuiop", "x" * 5_000, "\x00", "𓀀"])
def test_what_names_nothing_has_no_candidate(client: httpx.Client, name: str) -> None:
    assert candidates(client, {"query": name}) == []


# 5. Previews.


def test_preview_is_a_page_for_a_frame(client: httpx.Client) -> None:
    page = client.get("/reconcile/fr/preview", params={"id": AI})
    assert "frame-ancestors" not in page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "Intelligence artificielle" in page.text
    assert 'href="http://eurovoc.europa.eu/3030"' in page.text
    other = client.get("/page/technology/artificial-intelligence")
    assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]


# 6. Suggestions.


def test_suggestions_are_valid_and_go_on_from_the_cursor(
    client: httpx.Client, schemas: Schemas
) -> None:
    def suggested(sort: str, **parameters: str) -> Answer:
        answer = client.get(f"/reconcile/fr/suggest/{sort}", params=parameters).json()
        name = {"entity": "entities", "type": "types", "property": "properties"}[sort]
        schemas.check(f"suggest-{name}-response", answer)
        return [one["id"] for one in answer["result"]]

    first = suggested("entity", prefix="intel")
    assert first[0] == AI
    assert suggested("entity", prefix="intel", cursor="2")[:3] == first[2:5]
    assert suggested("entity", prefix="intel", cursor="9999") == []
    assert suggested("entity", prefix=AI) == [AI]
    typed = suggested("entity", prefix="intel", type=THEMES)
    assert AI not in typed
    assert typed
    assert suggested("type", prefix="techno")[0] == TECHNOLOGIES
    assert suggested("property", prefix="eurov") == [EUROVOC]
    assert suggested("property", prefix="skos:brod") == []
    assert suggested("property", prefix="skos:broa")[0].endswith("#broader")


# 7. Data extension.


def test_properties_are_proposed_for_a_type(client: httpx.Client, schemas: Schemas) -> None:
    answer = client.get("/reconcile/fr/properties", params={"type": CONCEPT, "limit": "12"}).json()
    schemas.check("data-extension-property-proposal", answer)
    assert (answer["type"], answer["limit"], len(answer["properties"])) == (CONCEPT, 12, 12)
    assert answer["properties"][0] == {"id": EUROVOC, "name": "EuroVoc"}
    of_sessions = client.get("/reconcile/fr/properties", params={"type": "lig:Session"}).json()
    assert EUROVOC not in [one["id"] for one in of_sessions["properties"]]


def test_values_are_given_as_what_they_are(client: httpx.Client, schemas: Schemas) -> None:
    columns = [{"id": name} for name in ("schema:startDate", "lig:ordinal", "schema:about")]
    answer = extended(client, ["session:6", "no:such"], *columns, {"id": "rdfs:label"})
    schemas.check("data-extension-response", answer)
    row = answer["rows"]["session:6"]
    assert row["schema:startDate"] == [{"date": "2022-09-21T00:00:00"}]
    assert row["lig:ordinal"] == [{"int": 6}]
    assert {"id": AI, "name": "Intelligence artificielle"}.keys() == row["schema:about"][0].keys()
    assert [cell["str"].startswith("Session 6 : ") for cell in row["rdfs:label"]] == [True]
    assert answer["rows"]["no:such"] == {column["id"]: [] for column in answer["meta"]}
    assert answer["meta"][0]["name"] == "date de début"


def test_settings_choose_what_is_given(client: httpx.Client) -> None:
    def eurovoc(entity: str, **settings: Answer) -> list[str]:
        answer = extended(client, [entity], {"id": EUROVOC, "settings": settings})
        return [cell["str"] for cell in answer["rows"][entity][EUROVOC]]

    transparency = "issue:transparency"
    assert eurovoc(transparency) == []
    # It is an entity too, by the file beside the release, and an identifier of EuroVoc still.
    assert eurovoc(transparency, relation="any") == ["http://eurovoc.europa.eu/5937"]
    assert eurovoc("stakeholder:private-sector", relation="exact") == []
    assert eurovoc(AI, content="label", lang="en") == ["artificial intelligence"]
    labels = {"id": "skos:altLabel", "settings": {"lang": "en", "limit": "1"}}
    answer = extended(client, [AI], labels)
    assert len(answer["rows"][AI]["skos:altLabel"]) == 1


# Another client.


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pandas_user_reconciles_a_column(server: Server) -> None:
    column = pd.Series([term.text for term in terms()])
    found = reconciler.reconcile(column, reconciliation_endpoint=f"{server.url}/reconcile/fr")
    by_term = dict(zip(found["input_value"], found["id"], strict=True))
    assert by_term == {term.text: term.entity for term in terms()}
