"""Latency of single queries: cold, each in words never used before, and warm, asked again."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from runner import answers
from runner.answers import Answer
from runner.connection import Reply, Silent
from runner.field import Entrant, Field
from runner.queries import Query

FIRST: Final = "lignee"
"""The peer that others are set in proportion to, and whose answers they are compared with."""
_FEWEST: Final = 3
_TURN: Final = 5
_TURN_SECONDS: Final = 0.025
"""A peer is asked a few times in a row, so that a small query finds it awake as under work."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure."""

    rounds: int
    query_seconds: float
    """Once a query has taken a peer this long in all, the fewest rounds are enough."""
    patience_seconds: float
    """A peer that takes longer for one answer has failed."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one query at one peer."""

    rounds: int
    replies: int
    median: float
    p95: float
    low: float
    high: float
    """The quartiles."""
    first_byte: float
    ratio: float | None = None
    """Lignée's time to this peer's, the median over rounds in which both were asked."""


@dataclass(slots=True)
class _Course:
    """What one peer does with one query, round by round."""

    entrant: Entrant
    turns: list[list[Reply]] = field(default_factory=list)
    answer: Answer | None = None
    fault: str = ""

    @property
    def replies(self) -> list[Reply]:
        return [reply for turn in self.turns for reply in turn]

    @property
    def spent(self) -> float:
        return sum(reply.seconds for reply in self.replies)


