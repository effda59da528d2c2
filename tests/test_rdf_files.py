import gzip
from pathlib import Path

import pytest

from lignee.errors import InputError, UnknownPrefix, UnparsableInput, UnreadableInput
from lignee.iris import PrefixTable
from lignee.rdf_files import lines_of_quads, read_quads

TURTLE = """@prefix ex: <http://e/> .

ex:a a ex:Thing ;
    ex:name "A"@en ,
        "Â"@fr ;
    ex:note \"\"\"two
lines\"\"\" .
"""


def written(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_each_statement_has_the_line_it_ends_on(tmp_path: Path) -> None:
    file = written(tmp_path, "a.ttl", TURTLE)
    assert [line for _, line in lines_of_quads(file)] == [3, 4, 5, 7]


def test_compressed_file_reads_like_the_plain_one(tmp_path: Path) -> None:
    plain = written(tmp_path, "a.ttl", TURTLE)
    packed = written(tmp_path, "b.ttl.gz", gzip.compress(TURTLE.encode()))
    assert list(read_quads(packed)) == list(read_quads(plain))


@pytest.mark.parametrize(
    ("name", "content", "kind", "message"),
    [
        ("a.ttl", "<http://e/a> <http://e/b> ;", UnparsableInput, "a.ttl:1"),
        ("a.ttl", "\n\nex:a ex:b ex:c .", UnknownPrefix, "a.ttl:3:1: The prefix ex:"),
        (
            "a.ttl",
            b'<http://e/a>\n <http://e/b> "\xe9" .',
            UnreadableInput,
            "a.ttl:2: is not UTF-8",
        ),
        ("a.ttl.gz", b"not gzip", UnreadableInput, "a.ttl.gz: cannot be read"),
        ("a.ttl.gz", gzip.compress(TURTLE.encode())[:-20], UnreadableInput, "a.ttl.gz"),
        ("a.jsonld", '{"@id": 1}', InputError, "a.jsonld"),
        ("a.rdf", "<rdf", InputError, "a.rdf"),
    ],
    ids=["cut", "prefix", "latin-1", "not-gzip", "cut-gzip", "json-ld", "rdf-xml"],
)
def test_unusable_file_is_named_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, kind: type[InputError], message: str
) -> None:
    file = written(tmp_path, name, content)
    with pytest.raises(kind) as refusal:
        list(read_quads(file))
    assert message in str(refusal.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"gone\.ttl: cannot be read: No such file"):
        list(read_quads(tmp_path / "gone.ttl"))


@pytest.mark.parametrize("table", [{"ex": "http://other/"}, {"x": "http://e/"}])
def test_prefix_that_departs_from_the_table_is_refused(
    tmp_path: Path, table: dict[str, str]
) -> None:
    file = written(tmp_path, "a.ttl", TURTLE)
    with pytest.raises(UnknownPrefix, match=r"a\.ttl:1: prefix `ex:`.*ontology/prefixes\.ttl"):
        list(read_quads(file, PrefixTable(table)))


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    file = written(tmp_path, "a.nt", "_:b <http://e/p> <http://e/o> .\n")
    first, second = next(read_quads(file)), next(read_quads(file))
    assert first.subject != second.subject
