import shutil
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat

from lignee import dataset, kg_folder
from lignee.build.linksets import add_linksets
from lignee.canonical import canonical_lines
from lignee.errors import (
    DuplicateDefinition,
    InputError,
    UnlistedFile,
    UnparsableInput,
    UnreadableInput,
)
from lignee.vocabulary import RDF_TYPE


class Silent:
    """A progress that nobody watches."""

    def step(self, name: str, total: int | None = None) -> None: ...

    def advance(self, count: int = 1) -> None: ...

    def done(self, **counts: int) -> None: ...


CONCEPT = (
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\n<{iri}>\n    a skos:Concept .\n"
)


@pytest.fixture
def kg(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "kg"))


def added(kg: Path, name: str, text: str) -> Path:
    file = kg / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def read(kg: Path) -> dataset.Dataset:
    return dataset.read(kg_folder.find(kg))


def test_folder_names_the_graph(kg: Path) -> None:
    added(kg, "data/places/a.ttl", CONCEPT.format(iri="https://example.org/a"))
    graphs = set(read(kg).store.named_graphs())
    assert read(kg).graph("places") in graphs


def test_head_names_and_dates_the_dataset(tiny: Path) -> None:
    head = read(tiny).head
    assert head.iri.value.endswith("dataset")
    assert head.version
    assert len(head.issued) == 10


def test_statement_is_located_in_its_file(kg: Path) -> None:
    file = added(kg, "data/places/a.ttl", CONCEPT.format(iri="https://example.org/a"))
    subject = NamedNode("https://example.org/a")
    places = read(kg).locate([(subject, RDF_TYPE, None), (subject, RDF_TYPE, Literal("no"))])
    assert [str(place) for place in places.values()] == [f"{file}:4"]


def test_mapping_is_located_in_its_row(tiny: Path) -> None:
    read_tiny = read(tiny)
    add_linksets(read_tiny, Silent())
    places = read_tiny.locate(list(read_tiny.rows))
    assert len({place.line for place in places.values()}) == 2
    assert {place.file.name for place in places.values()} == {"eurovoc.sssom.tsv"}


def test_one_iri_defined_in_two_files_is_refused_naming_both(kg: Path) -> None:
    for name in ("data/places/a.ttl", "data/places/b.ttl"):
        added(kg, name, CONCEPT.format(iri="https://example.org/a"))
    with pytest.raises(DuplicateDefinition, match=r"b\.ttl:4: .*is defined here and in .*a\.ttl:4"):
        read(kg)


def test_default_graph_leaves_out_superseded_passages(tiny: Path) -> None:
    read_tiny = read(tiny)
    for graph in dataset.superseded_graphs(read_tiny.store):
        only_there = set(read_tiny.store.quads_for_pattern(None, None, None, graph))
        assert only_there
        assert graph not in dataset.graphs_of_default(read_tiny)
    assert any(read_tiny.store.quads_for_pattern(None, None, None, DefaultGraph()))


def default_graph(of: dataset.Dataset) -> list[bytes]:
    nquads = of.store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    assert nquads is not None
    return canonical_lines(nquads)


@pytest.mark.parametrize(
    "value",
    [
        '"a <urn:b>"',
        '"a <urn:b> ."@en',
        '"a <urn:b>"^^<urn:c>',
        '"a _:b"',
        '"a "',
        "<urn:b>",
        "<<( <urn:a> <urn:b> <urn:c> )>>",
        "_:b",
        "[ <urn:p> 1 ]",
    ],
)
def test_default_graph_is_the_union_of_current_graphs(kg: Path, value: str) -> None:
    superseded = next(iter(dataset.superseded_graphs(read(kg).store)))
    text = """@prefix lig: <https://w3id.org/lignee/ontology#> .
<urn:s> <urn:p> {value} .
<urn:g> {{ <urn:s> <urn:p> {value} , 2 }}
{superseded} {{ <urn:s> <urn:p> 2 , 3 }}
"""
    added(kg, "data/places/a.trig", text.format(value=value, superseded=superseded))
    found = read(kg)
    loaded = default_graph(found)
    assert any(line.startswith(b'<urn:s> <urn:p> "2"') for line in loaded)
    assert not any(line.startswith(b'<urn:s> <urn:p> "3"') for line in loaded)
    dataset.write_default_graph(found)
    assert loaded == default_graph(found)


def test_triple_of_two_graphs_stands_once_in_the_default_graph(kg: Path) -> None:
    for folder in ("places", "people"):
        text = "<https://example.org/a> <https://example.org/p> 1 .\n"
        added(kg, f"data/{folder}/a.ttl", text)
    both = read(kg)
    found = both.store.quads_for_pattern(
        NamedNode("https://example.org/a"), None, None, DefaultGraph()
    )
    assert len(list(found)) == 1


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("data/notes.docx", UnlistedFile, "is not a file the build reads"),
        ("queries/odd/a.rq", UnlistedFile, "is not a file the build reads"),
        ("data/mappings/a.tsv", UnlistedFile, "is not a file the build reads"),
    ],
)
def test_file_that_would_be_skipped_is_refused(
    kg: Path, name: str, kind: type[InputError], message: str
) -> None:
    added(kg, name, "")
    with pytest.raises(kind, match=message):
        kg_folder.find(kg)


def test_notes_for_people_may_lie_anywhere(kg: Path) -> None:
    added(kg, "data/README.md", "Notes.")
    kg_folder.find(kg)


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"gone: no such folder; --kg names"):
        kg_folder.find(tmp_path / "gone")


def test_folder_without_a_head_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"holds no data/dataset\.ttl"):
        kg_folder.find(tmp_path)


@pytest.mark.parametrize("missing", ["dcat:version", "dcterms:issued"])
def test_head_without_version_or_date_is_refused(kg: Path, missing: str) -> None:
    head = kg / "data" / "dataset.ttl"
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace(missing, "rdfs:comment"), encoding="utf-8")
    with pytest.raises(UnparsableInput, match=f"states no {missing}"):
        read(kg)
