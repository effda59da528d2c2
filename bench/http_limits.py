"""Measure a long answer against `oxigraph serve`, and what others feel of a runaway query.

Needs `oxigraph` (PyPI: oxigraph) on the PATH, and a built release of 50,000 triples or more.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import quote

import click

from http_rates import POINT, Server, run_lignee, run_oxigraph

EXPORT: Final = "SELECT * { { ?s ?p ?o } UNION { ?s ?p ?o } } LIMIT 100000"
RUNAWAY: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
_JSON: Final = {"Accept": "application/sparql-results+json"}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--releases", type=click.Path(path_type=Path, exists=True), default="releases")
@click.option("--rounds", default=5, show_default=True)
@click.option("--deadline", default=5.0, show_default=True, help="seconds, of the runaway query")
def main(releases: Path, rounds: int, deadline: float) -> None:
    """Measure exports and a runaway query."""
    if not shutil.which("oxigraph"):
        sys.exit("oxigraph is not on the PATH")
    with run_lignee(releases) as ours, run_oxigraph(releases) as theirs:
        _export(ours, theirs, rounds)
    with run_lignee(releases, f"--timeout-seconds={deadline:g}") as server:
        _runaway(server, deadline)


def _export(ours: Server, theirs: Server, rounds: int) -> None:
    ratios, times = [], []
    before = _ask(theirs, f"{EXPORT} #0")[0]
    for number in range(1, rounds + 1):
        our = _ask(ours, f"{EXPORT} #{number}")[0]  # another text is no cached answer
        after = _ask(theirs, f"{EXPORT} #{number}")[0]
        ratios.append(2 * our / (before + after))
        times.append((our, after))
        before = after
    our, their = (statistics.median(column) for column in zip(*times, strict=True))
    click.echo(
        f"100,000 rows as JSON, last byte: {our:.3f} s, theirs {their:.3f} s, "
        f"ratio {statistics.median(ratios):.2f} (median of {rounds})"
    )


def _runaway(server: Server, deadline: float) -> None:
    alone = _medians(server, 2.0)
    took: list[float] = []
    runaway = threading.Thread(target=lambda: took.extend(_ask(server, RUNAWAY)))
    runaway.start()
    time.sleep(0.3)
    beside = _medians(server, min(2.0, deadline / 2))
    runaway.join()
    seconds, status = took
    click.echo(
        f"point queries of another client, median: {alone:.2f} ms alone, {beside:.2f} beside"
    )
    click.echo(
        f"the runaway ended after {seconds:.3f} s with {status:.0f}, "
        f"{(seconds - deadline) * 1000:.0f} ms after its deadline"
    )


def _medians(server: Server, seconds: float) -> float:
    """Return the median time of distinct point queries on one connection, in milliseconds."""
    connection = _connect(server)
    times = []
    end = time.monotonic() + seconds
    while (begun := time.monotonic()) < end:
        _get(connection, server, POINT % time.time_ns())
        times.append(time.monotonic() - begun)
    connection.close()
    return statistics.median(times) * 1000


def _ask(server: Server, query: str) -> tuple[float, float]:
    """Return how long the whole answer took, and its status."""
    connection = _connect(server)
    begun = time.monotonic()
    status = _get(connection, server, query)
    took = time.monotonic() - begun
    connection.close()
    return took, float(status)


def _connect(server: Server) -> HTTPConnection:
    host, _, _ = server.endpoint.removeprefix("http://").partition("/")
    return HTTPConnection(host, timeout=60)


def _get(connection: HTTPConnection, server: Server, query: str) -> int:
    path = server.endpoint.removeprefix("http://").partition("/")[2]
    connection.request("GET", f"/{path}?query={quote(query)}", headers=_JSON)
    answer = connection.getresponse()
    while answer.read(1_048_576):
        pass
    return answer.status


if __name__ == "__main__":
    main()
