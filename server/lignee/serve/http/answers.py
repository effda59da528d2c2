"""Answers from an engine, each evaluated once: for those who ask at once, and while it is held."""

from __future__ import annotations

from typing import NamedTuple

from lignee.engines.engine import Answer, Begun, Busy, Cancellation, Engine, Request, Timings
from lignee.serve.http.cache import Cache, Held, Key
from lignee.serve.http.coalescing import Coalescing, Evaluation
from lignee.serve.http.record import CacheOutcome


class Given(NamedTuple):
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
            return _given(engine.evaluate(asked), "none")
        held = self.held(key)
        self.cache.count(is_hit=held is not None)
        if held:
            return held
        if asked.timeout_seconds is not None:  # its deadline is nobody else's
            return self.kept(engine.evaluate(asked), key)
        return self._evaluated_once(engine, asked, key)

    def hold(self, key: Key, found: Held) -> None:
        """Hold an answer that was looked up."""
        self.cache.count(is_hit=False)
        self.cache.hold(key, found)

    def begin(
        self, engine: Engine, asked: Request, key: Key, waited_seconds: float
    ) -> Giving | Busy | None:
        """Have the answer evaluated, if the engine can; None where it is held, or under way.

        The request must set no deadline of its own.
        """
        cancellation = asked.cancellation or Cancellation()
        if self.cache.find(key) or not (evaluation := self.coalescing.begin(key, cancellation)):
            return None
        begun = engine.begin(asked, evaluation.cancellation, waited_seconds)
        if not isinstance(begun, Begun):
            self.coalescing.end(key, evaluation, lambda _: None)
            return begun
        self.cache.count(is_hit=False)
        return Giving(self, begun, key, evaluation, cancellation)

    def _evaluated_once(self, engine: Engine, asked: Request, key: Key) -> Given:
        cancellation = asked.cancellation or Cancellation()
        led: list[Given] = []

        def lead(evaluation: Evaluation[Held]) -> Held | None:
            answer = engine.evaluate(asked._replace(cancellation=evaluation.cancellation))
            led.append(self.kept(answer, key))
            return _shareable(led[0], key, evaluation, cancellation)

        shared = self.coalescing.evaluate(key, cancellation, lead)
        if led:
            return led[0]
        if shared:
            return Given(shared, "shared", Timings())
        return _given(engine.evaluate(asked), "miss")

    def kept(self, answer: Answer, key: Key) -> Given:
        """Return the answer, which is held from here on if it is whole and of the key's kind."""
        given = _given(answer, "miss")
        if isinstance(given.answer, Held) and given.answer.media_type == key.media_type:
            self.cache.hold(key, given.answer)
        return given


class Giving:
    """An answer that is being evaluated; whoever has one calls `give` or `abandon`."""

    def __init__(
        self,
        answers: Answers,
        begun: Begun,
        key: Key,
        evaluation: Evaluation[Held],
        cancellation: Cancellation,
    ) -> None:
        self._answers = answers
        self._begun = begun
        self._key = key
        self._evaluation = evaluation
        self._cancellation = cancellation
        self._answer: Answer | None = None
        self._led: Given | None = None
        self.descriptor = begun.descriptor
        """Can be read from when something of the answer has come."""

    def size_now(self) -> int | None:
        """Return how long the answer is where all of it is here: `give` will not wait then."""
        self._answer = self._answer or self._begun.answer_now()
        return self._answer.size_bytes if self._answer else None

    def give(self) -> Given:
        """Return the answer, waiting for it; raises QueryError or EngineError."""
        self._answers.coalescing.end(self._key, self._evaluation, self._lead)
        assert self._led
        return self._led

    def abandon(self) -> None:
        """End the evaluation, unless others wait for it too: then one of them begins anew."""
        self._begun.abandon()
        self._answers.coalescing.end(self._key, self._evaluation, lambda _: None)

    def _lead(self, evaluation: Evaluation[Held]) -> Held | None:
        answer = self._answer or self._begun.answer()
        self._led = self._answers.kept(answer, self._key)
        return _shareable(self._led, self._key, evaluation, self._cancellation)


def _given(answer: Answer, outcome: CacheOutcome) -> Given:
    if not answer.is_complete:
        return Given(answer, outcome, answer.timings)
    body = b"".join(answer.body)
    answer.close()
    return Given(Held(answer.media_type, body), outcome, answer.timings)


def _shareable(
    given: Given, key: Key, evaluation: Evaluation[Held], cancellation: Cancellation
) -> Held | None:
    """Return the answer for others; one that nobody else takes is called off with its client."""
    if isinstance(given.answer, Held) and given.answer.media_type == key.media_type:
        return given.answer
    cancellation.subscribe(evaluation.cancellation.cancel)
    return None
