"""The command line: what it prints, how it ends, and what it makes of unusable input."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest

from conftest import Lignee

ASK = "ASK { ?s ?p ?o }"


@pytest.fixture
def kg(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "kg"))


def test_graph_that_conforms_ends_with_0(lignee: Lignee, tiny: Path) -> None:
    done = lignee("validate", "--kg", tiny)
    assert (done.returncode, "violation" in done.stdout) == (0, False)


def test_violation_ends_with_1_and_names_file_line_and_remedy(lignee: Lignee, kg: Path) -> None:
    file = next((kg / "data" / "concepts").glob("*.ttl"))
    text = file.read_text(encoding="utf-8")
    subject = "<https://example.org/tiny/id/session/9>"
    added = f"\n{subject}\n    a <https://w3id.org/lignee/ontology#Session> .\n"
    file.write_text(text + added, encoding="utf-8")
    done = lignee("validate", "--kg", kg)
    assert done.returncode == 1
    assert f"{file.relative_to(kg)}:{text.count(chr(10)) + 3}: violation: " in done.stdout


def test_report_is_json_for_programs(lignee: Lignee, tiny: Path) -> None:
    assert json.loads(lignee("validate", "--kg", tiny, "--format", "json").stdout)["conforms"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<http://e/a> <http://e/p> ;", "data/odd/a.ttl:1:"),
        ("ex:a ex:p ex:o .", "data/odd/a.ttl:1:1: The prefix ex: has not been declared"),
        ('<http://e/a> <http://e/p> "\udce9" .', "data/odd/a.ttl:1: is not UTF-8"),
    ],
    ids=["cut", "unknown-prefix", "latin-1"],
)
def test_unparsable_file_ends_with_2_and_its_place(
    lignee: Lignee, kg: Path, text: str, message: str
) -> None:
    (kg / "data" / "odd").mkdir()
    (kg / "data" / "odd" / "a.ttl").write_text(text, encoding="utf-8", errors="surrogateescape")
    done = lignee("validate", "--kg", kg)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_folder_ends_with_2(lignee: Lignee, tmp_path: Path) -> None:
    done = lignee("validate", "--kg", tmp_path / "gone")
    assert (done.returncode, "no such folder; --kg names" in done.stderr) == (2, True)


def test_unlisted_file_ends_with_2(lignee: Lignee, kg: Path) -> None:
    (kg / "data" / "notes.docx").touch()
    done = lignee("build", "--kg", kg, "--releases", kg / "releases")
    assert (done.returncode, "notes.docx: is not a file the build reads" in done.stderr) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("variable", "value"), [("LIGNEE_PROT", "1"), ("LIGNEE_PORT", "0"), ("LIGNEE_PORT", "x")]
)
def test_wrong_setting_ends_with_2_and_its_name(
    lignee: Lignee, tmp_path: Path, variable: str, value: str
) -> None:
    done = lignee("settings", env={variable: value}, cwd=tmp_path)
    assert (done.returncode, variable in done.stderr) == (2, True)


def test_violation_publishes_nothing(lignee: Lignee, kg: Path, tmp_path: Path) -> None:
    (kg / "data" / "odd").mkdir()
    (kg / "data" / "odd" / "a.ttl").write_text(
        "<https://example.org/tiny/id/session/9> a <https://w3id.org/lignee/ontology#Session> .\n",
        encoding="utf-8",
    )
    done = lignee("build", "--kg", kg, "--releases", tmp_path / "releases")
    assert done.returncode == 1
    assert "nothing was published" in done.stderr
    assert not (tmp_path / "releases" / "current").exists()


def test_same_content_again_says_so(lignee: Lignee, tiny: Path, tmp_path: Path) -> None:
    lignee("build", "--kg", tiny, "--releases", tmp_path)
    again = lignee("build", "--kg", tiny, "--releases", tmp_path)
    assert (again.returncode, "nothing changed" in again.stdout) == (0, True)


def test_query_is_answered_without_a_server(lignee: Lignee, tiny_releases: Path) -> None:
    done = lignee("query", ASK, "--releases", tiny_releases, "--format", "json")
    assert json.loads(done.stdout)["boolean"] is True


def test_query_file_takes_parameters(lignee: Lignee, tiny_releases: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.rq"
    file.write_text(
        "# How is it labelled?\n# parameter: thing iri <http://e/x> | Thing | Chose\n"
        "SELECT ?thing (COUNT(?p) AS ?n) WHERE { ?thing ?p ?o } GROUP BY ?thing\n",
        encoding="utf-8",
    )
    dataset = "https://example.org/tiny/dataset"
    given = ("--param", f"thing={dataset}", "--format", "csv")
    done = lignee("query", file, "--releases", tiny_releases, *given)
    assert done.stdout.splitlines()[1].startswith(dataset), done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["SELECT * {"], "line 1, column"),
        ([ASK, "--format", "yaml"], "--format yaml: there is no such format; choose of json"),
        ([ASK, "--param", "theme"], "--param theme: write it as NAME=VALUE"),
        ([ASK, "--param", "theme=x"], "has no parameter `theme`"),
        ([ASK, "--release", "9.9.9"], "holds no release 9.9.9; it holds: 0.3.0-"),
        (["INSERT DATA { <http://a> <http://b> 1 }"], "update"),
        (["SELECT * { SERVICE <http://e/> { ?s ?p ?o } }"], "SERVICE"),
        (["gone.rq"], "gone.rq: cannot be read"),
        ([""], "the query is empty"),
    ],
)
def test_unusable_query_ends_with_2(
    lignee: Lignee, tiny_releases: Path, arguments: list[str], message: str
) -> None:
    done = lignee("query", *arguments, "--releases", tiny_releases)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_query_past_its_deadline_ends_with_3_and_names_the_limit(
    lignee: Lignee, shipped_releases: Path
) -> None:
    runaway = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    limits = ("--timeout-seconds", "0.3")
    done = lignee("query", runaway, "--releases", shipped_releases, *limits)
    assert done.returncode == 3
    assert "0.3" in done.stderr


def test_no_release_yet_ends_with_2_and_the_remedy(lignee: Lignee, tmp_path: Path) -> None:
    done = lignee("query", ASK, "--releases", tmp_path)
    assert (done.returncode, "`lignee build` makes one" in done.stderr) == (2, True)


def test_release_folder_damaged_by_hand_is_told(
    lignee: Lignee, tiny_releases: Path, tmp_path: Path
) -> None:
    damaged = Path(shutil.copytree(tiny_releases, tmp_path / "releases", symlinks=True))
    (damaged / "current" / "manifest.json").write_text("{", encoding="utf-8")
    done = lignee("query", ASK, "--releases", damaged)
    assert (done.returncode, "build the release again" in done.stderr) == (3, True)


def test_port_in_use_ends_with_2_and_names_the_flag(lignee: Lignee, tiny_releases: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = lignee("serve", "--releases", tiny_releases, "--port", port)
    assert (done.returncode, "--port" in done.stderr) == (2, True), done.stderr


def test_shipped_files_are_laid_out(lignee: Lignee) -> None:
    assert lignee("format", "--check").stdout == ""


def test_help_names_every_command(lignee: Lignee) -> None:
    shown = lignee("--help").stdout
    for name in ("validate", "build", "serve", "query", "verify", "verify-sources", "format"):
        assert f"  {name}" in shown
