"""The answer to a query over HTTP: whole or streamed, validated, coded, timed.

Conditional requests and validators follow https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests,
what caches may do https://www.rfc-editor.org/rfc/rfc9111.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flask import Response, request

from lignee import formats
from lignee.engines.determinism import is_deterministic
from lignee.engines.engine import Answer, Request
from lignee.engines.tokens import Token, form_of, tokens
from lignee.serve.context import context
from lignee.serve.http import compression, identity, negotiation
from lignee.serve.http.answers import Given
from lignee.serve.http.cache import IDENTITY, Held, Key, key_of
from lignee.serve.http.compression import SMALLEST_BYTES
from lignee.serve.http.record import Notes, notes_of
from lignee.serve.operation.logs import log_query

_CURRENT: Final = "public, no-cache"
"""Kept by anyone, asked for each time: tomorrow another release may be the current one."""
_NAMED: Final = "public, max-age=31536000, immutable"
_NEVER: Final = "no-store"
_SAFE: Final = ("GET", "HEAD")


def respond(asked: Request, *, names_release: bool = False) -> Response:
    """Return the response to a query; raises QueryError, EngineError or NotAcceptable.

    `names_release` says that the URL does, so that the answer holds for ever.
    """
    query = list(tokens(asked.query))
    form = _format_of(query, asked)
    key = _key(query, asked, form) if form else None
    notes = notes_of(request.environ)
    notes.query_digest = identity.digest_of(asked.query)
    if context().settings.log_queries == "yes":
        log_query(notes.request_id, notes.query_digest, asked.query)
    coding = compression.coding_for(request.headers.get("Accept-Encoding", ""))
    if key and (tag := _tag_that_client_has(key, coding)):
        response = _not_modified(tag, notes)
    elif request.method == "HEAD":
        response = _head(key, form, coding, notes)
    else:
        given = context().answers.give(context().engine, asked, key)
        response = _response(given, key, coding, notes)
    if "ETag" in response.headers:
        response.headers["Cache-Control"] = _NAMED if names_release else _CURRENT
        notes.is_repeatable = request.method == "GET" and notes.cache in ("hit", "fresh")
    elif request.method == "GET":
        response.headers["Cache-Control"] = _NEVER
    response.vary.update(("Accept", "Accept-Encoding"))
    return response


def all_media_types() -> Iterator[str]:
    """Yield what an answer can be had as."""
    for form in (*formats.RESULT_FORMATS, *formats.GRAPH_FORMATS):
        yield form.media_type


def _format_of(
    query: list[Token], asked: Request
) -> formats.GraphFormat | formats.ResultFormat | None:
    """Return the format that an answer to the query will have, None where it will have none."""
    form = form_of(query)
    if form is None:
        return None
    return asked.graph_format if form.is_word("CONSTRUCT", "DESCRIBE") else asked.result_format


def _key(
    query: list[Token], asked: Request, form: formats.GraphFormat | formats.ResultFormat
) -> Key | None:
    if asked.bindings or not is_deterministic(query):
        return None
    return key_of(
        context().release.version,
        asked.query,
        media_type=form.media_type,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
    )


def _tag_that_client_has(key: Key, coding: str) -> str | None:
    """Return the tag of the answer that the client holds already, coded or not, or None."""
    if request.method not in _SAFE or not (held := request.if_none_match):
        return None
    return next(
        (tag for tag in (key.tag(coding), key.tag()) if held.is_weak(tag) or tag in held), None
    )


def _not_modified(tag: str, notes: Notes) -> Response:
    notes.cache = "fresh"
    response = Response(status=304)
    del response.headers["Content-Type"]
    response.set_etag(tag)
    response.headers["Server-Timing"] = "cache;desc=fresh"
    return response


def _head(
    key: Key | None,
    form: formats.GraphFormat | formats.ResultFormat | None,
    coding: str,
    notes: Notes,
) -> Response:
    """Answer as GET would, as far as that is known without evaluating the query."""
    if form is None:
        raise negotiation.not_acceptable(all_media_types())
    if key and (held := context().answers.held(key)):
        return _response(held, key, coding, notes)
    response = Response(content_type=negotiation.content_type(form.media_type))
    response.automatically_set_content_length = False  # how long it would be is not known
    return response


def _response(given: Given, key: Key | None, coding: str, notes: Notes) -> Response:
    notes.cache = given.outcome
    if isinstance(given.answer, Held):
        response = _whole(given.answer, key, coding)
    else:
        response = _streamed(given.answer, coding)
    response.headers["Server-Timing"] = _server_timing(given)
    return response


def _whole(held: Held, key: Key | None, coding: str) -> Response:
    if len(held.body) < SMALLEST_BYTES:
        coding = IDENTITY
    body = _coded(held, key, coding) if coding else held.body
    response = Response(body, content_type=negotiation.content_type(held.media_type))
    if coding:
        response.content_encoding = coding
    if key and request.method in _SAFE:
        response.set_etag(key.tag(coding))
    return response


def _coded(held: Held, key: Key | None, coding: str) -> bytes:
    cache = context().answers.cache
    if key and (found := cache.find(key, coding)):
        return found.body
    body = compression.compress(held.body, coding)
    if key:
        cache.hold(key, Held(held.media_type, body), coding)
    return body


def _streamed(answer: Answer, coding: str) -> Response:
    # Not `direct_passthrough`, with which Werkzeug calls nothing on close.
    response = Response(
        compression.compressed(answer.body, coding) if coding else answer.body,
        content_type=negotiation.content_type(answer.media_type),
    )
    response.call_on_close(answer.close)
    if coding:
        response.content_encoding = coding
    return response


def _server_timing(given: Given) -> str:
    """Return the header's value; see https://www.w3.org/TR/server-timing/#the-server-timing-header-field."""
    timings = given.timings
    steps = {
        "queue": timings.queue_seconds,
        "evaluate": timings.evaluate_seconds,
        "serialise": timings.serialise_seconds,
    }
    shown = [f"{name};dur={seconds * 1000:.2f}" for name, seconds in steps.items() if seconds]
    return ", ".join([*shown, f"cache;desc={given.outcome}"])
