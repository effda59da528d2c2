"""Mapping files become SKOS triples with their records; a wrong cell is named by row and column."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from building import Silent, answers, count, read, says, written
from conftest import ROOT, leave_out
from lignee.build import linksets
from lignee.dataset import Dataset
from lignee.errors import InputError, UnknownPrefix, UnparsableInput, UnreadableInput
from lignee.release import Release

MAPPINGS = "data/mappings/eurovoc.sssom.tsv"
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification"
ROW = "theme:sky\tskos:closeMatch\teurovoc:3790\tsemapv:ManualMappingCuration"


@pytest.fixture
def kg(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "kg"))


def linked(kg: Path) -> Dataset:
    found = read(kg)
    sets = linksets.add_linksets(found, Silent())
    found.add(found.graph("description"), linksets.described(sets, found))
    return found


def refused(kg: Path, *lines: str) -> InputError:
    written(kg, MAPPINGS, "\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        linked(kg)
    return caught.value


def test_row_becomes_a_triple_in_the_graph_of_its_target(kg: Path) -> None:
    triple = "theme:sky skos:closeMatch eurovoc:3790"
    assert says(linked(kg), f"GRAPH <graph/linkset/eurovoc> {{ {triple} }} {triple}")


def test_object_has_its_label_beside_the_triple(kg: Path) -> None:
    said = 'GRAPH <graph/linkset/eurovoc> { eurovoc:3790 rdfs:label "astronomy" }'
    assert says(linked(kg), said)


def test_row_keeps_its_justification(kg: Path) -> None:
    assert says(
        linked(kg),
        "?set sssom:mappings ?record . ?record a owl:Axiom ; owl:annotatedSource theme:sky ; "
        "owl:annotatedProperty skos:closeMatch ; owl:annotatedTarget eurovoc:3790 ; "
        "sssom:mapping_justification <https://w3id.org/semapv/vocab/ManualMappingCuration>",
    )


def test_record_keeps_its_name_when_a_row_is_put_before_it(kg: Path) -> None:
    record = "SELECT ?record { ?record owl:annotatedSource theme:stars }"
    before = answers(linked(kg), record)
    lines = (kg / MAPPINGS).read_text(encoding="utf-8").splitlines()
    header = next(number for number, line in enumerate(lines) if line.startswith("subject_id"))
    lines[header + 1], lines[header + 2] = lines[header + 2], lines[header + 1]
    written(kg, MAPPINGS, "\n".join(lines) + "\n")
    assert answers(linked(kg), record) == before


def test_linkset_is_described_with_its_size(kg: Path) -> None:
    assert says(
        linked(kg),
        "<dataset> void:subset ?set . ?set a void:Linkset ; void:triples 2 ; "
        "void:subjectsTarget <dataset> ; void:linkPredicate skos:broadMatch , skos:closeMatch ; "
        'rdfs:label "Links to EuroVoc"@en , "Liens vers EuroVoc"@fr',
    )
    assert count(linked(kg), "?set a void:Linkset") == 1


GAP = "theme:sky\tskos:exactMatch\tsssom:NoTermFound\tsemapv:ManualMappingCuration"
SOURCE = "# object_source: eurovoc:100141"


def test_gap_is_a_record_and_no_mapping(kg: Path) -> None:
    written(kg, MAPPINGS, "\n".join((SOURCE, COLUMNS, GAP, ROW)) + "\n")
    found = linked(kg)
    assert says(
        found,
        "?gap owl:annotatedSource theme:sky ; owl:annotatedTarget sssom:NoTermFound ; "
        "sssom:object_source eurovoc:100141",
    )
    assert not says(found, "theme:sky ?predicate sssom:NoTermFound")
    assert says(found, "?set a void:Linkset ; void:triples 1 ; void:linkPredicate skos:closeMatch")


def test_labels_of_an_object_are_in_its_languages(kg: Path) -> None:
    columns = f"{COLUMNS}\tobject_label\tobject_label_en\tobject_label_fr"
    written(kg, MAPPINGS, f"{columns}\n{ROW}\tastronomy\tastronomy\tastronomie\n")
    labels = answers(linked(kg), "SELECT ?label { eurovoc:3790 rdfs:label ?label }")
    assert sorted(labels) == [("astronomie",), ("astronomy",)]


def test_prefix_of_the_file_alone_is_good(kg: Path) -> None:
    written(
        kg,
        MAPPINGS,
        f"# curie_map:\n#   ex: https://example.org/ex/\n{COLUMNS}\n"
        "theme:sky\tskos:exactMatch\tex:a\tsemapv:ManualMappingCuration\n",
    )
    assert says(linked(kg), "theme:sky skos:exactMatch <https://example.org/ex/a>")


@pytest.mark.parametrize(
    ("lines", "place", "message"),
    [
        ([COLUMNS + "\tobject", ROW], "1:5", "column `object` is not one that is read"),
        ([COLUMNS + "\tobject_id", ROW], "1:5", "column `object_id` stands twice"),
        (["subject_id\tobject_id"], "1", "column `predicate_id` is missing"),
        ([], "", "has no row of column names"),
        ([COLUMNS, ROW, "theme:sky"], "3", "the row has 1 cells and there are 4 columns"),
        ([COLUMNS, ROW.replace("eurovoc:", "ec:")], "2:3", "column `object_id`: unknown prefix"),
        ([COLUMNS, ROW.replace("eurovoc:3790", "3790")], "2:3", "must be a prefixed name"),
        ([COLUMNS, ROW.replace("eurovoc:3790", " ")], "2:3", "column `object_id` is empty"),
        ([COLUMNS, ROW.replace("skos:close", "skos:best")], "2:2", "must be one of skos:broad"),
        ([COLUMNS + "\tconfidence", ROW + "\t2"], "2:5", "`confidence` is '2'; it must be"),
        ([COLUMNS + "\tmapping_date", ROW + "\t2025"], "2:5", "must be a date such as"),
        ([COLUMNS, ROW, ROW], "3", "the row repeats line 2"),
        ([COLUMNS, ROW, ROW.replace("close", "exact")], "3", "the row contradicts line 2"),
        ([COLUMNS, ROW.replace("theme:sky", "theme:sea")], "2", "does not describe"),
        ([COLUMNS, GAP], "2", "no `object_source` says where"),
        ([SOURCE, COLUMNS, GAP, GAP], "4", "the row repeats line 3"),
        (
            [SOURCE, COLUMNS, GAP, ROW.replace("close", "exact")],
            "3",
            "nothing was found, and line 4 maps the same concept",
        ),
        (["# mapper: me", COLUMNS, ROW], "1", "`mapper` is not one that is read"),
        (["# hello", COLUMNS, ROW], "1", "a line of the head is written"),
        (
            ["# curie_map:", "#   skos: https://example.org/", COLUMNS, ROW],
            "2",
            "prefix `skos:` stands for <http://www.w3.org/2004/02/skos/core#>",
        ),
        (
            [COLUMNS + "\tobject_label", ROW + "\ta", ROW.replace("sky", "stars") + "\tb"],
            "3",
            "column `object_label` differs from line 2",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fault_is_named_with_its_row_and_column(
    kg: Path, lines: list[str], place: str, message: str
) -> None:
    error = refused(kg, *lines)
    assert isinstance(error, UnparsableInput | UnknownPrefix)
    assert message in error.message
    assert str(error.place) == f"{kg / MAPPINGS}:{place}".removesuffix(":")


def test_file_in_another_encoding_is_placed_at_its_line(kg: Path) -> None:
    (kg / MAPPINGS).write_bytes(f"{COLUMNS}\n{ROW}\n# é".encode("latin-1"))
    with pytest.raises(UnreadableInput, match=r"eurovoc\.sssom\.tsv:3: is not UTF-8"):
        linked(kg)


READ = """\
import sys
from sssom.parsers import parse_sssom_rdf, parse_sssom_table
from sssom.validators import validate
turtle, *tables = sys.argv[1:]
for mapping in parse_sssom_rdf(turtle).df.to_dict("records"):
    print(mapping["object_id"])
