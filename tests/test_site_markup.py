"""What pages tell search engines: types, properties and values are those that schema.org has.

The validator is TypeScript, with the types that Google makes of the vocabulary (schema-dts).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from browsing import json_ld, page_of
from conftest import ROOT, leave_out
from serving import Server

INSTALLED = ROOT / ".cache" / "schema_org" / "node_modules"
"""Put there by `make test`, where npm is."""
KINDS = (
    "SELECT DISTINCT (SAMPLE(?one) AS ?thing) { ?one a ?kind FILTER isIRI(?one) } GROUP BY ?kind"
)
KNOWN_KINDS = """SELECT DISTINCT (SAMPLE(?one) AS ?thing) {
  ?one a ?kind . ?kind rdfs:subClassOf* ?known FILTER isIRI(?one)
  FILTER(STRSTARTS(STR(?known), STR(schema:)) || ?known IN (skos:Concept, dcat:Dataset))
} GROUP BY ?kind"""
EVENTS = "SELECT ?thing { ?thing a/rdfs:subClassOf* schema:Event }"
PREFIXES = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
Told = dict[str, object]


@pytest.fixture(scope="module")
def tiny(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as client:
        yield client


@pytest.fixture(scope="module")
def shipped(shipped_server: Server) -> Iterator[httpx.Client]:
    with shipped_server.client() as client:
        yield client


def markup(client: httpx.Client, query: str, language: str) -> list[Told]:
    """Return what the pages of these things tell, and what the home page does."""
    asked = {"query": PREFIXES + query, "format": "csv"}
    things = client.get("/sparql", params=asked).text.split()[1:]
    paths = ["/", *(str(httpx.URL("/page", params={"iri": thing})) for thing in things)]
    return [json_ld(page_of(client, path, language)) for path in paths]


def faults(documents: list[Told], folder: Path) -> str:
    """Return what the validator finds in documents, empty where they are right."""
    checker = INSTALLED / ".bin" / "tsc"
    if not (checker.exists() and shutil.which("node")):
        leave_out("schema-dts is not installed; `make test` does it where npm is")
    (folder / "node_modules").symlink_to(INSTALLED)
    unlike = {json.dumps(form(document)): document for document in documents}
    lines = [
        f'import("schema-dts").WithContext<import("schema-dts").{document["@type"]}>'
        f" = {json.dumps(document)};"
        for document in unlike.values()
    ]
    code = "".join(f"export const document{n}: {line}\n" for n, line in enumerate(lines))
    (folder / "documents.ts").write_text(code, encoding="utf-8")
    flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--types", ""]
    done = subprocess.run(
        [checker, *flags, "documents.ts"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    return done.stdout


def form(told: object) -> object:
    """Return the types and properties of a document: those of one form are checked once."""
    if isinstance(told, dict):
        return {key: told[key] if key == "@type" else form(told[key]) for key in sorted(told)}
    if isinstance(told, list):
        return sorted({json.dumps(form(one)) for one in told})
    return type(told).__name__


def test_every_kind_of_page_passes_the_validator(
    tiny: httpx.Client, shipped: httpx.Client, tmp_path: Path
) -> None:
    documents = markup(tiny, KINDS, "en") + markup(shipped, KNOWN_KINDS, "fr")
    documents += markup(shipped, EVENTS, "en")
    types = {str(document["@type"]) for document in documents}
    assert types >= {"CreativeWork", "Dataset", "DefinedTerm", "DefinedTermSet", "Event", "Thing"}
    assert faults(documents, tmp_path) == ""


def test_the_validator_finds_what_schema_org_has_not(tmp_path: Path) -> None:
    wrong: list[Told] = [
        {"@type": "Meeting"},
        {"@type": "Event", "startsOn": "2024"},
        {"@type": "DefinedTerm", "organizer": {"@id": "https://example.org/a"}},
        {"@type": "Event", "location": {"@type": "DefinedTerm"}},
        {"@type": "Event", "name": {"@value": "Night", "@language": "en"}},
    ]
    found = faults([{"@context": "https://schema.org"} | one for one in wrong], tmp_path)
    assert re.findall(r"^documents.ts\((\d)", found, re.MULTILINE) == ["1", "2", "3", "4", "5"]


def test_event_has_what_search_engines_ask_for(shipped: httpx.Client) -> None:
    """Section "Required properties" of Google's page on events; a place only where one is known."""
    events = [told for told in markup(shipped, EVENTS, "en") if told["@type"] == "Event"]
    assert len(events) >= 12
    for told in events:
        assert isinstance(told["name"], str)
        assert isinstance(told["startDate"], str)
    place = {"@type": "Place", "name": "Geneva, Switzerland", "address": "Geneva, Switzerland"}
    assert [told["location"] for told in events if "location" in told] == [place, place]


def test_dataset_has_what_search_engines_ask_for(shipped: httpx.Client) -> None:
    for path in ("/", "/page?iri=https://w3id.org/lignee/dataset"):
        told = json_ld(page_of(shipped, path))
        assert isinstance(told["name"], str)
        assert 50 <= len(str(told["description"])) <= 5000
        assert told["license"] == "https://creativecommons.org/licenses/by/4.0/"


def test_text_is_in_the_language_of_the_page_and_the_other_name_beside_it(
    tiny: httpx.Client,
) -> None:
    told = json_ld(page_of(tiny, "/page/session/1", "fr"))
    assert (told["name"], told["alternateName"]) == ("Nuit 1 : les étoiles", "Night 1: Stars")


def test_date_is_told_once_as_exactly_as_it_is_known(shipped: httpx.Client) -> None:
    assert json_ld(page_of(shipped, "/page/session/1"))["startDate"] == "2019-09-27"


def test_what_is_no_longer_said_is_not_told(shipped: httpx.Client) -> None:
    assert "location" not in json_ld(page_of(shipped, "/page/session/2"))
