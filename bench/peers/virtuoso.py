"""Virtuoso as Debian packages it, with settings for this machine instead of its small defaults."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from peers.peer import Data, Peer, PeerUnavailable, Running, command, server, size
from runner.connection import Endpoint
from runner.processes import free_port

_DEFAULT_GRAPH: Final = "https://w3id.org/lignee/graph/default"
"""Virtuoso has no default graph of its own; queries name this one for it."""
_BUFFER_BYTES: Final = 8_700
_INI: Final = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = {sql_port}
ServerThreads = 100
DisableUnixSocket = 1
CaseMode = 2
AllowOSCalls = 0
DirsAllowed = .
CheckpointInterval = 0
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty_buffers}
ThreadsPerQuery = {cores}
AsyncQueueMaxThreads = {threads}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = .
ServerThreads = 100
MaxKeepAlives = 100
KeepAliveTimeout = 60
Charset = UTF-8
[SPARQL]
"""
"""No ResultSetMaxRows: Debian's 10,000 would cut the export; threads for 64 clients."""
_LOAD: Final = (
    'GRANT SELECT ON DB.DBA.RDF_QUAD TO "SPARQL"; '  # paths read the table as the asker
    "ld_dir('.', 'dataset.nq', '{graph}'); ld_dir('.', 'graph.nt', '{graph}'); "
    "rdf_loader_run(); checkpoint; "
    "SELECT CONCAT('fault: ', ll_error) FROM DB.DBA.load_list WHERE ll_error IS NOT NULL;"
)


def install(_home: Path) -> str:
    """Find it; return its version. A Debian package is not installed behind anyone's back."""
    for program in ("virtuoso-t", "isql-vt"):
        if not shutil.which(program):
            raise PeerUnavailable(
                f"no {program} here; on Debian: apt-get install virtuoso-opensource"
            )
    return command(["dpkg-query", "--show", "--showformat=${Version}", "virtuoso-opensource"])


@contextmanager
def start(data: Data, folder: Path, _home: Path) -> Iterator[Running]:
    """Make a database of the data and run it."""
    begun = time.perf_counter()
    port, sql_port, cores = free_port(), free_port(), os.cpu_count() or 1
    buffers = max(20_000, min(data.quads * 1_000, 4 << 30) // _BUFFER_BYTES)
    (folder / "virtuoso.ini").write_text(
        _INI.format(
            port=port,
            sql_port=sql_port,
            buffers=buffers,
            dirty_buffers=buffers * 3 // 4,
            cores=cores,
            threads=2 * cores,
        ),
        encoding="utf-8",
    )
    for file in (data.dataset, data.graph):
        (folder / file.name).symlink_to(file.resolve())
    endpoint = Endpoint(port, "/sparql", f"default-graph-uri={quote(_DEFAULT_GRAPH, safe='')}")
    words = ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"]
    with server(words, endpoint, folder) as process:
        load = _LOAD.format(graph=_DEFAULT_GRAPH)
        said = command(["isql-vt", f"127.0.0.1:{sql_port}", "dba", "dba", f"exec={load}"])
        if "fault: " in said:
            raise PeerUnavailable(f"it did not load: {said[said.find('fault: ') :][:200]}")
        took = time.perf_counter() - begun
        yield Running([process], endpoint, took, size(folder))


PEER = Peer("virtuoso", "Virtuoso", install, start)
