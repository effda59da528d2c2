"""The hostile requests of tests/protocol/: read from their files, sent as they stand, judged.

Each file is TOML with a table `[[request]]` for each request, or for each row of requests:

- `name`, unique in its file
- one of `query` (the body of a POST), `get` (the query in the URL), `form` (a form's body),
  `raw` (the whole request; line feeds become CR LF unless `bare = true`)
- `{version}` stands for the version of the release that is served
- such a text is a string, or a recipe: `before`, `repeat` and `close` `times` times with `within`
  between them, `after`; `{n}` stands for the turn. `cut` gives one request for each part of a text
  that ends at a multiple of `every`
- `encoding` (UTF-8 by default), `gzip` (`"whole"` or `"cut"`), `headers` (a table), `accept`
- `status`: those that are right; 0 stands for a connection closed without an answer
- `seconds`: how long until the end of the answer, at most
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import socket
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

FOLDER = Path(__file__).parent / "protocol"
MOST_READ = 4_000_000
"""Bytes of an answer that are read before its reader goes away."""
SECONDS = 3.0
UNANSWERED = -1
"""The status of a request that is neither answered nor refused while its client waits."""

Recipe: TypeAlias = str | Mapping[str, str | int]


@dataclass(frozen=True)
class Hostile:
    """One request, ready to be sent, and what is right in return."""

    group: str
    name: str
    sent: bytes
    statuses: frozenset[int]
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What came of a request; status 0 where the connection was closed without an answer."""

    status: int
    seconds: float
    head: str


def groups() -> list[str]:
    """Return the name of each file."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def corpus() -> Iterator[Hostile]:
    """Yield the requests of all files."""
    for file in sorted(FOLDER.glob("*.toml")):
        for table in tomllib.loads(file.read_text(encoding="utf-8"))["request"]:
            yield from _requests(file.stem, table)


def send(port: int, hostile: Hostile, version: str = "") -> Outcome:
    """Send the request and read the answer, or as much of it as is enough to know."""
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=hostile.seconds + 2) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(hostile.sent.replace(b"{version}", version.encode()))
        status, head = _answer(connection)
    return Outcome(status, time.monotonic() - start, head)


def _answer(connection: socket.socket) -> tuple[int, str]:
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
        body = response.read(MOST_READ)
        return response.status, body[:600].decode("utf-8", "replace")
    except (http.client.BadStatusLine, ConnectionError):
        return 0, ""
    except TimeoutError:
        return UNANSWERED, "neither answered nor closed in time"
    except http.client.IncompleteRead as error:
        return response.status, f"broken off after {len(error.partial)} bytes"
    finally:
        response.close()


def _requests(group: str, table: dict[str, object]) -> Iterator[Hostile]:
    statuses = table["status"]
    assert isinstance(statuses, list)
    seconds = table.get("seconds", SECONDS)
    assert isinstance(seconds, int | float)
    for suffix, sent in _sent(table):
        name = f"{group}: {table['name']}{suffix}"
        yield Hostile(group, name, sent, frozenset(statuses), float(seconds))


def _sent(table: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    kind = next(kind for kind in ("query", "get", "form", "raw") if kind in table)
    for suffix, text in _texts(table[kind]):
        yield suffix, _request(kind, text, table)


def _texts(recipe: object) -> Iterator[tuple[str, str]]:
    if isinstance(recipe, str):
        yield "", recipe
        return
    assert isinstance(recipe, dict)
    if "cut" in recipe:
        text, every = recipe["cut"], recipe["every"]
        for end in range(every, len(text), every):
            yield f", cut at {end}", text[:end]
        return
    times = int(recipe.get("times", 1))
    repeat = str(recipe["repeat"])
    turns = (repeat.replace("{n}", str(turn)) for turn in range(times))
    repeated = "".join(turns) if "{n}" in repeat else repeat * times
    closed = str(recipe.get("close", "")) * times
    before, within, after = (recipe.get(key, "") for key in ("before", "within", "after"))
    yield "", f"{before}{repeated}{within}{closed}{after}"


def _request(kind: str, text: str, table: dict[str, object]) -> bytes:
    encoding = str(table.get("encoding", "utf-8"))
    if kind == "raw":
        whole = text if table.get("bare") else text.replace("\n", "\r\n")
        return whole.encode(str(table.get("encoding", "latin-1")))
    headers = {"Host": "x", "Accept": str(table.get("accept", "*/*"))}
    body, target, method = b"", "/sparql", "POST"
    if kind == "get":
        method, target = "GET", f"/sparql?query={quote(text, encoding=encoding)}"
    else:
        form = "application/x-www-form-urlencoded"
        headers["Content-Type"] = form if kind == "form" else "application/sparql-query"
        body = text.encode(encoding, "surrogatepass")
    if table.get("gzip"):
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body)[: None if table["gzip"] == "whole" else -8]
    if kind != "get":  # which goes the direct way without these
        headers |= {"Content-Length": str(len(body)), "Connection": "close"}
    given = table.get("headers", {})
    assert isinstance(given, dict)
    headers |= {name: str(value) for name, value in given.items()}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
