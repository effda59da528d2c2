"""The peers of one size, running side by side; one that cannot start is told, not fatal."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import psutil

from peers.peer import Asker, Data, Peer, PeerUnavailable, Running
from runner.connection import Silent

_CHECKS: Final = 5
_IDLE_SHARE: Final = 0.1
_LOOK_SECONDS: Final = 0.25
_QUICK_SECONDS: Final = 60.0
"""A peer that loads in this time is started anew after it fell silent; others are left out."""


@dataclass(frozen=True, slots=True)
class Loading:
    """How a peer came to its data, or why it did not."""

    title: str
    version: str = ""
    seconds: float = 0.0
    disk_bytes: int = 0
    memory_bytes: int = 0
    """Proportional set size of all its processes, just loaded."""
    steps: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    """Why it is not measured."""


@dataclass(slots=True)
class Entrant:
    """A peer that runs."""

    peer: Peer
    running: Running
    asker: Asker
    loading: Loading
    stack: ExitStack


class Field:
    """Starts peers, keeps those that run, ends them all."""

    def __init__(self, data: Data, home: Path, scratch: Path, told: Callable[[str], object]):
        self._data, self._home, self._scratch, self._told = data, home, scratch, told
        self.loadings: dict[str, Loading] = {}
        self._entrants: dict[str, Entrant] = {}
        self._folders: dict[str, Path] = {}
        self._keeping = ExitStack()

    def start(self, peers: Iterable[Peer]) -> None:
        """Start the peers, one after the other."""
        for peer in peers:
            self._start(peer)

    def __iter__(self) -> Iterator[Entrant]:
        return iter(list(self._entrants.values()))

    def __contains__(self, name: str) -> bool:
        return name in self._entrants

    def __getitem__(self, name: str) -> Entrant:
        return self._entrants[name]

    def fell_silent(self, name: str) -> None:
        """End a peer that did not answer and is still at work, and start it anew."""
        if _is_idle(self._entrants[name].running):
            return  # it saw that nobody waits any more
        entrant = self._entrants.pop(name)
        entrant.asker.close()
        entrant.stack.close()
        if entrant.peer.keeps_data or entrant.running.load_seconds <= _QUICK_SECONDS:
            self._start(entrant.peer)
        else:
            self._told(f"{name} is left out from here on: it would take too long to load again")

    def end_others(self, names: Iterable[str]) -> None:
        """End all peers but those."""
        for name in self._entrants.keys() - set(names):
            entrant = self._entrants.pop(name)
            entrant.asker.close()
            entrant.stack.close()

    def close(self) -> None:
        """End all peers, and delete what they loaded."""
        self.end_others(())
        self._keeping.close()

    def _start(self, peer: Peer) -> None:
        stack = ExitStack()
        try:
            self._loaded(peer, stack)
        except (PeerUnavailable, Silent, OSError) as error:
            stack.close()
            self.loadings[peer.name] = Loading(peer.title, reason=str(error))
            self._told(f"{peer.name}: not measured: {error}")
        except BaseException:
            stack.close()
            raise

    def _loaded(self, peer: Peer, stack: ExitStack) -> None:
        version = peer.install(self._home)
        if self._data.quads > peer.most_quads:
            raise PeerUnavailable(
                f"not started above {peer.most_quads:,} quads: loading alone would take minutes"
            )
        _require_memory(peer, self._data.quads)
        folder = self._folder(peer, stack)
        running = stack.enter_context(peer.start(self._data, folder, self._home))
        asker = running.connection()
        asker.ask("SELECT ?s { ?s ?p ?o } LIMIT 1")
        loading = Loading(
            peer.title,
            version,
            round(running.load_seconds, 3),
            running.disk_bytes,
            memory(running),
            running.steps,
        )
        self.loadings.setdefault(peer.name, loading)
        self._entrants[peer.name] = Entrant(peer, running, asker, loading, stack)
        self._told(f"{peer.name} {version}: loaded in {loading.seconds:.1f} s")

    def _folder(self, peer: Peer, stack: ExitStack) -> Path:
        """Return an empty folder for the peer, or the one that holds its data."""
        if peer.name not in self._folders:
            own = tempfile.TemporaryDirectory(prefix=f"{peer.name}-", dir=self._scratch)
            folder = Path((self._keeping if peer.keeps_data else stack).enter_context(own))
            if not peer.keeps_data:
                return folder
            self._folders[peer.name] = folder
        return self._folders[peer.name]


def memory(running: Running) -> int:
    """Return the proportional set size of a peer's processes: pages they share count once."""
    total = 0
    for process in running.processes:
        for member in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):  # it ended meanwhile
                total += member.memory_full_info().pss
    return total


def _is_idle(running: Running) -> bool:
    """Tell whether a peer's processes stop working, within a few seconds."""
    for _ in range(_CHECKS):
        before = _worked(running)
        settle(1.0)
        if _worked(running) - before < _IDLE_SHARE:
            return True
    return False


def is_at_rest(running: Running, seconds: float) -> bool:
    """Wait until a peer's processes stop working; return False where they go on for so long.

    Most servers evaluate to its end what clients have hung up on, at the cost of whoever is
    measured next.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = _worked(running)
        settle(_LOOK_SECONDS)
        if _worked(running) - before <= _LOOK_SECONDS * _IDLE_SHARE:
            return True
    return False


def _worked(running: Running) -> float:
    """Return the processor seconds that a peer's processes have had."""
    total = 0.0
    for process in running.processes:
        for member in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                times = member.cpu_times()
                total += times.user + times.system
    return total


def record(loadings: dict[str, Loading]) -> dict[str, object]:
    """Return the loadings for a result."""
    return {name: asdict(loading) for name, loading in loadings.items()}


def settle(seconds: float = 0.2) -> None:
    """Give servers a moment to put away what they were asked before."""
    time.sleep(seconds)


def _require_memory(peer: Peer, quads: int) -> None:
    """Raise PeerUnavailable where a peer of so many quads does not fit in memory."""
    wanted, free = peer.quad_bytes * quads, psutil.virtual_memory().available
    if free < wanted:
        raise PeerUnavailable(
            f"the machine is too small: {peer.name} wants about {wanted / 1e9:.0f} GB of memory "
            f"for {quads:,} quads, and {free / 1e9:.0f} GB are free"
        )
