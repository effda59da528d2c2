"""JSON-LD says exactly what the statements say, to two parsers that know nothing of each other."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld as pyld
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from lignee.build import jsonld
from lignee.build.reading_order import in_reading_order
from lignee.build.survey import survey
from lignee.canonical import canonical_lines, to_nquads
from lignee.iris import PrefixTable
from lignee.vocabulary import DCTERMS, RDF, RDF_TYPE, RDFS, SCHEMA, SKOS, XSD

EX = "https://example.org/"
PREFIXES = PrefixTable(
    {"schema": SCHEMA, "rdfs": RDFS, "skos": SKOS, "dcterms": DCTERMS, "ex": EX, "rdf": RDF}
)
NAMES = [EX + "a", EX + "session/2", EX + "session/10", "urn:x:y", "mailto:a@b", EX + "é#ü", "ex:a"]
PROPERTIES = [
    RDFS + "label",
    SCHEMA + "label",
    EX + "id",
    EX + "type",
    EX + "p-1",
    "urn:p:q",
    SCHEMA,
]
DATATYPES = ["string", "integer", "boolean", "decimal", "date", "positiveInteger", "anyURI"]

names = st.sampled_from(NAMES).map(NamedNode)
nodes = names | st.sampled_from("xy").map(BlankNode)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
    | st.sampled_from('\t\n\r"\\<> .'),
    max_size=8,
)
literals = (
    texts.map(Literal)
    | st.builds(Literal, texts, language=st.sampled_from(["en", "fr", "fr-ch"]))
    | st.builds(
        lambda value, datatype: Literal(value, datatype=NamedNode(XSD + datatype)),
        st.sampled_from(["1", "01", "-0", "true", "99999999999999999999", "2020-01-01"]) | texts,
        st.sampled_from(DATATYPES),
    )
)
properties = st.sampled_from(PROPERTIES[:-1]).map(NamedNode) | st.just(RDF_TYPE)
quads = st.builds(Quad, nodes, properties, nodes | literals, names)


def document(lines: list[bytes]) -> bytes:
    nodes = in_reading_order(lines, has_graph=True)
    return b"".join(jsonld.to_json(nodes, jsonld.context(survey(lines), PREFIXES)))


def lines_of(said: Iterable[Quad]) -> list[bytes]:
    return canonical_lines(to_nquads(said))


def by_pyoxigraph(content: bytes) -> list[bytes]:
    return lines_of(parse(content, format=RdfFormat.JSON_LD))


def by_pyld(content: bytes) -> list[bytes]:
    nquads = pyld.to_rdf(json.loads(content), {"format": "application/n-quads"})
    return lines_of(parse(nquads.encode(), format=RdfFormat.N_QUADS))


@settings(deadline=None, max_examples=200)
@given(st.lists(quads, min_size=1, max_size=12))
def test_both_parsers_read_back_what_was_said(said: list[Quad]) -> None:
    lines = lines_of(said)
    content = document(lines)
    assert by_pyoxigraph(content) == lines
    assert by_pyld(content) == lines


def node(*said: tuple[str, Literal | NamedNode]) -> dict[str, object]:
    """Return the one node that says this of one subject."""
    subject, graph = NamedNode(EX + "a"), NamedNode(EX + "g")
    lines = lines_of(Quad(subject, NamedNode(name), value, graph) for name, value in said)
    graphs = json.loads(document(lines))["@graph"]
    return cast(dict[str, object], graphs[0]["@graph"][0])


def typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD + datatype))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ([(SCHEMA + "about", NamedNode(EX + "b"))], {"about": EX + "b"}),
        ([(RDFS + "label", Literal("a", language="en"))], {"label": {"en": "a"}}),
        (
            [(RDFS + "label", Literal("a", language="en")), (RDFS + "label", Literal("b"))],
            {"label": {"@none": "b", "en": "a"}},
        ),
        ([(EX + "n", typed("12", "positiveInteger"))], {"n": 12}),
        ([(EX + "n", typed("012", "integer"))], {"n": "012"}),
        ([(EX + "n", typed("9007199254740993", "integer"))], {"n": "9007199254740993"}),
        ([(EX + "b", typed("true", "boolean"))], {"b": True}),
        ([(EX + "d", typed("2020", "gYear"))], {"d": "2020"}),
        ([(RDF + "type", NamedNode(SCHEMA + "Event"))], {"type": "Event"}),
        (
            [(RDFS + "label", Literal("a")), (SCHEMA + "label", Literal("b"))],
            {"label": "a", "schema_label": "b"},
        ),
        ([(EX + "type", Literal("a")), (EX + "id", Literal("b"))], {"ex_type": "a", "ex_id": "b"}),
        (
            [(EX + "m", typed("2020", "gYear")), (EX + "m", NamedNode(EX + "b"))],
            {"m": [{"@value": "2020", "type": XSD + "gYear"}, {"id": EX + "b"}]},
        ),
        (
            [(SCHEMA + "about", NamedNode(EX + f"session/{number}")) for number in (10, 2)],
            {"about": [EX + "session/2", EX + "session/10"]},
        ),
    ],
)
def test_value_is_written_the_way_its_property_is(
    said: list[tuple[str, Literal | NamedNode]], written: dict[str, object]
) -> None:
    assert node(*said) == {"id": EX + "a", **written}


def test_context_made_again_from_its_document_writes_the_same() -> None:
    said = [Quad(NamedNode(EX + "a"), NamedNode(EX + "n"), typed("1", "integer"), NamedNode(EX))]
    lines = lines_of(said)
    using = jsonld.context(survey(lines), PREFIXES)
    again = jsonld.from_document(using.document())
    nodes = list(in_reading_order(lines, has_graph=True))
    assert list(jsonld.to_json(nodes, again)) == list(jsonld.to_json(nodes, using))


def test_node_stands_on_a_line_of_its_own() -> None:
    said = [Quad(NamedNode(name), RDF_TYPE, NamedNode(EX), NamedNode(EX)) for name in NAMES]
    assert len(document(lines_of(said)).splitlines()) == len(NAMES) + 4
