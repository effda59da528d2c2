"""Notices a new release: it looks at the link `current`, and again at once when it is told to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lignee.engines.engine import Engine
from lignee.errors import LigneeError
from lignee.release import CURRENT, Release, open_release
from lignee.serve.operation.served import ServedReleases

_logger: Final = logging.getLogger(__name__)
_PAUSE_SECONDS: Final = 0.1


class Watch:
    """A thread that serves what `current` names, and closes what is served no longer.

    `prepare` is called with each release once it is served, for what its pages will ask.
    """

    def __init__(
        self, releases: Path, served: ServedReleases, prepare: Callable[[Engine, Release], None]
    ) -> None:
        self._current = releases / CURRENT
        self._served = served
        self._prepare_pages = prepare
        self._woken = threading.Event()
        self._is_stopped = False
        self._refused = ""
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def look_again(self) -> None:
        """Look now, also at a release that was refused before."""
        self._refused = ""
        self._woken.set()

    def stop(self) -> None:
        """Look no longer; what is being opened is opened first."""
        self._is_stopped = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        self._prepare()
        while not self._is_stopped:
            try:
                self._look()
                self._served.tidy()
            except Exception:  # one failed look must not end the thread: the next may succeed
                _logger.exception("a fault in the watch over releases")
            self._woken.wait(_PAUSE_SECONDS)
            self._woken.clear()

    def _look(self) -> None:
        before = self._served.release.version
        version = self._current.resolve().name
        if version in (before, self._refused) or not self._current.exists():
            return
        try:
            release = open_release(self._current.parent)
            self._served.switch_to(release)
        except LigneeError as error:
            self._refused = version
            _logger.error("release %s is not served, %s still is: %s", version, before, error)
            return
        self._prepare()
        print(f"Serving release {release.version} in place of {before}", flush=True)

    def _prepare(self) -> None:
        current = self._served.borrow()
        try:
            self._prepare_pages(current.engine, current.release)
        except LigneeError as error:
            _logger.warning(
                "pages of release %s are not prepared: %s", current.release.version, error
            )
        finally:
            self._served.give_back(current)
