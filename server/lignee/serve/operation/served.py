"""The releases that are served, each by an engine of its own: the current one and a few older.

Whoever uses an engine borrows it; one that is no longer wanted is closed after its last use. So a
new release takes the place of the current one while answers from that are still on their way.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from lignee.engines.additions import NOTHING_ADDED, Additions
from lignee.engines.engine import Answer, Begun, Busy, Cancellation, Closing, Engine, Request
from lignee.errors import EngineUnavailable, LigneeError, QueueFull, UnknownRelease
from lignee.formats import RESULT_FORMATS, Format
from lignee.release import Release, open_release, versions
from lignee.settings import Settings

_logger: Final = logging.getLogger(__name__)
OLDER_QUEUE_LENGTH: Final = 8
"""Requests that may wait for the worker of one older release, or for its engine to open."""

OpenEngine: TypeAlias = Callable[[Release, Settings], Engine]
"""Opens an engine on a release; raises EngineUnavailable."""


@dataclass(eq=False, slots=True)
class Served:
    """A release, the engine that serves it, and how many use it now."""

    release: Release
    label: str
    """The release's version, and what tells which files are served beside it."""
    engine: Engine
    users: int = 0
    last_used: float = field(default_factory=time.monotonic)


class _Borrowed(Closing):
    """An engine that counts as used until each of its answers is closed."""

    def __init__(self, shelf: ServedReleases, served: Served, engine: Engine) -> None:
        self._shelf = shelf
        self._served = served
        self._engine = engine

    def evaluate(self, request: Request) -> Answer:
        self._shelf.lend(self._served)
        return self._until_closed(lambda: self._engine.evaluate(request))

    def begin(
        self, request: Request, cancellation: Cancellation, waited_seconds: float = 0.0
    ) -> Begun | Busy | None:
        self._shelf.lend(self._served)
        begun = self._engine.begin(request, cancellation, waited_seconds)
        if not isinstance(begun, Begun):
            self._shelf.give_back(self._served)
            return begun

        def answer_now() -> Answer | None:
            if answer := begun.answer_now():
                self._shelf.give_back(self._served)
            return answer

        def abandon() -> None:
            begun.abandon()
            self._shelf.give_back(self._served)

        return Begun(
            descriptor=begun.descriptor,
            answer_now=answer_now,
            answer=lambda: self._until_closed(begun.answer),
            abandon=abandon,
        )

    def look_up(self, query: str, form: Format, base_iri: str) -> bytes | None:
        # What it has in memory is there after it is closed.
        return self._engine.look_up(query, form, base_iri)

    def _until_closed(self, evaluate: Callable[[], Answer]) -> Answer:
        try:
            answer = evaluate()
        except BaseException:
            self._shelf.give_back(self._served)
            raise
        is_closed = threading.Lock()

        def close() -> None:
            answer.close()
            if is_closed.acquire(blocking=False):
                self._shelf.give_back(self._served)

        return answer._replace(close=close)

    def close(self) -> None:
        self._engine.close()


