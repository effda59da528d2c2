"""Every error as an HTTP answer: one table of statuses, one shape for programs, one page.

Programs get `application/problem+json` (https://www.rfc-editor.org/rfc/rfc9457), browsers a page;
both hold the one sentence that says what was wrong and what to do.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from lignee import errors
from lignee.serve.http.negotiation import PROBLEM, prefers_page
from lignee.serve.http.record import notes_of

_logger: Final = logging.getLogger(__name__)

STATUSES: Final[Mapping[type[errors.LigneeError], HTTPStatus]] = {
    errors.PlacedQueryError: HTTPStatus.BAD_REQUEST,
    errors.MalformedQuery: HTTPStatus.BAD_REQUEST,
    errors.ServiceRefused: HTTPStatus.BAD_REQUEST,
    errors.UnknownRelease: HTTPStatus.BAD_REQUEST,
    errors.UnknownResource: HTTPStatus.NOT_FOUND,
    errors.RetiredResource: HTTPStatus.GONE,
    errors.UnknownParameter: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadParameter: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MalformedBatch: HTTPStatus.BAD_REQUEST,
    errors.BatchTooLong: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedFormat: HTTPStatus.NOT_ACCEPTABLE,
    errors.DeadlineReached: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.MemoryBudgetReached: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QueueFull: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ClientQueueFull: HTTPStatus.TOO_MANY_REQUESTS,
    errors.EngineUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.CalledOff: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ServiceFailed: HTTPStatus.BAD_GATEWAY,
    errors.WorkerLost: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each error; any other of ours is a fault of the server."""

RETRY_AFTER_SECONDS: Final[Mapping[type[errors.LigneeError], int]] = {
    errors.DeadlineReached: 60,
    errors.MemoryBudgetReached: 60,
    errors.QueueFull: 5,
    errors.ClientQueueFull: 5,
    errors.EngineUnavailable: 5,
    errors.WorkerLost: 1,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with one request; `title` is the same for all of its kind."""

    status: HTTPStatus
    title: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict)


_FAULT: Final = Problem(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
    "The server met a fault of its own; it has been logged.",
)


def install(app: Flask) -> None:
    """Have the application answer every error as a problem."""
    app.register_error_handler(errors.LigneeError, lambda error: respond(problem_of(error)))
    app.register_error_handler(HTTPException, lambda error: respond(_problem_of_http(error)))
    app.register_error_handler(Exception, _answer_fault)


def problem_of(error: errors.LigneeError) -> Problem:
    """Return the problem that one of our errors is to a client."""
    kind = next((kind for kind in type(error).mro() if kind in STATUSES), None)
    if kind is None:  # it may name folders of this machine, which are nobody's business
        _logger.error("%s: %s", type(error).__name__, error)
        return _FAULT
    status = STATUSES[kind]
    seconds = RETRY_AFTER_SECONDS.get(kind)
    more: dict[str, str | int | tuple[str, ...]] = {"error": kind.__name__}
    if isinstance(error, errors.UnknownResource) and error.near:
        more["near"] = error.near
    if isinstance(error, errors.PlacedQueryError) and error.line:
        more |= {"line": error.line, "column": error.column}
    if isinstance(error, errors.MalformedBatch) and error.pointer:
        more["pointer"] = error.pointer
    return Problem(
        status,
        status.phrase,
        _sentence(str(error)),
        {"Retry-After": str(seconds)} if seconds else {},
        more,
    )


def respond(problem: Problem) -> Response:
    """Return the answer, as a page or as JSON by what the client prefers."""
    notes = notes_of(request.environ)
    notes.error = str(problem.more.get("error", problem.title))
    if g.get("wants_page") or prefers_page(request):
        text = render_template("problem.html", problem=problem, query=g.get("query"))
        response = Response(text, mimetype="text/html")
    else:
        content = {
            "type": "about:blank",
            "title": problem.title,
            "status": int(problem.status),
            "detail": problem.detail,
            **problem.more,
            "request_id": notes.request_id,
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        response = Response(text + "\n", mimetype=PROBLEM)
    response.status_code = problem.status
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _problem_of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.code or 500)
    kept = ("Allow", "Content-Range", "Accept-Ranges", "Location", "Accept-Post", "Accept-Encoding")
    given = error.get_response().headers
    headers = {name: given[name] for name in kept if name in given}
    return Problem(status, status.phrase, _sentence(_told(error) or status.phrase), headers)


def _told(error: HTTPException) -> str | None:
    """Return what the error says; naming address and remedy where Werkzeug would not."""
    if isinstance(error, NotFound) and error.description == NotFound.description:
        place = request.path
        return f"there is nothing at {place}; check the address, or search by name at /search"
    if isinstance(error, MethodNotAllowed) and error.description == MethodNotAllowed.description:
        taken = ", ".join(sorted(error.valid_methods or ()))
        return f"{request.path} does not take {request.method}; it takes {taken}"
    return error.description


def _answer_fault(error: Exception) -> Response:
    _logger.error("a fault of the server", exc_info=error)
    return respond(_FAULT)


def _sentence(text: str) -> str:
    """Return the text as a sentence: it starts with a capital and ends with a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
