"""The answer to a query over HTTP: whole or streamed, validated, coded, timed.

Conditional requests and validators follow https://www.rfc-editor.org/rfc/rfc9110#section-13, what
caches may do https://www.rfc-editor.org/rfc/rfc9111. Nothing here needs Flask, which takes longer
than a small query does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from werkzeug.http import parse_etags

from lignee.engines.determinism import is_deterministic
from lignee.engines.engine import Answer, Busy, Cancellation, Request, Timings
from lignee.engines.tokens import form_name
from lignee.formats import Format
from lignee.serve.context import Context
from lignee.serve.http import compression, negotiation
from lignee.serve.http.answers import Given, Giving
from lignee.serve.http.cache import IDENTITY, Cache, Held, Key, key_of
from lignee.serve.http.headers import COMMON
from lignee.serve.http.identity import digest_of
from lignee.serve.http.record import CacheOutcome, Notes, notes_of
from lignee.serve.operation.logs import log_query

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_CURRENT: Final = ("Cache-Control", "public, no-cache")
"""Kept by anyone, asked for each time: tomorrow another release may be the current one."""
_NAMED: Final = ("Cache-Control", "public, max-age=31536000, immutable")
_NEVER: Final = ("Cache-Control", "no-store")
_LONGEST_HELD: Final = 50_000
"""Characters of a query whose answer is held: reading a longer one takes longer than it is worth,
and nobody asks it twice."""
_UNTIMED: Final = Timings()
_VARY: Final = ("Vary", "Accept, Accept-Encoding")


@dataclass(slots=True)
class Reply:
    """A response as WSGI takes it: the iterable of its body, and what goes before."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Iterable[bytes] = ()
    call_off: Cancellation = field(default_factory=Cancellation)
    has_validator: bool = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body)

    def close(self) -> None:
        """Free the engine, if the answer is not at its end."""
        self.call_off.cancel()


class Question(NamedTuple):
    """A query with the HTTP request that asks it."""

    method: str
    held_tags: str | None
    """The validators of the answers that the client holds: `If-None-Match`."""
    asked: Request
    names_release: bool
    """The URL names the release, so that the answer holds for ever."""
    form: Format | None
    key: Key | None
    coding: str
    notes: Notes

    @property
    def is_safe(self) -> bool:
        """Tell whether the request is one whose answer may be validated."""
        return self.method in ("GET", "HEAD")


class Pending(NamedTuple):
    """A question whose answer is being evaluated; whoever has one calls `reply` or `abandon`."""

    question: Question
    giving: Giving
    cache: Cache

    def is_ready(self) -> bool:
        """Tell whether `reply` neither waits nor takes long."""
        size = self.giving.size_now()
        return size is not None and (not self.question.coding or size < compression.SMALLEST_BYTES)

    def reply(self) -> Reply:
        """Return the response; raises QueryError or EngineError."""
        return reply_with(self.question, self.giving.give(), self.cache)

    def abandon(self) -> None:
        """End the evaluation."""
        self.giving.abandon()


def reply_to(question: Question, context: Context) -> Reply:
    """Return the response to a query; raises QueryError, EngineError or NotAcceptable."""
    if context.settings.log_queries == "yes":
        log_query(question.notes.request_id, question.notes.query_digest, question.asked.query)
    return _finished(_not_modified(question) or _answered(question, context), question)


def question_to_begin(
    method: str, coding: str, asked: Request, context: Context, notes: Notes
) -> Question | None:
    """Return the question that the client asks, None for one that `begin` is not for."""
    question = _question(method, None, coding, asked, context, notes)
    return None if question.key is None or context.settings.log_queries == "yes" else question


def begin(
    question: Question, context: Context, waited_seconds: float = 0.0
) -> Pending | Busy | None:
    """Have the question's answer evaluated, if that can begin now; None where it never does."""
    assert question.key
    giving = context.answers.begin(context.engine, question.asked, question.key, waited_seconds)
    if not isinstance(giving, Giving):
        return giving
    question.notes.query_digest = digest_of(question.asked.query)  # while the worker is at it
    return Pending(question, giving, context.answers.cache)


def reply_with(question: Question, given: Given, cache: Cache) -> Reply:
    """Return the response that gives this answer."""
    return _finished(_reply(question, given, cache), question)


def headers_of_held(media_type: str) -> list[tuple[str, str]]:
    """Return the headers that all whole answers of a media type have alike, if they are held."""
    return [_content_type(media_type), _VARY, _CURRENT, *COMMON]


def _finished(reply: Reply, question: Question) -> Reply:
    notes = question.notes
    reply.headers.append(_VARY)
    if reply.has_validator:
        reply.headers.append(_NAMED if question.names_release else _CURRENT)
        notes.is_repeatable = question.method == "GET" and notes.cache in ("hit", "fresh")
    elif question.method == "GET":
        reply.headers.append(_NEVER)
    reply.headers.extend(COMMON)
    return reply


