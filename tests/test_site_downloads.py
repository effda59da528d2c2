"""The page of a release: what changed, how to load it; the commands that it shows work."""

from __future__ import annotations

import csv
import html
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import serving
from conftest import TINY, Lignee
from lignee.release import Release, open_release
from serving import Server

AS_PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def first(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory, lignee: Lignee) -> Path:
    """Return a folder with two releases of the miniature; the later has a theme, and a fault."""
    folder = tmp_path_factory.mktemp("grown")
    kg, releases = folder / "kg", folder / "releases"
    shutil.copytree(TINY, kg)
    for version in ("0.3.0", "0.4.0"):
        head = kg / "data" / "dataset.ttl"
        head.write_text(head.read_text().replace("0.3.0", version))
        done = lignee("build", "--kg", kg, "--releases", releases)
        assert done.returncode == 0, done.stderr
        talks = kg / "data" / "resources" / "talks.ttl"
        talks.write_text(talks.read_text() + RETIRED)
        themes, shape = kg / "data" / "concepts" / "themes.ttl", kg / "shapes" / "session.ttl"
        themes.write_text(themes.read_text() + ADDED)
        shape.write_text(shape.read_text().replace("schema:startDate ;", "schema:endDate ;"))
    return releases


@pytest.fixture(scope="module")
def later(two_releases: Path) -> Iterator[httpx.Client]:
    with serving.serve(two_releases) as server, server.client() as opened:
        yield opened


ADDED = """
theme:planets a skos:Concept ;
    rdfs:label "Planets"@en ,
        "Planètes"@fr ;
    skos:prefLabel "Planets"@en ,
        "Planètes"@fr ;
    skos:inScheme scheme:themes .
"""

RETIRED = """
organization:club a schema:Organization ;
    rdfs:label "Star club"@en ,
        "Club des étoiles"@fr ;
    <http://www.w3.org/2002/07/owl#deprecated> true .
"""


def told(client: httpx.Client, path: str, language: str = "en") -> str:
    """Return what the page says, without markup."""
    answer = client.get(path, params={"lang": language}, headers=AS_PAGE)
    assert answer.status_code == 200
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def test_first_release_says_so(first: httpx.Client) -> None:
    assert "first release that this server holds" in told(first, "/downloads")
    assert first.get("/downloads").json()["changed_since"] is None


def test_release_tells_what_changed_since_the_one_before(later: httpx.Client) -> None:
    since = later.get("/downloads").json()["changed_since"]
    assert since["version"].startswith("0.3.0-")
    page = told(later, "/downloads")
    assert f"{since['added']} statements added, {since['removed']} removed" in page
    assert re.search(r"Resources by kind added removed .*Concept \+1 ", page)
    assert re.search(r"graph/concepts \+6 ", page)
    before = f"/releases/{since['version']}/"
    assert "first release" in told(later, before)
    links = later.get(before, headers=AS_PAGE).headers["Link"]
    assert f'{before}dataset.nq>; rel="item"' in links


def between(client: httpx.Client) -> str:
    names = list(client.get("/releases").json()["releases"])
    return f"/releases/{names[1]}...{names[0]}"


def test_patch_turns_one_release_into_the_other(later: httpx.Client, two_releases: Path) -> None:
    patch = later.get(between(later), params={"format": "patch"})
    assert patch.headers["Content-Type"] == "application/rdf-patch"
    older, newer = (
        set((two_releases / name / "dataset.nq").read_text().splitlines())
        for name in sorted(later.get("/releases").json()["releases"])
    )
    lines = patch.text.splitlines()
    assert (lines[0], lines[-1]) == ("TX .", "TC .")
    deleted = {line[2:] for line in lines if line.startswith("D ")}
    added = {line[2:] for line in lines if line.startswith("A ")}
    assert added
    assert older - deleted | added == newer


def test_difference_is_told_to_people_and_programs(later: httpx.Client) -> None:
    content = later.get(between(later), headers={"Accept": "application/json"}).json()
    assert content["graphs"]["https://example.org/tiny/graph/concepts"] == {
        "added": 6,
        "removed": 0,
    }
    page = told(later, between(later), "fr")
    assert f"{content['added']} énoncés ajoutés, {content['removed']} retirés" in page


