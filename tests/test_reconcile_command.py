"""`lignee reconcile`: a column of a CSV file, without a server."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from conftest import Lignee
from lignee import spreadsheet
from lignee.errors import InputError
from lignee.release import Release
from lignee.settings import Settings
from reconciling import TERMS, terms


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_list_of_french_terms_gets_identifiers_of_all_vocabularies(
    lignee: Lignee, shipped_releases: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    done = lignee(
        "reconcile", TERMS, "--column=terme", "--lang=fr", "--out", out,
        "--releases", shipped_releases,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "30 rows, 30 matched" in done.stderr
    found = rows(out.read_text(encoding="utf-8"))
    assert [row["terme"] for row in found] == [term.text for term in terms()]
    assert [row["iri"] for row in found] == [term.entity for term in terms()]
    assert [row["EuroVoc"] for row in found] == [term.eurovoc for term in terms()]
    assert found[0]["Wikidata"] == "http://www.wikidata.org/entity/Q11660"
    assert (found[0]["label"], found[0]["score"]) == ("Intelligence artificielle", "100")


def reconcile(
    lignee: Lignee, releases: Path, content: bytes, tmp_path: Path, *more: str
) -> tuple[int, str, str]:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    done = lignee("reconcile", file, "--column=name", "--releases", releases, *more)
    return done.returncode, done.stdout, done.stderr.replace(str(file), "list.csv")


def test_other_columns_separator_and_mark_of_the_file_are_kept(
    lignee: Lignee, tiny_releases: Path, tmp_path: Path
) -> None:
    content = '\ufeffn;name;iri\r\n1;"Étoiles";"a;b"\r\n\r\n2;nobody;c\n'.encode()
    status, out, _ = reconcile(lignee, tiny_releases, content, tmp_path, "--relation=any")
    assert status == 0
    assert out.startswith("\ufeffn;name;iri;iri 2;label;score;match;EuroVoc\n")
    first, second = rows(out, ";")
    assert (first["iri"], first["match"]) == ("a;b", "true")
    assert first["iri 2"] == "https://example.org/tiny/id/theme/stars"
    assert first["EuroVoc"] == "http://eurovoc.europa.eu/3790"
    assert (second["iri 2"], second["match"]) == ("", "")


def test_type_keeps_to_entities_of_it(lignee: Lignee, tiny_releases: Path, tmp_path: Path) -> None:
    content = b"name\nNight talks\n"
    _, out, _ = reconcile(lignee, tiny_releases, content, tmp_path, "--type=lig:Session")
    assert rows(out)[0]["match"] != "true"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a,b\n1,2\n", "list.csv:1: there is no column `name`; the columns are `a`, `b`"),
        (b"name,name\n1,2\n", "list.csv:1: 2 columns are called `name`"),
        (b"", "list.csv: has no header"),
        (b"n,name\n1,\xc9toiles\n", "list.csv:2:3: column 2 (`name`) is not UTF-8"),
        (b'n,name\n1,Sky\n2,"Sta', "list.csv:3: ends within a cell in quotes"),
        (b"n,name\n1,Sky\n2\n", "list.csv:3: the row has 1 cells, fewer than the 2"),
        (b"n,name\n1,Sky, too\n", "list.csv:2: the row has 3 cells, more than the 2"),
    ],
    ids=["column", "columns", "empty", "encoding", "cut in a cell", "cut in a row", "comma"],
)
def test_file_that_cannot_be_used_is_told_with_row_and_column(
    tiny_release: Release, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(InputError) as raised:
        spreadsheet.fill(tiny_release, Settings(), spreadsheet.Wanted(file, "name"), ())
    assert str(raised.value).replace(str(file), "list.csv").startswith(told)


def test_what_was_asked_for_is_not_there(
    lignee: Lignee, tiny_releases: Path, tmp_path: Path
) -> None:
    status, _, errors = reconcile(lignee, tiny_releases, b"name\nSky\n", tmp_path, "--type=x:Y")
    assert (status, '--type: no entity is of type "x:Y"' in errors) == (2, True)
    file = tmp_path / "list.csv"
    same = lignee("reconcile", file, "--column=name", "--out", file, "--releases", tiny_releases)
    assert (same.returncode, "name another" in same.stderr) == (2, True)
    assert file.read_bytes() == b"name\nSky\n"
