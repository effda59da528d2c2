"""Answers from an engine, each evaluated once: for those who ask at once, and while it is held."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lignee.engines.engine import Answer, Cancellation, Engine, Request, Timings
from lignee.serve.http.cache import Cache, Held, Key
from lignee.serve.http.coalescing import Coalescing, Evaluation
from lignee.serve.http.record import CacheOutcome


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it is given: whole, or as a stream that may yet fail and has to be closed."""

    answer: Held | Answer
    outcome: CacheOutcome
    timings: Timings


class Answers:
    """Gives answers to requests; `cache` and `coalescing` count what they spared the engine."""

    def __init__(self, *, limit_bytes: int, most_waiting: int) -> None:
        self.cache = Cache(limit_bytes)
        self.coalescing = Coalescing[Held](most_waiting)

    def held(self, key: Key) -> Given | None:
        """Return the answer that is held under the key, or None."""
        found = self.cache.find(key)
        return Given(found, "hit", Timings()) if found else None

    def give(self, engine: Engine, asked: Request, key: Key | None) -> Given:
        """Return the answer; a request without a key is evaluated for itself alone.

        Raises QueryError or EngineError, as the evaluation did that the answer was to come from.
        """
        if key is None:
            return _evaluated(engine, asked, "none")
        held = self.held(key)
        self.cache.count(is_hit=held is not None)
        if held:
            return held
        if asked.timeout_seconds is not None:  # its deadline is nobody else's
            return self._evaluated_alone(engine, asked, key)
        return self._evaluated_once(engine, asked, key)

    def _evaluated_alone(self, engine: Engine, asked: Request, key: Key) -> Given:
        given = _evaluated(engine, asked, "miss")
        if isinstance(given.answer, Held) and given.answer.media_type == key.media_type:
            self.cache.hold(key, given.answer)
        return given

    def _evaluated_once(self, engine: Engine, asked: Request, key: Key) -> Given:
        cancellation = asked.cancellation or Cancellation()
        not_shared: list[Given] = []

        def evaluate(evaluation: Evaluation[Held]) -> Held | None:
            shared = replace(asked, cancellation=evaluation.cancellation)
            given = self._evaluated_alone(engine, shared, key)
            not_shared.append(given)
            if isinstance(given.answer, Held) and given.answer.media_type == key.media_type:
                return given.answer
            cancellation.subscribe(evaluation.cancellation.cancel)  # nobody else takes this one
            return None

        shared = self.coalescing.evaluate(key, cancellation, evaluate)
        if not_shared:
            return not_shared[0]
        if shared:
            return Given(shared, "shared", Timings())
        return _evaluated(engine, asked, "miss")


def _evaluated(engine: Engine, asked: Request, outcome: CacheOutcome) -> Given:
    answer = engine.evaluate(asked)
    if not answer.is_complete:
        return Given(answer, outcome, answer.timings)
    body = b"".join(answer.body)
    answer.close()
    return Given(Held(answer.media_type, body), outcome, answer.timings)
