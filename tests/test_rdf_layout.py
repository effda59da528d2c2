from pathlib import Path

import pytest

from lignee.errors import UnparsableInput
from lignee.iris import PrefixTable
from lignee.rdf_layout import laid_out

UNTIDY = """# What this file is for.
@prefix ex: <http://e/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ex:b ex:p ( 1 ex:c "#no comment" ) , [ ex:q "x" ], ex:s10, ex:s9; skos:prefLabel "z"@fr, "y"@en ;
 a skos:Concept .
"""
TIDY = """# What this file is for.

@prefix ex: <http://e/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

ex:b
    a skos:Concept ;
    skos:prefLabel "y"@en ;
    skos:prefLabel "z"@fr ;
    ex:p ex:s9 ;
    ex:p ex:s10 ;
    ex:p ( 1 ex:c "#no comment" ) ;
    ex:p [
        ex:q "x"
    ] .
"""


def written(folder: Path, text: str, name: str = "a.ttl") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_one_statement_a_line_in_a_fixed_order(tmp_path: Path) -> None:
    assert laid_out(written(tmp_path, UNTIDY), PrefixTable()) == TIDY


def test_tidy_file_stays_as_it_is(tmp_path: Path) -> None:
    assert laid_out(written(tmp_path, TIDY), PrefixTable()) == TIDY


def test_graphs_keep_their_place_between_descriptions(tmp_path: Path) -> None:
    text = "@prefix ex: <http://e/> .\nex:a ex:p 1 . GRAPH ex:g { ex:a ex:p 2 } ex:b ex:p 3 ."
    file = written(tmp_path, text, "a.trig")
    laid = laid_out(file, PrefixTable())
    assert laid.index("ex:a\n") < laid.index("GRAPH ex:g {") < laid.index("ex:b\n")


def test_comment_that_would_be_lost_is_refused_with_its_line(tmp_path: Path) -> None:
    file = written(
        tmp_path, TIDY.replace("    a skos:Concept ;", "    # why\n    a skos:Concept ;")
    )
    with pytest.raises(UnparsableInput, match=r"a\.ttl:7: a comment below the head"):
        laid_out(file, PrefixTable())
