"""The engine that the settings ask for: embedded, or a SPARQL server that holds the release."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace
from typing import Final

from lignee.engines.additions import NOTHING_ADDED, Additions
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.engine import Answer, Begun, Busy, Cancellation, Closing, Engine, Request
from lignee.engines.read_ahead import read_ahead
from lignee.engines.remote import RemoteEngine
from lignee.engines.remote_faults import PartialAnswer
from lignee.engines.remote_release import loaded_version, scope_of
from lignee.engines.tally import Tally
from lignee.errors import EngineUnavailable
from lignee.formats import Format, result_format
from lignee.release import Release
from lignee.settings import Settings

_PATIENCE_SECONDS: Final = 20.0
_PROBED_SOLUTIONS: Final = 100_001
"""More than any limit that servers are shipped with, and asked for in a tenth of a second."""


def open_engine(
    release: Release,
    settings: Settings,
    tally: Tally | None = None,
    additions: Additions = NOTHING_ADDED,
) -> Engine:
    """Return the engine for the release; whoever asked closes it. The tally counts its workers.

    Additions are for an embedded engine only.

    Raises EngineUnavailable where the engine cannot be started or reached, holds another release,
    or cuts results; SettingError for an --engine that is no URL.
    """
    if not settings.engine:
        if release.has_store and release.manifest.quads > settings.memory_store_max_quads:
            read_ahead(release.store)
        return EmbeddedEngine(release, settings, tally, additions, with_lookups=True)
    with contextlib.ExitStack() as opened:
        patient = replace(
            settings, timeout_seconds=max(settings.timeout_seconds, _PATIENCE_SECONDS)
        )
        engine = opened.enter_context(RemoteEngine(patient))
        _require_release(engine, release)
        scope = scope_of(engine, release)
        _require_whole_results(engine, release)
    return ReleaseEngine(RemoteEngine(settings, scope, tally), release)


class ReleaseEngine(Closing):
    """A remote engine that answers only as long as its server holds the release that is served.

    What a release answers is kept by its version, so an answer of another would be kept too. A
    release that was found is taken to be there for `checked_seconds` more.
    """

    def __init__(self, engine: Engine, release: Release, *, checked_seconds: float = 5.0) -> None:
        self._engine = engine
        self._checked_seconds = checked_seconds
        self._release = release
        self._checking = threading.Lock()
        self._checked = time.monotonic()

    def evaluate(self, request: Request) -> Answer:
        """Return the answer; raises QueryError, or EngineError where the release is gone too."""
        is_due = time.monotonic() - self._checked >= self._checked_seconds
        if is_due and self._checking.acquire(blocking=False):  # else another thread is at it
            try:
                _require_release(self._engine, self._release)
                self._checked = time.monotonic()
            finally:
                self._checking.release()
        return self._engine.evaluate(request)

    def begin(
        self, request: Request, cancellation: Cancellation, waited_seconds: float = 0.0
    ) -> Begun | Busy | None:
        """Begin as the engine below does."""
        return self._engine.begin(request, cancellation, waited_seconds)

    def look_up(self, query: str, form: Format, base_iri: str) -> bytes | None:
        """Look it up as the engine below does."""
        return self._engine.look_up(query, form, base_iri)

    def close(self) -> None:
        """Close the engine below."""
        self._engine.close()


def _require_release(engine: Engine, release: Release) -> None:
    found = loaded_version(engine, release)
    if found == release.version:
        return
    held = f"holds release {found}" if found else "holds no release of this dataset as a whole"
    raise EngineUnavailable(
        f"the SPARQL server behind this one {held}, and {release.version} is to be served; "
        "`lignee publish --engine URL` loads it"
    )


def _require_whole_results(engine: Engine, release: Release) -> None:
    """Raise EngineUnavailable where a large result comes back smaller than it is.

    Virtuoso says of a result set that it was cut, and nothing of a graph (measured with 7.2.5.1).
    """
    pairs = "?a ?b ?c . ?d ?e ?f"
    expected = min(_PROBED_SOLUTIONS, release.manifest.triples**2)
    request = Request(
        query=f"SELECT (1 AS ?x) {{ {pairs} }} LIMIT {_PROBED_SOLUTIONS}",
        result_format=result_format("csv"),
        graph_format=None,
    )
    try:
        answer = engine.evaluate(request)
        with contextlib.closing(answer):
            found = sum(piece.count(b"\n") for piece in answer.body) - 1
    except PartialAnswer as error:
        found = error.solutions
    if found < expected:
        raise EngineUnavailable(
            f"the SPARQL server behind this one cuts results after {found:,} solutions; have its "
            "operator lift that limit (Virtuoso: no ResultSetMaxRows in the section [SPARQL])"
        )
