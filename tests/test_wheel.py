"""The wheel carries the knowledge graph: it works alone, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, leave_out


def run(*command: str, cwd: Path, path: str = "") -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd), "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which the wheel, and nothing else, is installed."""
    place = tmp_path_factory.mktemp("wheel")
    run("-m", "hatchling", "build", "-t", "wheel", "-d", str(place), cwd=ROOT)
    (wheel,) = place.glob("*.whl")
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile")
    run(*pip, "--target", str(place / "site"), str(wheel), cwd=place)
    return place / "site"


def test_wheel_builds_and_answers_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    path = str(installed)
    run("-m", "lignee", "build", cwd=tmp_path, path=path)
    query = "ASK { ?session a <https://w3id.org/lignee/ontology#Session> }"
    answer = run("-m", "lignee", "query", query, "--format", "csv", cwd=tmp_path, path=path)
    assert answer.strip() == "true"


def test_wheel_holds_what_people_edit_and_no_tests(installed: Path) -> None:
    inside = {file.name for file in (installed / "lignee" / "kg").iterdir()}
    assert inside == {"ontology", "data", "shapes", "queries"}
    assert not (installed / "tests").exists()


def test_wheel_holds_the_editor_and_not_what_it_is_made_from(installed: Path) -> None:
    site = installed / "lignee" / "serve" / "site"
    assert not (site / "editor").exists()
    if not (ROOT / "server/lignee/serve/site/static/dist/editor.js").is_file():
        leave_out("the editor was not bundled: `make setup` says why")
    bundled = {file.name for file in (site / "static" / "dist").iterdir()}
    assert bundled == {"editor.css", "editor.js", "licences.txt"}
