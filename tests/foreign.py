"""SPARQL servers of others as processes of their own: `oxigraph serve` and Virtuoso."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from serving import free_port

_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 50
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = {sql_port}
DisableUnixSocket = 1
CaseMode = 2
AllowOSCalls = 0
DirsAllowed = {folder}
CheckpointInterval = 0
NumberOfBuffers = 5000
MaxDirtyBuffers = 3000
ThreadsPerQuery = 2
AsyncQueueMaxThreads = 4
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 10
Charset = UTF-8
[SPARQL]
"""
"""What the Debian package sets, less what is for large machines, and without ResultSetMaxRows."""
_LIMIT = "ResultSetMaxRows = 10000\n"
"""As the Debian package sets it. Virtuoso reads it anew with every query."""


@dataclass(frozen=True)
class ForeignServer:
    """A running server: its query URL, and the environment that publishing to it needs."""

    name: str
    engine: str
    environment: Mapping[str, str] = field(default_factory=dict)
    ini: Path | None = None

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Have Virtuoso cut results as its Debian package does."""
        assert self.ini
        text = self.ini.read_text()
        self.ini.write_text(text + _LIMIT)
        try:
            yield
        finally:
            self.ini.write_text(text)


@contextmanager
def oxigraph() -> Iterator[ForeignServer]:
    """Run `oxigraph serve` with nothing in it, in memory."""
    port = free_port()
    program = str(Path(sys.executable).with_name("oxigraph"))
    command = [program, "serve", "--bind", f"127.0.0.1:{port}"]
    server = ForeignServer("oxigraph", f"http://127.0.0.1:{port}/query")
    with _running(command, server, Path.cwd()):
        yield server


@contextmanager
def virtuoso(program: str, folder: Path) -> Iterator[ForeignServer]:
    """Run `virtuoso-t` on a new database in the folder; it takes 6 to 15 seconds to make one."""
    port = free_port()
    ini = folder / "virtuoso.ini"
    ini.write_text(_INI.format(folder=folder, port=port, sql_port=free_port()))
    server = ForeignServer(
        "virtuoso",
        f"http://127.0.0.1:{port}/sparql",
        {"LIGNEE_ENGINE_USER": "dba", "LIGNEE_ENGINE_PASSWORD": "dba"},
        ini,
    )
    with _running([program, "+foreground", "+configfile", str(ini)], server, folder):
        yield server


@contextmanager
def _running(command: list[str], server: ForeignServer, folder: Path) -> Iterator[None]:
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(server.engine, process)
            yield
        finally:
            process.kill()  # nothing in it is kept


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url, params={"query": "ASK {}"}).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{process.args!r} did not start")
