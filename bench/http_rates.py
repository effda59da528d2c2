"""Compare rates and latencies over HTTP with those of `oxigraph serve`, in one run: A, B, A.

Needs `wrk` (Debian: wrk) and `oxigraph` (PyPI: oxigraph) on the PATH, and a built release.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import quote

import click
import psutil

from runner.processes import free_port

SMALLEST: Final = "ASK{?s ?p ?o}"
POINT: Final = "SELECT ?p ?o { <https://example.org/%s> ?p ?o }"
_HEADINGS: Final = (
    "kind        clients  ratio   ours/s theirs/s  ours µs theirs µs later µs  ours CPU theirs CPU"
)
_DATA: Final = (
    ("dataset.nq", "application/n-quads", "/store"),
    ("graph.nt", "application/n-triples", "/store?default"),
)
"""What Lignée has in named graphs and in the default graph."""
_ACCEPT: Final = "Accept: application/sparql-results+json"
_MICROSECONDS: Final = {"us": 1, "ms": 1_000, "s": 1_000_000}
_READY_SECONDS: Final = 60
_COLD: Final = """
math.randomseed(%d)
request = function()
  local name = math.random(1000000000) .. "-" .. math.random(1000000000)
  return wrk.format("GET", wrk.path .. string.gsub("%s", "NAME", name))
end
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one run of the load generator measured; processor time is the server's, a request."""

    per_second: float
    median_microseconds: float
    processor_microseconds: float


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    endpoint: str
    process: psutil.Process

    def processor_seconds(self) -> float:
        """Return the processor time that it and its children have taken."""
        times = [
            process.cpu_times()
            for process in (self.process, *self.process.children(recursive=True))
        ]
        return sum(time.user + time.system for time in times)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: what is asked of Lignée, and with which headers."""

    name: str
    query: str
    headers: tuple[str, ...] = ()
    is_cold: bool = False


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--releases", type=click.Path(path_type=Path, exists=True), default="releases")
@click.option("--seconds", default=3, show_default=True, help="length of each measurement")
@click.option("--rounds", default=3, show_default=True)
def main(releases: Path, seconds: int, rounds: int) -> None:
    """Measure cached answers, 304s and cold point queries against `oxigraph serve`."""
    for tool in ("wrk", "oxigraph"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not on the PATH")
    with run_lignee(releases) as ours, run_oxigraph(releases) as theirs:
        tag = _tag(ours.endpoint)
        kinds = (
            Kind("cached", SMALLEST),
            Kind("304", SMALLEST, (f"If-None-Match: {tag}",)),
            Kind("cold point", POINT, is_cold=True),
        )
        click.echo(_HEADINGS)
        for kind in kinds:
            for clients in (1, 8):
                _compare(kind, clients, ours, theirs, seconds, rounds)
    click.echo(f"processes that wanted a core in the last minute: {psutil.getloadavg()[0]:.1f}")


def _compare(
    kind: Kind, clients: int, ours: Server, theirs: Server, seconds: int, rounds: int
) -> None:
    reference = Kind("smallest", kind.query, is_cold=kind.is_cold)
    before = _rate(reference, clients, theirs, seconds)
    ratios, our_rates, their_rates = [], [], [before]
    for _ in range(rounds):
        rate = _rate(kind, clients, ours, seconds)
        after = _rate(reference, clients, theirs, seconds)
        ratios.append(2 * rate.per_second / (before.per_second + after.per_second))
        our_rates.append(rate)
        their_rates.append(after)
        before = after
    our, their = _median(our_rates), _median(their_rates)
    click.echo(
        f"{kind.name:12}{clients:7}{statistics.median(ratios):7.2f}{our.per_second:9.0f}"
        f"{their.per_second:9.0f}{our.median_microseconds:9.0f}{their.median_microseconds:10.0f}"
        f"{our.median_microseconds - their.median_microseconds:9.0f}"
        f"{our.processor_microseconds:10.0f}{their.processor_microseconds:11.0f}"
    )


def _median(rates: list[Rate]) -> Rate:
    return Rate(
        statistics.median(rate.per_second for rate in rates),
        statistics.median(rate.median_microseconds for rate in rates),
        statistics.median(rate.processor_microseconds for rate in rates),
    )


def _rate(kind: Kind, clients: int, server: Server, seconds: int) -> Rate:
    headers = [part for header in (_ACCEPT, *kind.headers) for part in ("-H", header)]
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}", "--latency", *headers]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if kind.is_cold:
            target = "?query=" + quote(kind.query % "NAME")
            script.write(_COLD % (time.time_ns() % 1_000_000_007, target))
            script.flush()
            command += ["-s", script.name, server.endpoint]
        else:
            command.append(f"{server.endpoint}?query={quote(kind.query)}")
        spent = server.processor_seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        spent = server.processor_seconds() - spent
    if "Non-2xx" in done.stdout and "304" not in kind.name:
        sys.exit(done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    median = re.search(r"50%\s+([\d.]+)(us|ms|s)", done.stdout)
    count = re.search(r"(\d+) requests in", done.stdout)
    assert rate, done.stdout
    assert median, done.stdout
    assert count, done.stdout
    return Rate(
        float(rate[1]),
        float(median[1]) * _MICROSECONDS[median[2]],
        spent / int(count[1]) * 1_000_000,
    )


@contextmanager
def run_lignee(releases: Path, *flags: str) -> Iterator[Server]:
    """Serve the current release by Lignée."""
    port = free_port()
    lignee = Path(sys.executable).with_name("lignee")
    command = [str(lignee), "serve", f"--releases={releases}", f"--port={port}", *flags]
    with _running(command, port) as process:
        yield Server(f"http://127.0.0.1:{port}/sparql", process)


@contextmanager
def run_oxigraph(releases: Path) -> Iterator[Server]:
    """Serve what the current release holds by `oxigraph serve`, from memory."""
    port = free_port()
    command = ["oxigraph", "serve", "--bind", f"127.0.0.1:{port}"]
    with _running(command, port) as process:
        connection = HTTPConnection("127.0.0.1", port)
        for name, media_type, target in _DATA:
            body = (releases / "current" / name).read_bytes()
            connection.request("POST", target, body, {"Content-Type": media_type})
            answer = connection.getresponse()
            answer.read()
            assert answer.status < 300
        connection.close()
        yield Server(f"http://127.0.0.1:{port}/query", process)


@contextmanager
def _running(command: list[str], port: int) -> Iterator[psutil.Process]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + _READY_SECONDS
            while not _answers(port):
                assert process.poll() is None, f"{command[0]} ended"
                assert time.monotonic() < end, f"{command[0]} does not answer"
                time.sleep(0.05)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def _tag(endpoint: str) -> str:
    """Return the validator of the smallest query's answer."""
    host, _, path = endpoint.removeprefix("http://").partition("/")
    connection = HTTPConnection(host, timeout=5)
    headers = dict([_ACCEPT.split(": ")])
    connection.request("GET", f"/{path}?query={quote(SMALLEST)}", headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers["ETag"]


if __name__ == "__main__":
    main()
