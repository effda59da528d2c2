"""Lignée over SPARQL servers of others: loading a release, asking it, telling when it is gone."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse, parse_query_results

import foreign
import serving
from building import Silent
from conftest import Lignee, Program
from foreign import ForeignServer
from handmade import ask, count
from lignee import query_files
from lignee import settings as settings_table
from lignee.engines.engine import Engine
from lignee.engines.opening import ReleaseEngine, open_engine
from lignee.engines.remote import RemoteEngine
from lignee.errors import DeadlineReached, EngineUnavailable, MalformedQuery, UnsupportedFormat
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from lignee.publishing import publishing
from lignee.publishing.graph_store import GraphStore
from lignee.release import Release
from lignee.settings import Settings
from test_shipped_graph import COMPETENCY

NUMBER = re.compile(r'"([^"]*)"\^\^<[^>]*#(?:\w*integer|boolean)>', re.IGNORECASE)
EVERYTHING = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ENDLESS = """SELECT (COUNT(*) AS ?n) {
  ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?c) < STR(?f) && STR(?i) < STR(?a))
}"""
DIFFERENT = {
    ("virtuoso", "01-sessions"): (
        "<https://w3id.org/lignee/ontology#held>",
        '"https://w3id.org/lignee/ontology#held"',
    ),
    ("virtuoso", "07-how-many-people"): ('"P5Y"', '"60"'),
}
"""Answers that a server gives wrong: what it should write and what it writes. In engines.md."""


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, program: Program
) -> Iterator[ForeignServer]:
    if request.param == "oxigraph":
        with foreign.oxigraph() as running:
            yield running
        return
    found = program("virtuoso-t", "virtuoso-opensource")
    with foreign.virtuoso(found, tmp_path_factory.mktemp("virtuoso")) as running:
        yield running


def publish(release: Release, server: ForeignServer) -> bool:
    return publishing.publish(release, settings_of(server), graph_store="", progress=Silent())


@pytest.fixture(scope="module")
def loaded(server: ForeignServer, shipped: Release) -> ForeignServer:
    """A server that holds the shipped graph."""
    assert publish(shipped, server)
    return server


@pytest.fixture(scope="module")
def engine(loaded: ForeignServer, shipped: Release) -> Iterator[Engine]:
    with open_engine(shipped, Settings(engine=loaded.engine)) as opened:
        yield opened


def test_publishing_again_changes_nothing(loaded: ForeignServer, shipped: Release) -> None:
    assert not publish(shipped, loaded)


def test_dataset_is_the_release_s_own(engine: Engine, shipped: Release) -> None:
    assert count(engine, "{ ?s ?p ?o }") == shipped.manifest.triples
    in_graphs = "{ { SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } } }"
    with open_engine(shipped, Settings()) as embedded:
        assert count(engine, in_graphs) == count(embedded, in_graphs)
        for pattern in ("{ GRAPH ?g { ?s ?p ?o } }", "{ ?s a ?c . GRAPH ?g { ?s ?p ?o } }"):
            assert count(engine, pattern) == count(embedded, pattern)


@pytest.mark.parametrize("file", COMPETENCY, ids=lambda file: file.stem)
def test_competency_question_has_the_answer_of_the_embedded_engine(
    engine: Engine, loaded: ForeignServer, file: Path
) -> None:
    """Numbers and truth values are compared by value, whatever their datatype."""
    body = ask(engine, query_files.load(file).text, timeout_seconds=20)
    expected = file.with_suffix(".tsv").read_bytes()
    right, wrong = DIFFERENT.get((loaded.name, file.stem), ("", ""))
    assert rows(body, QueryResultsFormat.JSON) == [
        row.replace(right, wrong) for row in rows(expected, QueryResultsFormat.TSV)
    ]


def rows(body: bytes, form: QueryResultsFormat) -> list[str]:
    found = parse_query_results(body, format=form)
    assert isinstance(found, QuerySolutions)
    values = {"true": "1", "false": "0"}
    return [
        NUMBER.sub(lambda term: values.get(term[1], term[1]), " ".join(map(str, solution)))
        for solution in found
    ]


@pytest.mark.parametrize("form", RESULT_FORMATS, ids=lambda form: form.name)
def test_result_set_comes_in_the_format_asked_for(
    engine: Engine, loaded: ForeignServer, form: ResultFormat
) -> None:
    query = "SELECT ?s { ?s ?p ?o } LIMIT 3"
    if loaded.name == "virtuoso" and form.name == "tsv":
        with pytest.raises(UnsupportedFormat, match="quoted text as TSV"):
            ask(engine, query, result_format=form)
        return
    body = ask(engine, query, result_format=form)
    if form.name == "csv":
        assert body.count(b"\n") == 4
    else:
        assert len(rows(body, form.results_format)) == 3


@pytest.mark.parametrize("form", GRAPH_FORMATS[:4], ids=lambda form: form.name)
def test_graph_comes_in_the_format_asked_for(engine: Engine, form: GraphFormat) -> None:
    query = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } ORDER BY ?s LIMIT 3"
    body = ask(engine, query, graph_format=form)
    assert len(list(parse(body, format=form.rdf_format))) == 3


def test_malformed_query_is_the_query_s_fault(engine: Engine) -> None:
    with pytest.raises(MalformedQuery, match="is refused"):
        ask(engine, "SELECT * { ?s ?p ")


def test_deadline_is_ours(loaded: ForeignServer) -> None:
    start = time.monotonic()
    with (
        RemoteEngine(Settings(engine=loaded.engine, timeout_seconds=0.5)) as engine,
        pytest.raises(DeadlineReached),
    ):
        ask(engine, ENDLESS)
    assert time.monotonic() - start < 1.5


def test_server_over_it_answers_and_is_ready(
    loaded: ForeignServer, shipped_releases: Path, shipped: Release
) -> None:
    with serving.serve(shipped_releases, engine=loaded.engine) as front, front.client() as client:
        assert client.get("/health/ready").json()["release"] == shipped.version
        answer = client.get("/sparql", params={"query": EVERYTHING}, headers={"Accept": "text/csv"})
        assert answer.text.replace('"', "").split() == ["n", str(shipped.manifest.triples)]
        refused = client.get("/sparql", params={"query": "SELECT * { ?s "})
        assert refused.status_code == 400
        assert client.get("/downloads").status_code == 200
        assert not front.engine_workers()


@pytest.mark.parametrize("server", ["virtuoso"], indirect=True)
def test_cut_results_are_an_error(loaded: ForeignServer, engine: Engine, shipped: Release) -> None:
    with loaded.limited():
        with pytest.raises(EngineUnavailable, match="10000 solutions or more"):
            ask(engine, "SELECT * { ?s ?p ?o }")
        with pytest.raises(EngineUnavailable, match="cuts results after 10,000 solutions"):
            open_engine(shipped, Settings(engine=loaded.engine))


def test_other_release_than_the_one_loaded_is_not_served(
    loaded: ForeignServer, shipped: Release
) -> None:
    other = replace(shipped, manifest=replace(shipped.manifest, version="9.9.9-0123456789ab"))
    with pytest.raises(EngineUnavailable, match=rf"{shipped.version}, and 9\.9\.9.*lignee publish"):
        open_engine(other, Settings(engine=loaded.engine))


def test_new_release_takes_the_place_of_the_old_one(tiny_release: Release, tmp_path: Path) -> None:
    graph = tiny_release.namespaces.graph("resources")
    newer = successor(tiny_release, tmp_path / "9.9.9-0123456789ab", without=graph)
    with foreign.oxigraph() as server:
        assert publish(tiny_release, server)
        assert publish(newer, server)
        with open_engine(newer, Settings(engine=server.engine)) as engine:
            assert count(engine, f"{{ GRAPH <{graph}> {{ ?s ?p ?o }} }}") == 0
        with pytest.raises(EngineUnavailable, match=r"holds release 9\.9\.9"):
            open_engine(tiny_release, Settings(engine=server.engine))


def successor(release: Release, folder: Path, *, without: str) -> Release:
    """Return a copy of the release under the folder's name as version, less one graph."""
    shutil.copytree(release.folder, folder)
    dump = folder / "dataset.nq"
    kept = [line for line in dump.read_text().splitlines(True) if f" <{without}> ." not in line]
    assert len(kept) < release.manifest.quads
    dump.write_text("".join(kept))
    record = folder / "dcat.ttl"
    record.write_text(record.read_text().replace(release.version, folder.name))
    manifest = replace(release.manifest, version=folder.name, quads=len(kept))
    return Release(folder, manifest)


