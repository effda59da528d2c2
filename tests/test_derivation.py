"""Rules conclude what follows, by stratum, to a fixpoint, and say what they concluded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from building import Silent, count, read, says, written
from lignee.build import derivation
from lignee.build.derivation import derive
from lignee.build.reads import predicates_read
from lignee.dataset import Dataset
from lignee.errors import DuplicateDefinition, UnparsableInput

HEAD = """# A rule.
# fr: Une règle.
PREFIX lig: <https://w3id.org/lignee/ontology#>
PREFIX session: <https://example.org/tiny/id/session/>
"""
RULE = HEAD + "CONSTRUCT {{ {template} }} WHERE {{ {pattern} }}\n"
TEN_AFTER_ONE = "session:10 lig:buildsOn session:1"


@pytest.fixture
def kg(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "kg"))


def derived(kg: Path) -> Dataset:
    found = read(kg)
    derive(found, Silent())
    return found


def rule(kg: Path, name: str, template: str, pattern: str) -> Path:
    text = RULE.format(template=template, pattern=pattern)
    return written(kg, f"queries/rules/{name}.rq", text)


def test_conclusion_stands_in_the_derived_graph_and_in_the_default_graph(kg: Path) -> None:
    found = derived(kg)
    assert says(found, f"GRAPH graph:derived {{ {TEN_AFTER_ONE} }}")
    assert says(found, TEN_AFTER_ONE)


def test_superseded_passage_is_no_premise(kg: Path) -> None:
    rule(kg, "10-copy", "?s lig:copied ?o", "?s <https://schema.org/startDate> ?o")
    assert says(derived(kg), 'session:2 lig:copied "2022-05"^^xsd:gYearMonth')
    assert not says(derived(kg), 'session:2 lig:copied "2022-04"^^xsd:gYearMonth')


def test_later_stratum_reads_what_an_earlier_one_concluded(kg: Path) -> None:
    assert says(derived(kg), "session:10 lig:descendsFrom session:1")


def test_earlier_stratum_does_not_read_what_a_later_one_concluded(kg: Path) -> None:
    rule(kg, "05-too-early", "?s lig:early ?o", "?s lig:buildsOn ?o")
    assert not says(derived(kg), "?s lig:early ?o")


def test_rules_of_one_stratum_feed_each_other(kg: Path) -> None:
    rule(kg, "30-a", "?s lig:a ?o", "{ ?s lig:b ?o } UNION { ?s lig:descendsFrom ?o }")
    rule(kg, "30-b", "?o lig:b ?s", "?s lig:a ?o")
    assert says(derived(kg), "session:1 lig:a session:10")


def test_recursive_rule_closes_a_long_chain(kg: Path) -> None:
    links = "".join(f"<urn:n{number}> lig:next <urn:n{number + 1}> .\n" for number in range(60))
    prefix = "@prefix lig: <https://w3id.org/lignee/ontology#> .\n"
    written(kg, "data/chain/chain.ttl", prefix + links)
    pattern = "?a lig:next ?b . OPTIONAL { ?b lig:reaches ?c } BIND(COALESCE(?c, ?b) AS ?end)"
    rule(kg, "30-one-step", "?a lig:reaches ?b", "?a lig:next ?b")
    rule(kg, "30-reaches", "?a lig:reaches ?end", pattern)
    assert count(derived(kg), "<urn:n0> lig:reaches ?n") == 60


def test_rule_that_never_stops_is_refused_by_name(
    kg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derivation, "MAX_ROUNDS", 50)
    pattern = '?a lig:buildsOn ?b . BIND(IRI(CONCAT(STR(?b), "x")) AS ?c)'
    rule(kg, "10-endless", "?a lig:buildsOn ?c", pattern)
    with pytest.raises(
        UnparsableInput, match=r"endless\.rq: rules never stop concluding: `endless`;"
    ):
        derived(kg)


def test_rule_that_concludes_a_blank_node_is_refused(kg: Path) -> None:
    file = rule(kg, "10-blank", "?a lig:has [ lig:b 1 ]", "?a lig:ordinal ?b")
    with pytest.raises(UnparsableInput, match="blank node") as caught:
        derived(kg)
    assert caught.value.place is not None
    assert caught.value.place.file == file


def test_rule_that_does_not_parse_is_placed_at_its_line(kg: Path) -> None:
    file = rule(kg, "10-wrong", "?a lig:has ?b", "?a lig:has")
    with pytest.raises(UnparsableInput, match=f"{file}:5:.* does not parse as SPARQL"):
        derived(kg)


def test_rule_that_calls_an_unknown_function_is_refused_by_its_name(kg: Path) -> None:
    file = rule(kg, "10-odd", "?a lig:has ?c", "?a lig:ordinal ?b BIND(<urn:f>(?b) AS ?c)")
    with pytest.raises(UnparsableInput, match=f"{file}: cannot be evaluated: .*<urn:f>"):
        derived(kg)


def test_rule_that_calls_a_service_is_refused_at_its_line(kg: Path) -> None:
    file = rule(kg, "10-afar", "?a lig:has ?b", "SERVICE SILENT <http://127.0.0.1:9/> { ?a ?b ?c }")
    with pytest.raises(UnparsableInput, match=rf"{file}:5:\d+: the query calls a SERVICE"):
        derived(kg)


def test_rule_that_is_no_construct_is_refused(kg: Path) -> None:
    written(kg, "queries/rules/10-select.rq", HEAD + "SELECT * WHERE { ?s ?p ?o }\n")
    with pytest.raises(UnparsableInput, match="a rule is a CONSTRUCT query"):
        derived(kg)


def test_two_rules_of_one_name_are_refused(kg: Path) -> None:
    rule(kg, "40-builds-on", "?s lig:a ?o", "?s lig:b ?o")
    with pytest.raises(DuplicateDefinition, match=r"`builds-on` is in .*10-builds-on\.rq too"):
        derived(kg)


def test_rule_says_what_it_concludes_outside_its_reasons(kg: Path) -> None:
    found = derived(kg)
    assert says(found, "<id/rule/builds-on> a lig:Rule ; lig:concludes lig:buildsOn")
    assert count(found, "<id/rule/builds-on> lig:concludes ?predicate") == 1


def test_rule_that_only_explains_says_what_it_explains_with(kg: Path) -> None:
    rule(kg, "30-explain", "?i lig:confidence 1", "?i a lig:Inference")
    assert says(derived(kg), "<id/rule/explain> lig:concludes lig:confidence")


def test_reason_names_a_run_that_is_described(kg: Path) -> None:
    assert says(
        derived(kg),
        "?i a lig:Inference ; prov:wasGeneratedBy ?run . ?run a lig:RuleRun ; "
        'prov:used ?rule ; rdfs:comment "Triples added: 10"@en . ?rule rdfs:label ?label',
    )


def test_deriving_twice_gives_the_same_statements(kg: Path) -> None:
    assert set(derived(kg).store) == set(derived(kg).store)


@pytest.mark.parametrize(
    ("pattern", "read_names"),
    [
        ("?s <x:p>/^<x:q>|<x:r>+ ?o", "pqr"),
        ("?s <x:p> 1 FILTER NOT EXISTS { ?s <x:q> 1 } BIND(EXISTS { ?s <x:r> 1 } AS ?b)", "pqr"),
        (
            "{ ?s <x:p> 1 } UNION { SELECT * { GRAPH ?g { ?s <x:q> 1 } MINUS { ?s <x:r> 1 } } }",
            "pqr",
        ),
        ("?s <x:p> 1 OPTIONAL { ?s <x:q> ?o FILTER(EXISTS { ?o <x:r> 1 }) }", "pqr"),
        ("?s ?p ?o", None),
        ("?s <x:p>* ?o", None),
        ("?s !<x:p> ?o", None),
        ("{ SELECT ?s { ?s <x:p> 1 } ORDER BY (EXISTS { ?s <x:q> 1 ; <x:r> 1 }) }", None),
        ("?s <x:p> <<( <x:a> <x:b> <x:c> )>>", None),
    ],
)
def test_rule_reads_what_its_patterns_name(pattern: str, read_names: str | None) -> None:
    expected = None if read_names is None else {f"<x:{name}>".encode() for name in read_names}
    assert predicates_read(f"CONSTRUCT {{ ?s <x:z> ?o }} WHERE {{ {pattern} }}") == expected