@pytest.mark.parametrize(("query", "status"), [("?format=turtle", 406), ("?lang=fr", 200)])
def test_difference_is_had_in_its_formats_only(
    later: httpx.Client, query: str, status: int
) -> None:
    assert later.get(between(later) + query).status_code == status


def test_difference_from_an_unknown_release_is_not_found(later: httpx.Client) -> None:
    assert later.get("/releases/0.1.0...0.2.0").status_code == 404


def test_releases_are_listed_newest_first(later: httpx.Client) -> None:
    text = later.get("/releases?lang=en", headers=AS_PAGE).text
    versions = re.findall(r'href="/releases/([^/"]+)/\?lang=en">\1</a>', text)
    assert [version[:5] for version in versions[:2]] == ["0.4.0", "0.3.0"]
    feed = later.get("/feed.atom").text
    assert feed.index("releases/0.4.0") < feed.index("releases/0.3.0")


def test_releases_too_large_are_not_compared(two_releases: Path) -> None:
    with serving.serve(two_releases, difference_bytes=10) as server, server.client() as client:
        assert "too large to be compared here" in told(client, "/downloads")


def test_report_tells_of_a_fault_that_is_no_violation(later: httpx.Client) -> None:
    page = told(later, "/validation")
    assert re.search(r"should \S+/session/1 Look for a source that dates the session\.", page)


def test_sitemap_leaves_out_what_is_retired(later: httpx.Client) -> None:
    sitemap = later.get("/sitemap/1.xml").text
    assert "/page/theme/planets<" in sitemap
    assert "/page/organization/club<" not in sitemap


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "RDF/XML, gzip"), ("en", "SSSOM, TSV"), ("fr", "Les graphes nommés")],
)
def test_files_are_told_with_their_format(first: httpx.Client, language: str, words: str) -> None:
    assert words in told(first, "/downloads", language)


def snippet(client: httpx.Client, tool: str) -> str:
    text = client.get("/downloads?lang=en", headers=AS_PAGE).text
    found = re.search(rf"<summary>{tool}</summary>.*?<code>(.*?)</code>", text, re.DOTALL)
    assert found
    return html.unescape(found[1])


def run(command: list[str], folder: Path, program: str) -> str:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        command,
        input=program,
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_commands_for_rdflib_work(
    first: httpx.Client, tiny_release: Release, tmp_path: Path
) -> None:
    printed = run([sys.executable, "-"], tmp_path, snippet(first, "Python, with rdflib"))
    assert printed.strip() == str(tiny_release.manifest.triples)


def test_commands_for_oxigraph_work(
    first: httpx.Client, tiny_release: Release, tmp_path: Path
) -> None:
    printed = run(["sh", "-e"], tmp_path, snippet(first, "Oxigraph"))
    assert printed.split() == ["statements", str(tiny_release.manifest.triples)]


def test_commands_for_a_spreadsheet_fetch_a_table(first: httpx.Client, tmp_path: Path) -> None:
    fetching = snippet(first, "A spreadsheet").splitlines()[0]
    run(["sh", "-e"], tmp_path, fetching)
    with (tmp_path / "answer.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert len(lines) > 1
    assert len({len(line) for line in lines}) == 1


def test_commands_to_check_a_file_work(
    first: httpx.Client, tiny_releases: Path, tmp_path: Path
) -> None:
    text = first.get("/downloads?lang=en", headers=AS_PAGE).text
    commands = html.unescape(re.findall(r"<code>(curl.*?)</code>", text, re.DOTALL)[-1])
    printed = run(["sh", "-e"], tmp_path, commands)
    assert printed.split()[0] == open_release(tiny_releases).manifest.digest


def test_about_tells_who_answers_for_it(first: httpx.Client) -> None:
    page = told(first, "/about")
    assert "The night talks of a village observatory." in page
    assert "https://creativecommons.org/licenses/by/4.0/" in page
    assert re.search(r"How to cite .*Night talks , release 0\.3\.0-\w+, 2024", page)
    assert "Accessibility" in page
