"""Every dump says the same, to our parser and to others', in the order people read."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from building import Silent, written
from lignee.build import dump_writer, dumps, jsonld, pipeline
from lignee.build.reading_order import in_reading_order
from lignee.build.survey import survey
from lignee.canonical import canonical_lines, to_nquads
from lignee.errors import CannotWrite, UnparsableInput
from lignee.formats import GRAPH_FORMATS_BY_EXTENSION
from lignee.iris import PrefixTable
from lignee.release import CONTEXT, DATASET_DUMPS, GRAPH_DUMPS, PREFIXES, Release
from lignee.vocabulary import RDF_TYPE, RDFS
from test_jsonld import quads

EX = "https://example.org/"
TABLE = PrefixTable({"ex": EX, "rdfs": RDFS, "unused": "https://example.com/"})


def dumped(folder: Path, said: Iterable[Quad], outside: Iterable[str] = ()) -> Path:
    """Write the dumps of what is said into the folder, as a build does but in this process."""
    lines = canonical_lines(to_nquads(said))
    for name, content in (
        (dumps.DATASET, lines),
        (dumps.GRAPH, dumps.default_graph(lines, outside)),
    ):
        (folder / name).write_bytes(b"".join(line + b"\n" for line in content))
    document = jsonld.context(survey(lines), TABLE).document()
    (folder / CONTEXT).write_text(json.dumps({"@context": document}), encoding="utf-8")
    (folder / PREFIXES).write_text(json.dumps(TABLE.namespaces), encoding="utf-8")
    for name in (dumps.DATASET, dumps.GRAPH):
        dump_writer.write_dumps(folder, name)
    return folder


def lines_in(file: Path) -> list[bytes]:
    form = GRAPH_FORMATS_BY_EXTENSION[file.suffix[1:]].rdf_format
    return canonical_lines(to_nquads(parse(path=str(file), format=form)))


def lines_by_rdflib(file: Path) -> list[bytes]:
    """Return the triples that another parser finds, one built on an XML parser for RDF/XML."""
    form = {"ttl": "turtle", "rdf": "xml"}[file.suffix[1:]]
    graph = rdflib.Graph().parse(file, format=form)
    nquads = graph.serialize(format="nt", encoding="utf-8")
    return canonical_lines(to_nquads(parse(nquads, format=RdfFormat.N_TRIPLES)))


@settings(deadline=None, max_examples=60)
@given(said=st.lists(quads, min_size=1, max_size=12))
def test_every_format_says_the_same(
    said: list[Quad], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = dumped(tmp_path_factory.mktemp("dumps"), said)
    for listed, canonical in ((DATASET_DUMPS, dumps.DATASET), (GRAPH_DUMPS, dumps.GRAPH)):
        expected = (folder / canonical).read_bytes().splitlines()
        for name in listed:
            assert lines_in(folder / name) == canonical_lines(b"\n".join(expected)), name


@pytest.mark.parametrize(
    "text", ["a\rb", "a\r\nb", " a\n", "]]>&<b>", "\t", "\u2028", "é\U0001f52d"]
)
@pytest.mark.parametrize("name", ["graph.ttl", "graph.rdf"])
def test_other_parsers_read_every_character(tmp_path: Path, text: str, name: str) -> None:
    node = NamedNode(EX + "a")
    folder = dumped(tmp_path, [Quad(node, node, Literal(text), node)])
    assert lines_by_rdflib(folder / name) == (folder / dumps.GRAPH).read_bytes().splitlines()


def test_compressed_dump_is_the_dump_without_name_or_time(tiny_release: Release) -> None:
    for name in (*GRAPH_DUMPS, *DATASET_DUMPS):
        packed = (tiny_release.folder / f"{name}.gz").read_bytes()
        assert gzip.decompress(packed) == (tiny_release.folder / name).read_bytes()
        assert packed[3:8] == b"\0\0\0\0\0"  # RFC 1952: no flags, no time


def test_superseded_passage_and_what_is_about_the_release_stay_out() -> None:
    superseded = NamedNode("https://w3id.org/lignee/ontology#supersededBy")
    one, two, three = (NamedNode(f"{EX}{number}") for number in (1, 2, 3))
    said = [Quad(one, RDF_TYPE, one, graph) for graph in (one, two, three)]
    said += [Quad(two, RDF_TYPE, two, one), Quad(three, RDF_TYPE, three, three)]
    said += [Quad(one, superseded, two, two)]
    union = dumps.default_graph(canonical_lines(to_nquads(said)), [three.value])
    expected = [Triple(one, RDF_TYPE, one), Triple(one, superseded, two)]
    assert union == sorted(b"%b ." % str(triple).encode() for triple in expected)


def ordered(said: Iterable[Quad]) -> list[tuple[str, str, str]]:
    """Return subject, predicate and value of each statement, in reading order."""
    return [
        (subject.decode(), predicate.decode(), value.decode())
        for _, subject, said_of in in_reading_order(
            canonical_lines(to_nquads(said)), has_graph=True
        )
        for predicate, values in said_of
        for value in values
    ]


def test_numbered_names_stand_in_the_order_of_their_numbers() -> None:
    numbers = [10, 9, 2, 1, 100]
    said = [
        Quad(NamedNode(f"{EX}session/{number}"), RDF_TYPE, NamedNode(EX), NamedNode(EX))
        for number in numbers
    ]
    subjects = [subject for subject, _, _ in ordered(said)]
    assert subjects == [f"<{EX}session/{number}>" for number in sorted(numbers)]


@pytest.mark.parametrize(
    "names",
    [["a1b", "a1b2"], ["a", "a1"], ["1", "a"], ["a01", "a1"], ["a1/b", "a1b", "a2"]],
    ids=str,
)
def test_names_that_mix_letters_and_digits_can_be_ordered(names: list[str]) -> None:
    said = [Quad(NamedNode(EX + name), RDF_TYPE, NamedNode(EX), NamedNode(EX)) for name in names]
    assert [subject for subject, _, _ in ordered(said)] == [f"<{EX}{name}>" for name in names]


def test_type_and_labels_come_first() -> None:
    node = NamedNode(EX)
    label, about = NamedNode(RDFS + "label"), NamedNode(EX + "about")
    said = [
        Quad(node, about, node, node),
        Quad(node, label, Literal("b", language="en"), node),
        Quad(node, label, Literal("a", language="fr"), node),
        Quad(node, RDF_TYPE, node, node),
    ]
    assert [(predicate, value) for _, predicate, value in ordered(said)] == [
        (str(RDF_TYPE), str(node)),
        (str(label), '"b"@en'),
        (str(label), '"a"@fr'),
        (str(about), str(node)),
    ]


@pytest.mark.parametrize("name", ["graph.ttl", "graph.rdf", "graph.jsonld"])
def test_every_subject_is_written_once(tiny_release: Release, name: str) -> None:
    subjects = [quad.subject for quad in parse(path=str(tiny_release.folder / name))]
    changes = [subject for subject, _ in groupby(subjects)]
    assert len(changes) == len(set(changes))


@pytest.mark.parametrize("name", ["dataset.trig", "dataset.jsonld"])
def test_every_graph_is_written_once(tiny_release: Release, name: str) -> None:
    graphs = [quad.graph_name for quad in parse(path=str(tiny_release.folder / name))]
    changes = [graph for graph, _ in groupby(graphs)]
    assert len(changes) == len(set(changes))


def test_turtle_declares_only_the_prefixes_it_uses(tmp_path: Path) -> None:
    node = NamedNode(EX + "a")
    folder = dumped(tmp_path, [Quad(node, RDF_TYPE, node, node)])
    text = (folder / "graph.ttl").read_text(encoding="utf-8")
    assert text == f"@prefix ex: <{EX}> .\nex:a a ex:a .\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (r'<urn:s> <urn:p> "\u0001" <urn:g> .', "a character that XML cannot"),
        (r'<urn:s> <urn:p> "a\\\b" <urn:g> .', "a character that XML cannot"),
        ('<urn:s> <urn:p> "\uffff" <urn:g> .', "a character that XML cannot"),
        ('<urn:s> <http://e/1> "a" <urn:g> .', "cannot be a property in RDF/XML"),
        ('<urn:s> <http://e/> "a" <urn:g> .', "cannot be a property in RDF/XML"),
        ('<urn:s> <urn:p> "a"@en--ltr <urn:g> .', "is RDF 1.2"),
        ("<urn:s> <urn:p> <<( <urn:a> <urn:b> <urn:c> )>> <urn:g> .", "is RDF 1.2"),
    ],
)
def test_what_a_format_cannot_carry_is_refused(line: str, message: str) -> None:
    with pytest.raises(UnparsableInput, match=message):
        survey([line.encode()])


@pytest.mark.parametrize(
    "statement",
    [
        'rdfs:comment "\\u0001"',
        '<https://example.org/1> "a"',
        "rdfs:seeAlso <<( <urn:a> a <urn:b> )>>",
    ],
)
def test_build_says_where_a_statement_stands_that_no_format_carries(
    tiny: Path, tmp_path: Path, statement: str
) -> None:
    kg = Path(shutil.copytree(tiny, tmp_path / "kg"))
    prefix = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n\n"
    file = written(kg, "data/resources/odd.ttl", f"{prefix}<urn:x> {statement} .\n")
    with pytest.raises(UnparsableInput) as caught:
        pipeline.build(kg, tmp_path / "releases", progress=Silent(), validate=False)
    assert str(caught.value.place) == f"{file}:3"


@pytest.mark.parametrize("text", [r"a\\b", r"\"q\"", r"\u007F", r"\\u0001", r"\n\t\r", "\uff01"])
def test_what_looks_alike_is_not_refused(text: str) -> None:
    assert survey([f'<urn:s> <urn:p> "{text}" <urn:g> .'.encode()]).kinds


def test_writer_that_cannot_write_says_where(tmp_path: Path) -> None:
    folder = dumped(tmp_path, [Quad(NamedNode(EX), RDF_TYPE, NamedNode(EX), NamedNode(EX))])
    (folder / "graph.ttl").unlink()
    (folder / "graph.ttl").mkdir()
    told = pytest.raises(CannotWrite, match=r"graph\.ttl: Is a directory")
    with told, dumps.Writers(folder) as writers:
        writers.begin(dumps.GRAPH)
        writers.finish()


@pytest.mark.parametrize("asked", [b"", b"\n"], ids=["before", "after"])
def test_writer_ends_with_the_process_that_asked(tmp_path: Path, asked: bytes) -> None:
    folder = dumped(tmp_path, [Quad(NamedNode(EX), RDF_TYPE, NamedNode(EX), NamedNode(EX))])
    command = [sys.executable, "-P", "-m", "lignee.build.dump_writer", str(folder), dumps.GRAPH]
    done = subprocess.run(command, input=asked, check=False, timeout=30)
    assert done.returncode == 1