def question_of(
    environ: WSGIEnvironment, asked: Request, context: Context, *, names_release: bool = False
) -> Question:
    """Return the question that the request with that environment asks."""
    notes = notes_of(environ)
    notes.query_digest = digest_of(asked.query)
    return _question(
        environ["REQUEST_METHOD"],
        environ.get("HTTP_IF_NONE_MATCH"),
        compression.coding_for(environ.get("HTTP_ACCEPT_ENCODING", "")),
        asked,
        context,
        notes,
        names_release=names_release,
    )


def _question(
    method: str,
    held_tags: str | None,
    coding: str,
    asked: Request,
    context: Context,
    notes: Notes,
    *,
    names_release: bool = False,
) -> Question:
    form = _format_of(asked)
    key = None
    if form and is_repeatable(asked.query, context):
        key = key_of(
            context.label,
            asked.query,
            media_type=form.media_type,
            default_graphs=asked.default_graphs,
            named_graphs=asked.named_graphs,
            bindings={name: str(term) for name, term in asked.bindings.items()}
            if asked.bindings
            else None,
        )
    return Question(method, held_tags, asked, names_release, form, key, coding, notes)


def is_repeatable(query: str, context: Context) -> bool:
    """Tell whether the query has the same answer each time, and is worth finding that out."""
    if len(query) > _LONGEST_HELD:
        return False
    may_call = bool(context.settings.service_allow)
    return is_deterministic(query, may_call=may_call)


def _format_of(asked: Request) -> Format | None:
    """Return the format that an answer to the query will have, None where it will have none."""
    form = form_name(asked.query)
    if form is None:
        return None
    return asked.graph_format if form in ("CONSTRUCT", "DESCRIBE") else asked.result_format


def _not_modified(question: Question) -> Reply | None:
    """Return the response to a client that holds the answer already, coded or not."""
    if question.held_tags is None or question.key is None or not question.is_safe:
        return None
    held = parse_etags(question.held_tags)
    for coding in (question.coding, IDENTITY):
        tag = question.key.tag(coding)
        if held.contains_weak(tag) and not held.star_tag:
            question.notes.cache = "fresh"
            timing = ("Server-Timing", "cache;desc=fresh")
            return Reply(304, [("ETag", f'"{tag}"'), timing], has_validator=True)
    return None


def _answered(question: Question, context: Context) -> Reply:
    if question.method != "HEAD":
        given = context.answers.give(context.engine, question.asked, question.key)
        return _reply(question, given, context.answers.cache)
    if question.form is None:
        raise negotiation.not_acceptable(negotiation.all_media_types())
    if question.key and (held := context.answers.held(question.key)):
        reply = _reply(question, held, context.answers.cache)
        reply.body = ()
        return reply
    # How long the answer would be is known once it has been evaluated.
    return Reply(headers=[_content_type(question.form.media_type)])


def _reply(question: Question, given: Given, cache: Cache) -> Reply:
    question.notes.cache = given.outcome
    if isinstance(given.answer, Held):
        reply = _whole(question, given.answer, cache)
    else:
        reply = _streamed(question, given.answer)
    reply.headers.append(("Server-Timing", server_timing(given.timings, given.outcome)))
    return reply


def _whole(question: Question, held: Held, cache: Cache) -> Reply:
    coding = question.coding if len(held.body) >= compression.SMALLEST_BYTES else IDENTITY
    body = _coded(held, question.key, coding, cache) if coding else held.body
    reply = Reply(
        headers=[_content_type(held.media_type), ("Content-Length", str(len(body)))], body=(body,)
    )
    if coding:
        reply.headers.append(("Content-Encoding", coding))
    if question.key and question.is_safe:
        reply.headers.append(("ETag", f'"{question.key.tag(coding)}"'))
        reply.has_validator = True
    return reply


def _coded(held: Held, key: Key | None, coding: str, cache: Cache) -> bytes:
    if key and (found := cache.find(key, coding)):
        return found.body
    body = compression.compress(held.body, coding)
    if key:
        cache.hold(key, Held(held.media_type, body), coding)
    return body


def _streamed(question: Question, answer: Answer) -> Reply:
    coding = question.coding
    reply = Reply(
        headers=[_content_type(answer.media_type)],
        body=compression.compressed(answer.body, coding) if coding else answer.body,
    )
    reply.call_off.subscribe(answer.close)
    if coding:
        reply.headers.append(("Content-Encoding", coding))
    return reply


def _content_type(media_type: str) -> tuple[str, str]:
    return ("Content-Type", negotiation.content_type(media_type))


def server_timing(timings: Timings, outcome: CacheOutcome) -> str:
    """Return the header's value (https://www.w3.org/TR/server-timing/)."""
    cache = f"cache;desc={outcome}"
    if timings == _UNTIMED:
        return cache
    return (
        f"queue;dur={timings.queue_seconds * 1000:.2f}, "
        f"evaluate;dur={timings.evaluate_seconds * 1000:.2f}, "
        f"serialise;dur={timings.serialise_seconds * 1000:.2f}, {cache}"
    )
