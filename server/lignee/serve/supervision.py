"""Processes that answer requests: how one is started, watched over, replaced and stopped."""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Final, Self, TypeAlias

from lignee.errors import EngineUnavailable, SettingError

Serve: TypeAlias = Callable[[socket.socket], None]

_logger: Final = logging.getLogger(__name__)
_BACKLOG: Final = 1024
_KILL_SECONDS: Final = 5.0
"""How long a process may take to stop beyond what it gives answers under way."""
_RESTART_SECONDS: Final = 0.5


def run(serve: Serve, host: str, port: int, *, stop_seconds: float) -> None:
    """Run `serve` in a process, and in another when that is lost, until SIGINT or SIGTERM.

    This process holds the listening socket, so that no connection is refused meanwhile, and passes
    SIGHUP on. Raises SettingError where the address cannot be had, EngineUnavailable as `serve`.
    """
    gc.freeze()  # what is here by now stays, and need not be looked at each time
    gc.enable()
    with listen(host, port) as listener, _Stop() as stop:
        while not stop.is_asked:
            failures, tell_failure = multiprocessing.Pipe(duplex=False)
            watched, watch = multiprocessing.Pipe(duplex=False)
            process = multiprocessing.get_context("fork").Process(
                target=_child, args=(serve, listener, tell_failure, watched, watch)
            )
            process.start()
            stop.pass_on_to(process)
            _watch_over(process, listener, stop, stop_seconds + _KILL_SECONDS)
            watch.close()
            if failures.poll():
                raise EngineUnavailable(failures.recv())
            if not stop.is_asked:
                _logger.error("the serving process ended unexpectedly; another is started")
                stop.wait(_RESTART_SECONDS)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises SettingError where the address cannot be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(
            (str(address[0]), port), family=family, backlog=_BACKLOG, reuse_port=False
        )
    except socket.gaierror:
        raise SettingError(f"--host is {host}, which is no address of this machine") from None
    except OSError as error:
        raise SettingError(
            f"port {port} of {host} cannot be listened on ({error.strerror}); "
            "--port and --host choose another"
        ) from None


class _Stop:
    """Remembers, within its block, that this process was told to stop; passes SIGHUP on."""

    def __init__(self) -> None:
        self.is_asked = False
        self._heard, self._told = multiprocessing.Pipe(duplex=False)
        self._process: BaseProcess | None = None

    def pass_on_to(self, process: BaseProcess) -> None:
        """Send the process what this one gets as SIGHUP."""
        self._process = process

    def wait(self, seconds: float | None, *others: int) -> None:
        """Wait until it is told to, one of the other descriptors is ready, or time is up."""
        multiprocessing.connection.wait([self._heard, *others], seconds)

    def __enter__(self) -> Self:
        self._before = {
            signal.SIGINT: signal.signal(signal.SIGINT, self._hear),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._hear),
            signal.SIGHUP: signal.signal(signal.SIGHUP, self._pass_on),
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.is_asked = True
        self._told.send(None)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        if self._process and self._process.pid and self._process.is_alive():
            os.kill(self._process.pid, number)


def _watch_over(
    process: BaseProcess, listener: socket.socket, stop: _Stop, kill_seconds: float
) -> None:
    """Wait until the process has ended, having told it to where this one is."""
    stop.wait(None, process.sentinel)
    if stop.is_asked:
        listener.close()  # as the process does, or who connects now would wait for nobody
        process.terminate()
        process.join(kill_seconds)
        if process.is_alive():
            process.kill()
    process.join()


def _child(
    serve: Serve,
    listener: socket.socket,
    tell_failure: Connection,
    watched: Connection,
    watch: Connection,
) -> None:
    watch.close()  # or this process would never see its parent's end of it closed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent passes on what a terminal sends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it can look for another release
    threading.Thread(target=_end_with_parent, args=(watched,), daemon=True).start()
    try:
        serve(listener)
    except EngineUnavailable as error:
        tell_failure.send(str(error))


def _end_with_parent(watched: Connection) -> None:
    """Stop this process when the one that watches over it is gone."""
    with contextlib.suppress(OSError):
        watched.poll(None)
    os.kill(os.getpid(), signal.SIGTERM)
