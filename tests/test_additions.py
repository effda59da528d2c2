"""RDF files served beside a release: what joins it, what is refused, and what names the whole."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import serving
from conftest import Lignee
from handmade import BASE, THINGS, VERSION, ask, count
from handmade import release as made_by_hand
from lignee.engines import additions
from lignee.engines.embedded import EmbeddedEngine
from lignee.errors import (
    DuplicateDefinition,
    EngineUnavailable,
    InputError,
    SettingError,
    UnparsableInput,
    UnreadableInput,
    UnsupportedFormat,
)
from lignee.formats import RESULT_FORMATS
from lignee.release import Release
from lignee.settings import Settings

ADA = "<https://example.org/id/ada> <https://example.org/knows> "
KNOWN = ADA + "<https://example.org/id/charles>"
"""A triple that the release has too."""
CSV = RESULT_FORMATS[2]
ONE = Settings(workers=1)
RDF_XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">
<rdf:Description rdf:about="urn:a"><u:p>1</u:p></rdf:Description></rdf:RDF>"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("releases") / VERSION
    folder.mkdir()
    return made_by_hand(folder)


Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_one(name: str, text: str | bytes) -> Path:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        data = text.encode() if isinstance(text, str) else text
        file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return file

    return write_one


def opened(release: Release, *files: Path) -> EmbeddedEngine:
    return EmbeddedEngine(release, ONE, additions=additions.read(files, release, ONE))


def test_graphs_of_files_join_the_default_graph_as_a_set(release: Release, write: Write) -> None:
    files = [
        write("my notes.ttl", f"{KNOWN} . {ADA} <urn:t> ."),
        write("graphs.trig", f"<urn:g> {{ {KNOWN} . {ADA} <urn:g1> }} {ADA} <urn:g2> ."),
    ]
    with opened(release, *files) as engine:
        assert count(engine, "{ <https://example.org/id/ada> <https://example.org/knows> ?x }") == 4
        own = f"GRAPH <{BASE}graph/with/my%20notes.ttl> {{ ?s ?p ?o }}"
        assert count(engine, f"{{ {own} }}") == 2
        assert count(engine, f"{{ GRAPH <{BASE}graph/with/graphs.trig> {{ ?s ?p ?o }} }}") == 1
        assert count(engine, "{ GRAPH <urn:g> { ?s ?p ?o } }") == 2
        assert count(engine, f"{{ ?s <{BASE}number> ?o }}") == THINGS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", "<urn:a> <urn:p> 1 ."),
        ("a.nt.gz", '<urn:a> <urn:p> "1" .'),
        ("a.nq", '<urn:a> <urn:p> "1" <urn:g> .'),
        ("a.trig.gz", "<urn:g> { <urn:a> <urn:p> 1 }"),
        ("a.jsonld", '{"@id": "urn:a", "urn:p": 1}'),
        ("a.rdf", RDF_XML),
    ],
)
def test_every_format_is_read(release: Release, write: Write, name: str, text: str) -> None:
    with opened(release, write(name, text)) as engine:
        assert count(engine, "{ <urn:a> <urn:p> ?o }") == 1


def test_blank_nodes_of_two_files_stay_apart_and_are_one_in_both_their_graphs(
    release: Release, write: Write
) -> None:
    files = [write(name, f"_:b <urn:p> <urn:{name}> .") for name in ("a.nt", "b.nt")]
    with opened(release, *files) as engine:
        assert count(engine, "{ ?b <urn:p> ?x GRAPH ?g { ?b <urn:p> ?y } }") == 2


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.ttl", "<urn:a>\n  <urn:p> .", r"a\.ttl:2:\d+: does not parse"),
        ("a.ttl", "x:a <urn:p> 1 .", r"a\.ttl:1:\d+: .*declare it in the file"),
        ("a.nt", b'<urn:a> <urn:p> "\xe9" .', r"a\.nt:1: is not UTF-8"),
        ("a.txt", "", r"a\.txt: the name does not tell an RDF format; it must end in \.jsonld"),
        ("a.jsonld", '{"@context": "https://example.org/", "a": 1}', r"a\.jsonld.*does not parse"),
    ],
)
def test_file_that_cannot_be_used_is_told_with_its_place(
    release: Release, write: Write, name: str, text: str | bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        additions.read([write(name, text)], release, ONE)


def test_broken_gzip_and_missing_file_are_told(release: Release, write: Write) -> None:
    whole = write("a.ttl.gz", "<urn:a> <urn:p> 1 .")
    whole.write_bytes(whole.read_bytes()[:-6])
    for file in (whole, whole.with_name("missing.ttl"), whole.parent):
        with pytest.raises((UnreadableInput, UnparsableInput), match=str(file)):
            additions.read([file], release, ONE)


def test_two_files_of_one_name_are_refused(release: Release, write: Write) -> None:
    files = [write("a.ttl", ""), write("more/a.ttl", "")]
    with pytest.raises(DuplicateDefinition, match=r"has the name of .*a\.ttl"):
        additions.read(files, release, ONE)


def test_release_that_is_kept_on_disk_takes_no_files(release: Release, write: Write) -> None:
    small = replace(ONE, memory_store_max_quads=release.manifest.quads)
    file = write("a.ttl", "<urn:a> <urn:p> 1 .")
    with pytest.raises(SettingError, match="--memory-store-max-quads is"):
        additions.read([file], release, small)
    assert additions.read([], release, small) == additions.Additions()


def test_label_names_release_and_what_the_files_hold(release: Release, write: Write) -> None:
    first = additions.read([write("a.ttl", "<urn:a> <urn:p> 1 .")], release, ONE)
    same = additions.read([write("b/a.ttl", "<urn:a> <urn:p> 1 .")], release, ONE)
    other = additions.read([write("a.ttl", "<urn:a> <urn:p> 2 .")], release, ONE)
    assert first.label(release) == same.label(release) != other.label(release)
    assert first.label(release).startswith(f"{VERSION}+")
    assert additions.Additions().label(release) == VERSION


def test_file_that_changed_since_is_not_served_under_its_old_label(
    release: Release, write: Write
) -> None:
    file = write("a.ttl", "<urn:a> <urn:p> 1 .")
    added = additions.read([file], release, ONE)
    file.write_text("<urn:a> <urn:p> 2 .")
    with pytest.raises(EngineUnavailable, match=r"a\.ttl: has changed since"):
        EmbeddedEngine(release, ONE, additions=added)


def test_server_answers_from_release_and_files(tiny_releases: Path, write: Write) -> None:
    files = [write("a.ttl", "<urn:a> <urn:p> 1 ."), write("b.ttl", "<urn:b> <urn:p> 1 .")]
    before = {file: file.stat().st_mtime for file in sorted(tiny_releases.rglob("*"))}
    with serving.serve(tiny_releases, "--with", *map(str, files), workers=1) as server:
        label = server.message.split()[2]
        with server.client() as client:
            query = {"query": "SELECT * { ?s <urn:p> ?o }", "release": label}
            answer = client.get("/sparql", params=query)
            assert len(answer.json()["results"]["bindings"]) == 2
            alone = query | {"release": label.partition("+")[0]}
            assert client.get("/sparql", params=alone).status_code == 400
            assert client.get("/health/ready").json()["release"] == label
            assert f'dcat:version "{label}"' in client.get("/sparql").text
    assert before == {file: file.stat().st_mtime for file in sorted(tiny_releases.rglob("*"))}


def test_command_tells_a_file_that_does_not_parse(
    tiny_releases: Path, write: Write, lignee: Lignee
) -> None:
    file = write("a.ttl", "<urn:a>\n<urn:p>")
    for command in (["serve"], ["query", "ASK {}"]):
        done = lignee(*command, "--releases", tiny_releases, "--with", file)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"lignee: {file}:2:")


def test_query_without_a_server_takes_files(
    tiny_releases: Path, write: Write, lignee: Lignee
) -> None:
    file = write("a.ttl", "<urn:a> <urn:p> 1 .")
    query = "SELECT ?s { ?s <urn:p> 1 }"
    done = lignee("query", query, "--releases", tiny_releases, "--with", file, "--format", "csv")
    assert done.stdout == "s\nurn:a\n"


def test_triple_term_of_a_file_is_refused_in_csv(release: Release, write: Write) -> None:
    file = write("a.ttl", "<urn:a> <urn:says> <<( <urn:s> <urn:p> 1 )>> ; <urn:n> 2 .")
    with opened(release, file) as engine:
        whole = ask(engine, "SELECT * { <urn:a> <urn:n> ?n }", result_format=CSV)
        assert whole == b"n\r\n2\r\n"
        with pytest.raises(UnsupportedFormat, match="CSV cannot carry a triple term"):
            ask(engine, "SELECT * { <urn:a> <urn:says> ?term }", result_format=CSV)


def test_eurovoc_joins_the_shipped_graph(shared: Path, shipped: Release) -> None:
    file = next((shared / "vocabularies").glob("eurovoc*.nt.gz"))
    with opened(shipped, file) as engine:
        found = json.loads(ask(engine, LABELS_OF_MATCHES))["results"]["bindings"]
    assert found


LABELS_OF_MATCHES = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?concept ?label {
  ?concept ?mapping ?theirs .
  FILTER(?mapping IN (skos:exactMatch, skos:closeMatch, skos:broadMatch, skos:relatedMatch))
  GRAPH ?eurovoc { ?theirs skos:prefLabel ?label }
  FILTER(CONTAINS(STR(?eurovoc), "graph/with/"))
}
"""
