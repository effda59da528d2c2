"""Facts about the knowledge graph that this repository ships, as it is built and answered."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse_query_results,
)

from conftest import ROOT
from lignee import query_files
from lignee.release import Release
from lignee.vocabulary import SSSOM

COMPETENCY = sorted((ROOT / "queries" / "competency").glob("*.rq"))
NIF = "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#"
CLAUSE = re.compile(
    r"\| (?P<fact>[AB]\d{3}) \| "
    r"(?:\*\*(?P<id>S\d+)\*\* \([^)]*\) «(?P<text>.*?)»|〃 (?P<same>S\d+))"
)


def solutions(found: QuerySolutions) -> list[tuple[str, ...]]:
    return [tuple(str(term) for term in solution) for solution in found]


@pytest.mark.parametrize("file", COMPETENCY, ids=lambda file: file.stem)
def test_competency_question_has_its_expected_answer(shipped_store: Store, file: Path) -> None:
    query = query_files.load(file)
    found = shipped_store.query(query.text)
    expected = parse_query_results(
        path=str(file.with_suffix(".tsv")), format=QueryResultsFormat.TSV
    )
    assert isinstance(found, QuerySolutions)
    assert isinstance(expected, QuerySolutions)
    assert solutions(found) == solutions(expected)


def test_every_competency_question_has_an_order() -> None:
    assert len(COMPETENCY) >= 20
    assert all("ORDER BY" in file.read_text(encoding="utf-8") for file in COMPETENCY)


def test_every_concept_of_the_five_schemes_is_mapped_or_a_recorded_gap(
    shipped_store: Store,
) -> None:
    missing = shipped_store.query("""
        PREFIX owl: <http://www.w3.org/2002/07/owl#>
        PREFIX scheme: <https://w3id.org/lignee/id/scheme/>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?concept {
          VALUES ?scheme {
            scheme:themes scheme:technologies scheme:issues scheme:rights scheme:stakeholders
          }
          ?concept skos:inScheme ?scheme
          FILTER NOT EXISTS { ?record a owl:Axiom ; owl:annotatedSource ?concept }
        }""")
    assert isinstance(missing, QuerySolutions)
    assert solutions(missing) == []


def test_linkset_is_in_the_release_as_curators_wrote_it_and_in_rdf(shipped: Release) -> None:
    tsv = shipped.folder / "linkset-wikidata.sssom.tsv"
    assert tsv.read_bytes() == (ROOT / "data/mappings/wikidata.sssom.tsv").read_bytes()
    turtle = Store()
    turtle.load(path=str(shipped.folder / "linkset-wikidata.ttl"), format=RdfFormat.TURTLE)
    records = turtle.quads_for_pattern(None, NamedNode(SSSOM + "mappings"), None, None)
    rows = [line for line in tsv.read_text(encoding="utf-8").splitlines() if "\twd:" in line]
    gaps = tsv.read_text(encoding="utf-8").count("sssom:NoTermFound")
    assert gaps > 0
    assert len(list(records)) == len(rows) + gaps


def coverage() -> list[dict[str, str]]:
    with (ROOT / "data" / "coverage.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def clauses(facts: str) -> dict[str, str]:
    """Return the clause of each fact, read from the table of facts."""
    texts: dict[str, str] = {}
    by_fact: dict[str, str] = {}
    for found in CLAUSE.finditer(facts):
        key = found["id"] or found["same"]
        if found["text"]:
            texts[key] = found["text"]
        by_fact[found["fact"]] = texts[key]
    return by_fact


def test_every_fact_is_in_a_passage_graph_or_listed_with_its_reason(shared: Path) -> None:
    facts = clauses((shared / "domain" / "facts.md").read_text(encoding="utf-8"))
    not_modelled = (ROOT / "data" / "not-modelled.md").read_text(encoding="utf-8")
    rows = {row["fact"]: row for row in coverage()}
    assert rows.keys() == facts.keys()
    assert len(rows) == 208
    for fact, row in rows.items():
        assert bool(row["graph"]) != bool(row["reason"]), fact
        assert row["graph"] or fact in not_modelled, fact


def test_graph_of_each_fact_states_something_and_lies_on_its_clause(
    shipped_store: Store, shared: Path
) -> None:
    facts = clauses((shared / "domain" / "facts.md").read_text(encoding="utf-8"))
    texts = {
        "A": (shared / "sources" / "000_70269eff7c3ee602.txt").read_text(encoding="utf-8"),
        "B": (shared / "sources" / "001_d5f3ba3a41243a43.txt").read_text(encoding="utf-8"),
    }
    for row in coverage():
        if not row["graph"]:
            continue
        graph = NamedNode(row["graph"])
        begin, end = (_index(shipped_store, graph, name) for name in ("beginIndex", "endIndex"))
        assert any(shipped_store.quads_for_pattern(None, None, None, graph)), row
        text = texts[row["fact"][0]][begin:end]
        assert _normal(text) == _normal(facts[row["fact"]]), row


def _index(store: Store, passage: NamedNode, name: str) -> int:
    found = store.quads_for_pattern(passage, NamedNode(NIF + name), None, DefaultGraph())
    index = next(iter(found)).object
    assert isinstance(index, Literal)
    return int(index.value)


def _normal(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def test_no_sentence_of_a_source_is_copied(shared: Path) -> None:
    names = _normal((ROOT / "data" / "resources" / "sessions.ttl").read_text(encoding="utf-8"))
    for source in sorted((shared / "sources").glob("*.txt")):
        words = _normal(source.read_text(encoding="utf-8")).split()
        for file in _prose():
            text = _normal(file.read_text(encoding="utf-8"))
            for start in range(len(words) - 18):
                run = " ".join(words[start : start + 18])
                assert run not in text or run in names, (file, run)


def _prose() -> list[Path]:
    folders = ("ontology", "data", "shapes", "queries", "docs")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    return [file for file in [*files, ROOT / "README.md"] if file.suffix != ".png"]