class ServedReleases:
    """Hands out releases with their engines; its methods may be called from many threads."""

    def __init__(
        self,
        settings: Settings,
        release: Release,
        open_engine: OpenEngine,
        additions: Additions = NOTHING_ADDED,
    ) -> None:
        """Open the engine of the current release; raises EngineUnavailable.

        The additions are what the engines have beside a release.
        """
        self._settings = settings
        self._additions = additions
        self._open = open_engine
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._openers = threading.Semaphore(OLDER_QUEUE_LENGTH)
        self._older: dict[str, Served] = {}
        self._retired: list[Served] = []
        self._current = self._served(release, settings)

    @property
    def release(self) -> Release:
        """The current release."""
        return self._current.release

    @property
    def current(self) -> Served:
        """The current release with its engine, which may be closed unless it is lent."""
        return self._current

    @property
    def older(self) -> int:
        """How many older releases have an engine now."""
        return len(self._older)

    def borrow(self, version: str | None = None) -> Served:
        """Return the current release, or that of the version, to be given back after use.

        Raises UnknownRelease, QueueFull or EngineUnavailable.
        """
        if found := self._borrow_open(version):
            return found
        assert version is not None
        self._require_known(version)
        if not self._openers.acquire(blocking=False):
            raise QueueFull(
                f"{OLDER_QUEUE_LENGTH} requests wait for older releases to open; try again later"
            )
        try:
            with self._opening:
                return self._borrow_open(version) or self._open_older(version)
        finally:
            self._openers.release()

    def lend(self, served: Served) -> None:
        """Count one more use."""
        with self._lock:
            served.users += 1

    def give_back(self, served: Served) -> None:
        """End one use."""
        with self._lock:
            served.users -= 1
            served.last_used = time.monotonic()

    def switch_to(self, release: Release) -> None:
        """Serve the release from now on, once it has answered a query.

        Raises EngineError or QueryError where it does not: then all stays as it is.
        """
        served = self._served(release, self._settings)
        try:
            _prove(served)
        except LigneeError:
            served.engine.close()
            raise
        with self._lock:
            self._retired.append(self._current)
            self._current = served

    def tidy(self) -> None:
        """Close the engines that nobody uses: of releases replaced, and of older ones by and by."""
        idle_since = time.monotonic() - self._settings.older_idle_seconds
        with self._lock:
            done = [served for served in self._retired if not served.users]
            self._retired = [served for served in self._retired if served.users]
            for version, served in list(self._older.items()):
                if not served.users and served.last_used <= idle_since:
                    done.append(self._older.pop(version))
        for served in done:
            served.engine.close()

    def close(self) -> None:
        """Close all engines."""
        with self._lock:
            every = [self._current, *self._older.values(), *self._retired]
            self._older, self._retired = {}, []
        for served in every:
            served.engine.close()

    def _borrow_open(self, version: str | None) -> Served | None:
        with self._lock:
            current = self._current
            is_current = version in (None, current.label)
            found = current if is_current else self._older.get(version or "")
            if found:
                found.users += 1
            return found

    def _served(self, release: Release, settings: Settings) -> Served:
        engine = self._open(release, settings)
        served = Served(release, self._additions.label(release), engine)
        served.engine = _Borrowed(self, served, engine)
        return served

    def _require_known(self, version: str) -> None:
        if self._additions.files:
            raise UnknownRelease(
                f"only {self._current.label} can be queried here, a release with files beside it "
                "(--with); /releases lists all for download"
            )
        if self._settings.older_releases == 0:
            raise UnknownRelease(
                f"only the current release, {self.release.version}, can be queried here "
                "(--older-releases is 0); /releases lists all for download"
            )
        if version not in versions(self._settings.releases):
            raise UnknownRelease(f"there is no release {version}; /releases lists those there are")

    def _open_older(self, version: str) -> Served:
        self._make_room()
        settings = replace(
            self._settings, workers=1, queue_length=OLDER_QUEUE_LENGTH, lookup_max_quads=0
        )
        try:
            served = self._served(open_release(settings.releases, version), settings)
        except LigneeError as error:  # it may name folders of this machine
            _logger.error("release %s cannot be opened: %s", version, error)
            raise EngineUnavailable(
                f"release {version} cannot be opened; the server's log says why"
            ) from None
        with self._lock:
            served.users += 1
            self._older[version] = served
        return served

    def _make_room(self) -> None:
        """Close the older release that was not used for longest, where there are too many."""
        with self._lock:
            if len(self._older) < self._settings.older_releases:
                return
            idle = [version for version, served in self._older.items() if not served.users]
            if not idle:
                raise QueueFull(
                    f"{len(self._older)} older releases are being queried already, as many as "
                    "--older-releases allows; try again later"
                )
            oldest = self._older.pop(min(idle, key=lambda name: self._older[name].last_used))
        oldest.engine.close()


def _prove(served: Served) -> None:
    """Have the release answer a query; raises EngineError or QueryError."""
    answer = served.engine.evaluate(
        Request(query="ASK { ?s ?p ?o }", result_format=RESULT_FORMATS[3], graph_format=None)
    )
    try:
        holds_something = b"true" in b"".join(answer.body)
    finally:
        answer.close()
    if holds_something != bool(served.release.manifest.triples):
        raise EngineUnavailable(
            f"release {served.release.version} does not hold what its manifest says; "
            "`lignee verify` tells more"
        )
