"""`lignee link`: proposals, their review, checks, and what it makes of unusable input."""

from __future__ import annotations

import csv
import gzip
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from conftest import ROOT, TINY, Lignee
from lignee import cli
from lignee.errors import LigneeError

VOCABULARY = """\
<https://v.org/sky> <http://www.w3.org/2004/02/skos/core#prefLabel> "sky"@en , "ciel"@fr .
<https://v.org/star> <http://www.w3.org/2004/02/skos/core#prefLabel> "star"@en , "étoile"@fr .
<https://v.org/comet> <http://www.w3.org/2004/02/skos/core#prefLabel> "comet"@en , "comète"@fr .
"""


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    file = tmp_path / "v.ttl"
    file.write_text(VOCABULARY, encoding="utf-8")
    return file


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "v.sssom.tsv"


def rows(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def run(*arguments: str | Path) -> tuple[int, str]:
    """Run the command here; return its exit status, 2 for an error of ours, and all it said."""
    done = CliRunner().invoke(cli.lignee, list(map(str, arguments)))
    if isinstance(done.exception, LigneeError):
        return 2, str(done.exception)
    return done.exit_code, done.output


def review(vocabulary: Path, out: Path, answers: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lignee")), "link", str(vocabulary), "--review"]
    return subprocess.run(
        [*command, "--kg", str(TINY), "--out", str(out), "--author", "A. Curator"],
        input=answers,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_proposals_are_a_mapping_set(lignee: Lignee, vocabulary: Path, out: Path) -> None:
    done = lignee("link", vocabulary, "--kg", TINY, "--out", out)
    assert done.returncode == 0, done.stderr
    found = rows(out.read_text(encoding="utf-8"))
    assert [row["object_id"].partition(":")[2] for row in found] == ["comet", "sky", "star"]
    assert {row["predicate_id"] for row in found} == {"skos:exactMatch"}
    assert found[0]["comment"].startswith("“Comets” and “comet”: same words")


def test_proposals_go_to_standard_output_without_a_file(vocabulary: Path) -> None:
    _, said = run("link", vocabulary, "--kg", TINY, "--scheme", "themes", "--lang", "fr")
    assert said.count("https://v.org/") == 1
    assert said.count("skos:closeMatch") == 3


def test_written_set_is_one_that_a_build_reads(vocabulary: Path, out: Path) -> None:
    review(vocabulary, out, "a\np\nclose\na\n")
    before = (TINY / "data/mappings/eurovoc.sssom.tsv").read_text(encoding="utf-8")
    added = out.parent / "more" / "eurovoc.sssom.tsv"
    added.parent.mkdir()
    added.write_text(before, encoding="utf-8")
    review(vocabulary, added, "a\na\na\n")
    kg = out.parent / "kg"
    subprocess.run(["cp", "-r", TINY, kg], check=True)
    (kg / "data/mappings/v.sssom.tsv").write_bytes(out.read_bytes())
    (kg / "data/mappings/eurovoc.sssom.tsv").write_bytes(added.read_bytes())
    (kg / "data/mappings/v.review.csv").write_bytes((out.parent / "v.review.csv").read_bytes())
    status, said = run("validate", "--kg", kg)
    assert (status, "8 mappings" in said) == (0, True), said


def test_review_keeps_what_was_decided_and_asks_no_more(vocabulary: Path, out: Path) -> None:
    done = review(vocabulary, out, "a\nr\nl\n")
    assert "1 accepted, 1 rejected, 1 left for later" in done.stdout
    assert [row["author_label"] for row in rows(out.read_text(encoding="utf-8"))] == ["A. Curator"]
    again = review(vocabulary, out, "p\nnarrow\n")
    assert "1 of 1" in again.stdout
    found = rows(out.read_text(encoding="utf-8"))
    assert [row["predicate_id"] for row in found] == ["skos:exactMatch", "skos:narrowMatch"]


def test_rejected_pair_is_not_proposed_again(vocabulary: Path, out: Path) -> None:
    review(vocabulary, out, "r\nr\nr\n")
    assert f"{out}: 0 proposals" in run("link", vocabulary, "--kg", TINY, "--out", out)[1]


def test_killed_review_loses_no_decision(vocabulary: Path, out: Path) -> None:
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("lignee")), "link", str(vocabulary), "--review"]
    running = subprocess.Popen(
        [*command, "--kg", str(TINY), "--out", str(out)], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    told = b""
    for answer in (b"a\n", b"r\n"):
        asked = told.count(b"q quit:")
        while told.count(b"q quit:") == asked:
            told += os.read(ours, 65536)
        os.write(ours, answer)
    while told.count(b"q quit:") < 3:
        told += os.read(ours, 65536)
    running.send_signal(signal.SIGKILL)
    running.wait()
    os.close(ours)
    again = review(vocabulary, out, "q\n")
    assert "1 of 1" in again.stdout
    assert len(rows(out.read_text(encoding="utf-8"))) == 1


def test_decision_that_did_not_reach_the_set_is_written_later(vocabulary: Path, out: Path) -> None:
    review(vocabulary, out, "a\n")
    out.unlink()
    journal = out.with_name("v.review.csv")
    journal.write_text(journal.read_text(encoding="utf-8") + "2026-11-22,acce", encoding="utf-8")
    review(vocabulary, out, "r\n")
    assert len(rows(out.read_text(encoding="utf-8"))) == 1
    assert [line.split(",")[1] for line in journal.read_text().splitlines()[1:]] == [
        "accepted",
        "rejected",
    ]


def eurovoc(folder: Path, turtle: str) -> Path:
    file = folder / "eurovoc.ttl"
    prefixes = "@prefix e: <http://eurovoc.europa.eu/> . @prefix owl: "
    skos = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    text = f"{prefixes}<http://www.w3.org/2002/07/owl#> .\n{skos}\n{turtle}"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("turtle", "status", "said"),
    [
        ('e:3790 skos:prefLabel "astronomy"@en .', 0, "2 rows agree with eurovoc.ttl"),
        ('e:1 skos:prefLabel "other"@en .', 1, "tsv:10: missing: <http://eurovoc.europa.eu/3790>"),
        (
            'e:3790 skos:prefLabel "astronomy"@en ; owl:deprecated true .',
            1,
            "tsv:10: retired: <http",
        ),
        ('e:3790 skos:prefLabel "space"@en .', 1, "relabelled: column `object_label` is “astro"),
        ('<http://x.org/1> skos:prefLabel "a" .', 2, "gives labels to nothing that a mapping"),
    ],
    ids=["agrees", "missing", "retired", "relabelled", "another"],
)
def test_mapping_sets_are_held_against_a_vocabulary(
    tmp_path: Path, turtle: str, status: int, said: str
) -> None:
    done = run("link", "--check", eurovoc(tmp_path, turtle), "--kg", TINY)
    assert (done[0], said in done[1]) == (status, True), done


def test_shipped_mappings_agree_with_the_vocabulary_they_name(lignee: Lignee, shared: Path) -> None:
    file = shared / "vocabularies" / "eurovoc-2021-06-04.en-fr.nt.gz"
    status, said = run("link", "--check", file, "--kg", ROOT)
    assert (status, f"97 rows agree with {file.name}" in said) == (0, True)


@pytest.mark.parametrize(
    ("name", "content", "flags", "said"),
    [
        ("v.ttl", b"<https://v.org/a> <b", [], "v.ttl:1:19: does not parse"),
        ("v.ttl", b'<https://v.org/a> <https://v.org/b> "c" .', [], "names nothing"),
        ("v.nt.gz", gzip.compress(b"# nothing\n" * 999, mtime=0)[:-9], [], "v.nt.gz: cannot be"),
        ("v.nt.gz", b"no gzip", [], "v.nt.gz: cannot be read: Not a gzipped file"),
        ("v.docx", b"", [], "v.docx: the name does not tell an RDF format"),
        ("v.ttl", VOCABULARY.encode(), ["--lang", "de"], "our labels are in en, fr"),
        ("v.ttl", VOCABULARY.replace("@en", "@de").replace("@fr", "@it").encode(), [], "de, it:"),
        ("v.ttl", VOCABULARY.encode(), ["--scheme", "x"], "--scheme x: there is no such concept"),
        ("v.ttl", VOCABULARY.encode(), ["--review"], "--review needs --out"),
        ("v.ttl", VOCABULARY.encode(), ["--out", "x.tsv"], "mapping sets are named <target>"),
    ],
    ids=["cut", "no-labels", "cut-gz", "no-gz", "no-rdf", "lang", "langs", "scheme", "out", "name"],
)
def test_unusable_input_ends_with_2_and_what_to_do(
    tmp_path: Path, name: str, content: bytes, flags: list[str], said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("link", tmp_path / name, "--kg", TINY, *flags)
    assert (done[0], said in done[1]) == (2, True), done


def test_mapping_set_that_is_there_is_not_overwritten(vocabulary: Path, out: Path) -> None:
    out.write_text("precious", encoding="utf-8")
    status, _ = run("link", vocabulary, "--kg", TINY, "--out", out)
    assert (status, out.read_text(encoding="utf-8")) == (2, "precious")


def test_damaged_decisions_are_named_with_their_line(vocabulary: Path, out: Path) -> None:
    journal = out.with_name("v.review.csv")
    journal.write_text("time,decision,subject,predicate,object,confidence\nx\n", encoding="utf-8")
    done = review(vocabulary, out, "")
    assert (done.returncode, "v.review.csv:2: is no decision" in done.stderr) == (2, True)


def test_eurovoc_is_linked_within_10_seconds_of_processor(lignee: Lignee, shared: Path) -> None:
    before = psutil.Process().cpu_times()
    done = lignee("link", shared / "vocabularies" / "eurovoc-2021-06-04.en-fr.nt.gz")
    after = psutil.Process().cpu_times()
    assert done.returncode == 0, done.stderr
    assert after.children_user - before.children_user < 10
