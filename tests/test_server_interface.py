"""The description of the interface is right: valid, complete, and true of a running server."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from openapi_spec_validator import validate

import serving
from inside import serve_inside
from lignee.release import Release
from serving import Server

LONGEST_RUN_SECONDS = 60


@pytest.fixture(scope="module")
def server(tiny_releases: Path) -> Iterator[Server]:
    with serving.serve(tiny_releases, timeout_seconds=2) as running:
        yield running


@pytest.fixture(scope="module")
def described(server: Server) -> dict[str, dict[str, object]]:
    with server.client() as client:
        content = client.get("/openapi.json").json()
    return cast(dict[str, dict[str, object]], content)


def test_description_is_valid_openapi(described: dict[str, dict[str, object]]) -> None:
    assert str(described["openapi"]).startswith("3.1")
    validate(described)


def test_every_route_is_described_and_nothing_else(
    described: dict[str, dict[str, object]], tiny_release: Release
) -> None:
    with serve_inside(tiny_release) as inside:
        rules = list(inside.app.url_map.iter_rules())
    served: dict[str, set[str]] = {}
    for rule in rules:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        served.setdefault(path, set()).update(method.lower() for method in methods)
    told = {path: set(cast(dict[str, object], item)) for path, item in described["paths"].items()}
    assert told == served


def test_schemathesis_finds_no_fault(server: Server, tmp_path: Path) -> None:
    """Queries and names are texts to OpenAPI: most that it makes up are rightly refused."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{server.url}/openapi.json",
            "--exclude-checks=positive_data_acceptance",
            "--max-examples=5",
            "--phases=coverage,fuzzing",
            "--seed=1",
            "--no-color",
            "--generation-database=none",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_RUN_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