for file in tables:
    validate(parse_sssom_table(file), fail_on_error=True)
    print(file)
"""
"""The first part is what `sssom parse` does, but for a minute that it takes to add the prefixes of
a registry. Both parts are one program, since it takes long to begin."""

TABLES = sorted((ROOT / "data/mappings").glob("*.sssom.tsv"))


@pytest.fixture(scope="module")
def read_by_sssom(
    shipped: Release, tmp_path_factory: pytest.TempPathFactory
) -> subprocess.CompletedProcess[str]:
    """Return what the package `sssom` says of a linkset in RDF, our tables and a wrong one.

    It is installed by itself (decision 0041).
    """
    python = ROOT / ".cache/sssom/bin/python"
    if not python.with_name("sssom").exists():
        leave_out("sssom is not installed; `make test` does it")
    wrong = tmp_path_factory.mktemp("sssom") / "wrong.sssom.tsv"
    table = TABLES[0].read_text("utf-8").replace("\tsemapv:Manual", "\tsemapv:Of")
    wrong.write_text(table, "utf-8")
    files = [shipped.folder / "linkset-unbis.ttl", *TABLES, wrong]
    command = [str(python), "-c", READ, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_mapping_sets_are_valid_for_the_package_sssom(
    read_by_sssom: subprocess.CompletedProcess[str],
) -> None:
    printed = read_by_sssom.stdout.splitlines()
    assert printed[-len(TABLES) :] == list(map(str, TABLES)), read_by_sssom.stderr
    assert "ValidationError" in read_by_sssom.stderr


def test_linkset_in_rdf_is_read_back_by_the_package_sssom(
    read_by_sssom: subprocess.CompletedProcess[str],
) -> None:
    printed = read_by_sssom.stdout
    assert (printed.count("unbis:"), printed.count("sssom:NoTermFound")) == (34, 4)
