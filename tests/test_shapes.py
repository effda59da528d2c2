"""The shapes and integrity queries, by example: each constraint with data that breaks it alone.

An example is a TriG file in tests/shapes/<Class>/. It is read beside tests/shapes/context.trig, or
beside the files that a line `# beside: <glob>` of its head names; its triples outside a GRAPH stand
in graph/resources. Each line `# expects: <shape or query> <component>` of an invalid one names a
fault, and no other may be found.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store
from pyshacl.entrypoints import meta_validate
from rdflib import Graph

from lignee import query_files, rdf_files
from lignee.build import shapes as shapes_graph
from lignee.build import validation
from lignee.build.report import ValidationReport
from lignee.build.shape_syntax import Properties
from lignee.build.shapes import Shapes
from lignee.dataset import Dataset, Head, write_default_graph
from lignee.iris import PrefixTable
from lignee.kg_folder import KgFolder
from lignee.query_files import QueryFile
from lignee.vocabulary import RDFS, SH

ROOT = Path(__file__).resolve().parents[1]
BASE = "https://w3id.org/lignee/"
RESOURCES = NamedNode(BASE + "graph/resources")
EXAMPLES = ROOT / "tests" / "shapes"
CONTEXT = EXAMPLES / "context.trig"
VALID = [CONTEXT, *sorted(EXAMPLES.glob("*/valid-*.trig"))]
INVALID = sorted(EXAMPLES.glob("*/invalid-*.trig"))
Fault = tuple[str, str]
"""A shape or query, and the constraint component that it reports."""
SH_PATH = NamedNode(SH + "path")
SH_TARGET_CLASS = NamedNode(SH + "targetClass")
SH_TARGET_SUBJECTS = NamedNode(SH + "targetSubjectsOf")
PARAMETER_NAMES = (
    "class datatype disjoint in languageIn lessThan maxCount maxInclusive minCount minInclusive "
    "node nodeKind or pattern uniqueLang"
)
PARAMETERS = {name: name[0].upper() + name[1:] for name in PARAMETER_NAMES.split()}
"""Each parameter that our shapes use, and its constraint component without that word."""


@cache
def shapes() -> Shapes:
    return shapes_graph.load(sorted((ROOT / "shapes").glob("*.ttl")))


@cache
def queries() -> tuple[QueryFile, ...]:
    return tuple(map(query_files.load, sorted((ROOT / "queries" / "integrity").glob("*.rq"))))


def heads(file: Path, key: str) -> list[str]:
    return re.findall(rf"^# {key}: (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)


def files_of(example: Path) -> list[Path]:
    beside = [file for glob in heads(example, "beside") for file in sorted(ROOT.glob(glob))]
    return [*(beside or [CONTEXT]), example]


def quads_of(file: Path) -> Iterator[Quad]:
    for quad in rdf_files.read_quads(file):
        outside = isinstance(quad.graph_name, DefaultGraph)
        graph = RESOURCES if outside else quad.graph_name
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


def report_on(example: Path) -> ValidationReport:
    files = files_of(example)
    folder = KgFolder(ROOT, tuple(files), (), (), ())
    head = Head(NamedNode(BASE + "dataset"), "1.0.0", "2025-01-01")
    dataset = Dataset(Store(), head, PrefixTable(), folder)
    for file in files:
        dataset.store.extend(quads_of(file))
    write_default_graph(dataset)
    return validation.validate(dataset, shapes(), queries(), every_shape_selects=False)


def faults_of(report: ValidationReport) -> set[Fault]:
    return {
        (result.shape.value, result.constraint.value.removeprefix(SH)) for result in report.results
    }


def expected_of(example: Path) -> set[Fault]:
    named = {tuple(line.split()) for line in heads(example, "expects")}
    return {(shape, component) for shape, component in named}


def reported() -> Iterator[tuple[str, Properties]]:
    """Yield each shape that results can name, with its properties: all but shapes of values."""
    for shape, properties in shapes().named():
        if properties.keys() & {SH_PATH, SH_TARGET_CLASS, SH_TARGET_SUBJECTS}:
            yield shape.value, properties


def constraints() -> set[Fault]:
    found = {
        (shape, PARAMETERS[predicate.value.removeprefix(SH)] + "ConstraintComponent")
        for shape, properties in reported()
        for predicate in properties
        if predicate.value.removeprefix(SH) in PARAMETERS
    }
    component = "SPARQLConstraintComponent"
    return found | {(f"{BASE}id/query/{query.name}", component) for query in queries()}


def languages(properties: Properties, name: str) -> list[str]:
    texts = properties.get(NamedNode(SH + name), [])
    return sorted(text.language or "" for text in texts if isinstance(text, Literal))


@pytest.mark.parametrize("example", VALID, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_valid_example_conforms(example: Path) -> None:
    assert report_on(example).results == ()


@pytest.mark.parametrize("example", INVALID, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_invalid_example_has_the_fault_it_names_and_no_other(example: Path) -> None:
    expected = expected_of(example)
    assert expected
    assert faults_of(report_on(example)) == expected


def test_every_constraint_and_query_has_an_invalid_example() -> None:
    shown = {fault for example in INVALID for fault in expected_of(example)}
    assert constraints() - shown == set()


def test_every_class_with_shapes_has_a_valid_example() -> None:
    classes = {shape.partition("#")[2].partition("-")[0] for shape, _ in reported()}
    assert classes == {file.parent.name for file in VALID if file != CONTEXT}


@pytest.mark.parametrize("shape", [shape for shape, _ in reported()])
def test_every_shape_with_constraints_says_what_to_do_and_how_grave_it_is(shape: str) -> None:
    properties = dict(reported())[shape]
    if not any(predicate.value.removeprefix(SH) in PARAMETERS for predicate in properties):
        return
    assert languages(properties, "message") == ["en", "fr"]
    assert len(properties.get(NamedNode(SH + "severity"), [])) == 1


@pytest.mark.parametrize("shape", [shape for shape, _ in reported()])
def test_every_shape_says_why(shape: str) -> None:
    properties = dict(reported())[shape]
    if SH_PATH in properties:
        assert languages(properties, "description") == ["en", "fr"]
    else:
        comments = properties[NamedNode(RDFS + "comment")]
        assert sorted(str(comment)[-3:] for comment in comments) == ["@en", "@fr"]


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)
def test_every_integrity_query_speaks_both_languages(query: QueryFile) -> None:
    assert query.questions.keys() == query.titles.keys() == {"en", "fr"}


def test_no_two_integrity_queries_share_a_name() -> None:
    names = [query.name for query in queries()]
    assert len(names) == len(set(names))


def test_shapes_conform_to_the_shapes_of_shacl() -> None:
    graph = Graph()
    for file in sorted((ROOT / "shapes").glob("*.ttl")):
        graph.parse(file)
    conforms, _, text = meta_validate(graph, inference="none")
    assert conforms, text
