"""curl with odd headers and habits: what people try by hand."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import leave_out
from serving import Server

SELECT = "query=SELECT (1 AS ?n) {}"
CONSTRUCT = "query=CONSTRUCT { <x:s> <x:p> 1 } {}"
JSON = "application/sparql-results+json"


@pytest.fixture(scope="module")
def server(tiny_server: Server) -> Server:
    return tiny_server


@pytest.fixture(autouse=True)
def _needs_curl() -> None:
    if not shutil.which("curl"):
        leave_out("curl is not installed")


def curl(server: Server, *arguments: str, path: str = "/sparql") -> tuple[str, str]:
    """Return status and media type, and the body."""
    done = subprocess.run(
        ["curl", "-sS", "-w", "\n%{http_code} %{content_type}", *arguments, f"{server.url}{path}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    body, _, told = done.stdout.rpartition("\n")
    return told, body


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        ("Accept:", f"200 {JSON}"),
        ("Accept;", f"200 {JSON}"),
        ("Accept: */*", f"200 {JSON}"),
        ("Accept: ,,text/csv,,", "200 text/csv; charset=utf-8"),
        ("Accept: text/csv; q=0.5 ; charset=utf-8, */*;q=0.1", "200 text/csv; charset=utf-8"),
        ("Accept: text/csv;q=2, text/html;q=banana", f"200 {JSON}"),
        ("Accept: */*;q=0", "406 application/problem+json"),
        ("Accept: application/sparql-results+json;version=1.2", f"200 {JSON}"),
        ("Accept: application/*+json, application/sparql-results+xml;q=0.1",
         "200 application/sparql-results+xml"),
        ("Accept: " + "text/x," * 700 + "text/csv", "406 application/problem+json"),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_odd_accept_is_understood(server: Server, accept: str, told: str) -> None:
    assert curl(server, "-H", accept, "--data-urlencode", SELECT)[0] == told


def test_two_accept_headers_are_one_list(server: Server) -> None:
    two = ("-H", "Accept: image/png", "-H", "Accept: text/csv")
    assert curl(server, *two, "--data-urlencode", SELECT)[0].startswith("200 text/csv")


def test_get_with_the_query_in_the_address(server: Server) -> None:
    told, body = curl(server, "-G", "--data-urlencode", SELECT, "-H", "Accept: text/csv")
    assert (told[:3], body) == ("200", "n\n1\n")


def test_query_as_a_file(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "query.rq"
    file.write_text("# é\nASK {}\n", encoding="utf-8")
    posted = ("--data-binary", f"@{file}", "-H", "Content-Type: application/sparql-query")
    assert curl(server, *posted) == (f"200 {JSON}", '{"head":{},"boolean":true}')


def test_query_by_multipart_is_told_how_to_be_sent(server: Server) -> None:
    told, body = curl(server, "-F", SELECT)
    assert told == "415 application/problem+json"
    assert "application/sparql-query" in body


def test_post_to_the_address_with_a_slash_is_answered_without_a_redirect(server: Server) -> None:
    assert curl(server, "--data-urlencode", SELECT, path="/sparql/")[0] == f"200 {JSON}"


def test_graph_is_saved_as_a_file_that_names_its_format(server: Server) -> None:
    told, body = curl(server, "--data-urlencode", CONSTRUCT, "-H", "Accept: application/n-triples")
    assert told == "200 application/n-triples"
    assert body.startswith("<x:s> <x:p> ")


def test_expectation_and_empty_form_are_answered(server: Server) -> None:
    assert curl(server, "-H", "Expect: 100-continue", "-d", "a=1")[0].startswith("400")
