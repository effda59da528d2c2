"""The description counts what is there, and editors that discover an endpoint find their way."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, RdfFormat

from building import Silent, answers, count, read, says, written
from lignee.build import description, linksets, published_queries, statements
from lignee.dataset import Dataset, write_default_graph
from lignee.errors import DuplicateDefinition, UnparsableInput

DIGEST = "ab" * 32
CLASSES_OF_AN_EDITOR = """
SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype WHERE {
  ?cp void:class ?subjectClass ; void:propertyPartition ?pp .
  ?pp void:property ?prop .
  OPTIONAL {
    { ?pp void:classPartition [ void:class ?objectClass ] }
    UNION
    { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] }
  }
}
"""
"""What SIB's sparql-editor asks to complete classes and properties."""
EXAMPLES_OF_AN_EDITOR = """
SELECT DISTINCT ?sq ?comment ?query WHERE {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ;
      sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?sq
"""
PREFIXES_OF_AN_EDITOR = """
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix }
"""
QUERY = "# What?\n# fr: Quoi ?\n{head}SELECT * WHERE {{ ?s ?p ?o }}\n"


def described(kg: Path) -> Dataset:
    found = read(kg)
    sets = linksets.add_linksets(found, Silent())
    published_queries.publish_queries(found)
    description.describe(found, sets, DIGEST)
    lines = statements.gather(found, kg).lines
    found.store.clear()
    found.store.bulk_load(b"\n".join(lines), format=RdfFormat.N_QUADS)
    write_default_graph(found)
    return found


@pytest.fixture(scope="module")
def miniature(tiny: Path) -> Dataset:
    return described(tiny)


@pytest.fixture
def kg(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "kg"))


def knowledge(found: Dataset) -> set[tuple[object, ...]]:
    """Return the triples of the current graphs that are neither description nor queries."""
    outside = {found.graph(name) for name in ("description", "queries")}
    superseded = {
        quad.subject for quad in found.store if quad.predicate.value.endswith("#supersededBy")
    }
    return {
        (quad.subject, quad.predicate, quad.object)
        for quad in found.store
        if not isinstance(quad.graph_name, DefaultGraph)
        and quad.graph_name not in outside | superseded
    }


def stated(found: Dataset, name: str) -> int:
    ((value,),) = answers(found, f"SELECT ?n {{ <dataset> void:{name} ?n }}")
    return int(value)


@pytest.mark.parametrize(
    ("name", "position"),
    [("distinctSubjects", 0), ("properties", 1), ("distinctObjects", 2)],
)
def test_totals_are_those_of_the_knowledge(miniature: Dataset, name: str, position: int) -> None:
    assert stated(miniature, name) == len({triple[position] for triple in knowledge(miniature)})


def test_triples_are_counted_once_however_many_graphs_say_them(miniature: Dataset) -> None:
    assert stated(miniature, "triples") == len(knowledge(miniature))


def test_class_partition_counts_its_entities(miniature: Dataset) -> None:
    assert says(miniature, "?part void:class lig:Session ; void:entities 3")


def test_property_of_a_class_says_what_it_leads_to(miniature: Dataset) -> None:
    assert says(
        miniature,
        "<dataset> void:classPartition ?class . ?class void:class lig:Session ; "
        "void:propertyPartition ?about . ?about void:property schema:about ; void:triples 2 ; "
        "void:classPartition ?target . ?target void:class skos:Concept ; void:triples 2",
    )


def test_editor_finds_classes_properties_and_datatypes(miniature: Dataset) -> None:
    found = answers(miniature, CLASSES_OF_AN_EDITOR)
    short = {tuple(term.rpartition("/")[2].rpartition("#")[2] for term in row) for row in found}
    assert ("Session", "about", "Concept", "") in short
    assert ("Session", "startDate", "", "date") in short
    assert ("Concept", "prefLabel", "", "langString") in short


