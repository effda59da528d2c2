import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse

from lignee import dataset, kg_folder, query_files
from lignee.build import report, shapes, validation
from lignee.build.report import ValidationReport, ValidationResult
from lignee.errors import UnparsableInput

PREFIXES = """@prefix lig: <https://w3id.org/lignee/ontology#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
SHAPES = "https://example.org/tiny/shapes#"
NO_ORDINAL = '        lig:ordinal "10"^^xsd:positiveInteger ;\n'
Check = Callable[[], ValidationReport]


@pytest.fixture
def kg(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "kg"))


@pytest.fixture
def check(kg: Path) -> Check:
    def checked() -> ValidationReport:
        folder = kg_folder.find(kg)
        read = dataset.read(folder)
        queries = map(query_files.load, folder.queries_of("integrity"))
        return validation.validate(read, shapes.load(folder.shapes), queries)

    return checked


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def add_shape(kg: Path, body: str) -> Path:
    file = kg / "shapes" / "more.ttl"
    file.write_text(PREFIXES + body, encoding="utf-8")
    return file


def add_query(kg: Path, text: str) -> Path:
    file = kg / "queries" / "integrity" / "90-more.rq"
    file.write_text(text, encoding="utf-8")
    return file


def violations(found: ValidationReport) -> list[ValidationResult]:
    return [result for result in found.results if result.severity.value.endswith("#Violation")]


def test_warning_leaves_the_data_conforming(check: Check) -> None:
    found = check()
    assert (found.conforms, found.count("Warning")) == (True, 1)


def test_missing_statement_is_placed_at_the_type_of_its_node(kg: Path, check: Check) -> None:
    rewrite(kg / "data" / "sources" / "poster.trig", NO_ORDINAL, "")
    (result,) = violations(check())
    assert str(result.place) == "data/resources/talks.ttl:29"


def test_wrong_value_is_placed_at_its_own_line(kg: Path, check: Check) -> None:
    file = kg / "data" / "sources" / "poster.trig"
    rewrite(file, '"10"^^xsd:positiveInteger', '"ten"')
    line = file.read_text(encoding="utf-8").splitlines().index('        lig:ordinal "ten" ;') + 1
    assert {str(result.place) for result in violations(check())} == {
        f"data/sources/poster.trig:{line}"
    }


def test_result_names_focus_path_value_shape_and_constraint(kg: Path, check: Check) -> None:
    rewrite(kg / "data" / "sources" / "poster.trig", '"10"^^xsd:positiveInteger', "0")
    (result,) = violations(check())
    assert result.focus_node.value.endswith("session/10")
    assert result.path
    assert result.path.value.endswith("#ordinal")
    assert result.value
    assert result.value.value == "0"
    assert result.shape.value == SHAPES + "Session-ordinal"
    assert result.constraint.value.endswith("#MinInclusiveConstraintComponent")


def test_solution_of_an_integrity_query_is_a_result(kg: Path, check: Check) -> None:
    add_query(
        kg,
        "# {?focus} is on stage {?stage}.\n# fr: {?focus} est sur scène {?stage}.\n"
        "PREFIX schema: <https://schema.org/>\n"
        "SELECT ?focus ?path ?value ?stage WHERE { BIND(schema:superEvent AS ?path)\n"
        "  ?focus ?path ?value . FILTER(STRENDS(STR(?focus), '/2')) BIND('B' AS ?stage) }\n",
    )
    (result,) = violations(check())
    assert result.messages == {
        "en": "session:2 is on stage B.",
        "fr": "session:2 est sur scène B.",
    }
    assert str(result.place) == "data/resources/talks.ttl:27"
    assert result.shape.value == "https://example.org/tiny/id/query/more"


@pytest.mark.parametrize(
    "target",
    [
        "sh:targetClass lig:Nothing ;",
        "sh:targetSubjectsOf lig:nothing ;",
        "sh:targetObjectsOf lig:nothing ;",
        "a sh:NodeShape ;",
    ],
    ids=["class", "subjects", "objects", "none"],
)
def test_shape_that_selects_no_focus_node_is_a_violation(
    kg: Path, check: Check, target: str
) -> None:
    add_shape(kg, f"<urn:idle> a sh:NodeShape ;\n    {target}\n    sh:closed false .\n")
    (result,) = violations(check())
    assert (result.focus_node.value, str(result.place)) == ("urn:idle", "shapes/more.ttl:6")


@pytest.mark.parametrize(
    "shape",
    [
        "a sh:NodeShape ; sh:targetClass schema:Event .",
        "a sh:NodeShape ; sh:targetClass lig:Nothing ; sh:deactivated true .",
        "a sh:NodeShape ; sh:targetNode <urn:anything> .",
    ],
    ids=["superclass", "deactivated", "node"],
)
def test_shape_that_need_not_select_is_no_fault(kg: Path, check: Check, shape: str) -> None:
    add_shape(kg, f"<urn:shape> {shape}\n")
    assert violations(check()) == []


def test_anonymous_shape_is_reported_under_the_shape_around_it(kg: Path, check: Check) -> None:
    add_shape(
        kg,
        "<urn:shape> a sh:NodeShape ; sh:targetClass lig:Session ;\n"
        '    sh:property [ sh:path lig:room ; sh:minCount 1 ; sh:message "Where?" ] .\n',
    )
    assert {result.shape.value for result in violations(check())} == {"urn:shape"}


def test_closed_shape_knows_its_properties(kg: Path, check: Check) -> None:
    add_shape(
        kg,
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "<urn:shape> a sh:NodeShape ; sh:targetClass schema:Organization ; sh:closed true ;\n"
        "    sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path rdfs:label ] .\n",
    )
    assert violations(check()) == []


def test_shape_that_is_reused_keeps_its_properties(kg: Path, check: Check) -> None:
    add_shape(
        kg,
        "<urn:event> a sh:NodeShape ; sh:targetClass lig:Session ; sh:property <urn:place> .\n"
        "<urn:place> a sh:PropertyShape ; sh:path lig:room ; sh:minCount 1 .\n"
        "<urn:series> a sh:NodeShape ; sh:targetObjectsOf schema:superEvent ; sh:node <urn:event> "
        ".\n",
    )
    found = [result.shape.value for result in violations(check())]
    assert sorted(found) == ["urn:place", "urn:place", "urn:place", "urn:series"]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ("<urn:s> sh:minCuont 1 .", r"SHACL has no property sh:minCuont"),
        ("<urn:s> sh:path lig:a ; sh:minCount -1 .", r"sh:minCount is .*must be a whole number"),
        ("<urn:s> sh:path lig:a ; sh:minCount 1 , 2 .", r"sh:minCount is given 2 times"),
        ("<urn:s> sh:property <urn:t> .", r"must be a property shape that exists"),
        ("<urn:s> sh:node <urn:t> .", r"must be a shape that exists"),
        ("<urn:s> sh:or ( <urn:t> ) .", r"must be a list of shapes that exist"),
        ("<urn:s> sh:in lig:a .", r"sh:in is .*must be a list"),
        ('<urn:s> sh:pattern "(" .', r"must be a regular expression"),
        ("<urn:s> sh:nodeKind sh:Iri .", r"must be one of the six node kinds"),
        ("<urn:s> sh:datatype xsd:positiveInteger .", r"ask for those, and bound a number"),
        ("<urn:s> sh:severity sh:Violation", r"does not parse"),
    ],
    ids=[
        "misspelt", "negative", "twice", "no-property", "no-shape", "no-member", "no-list",
        "pattern", "kind", "narrowed", "syntax",
    ],
)  # fmt: skip
def test_shape_that_cannot_be_applied_is_an_error_with_its_place(
    kg: Path, shape: str, reason: str
) -> None:
    file = add_shape(kg, shape + "\n")
    with pytest.raises(UnparsableInput, match=rf"more\.ttl:\d+(:\d+)?: .*{reason}"):
        shapes.load([file])


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("# Wrong.\nSELECT ?focus {", r"more\.rq:3:1: does not parse as SPARQL"),
        ("# Wrong.\nSELECT ?focus { SERVICE <urn:x> { } }", r"more\.rq:2:17: the query calls"),
        ("# Wrong.\nASK { ?focus ?path ?value }", "is a SELECT of \\?focus"),
        ("# Wrong.\nSELECT ?value { ?focus ?path ?value }", "is a SELECT of \\?focus"),
        ("# Wrong.\nSELECT ?focus ?value { ?x ?path ?value }", "binds no \\?focus"),
        ("# Wrong.\n# severity: Grave\nSELECT ?focus { ?focus ?p ?o }", "must be Violation"),
    ],
    ids=["syntax", "service", "ask", "no-focus", "unbound", "severity"],
)
def test_integrity_query_that_cannot_be_used_is_an_error_with_its_place(
    kg: Path, check: Check, query: str, reason: str
) -> None:
    add_query(kg, query + "\n")
    with pytest.raises(UnparsableInput, match=reason):
        check()


def test_text_puts_file_and_line_first_in_the_language_asked(check: Check) -> None:
    text = report.to_text(check(), "fr")
    first, *_, last = text.strip().splitlines()
    assert first.startswith("data/resources/talks.ttl:29: avertissement: Cherchez une source")
    assert last == "total : 1 × avertissement"


def test_text_of_conforming_data_says_how_much_was_checked(kg: Path, check: Check) -> None:
    rewrite(kg / "shapes" / "session.ttl", "    sh:minCount 1 ;\n    sh:severity sh:Warning", "")
    (kg / "shapes" / "session.ttl").unlink()
    add_shape(kg, "<urn:s> a sh:NodeShape ; sh:targetClass lig:Session .\n")
    assert report.to_text(check()).startswith("The data conforms: no fault found by 1 shapes and 1")


def test_json_holds_the_report(check: Check) -> None:
    content = json.loads(report.to_json(check()))
    (result,) = content["results"]
    assert content["conforms"] is True
    assert result["severity"] == "Warning"
    assert result["place"] == {"file": "data/resources/talks.ttl", "line": 29}
    assert result["focusNode"] == {"type": "uri", "value": "https://example.org/tiny/id/session/10"}


def test_turtle_is_a_validation_report(check: Check) -> None:
    store = Store()
    store.extend(parse(report.to_turtle(check()), format=RdfFormat.TURTLE))
    assert store.query(
        "PREFIX sh: <http://www.w3.org/ns/shacl#> ASK { "
        "?report a sh:ValidationReport ; sh:conforms true ; sh:result ?result . "
        "?result a sh:ValidationResult ; sh:focusNode ?focus ; sh:resultPath ?path ; "
        "sh:resultSeverity sh:Warning ; sh:sourceConstraintComponent "
        f"sh:MinCountConstraintComponent ; sh:sourceShape <{SHAPES}Session-startDate> ; "
        "sh:resultMessage ?en , ?fr FILTER(LANG(?en) = 'en' && LANG(?fr) = 'fr') }"
    )


def test_reports_of_the_same_data_are_written_alike(kg: Path, check: Check) -> None:
    file = kg / "data" / "sources" / "poster.trig"
    for number in (1, 2, 10):
        rewrite(file, f'lig:ordinal "{number}"^^xsd:positiveInteger ;\n', "")
    assert report.to_turtle(check()) == report.to_turtle(check())
