"""The house rules that a machine can check: sizes, names, addresses, documentation."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from conftest import ROOT
from lignee import cli, terminal
from lignee.vocabulary import LIG, SKOS

MODULE_LINES = 300
FUNCTION_LINES = 60
SOURCES = sorted((ROOT / "server").rglob("*.py"))
HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|\"resolve[d]\":")


def tracked_text() -> Iterator[tuple[str, str]]:
    """Yield each file that git tracks, with its text."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.endswith((".png", ".gz")):
            yield name, (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_modules_and_functions_stay_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < FUNCTION_LINES, node.name


def test_nothing_tracked_names_a_registry_or_a_path_of_this_machine() -> None:
    found = [
        name for name, text in tracked_text() if HOSTS.search(text) or f"{ROOT.parent}/" in text
    ]
    assert not found


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [file.name[:4] for file in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    for name, command in cli.lignee.commands.items():
        section = text.partition(f"\n## lignee {name}\n")[2].partition("\n## ")[0]
        assert section, name
        for option in command.params:
            flag = next((word for word in option.opts if word.startswith("--")), None)
            assert flag is None or f"`{flag}`" in section, (name, flag)


def test_settings_page_holds_the_table_that_the_command_prints() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert terminal.settings_markdown() in page, "lignee settings --markdown"


def test_model_page_explains_every_term_of_the_ontology() -> None:
    page = (ROOT / "docs" / "reference" / "model.md").read_text(encoding="utf-8")
    ontology = Store()
    ontology.load(path=str(ROOT / "ontology" / "lignee.ttl"), format=RdfFormat.TURTLE)
    definition = NamedNode(SKOS + "definition")
    for quad in ontology.quads_for_pattern(None, definition, None, None):
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, Literal)
        if quad.object.language == "en" and quad.subject.value.startswith(LIG):
            row = f"| `lig:{quad.subject.value.removeprefix(LIG)}` | {quad.object.value} |"
            assert row in page


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in tracked_text()
        if name.endswith(".md")
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
        if not ((ROOT / name).parent / target).exists()
    ]
    assert not broken
