"""The queries that the documentation shows are right: they parse and find something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, Store

from conftest import ROOT
from lignee.engines.functions import FUNCTIONS

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SPARQL = re.compile(r"```sparql\n(.*?)```|--data-urlencode query='\n(.*?)'\n", re.DOTALL)


def shown() -> list[tuple[Path, str]]:
    return [
        (page, found[1] or found[2])
        for page in PAGES
        for found in SPARQL.finditer(page.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(
    ("page", "query"), shown(), ids=[f"{page.stem}-{n}" for n, (page, _) in enumerate(shown())]
)
def test_query_in_the_documentation_finds_something(
    shipped_store: Store, page: Path, query: str
) -> None:
    solutions = shipped_store.query(query, custom_functions=dict(FUNCTIONS))
    assert isinstance(solutions, QuerySolutions)
    assert next(solutions, None) is not None, page


def test_answer_in_the_readme_is_the_answer(shipped_store: Store) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    query = next(query for page, query in shown() if page.name == "README.md")
    solutions = shipped_store.query(query, custom_functions=dict(FUNCTIONS))
    assert isinstance(solutions, QuerySolutions)
    lines = [",".join(term.value for term in solution) for solution in solutions]
    assert "\n".join(["number,earlier,clause", *lines]) in readme