def cold(
    queries: Iterable[Query], field_: Field, effort: Effort, told: Callable[[str], object]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield for each query, by name, the latencies and how answers differ from Lignée's."""
    for query in queries:
        courses = _courses(query, field_)
        _run(query, courses, effort)
        yield query.name, _record(courses)
        told(_line(query.name, courses))
        for name, course in courses.items():
            if course.fault.startswith("silent"):
                field_.fell_silent(name)


def warm(queries: Iterable[Query], entrant: Entrant, times: int) -> dict[str, float]:
    """Return the median milliseconds of each query when it was just asked before."""
    found = {}
    for query in queries:
        try:
            first = entrant.asker.ask(query.text, query.accept)
            if first.status != 200 or first.seconds > 1:
                continue
            taken = [entrant.asker.ask(query.text, query.accept).seconds for _ in range(times)]
        except Silent:
            continue
        found[query.name] = milliseconds(statistics.median(taken))
    return found


def known(
    queries: Mapping[str, Query], field_: Field, other: str, effort: Effort
) -> dict[str, dict[str, float | str]]:
    """Return what Lignée takes where the release knows the answer, beside the plain question."""
    found: dict[str, dict[str, float | str]] = {}
    ours, theirs = field_[FIRST], field_[other]
    for query in (query for query in queries.values() if query.known):
        mine, plain = [], []
        first = _known(query, queries, ours)  # the first search reads the labels, once
        if first.status != 200:
            found[query.name] = {"way": query.known, "reason": _said(first)}
            continue
        for _ in range(effort.rounds):
            try:
                mine.append(_known(query, queries, ours).seconds)
                plain.append(
                    theirs.asker.ask(
                        query.never_asked(), query.accept, seconds=effort.patience_seconds
                    ).seconds
                )
            except Silent:
                break
            if sum(plain) > effort.query_seconds and len(plain) >= _FEWEST:
                break
        if mine and plain:
            ratio = statistics.median(b / a for a, b in zip(mine, plain, strict=False))
            found[query.name] = {
                "way": query.known,
                "ours": milliseconds(statistics.median(mine)),
                "plainly": milliseconds(statistics.median(plain)),
                "times_faster": round(ratio, 2),
            }
    return found


def _known(query: Query, queries: Mapping[str, Query], ours: Entrant) -> Reply:
    if not query.known.startswith("/"):
        return ours.asker.ask(queries[f"known/{query.known}"].never_asked())
    assert ours.running.endpoint
    target = f"{query.known}&never={time.time_ns()}"
    request = ours.running.endpoint.get(target, "application/json")
    connection = ours.asker
    assert hasattr(connection, "exchange")
    reply: Reply = connection.exchange(request)
    return reply


def _said(reply: Reply) -> str:
    try:
        return f"{reply.status}: {json.loads(reply.body)['detail']}"
    except (ValueError, KeyError):
        return str(reply.status)


def _courses(query: Query, field_: Field) -> dict[str, _Course]:
    return {
        entrant.peer.name: _Course(entrant)
        for entrant in field_
        if entrant.peer.has_named_graphs or not query.is_by_graph
    }


def _run(query: Query, courses: dict[str, _Course], effort: Effort) -> None:
    order = list(courses.values())
    for number in range(effort.rounds):
        for course in order if number % 2 == 0 else reversed(order):
            is_enough = course.spent > effort.query_seconds and len(course.turns) >= _FEWEST
            is_slow = course.turns and course.turns[-1][-1].seconds > effort.query_seconds
            if not (course.fault or is_enough or is_slow):
                _take_turn(query, course, effort)


def _take_turn(query: Query, course: _Course, effort: Effort) -> None:
    turn: list[Reply] = []
    while len(turn) < _TURN and sum(reply.seconds for reply in turn) < _TURN_SECONDS:
        if reply := _ask(query, course, effort):
            turn.append(reply)
        if course.fault:
            break
    if turn:
        course.turns.append(turn)


def _ask(query: Query, course: _Course, effort: Effort) -> Reply | None:
    try:
        reply = course.entrant.asker.ask(
            query.never_asked(), query.accept, seconds=effort.patience_seconds
        )
    except Silent as error:
        course.fault = f"silent: {error}"
        return None
    if course.answer is None:
        course.answer = answers.read(reply, query.accept)
        course.fault = course.answer.fault
    elif reply.status != 200:
        course.fault = answers.read(reply, query.accept).fault
    return None if course.fault else reply


def _record(courses: dict[str, _Course]) -> dict[str, object]:
    ours = courses.get(FIRST)
    said = {name: course.answer for name, course in courses.items() if course.answer}
    is_answered = FIRST in said and not said[FIRST].fault
    differs = answers.compared(said, FIRST) if is_answered else {}
    differs |= {name: course.fault for name, course in courses.items() if course.fault}
    solutions = said[FIRST].solutions.total() if FIRST in said else 0
    return {
        "solutions": solutions,
        "peers": {
            name: asdict(_latency(course.turns, ours.turns if ours else []))
            for name, course in courses.items()
            if course.turns
        },
        "differs": differs,
    }


def _latency(turns: list[list[Reply]], ours: list[list[Reply]]) -> Latency:
    replies = [reply for turn in turns for reply in turn]
    taken = sorted(reply.seconds for reply in replies)
    pairs = list(zip(map(_median, ours), map(_median, turns), strict=False))
    last = len(taken) - 1
    return Latency(
        len(turns),
        len(taken),
        milliseconds(statistics.median(taken)),
        milliseconds(taken[round(last * 0.95)]),
        milliseconds(taken[round(last * 0.25)]),
        milliseconds(taken[round(last * 0.75)]),
        milliseconds(statistics.median(reply.first_byte_seconds for reply in replies)),
        round(statistics.median(a / b for a, b in pairs), 4) if pairs else None,
    )


def _median(turn: list[Reply]) -> float:
    return statistics.median(reply.seconds for reply in turn)


def _line(name: str, courses: dict[str, _Course]) -> str:
    parts = [
        f"{peer} {_median(course.replies) * 1000:.2f}" if course.turns else f"{peer} –"
        for peer, course in courses.items()
    ]
    return f"{name}: {', '.join(parts)} ms"


def milliseconds(seconds: float) -> float:
    """Return seconds as results keep them: in milliseconds, to a tenth of a microsecond."""
    return round(seconds * 1000, 4)
