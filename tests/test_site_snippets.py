"""The programs that pages show, run as they stand by the real Python, R, curl and Node."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from conftest import Program
from serving import Server

AS_PAGE = {"Accept": "text/html", "Accept-Language": "en"}
AWKWARD = """SELECT ?x { VALUES ?x { "it's \\"so\\" ${1} `\\\\` %41 é" } } # '''"""
GRAPH = """CONSTRUCT { <x:a> <x:knows> "Ada" } WHERE {}"""


@dataclass(frozen=True)
class Tool:
    """What runs programs in the language that pages call so."""

    language: str
    program: str
    package: str
    command: Callable[[str, Path], list[str]]


TOOLS = (
    Tool("Python", sys.executable, "python3", lambda tool, file: [tool, str(file)]),
    Tool("R", "Rscript", "r-base-core", lambda tool, file: [tool, "--vanilla", str(file)]),
    Tool("curl", "curl", "curl", lambda _, file: ["sh", "-e", str(file)]),
    Tool("JavaScript", "node", "nodejs", lambda tool, file: [tool, str(file)]),
)


@pytest.fixture(scope="module")
def client(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as opened:
        yield opened


@pytest.fixture(params=TOOLS, ids=[tool.language for tool in TOOLS])
def printed(
    request: pytest.FixtureRequest, client: httpx.Client, program: Program, tmp_path: Path
) -> Callable[[str], str]:
    """Return what runs the program on a page in one language and returns what it prints."""
    tool: Tool = request.param
    found = program(tool.program, tool.package)

    def run(path: str) -> str:
        page = client.get(path, headers=AS_PAGE).text
        shown = rf"<summary>[^<]*\b{tool.language}</summary>.*?<code[^>]*>(.*?)</code>"
        text = re.search(shown, page, re.DOTALL)
        assert text
        file = tmp_path / "program.mjs"  # so named, Node lets it await
        file.write_text(html.unescape(text[1]), encoding="utf-8")
        done = subprocess.run(
            tool.command(found, file),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def of(query: str) -> str:
    return str(httpx.URL("/sparql", params={"query": query}))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (of(AWKWARD), "${1} `"),
        (of("ASK {}"), "true"),
        (of(GRAPH), "Ada"),
        ("/queries/sessions-by-theme", "session/1"),
        ("/queries/was-there-a-session-before", "true"),
        ("/queries/lineage", "session:10"),
    ],
    ids=["SELECT", "ASK", "CONSTRUCT", "published SELECT", "published ASK", "published CONSTRUCT"],
)
def test_program_that_a_page_shows_runs(
    printed: Callable[[str], str], path: str, shown: str
) -> None:
    assert shown.casefold() in printed(path).casefold()
