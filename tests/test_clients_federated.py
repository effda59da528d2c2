"""Engines that ask the endpoint as one of several: Comunica and Oxigraph, both the real ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import handmade
import serving
from conftest import ROOT, leave_out
from serving import Server

COMUNICA = ROOT / ".cache" / "comunica" / "node_modules" / ".bin" / "comunica-sparql"
"""Put there by `make test`, where npm is."""
JOIN = f"""SELECT ?text (COUNT(?n) AS ?many) {{
  <{handmade.BASE}id/ada> <{handmade.BASE}wrote> ?text .
  ?thing <{handmade.BASE}number> ?n FILTER(?n < 10)
}} GROUP BY ?text"""
OXIGRAPH_STARTS_SECONDS = 10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving.serve(handmade.releases(tmp_path_factory.mktemp("federated"))) as running:
        yield running


def comunica(*sources: str, query: str) -> list[dict[str, str]]:
    """Return the solutions that Comunica finds in the sources."""
    if not (COMUNICA.exists() and shutil.which("node")):
        leave_out("Comunica is not installed; `make test` does it where npm is")
    done = subprocess.run(
        [COMUNICA, *sources, query, "-t", "application/sparql-results+json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [
        {name: term["value"] for name, term in solution.items()}
        for solution in json.loads(done.stdout)["results"]["bindings"]
    ]


def test_comunica_knows_an_endpoint_by_its_description(server: Server) -> None:
    query = f"SELECT (COUNT(*) AS ?n) {{ ?s <{handmade.BASE}number> ?o }}"
    found = comunica(f"{server.url}/sparql", query=query)
    assert found == [{"n": str(handmade.THINGS)}]


def test_comunica_joins_the_endpoint_with_a_graph_of_the_graph_store(server: Server) -> None:
    graph = httpx.URL(f"{server.url}/graphs", params={"graph": f"{handmade.BASE}graph/notes"})
    found = comunica(f"sparql@{server.url}/sparql", f"file@{graph}", query=JOIN)
    assert [solution["many"] for solution in found] == ["10"] * len(found)
    assert {solution["text"] for solution in found} == {"note\r\nG"}


@pytest.fixture(scope="module")
def oxigraph() -> Iterator[str]:
    """Return the address of an empty Oxigraph server of the tests' own."""
    address = f"127.0.0.1:{serving.free_port()}"
    command = [str(Path(sys.executable).with_name("oxigraph")), "serve", "--bind", address]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + OXIGRAPH_STARTS_SECONDS
        while time.monotonic() < until:
            try:
                httpx.get(f"http://{address}/", timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.02)
        try:
            yield f"http://{address}/query"
        finally:
            process.terminate()


def asked_by_service(oxigraph: str, server: Server, query: str) -> list[dict[str, dict[str, str]]]:
    answer = httpx.post(
        oxigraph,
        content=query.replace("OURS", f"<{server.url}/sparql>"),
        headers={
            "Content-Type": "application/sparql-query",
            "Accept": "application/sparql-results+json",
        },
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, dict[str, str]]] = answer.json()["results"]["bindings"]
    return found


def test_oxigraph_asks_the_endpoint_by_service(oxigraph: str, server: Server) -> None:
    query = f"SELECT ?text {{ SERVICE OURS {{ ?s <{handmade.BASE}wrote> ?text }} }}"
    (solution,) = asked_by_service(oxigraph, server, query)
    assert solution["text"] == {"type": "literal", "value": "note\r\nG", "xml:lang": "en"}


def test_oxigraph_joins_what_it_has_with_the_endpoint(oxigraph: str, server: Server) -> None:
    query = f"""SELECT (COUNT(*) AS ?n) {{
      VALUES ?o {{ 1 2 3 }} SERVICE OURS {{ ?s <{handmade.BASE}number> ?o }}
    }}"""
    (solution,) = asked_by_service(oxigraph, server, query)
    assert solution["n"]["value"] == "3"


def test_oxigraph_is_told_of_a_fault_of_the_endpoint(oxigraph: str, server: Server) -> None:
    query = f"ASK {{ SERVICE <{server.url}/none> {{ ?s ?p ?o }} }}"
    answer = httpx.post(
        oxigraph, content=query, headers={"Content-Type": "application/sparql-query"}, timeout=20
    )
    assert answer.status_code == 500
    assert "404" in answer.text
