"""A real server in a process of its own, for tests that speak HTTP to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import psutil


@dataclass(frozen=True)
class Server:
    """A running server: its process, its address, the message it started with."""

    process: subprocess.Popen[str]
    port: int
    message: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **settings: float) -> httpx.Client:
        """Return a client whose requests name no media type unless they are told to."""
        client = httpx.Client(base_url=self.url, timeout=settings.get("timeout", 20))
        client.headers.pop("accept")
        return client

    def processes(self) -> list[psutil.Process]:
        """Return the server's process and all below it."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def engine_workers(self) -> list[psutil.Process]:
        """Return the processes that evaluate queries: the zygote's children."""
        zygotes = [
            process for process in self.processes() if "lignee.engines.zygote" in process.cmdline()
        ]
        return [worker for zygote in zygotes[:1] for worker in zygote.children()]

    def send(self, head: str, *, timeout: float = 5) -> socket.socket:
        """Send a request as it stands and return the connection."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n")
        return connection

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop the server and return its exit status."""
        self.process.send_signal(by)
        return self.process.wait(timeout=15)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def command(releases: Path, port: int, **settings: float | str) -> list[str]:
    """Return the command that serves the releases."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
    lignee = str(Path(sys.executable).with_name("lignee"))
    return [lignee, "serve", f"--releases={releases}", f"--port={port}", *flags]


def environment(**settings: float | str) -> dict[str, str]:
    """Return the environment for a server, without what the tests were given."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("LIGNEE_")}
    settings = {"warm_pages": "no", **settings}  # most servers here end before they are warm
    return inherited | {f"LIGNEE_{name.upper()}": f"{value}" for name, value in settings.items()}


@contextmanager
def serve(
    releases: Path, *arguments: str, errors: IO[str] | None = None, **settings: float | str
) -> Iterator[Server]:
    """Run a server with these settings; it must leave by itself when it is told to.

    Its standard error goes to `errors` where that is given.
    """
    port = free_port()
    with subprocess.Popen(
        [*command(releases, port), *arguments],
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    ) as process:
        assert process.stdout
        server = Server(process, port, process.stdout.readline())
        try:
            yield server
        finally:
            if process.poll() is None:
                assert server.stop() == 0