def test_editor_finds_examples(miniature: Dataset) -> None:
    found = answers(miniature, EXAMPLES_OF_AN_EDITOR)
    assert {row[0] for row in found if row[0]} == {
        f"https://example.org/tiny/id/query/{name}"
        for name in (
            "about",
            "lineage",
            "sessions-by-theme",
            "was-there-a-session-before",
            "who-says-so",
        )
    }


def test_editor_finds_the_prefix_table(miniature: Dataset) -> None:
    assert set(answers(miniature, PREFIXES_OF_AN_EDITOR)) == set(
        miniature.prefixes.namespaces.items()
    )


def test_every_named_graph_is_listed_with_its_size(miniature: Dataset) -> None:
    listed = answers(miniature, "SELECT ?g ?n { ?d sd:namedGraph/sd:name ?g . ?g void:triples ?n }")
    sizes = {
        (
            graph.value,
            str(sum(1 for _ in miniature.store.quads_for_pattern(None, None, None, graph))),
        )
        for graph in miniature.store.named_graphs()
        if graph != miniature.graph("description")
    }
    assert set(listed) == sizes


def test_graphs_about_the_release_are_listed_without_size(miniature: Dataset) -> None:
    assert says(miniature, "<dataset> sd:namedGraph graph:release , graph:validation")


def test_vocabularies_are_those_of_properties_and_classes(miniature: Dataset) -> None:
    assert says(miniature, "<dataset> void:vocabulary lig: , skos: , schema:")
    assert not says(miniature, "<dataset> void:vocabulary session:")


def test_shapes_are_named_by_their_digest(miniature: Dataset) -> None:
    checksum = "<http://spdx.org/rdf/terms#checksum>/<http://spdx.org/rdf/terms#checksumValue>"
    assert says(miniature, f'<shapes> {checksum} "{DIGEST}"^^xsd:hexBinary')


def test_description_has_no_blank_node(miniature: Dataset) -> None:
    assert not says(miniature, "GRAPH graph:description { ?s ?p ?o FILTER(ISBLANK(?s)) }")


def test_default_graph_holds_the_description(miniature: Dataset) -> None:
    pattern = "GRAPH graph:description { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o }"
    assert count(miniature, pattern) == 0


def test_parameter_is_published_with_its_default(miniature: Dataset) -> None:
    assert says(
        miniature,
        "<id/query/sessions-by-theme> a sh:SPARQLSelectExecutable ; sh:parameter ?parameter . "
        '?parameter sh:path ?path ; sh:name "Theme"@en , "Thème"@fr ; sh:nodeKind sh:IRI ; '
        "sh:defaultValue theme:stars FILTER(STRENDS(STR(?path), '/theme'))",
    )


def test_query_text_is_published_as_it_is(miniature: Dataset, tiny: Path) -> None:
    text = (tiny / "queries/examples/02-lineage.rq").read_text(encoding="utf-8")
    assert says(miniature, f"<id/query/lineage> sh:construct {Literal(text)}")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("SELEC ", "does not parse as SPARQL"),
        ("# parameter: a iri theme:sky | A | A\n", "`a` is no variable of the query"),
        ("# parameter: s iri nowhere:x | A | A\n", "default of parameter `s` cannot be used"),
        ("# parameter: s integer x | A | A\n", "default of parameter `s` cannot be used"),
    ],
)
def test_query_that_cannot_be_published_is_placed(kg: Path, head: str, message: str) -> None:
    file = written(kg, "queries/examples/90-wrong.rq", QUERY.format(head=head))
    with pytest.raises(UnparsableInput, match=message) as caught:
        described(kg)
    assert caught.value.place is not None
    assert caught.value.place.file == file


def test_two_queries_of_one_name_are_refused(kg: Path) -> None:
    written(kg, "queries/examples/90-sessions-by-theme.rq", QUERY.format(head=""))
    with pytest.raises(DuplicateDefinition, match="`sessions-by-theme`"):
        described(kg)