class Interrupted(Silent):
    """Progress that is interrupted half-way."""

    left = 5_000

    def advance(self, count: int = 1) -> None:
        self.left -= count
        if self.left < 0:
            raise KeyboardInterrupt


def test_interrupted_publishing_is_told_and_goes_on_where_it_was(
    loaded: ForeignServer, lignee: Lignee, shipped_releases: Path, shipped: Release
) -> None:
    command = ["publish", "--engine", loaded.engine, "--releases", str(shipped_releases)]
    settings = settings_of(loaded)
    store_url = publishing.graph_store_of(loaded.engine, loaded.name.capitalize())
    with (
        RemoteEngine(settings) as below,
        ReleaseEngine(below, shipped, checked_seconds=0) as serving_engine,
        GraphStore(store_url, settings) as store,
    ):
        assert ask(serving_engine, "ASK {}")
        store.delete(shipped.namespaces.graph("concepts"))
        with pytest.raises(KeyboardInterrupt):
            publishing.publish(shipped, settings, graph_store="", progress=Interrupted())
        with pytest.raises(EngineUnavailable, match="no release of this dataset as a whole"):
            ask(serving_engine, "ASK {}")
    with pytest.raises(EngineUnavailable, match="`lignee publish --engine URL` loads it"):
        open_engine(shipped, Settings(engine=loaded.engine))
    if loaded.name == "virtuoso":
        wrong = {**loaded.environment, "LIGNEE_ENGINE_PASSWORD": "open sesame"}
        refused = lignee(*command, env=wrong)
        assert refused.returncode == 3
        assert "(401); give LIGNEE_ENGINE_USER and LIGNEE_ENGINE_PASSWORD" in refused.stderr
        assert "sesame" not in refused.stderr
        assert refused.stderr.count("\n") == 1
    done = lignee(*command, env=loaded.environment)
    assert done.stdout == f"{shipped.version} is loaded\n", done.stderr
    assert re.search(r"[1-9]\d* left as they were", done.stderr)
    with open_engine(shipped, Settings(engine=loaded.engine)) as engine:
        assert count(engine, "{ ?s ?p ?o }") == shipped.manifest.triples


def settings_of(server: ForeignServer) -> Settings:
    return settings_table.read({"engine": server.engine}, server.environment)
