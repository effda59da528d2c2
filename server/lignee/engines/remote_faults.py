"""What a remote engine's status, headers and words mean, as errors of ours."""

from __future__ import annotations

import html
import logging
import re
from http.client import HTTPResponse
from typing import Final

from lignee import errors

_logger: Final = logging.getLogger(__name__)
_LONGEST_MESSAGE: Final = 1_000
_OUT_OF_TIME: Final = re.compile(
    r"S1T00|estimated execution time|timed?[ -]?out|time limit|deadline|canceled|cancelled",
    re.IGNORECASE,
)
_TAGS: Final = re.compile(r"<(?:head|style|script)\b.*?</|</?[a-zA-Z][^<>]*>", re.DOTALL)
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_PLACE: Final = re.compile(r"\b(?:error at |line )(\d+)(?::|,? column )(\d+)")
_QUOTED_QUERY: Final = "SPARQL query:"
"""Virtuoso repeats the query behind its complaint, with what it put before it."""
_MAX_ROWS: Final = "X-SPARQL-MaxRows"
_STATE: Final = "X-SQL-State"
_INTERRUPTED: Final = "S1TAT"
"""What Virtuoso says of a query that it interrupted, in front of a part of its answer."""


class PartialAnswer(errors.EngineUnavailable):
    """The server left out all solutions after the first so many, and says so."""

    def __init__(self, message: str, *, solutions: int) -> None:
        super().__init__(message)
        self.solutions = solutions


def refuse_partial(response: HTTPResponse) -> None:
    """Raise an error for an answer whose own head says that it is a part of the whole."""
    if response.status == 206 or response.getheader(_STATE) == _INTERRUPTED:
        raise errors.DeadlineReached(
            "the query took longer than the SPARQL server behind this one allows, and only a part "
            "of its answer was found; ask for less at a time, or download the dumps"
        )
    most = response.getheader(_MAX_ROWS, "")
    if most.isdecimal():
        raise PartialAnswer(
            f"the answer has {most} solutions or more, and the SPARQL server behind this one "
            "leaves out the rest; ask for less at a time, or download the dumps",
            solutions=int(most),
        )


def fault_of(status: int, words: str) -> errors.LigneeError:
    """Return the error that an answer with this status other than 200 stands for."""
    words = plain(words.partition(_QUOTED_QUERY)[0])
    if status in (408, 504) or (status >= 500 and _OUT_OF_TIME.search(words)):
        return errors.DeadlineReached(
            "the query took longer than the SPARQL server behind this one allows; ask for less "
            "at a time, or download the dumps"
        )
    if status == 400:
        found = _PLACE.search(words)
        line, column = (int(found[1]), int(found[2])) if found else (0, 0)
        return errors.MalformedQuery(
            f"the query is refused: {words or 'without a reason'}", line=line, column=column
        )
    if status == 406:
        return errors.UnsupportedFormat(
            "the SPARQL server behind this one does not write that format; ask for another"
        )
    if status in (401, 403):
        return unavailable(
            f"the SPARQL server behind this one refuses the credentials ({status}); its operator "
            "sets LIGNEE_ENGINE_USER and LIGNEE_ENGINE_PASSWORD, or LIGNEE_ENGINE_TOKEN",
            words,
        )
    if status in (301, 302, 303, 307, 308, 404, 405, 410):
        return unavailable(
            f"there is no SPARQL endpoint where --engine says ({status}); its operator gives the "
            "URL of the query service itself",
            words,
        )
    return unavailable(
        f"the SPARQL server behind this one did not answer the query ({status}): "
        f"{words[:300] or 'it gives no reason'}",
        words,
    )


def unavailable(message: str, details: str = "") -> errors.EngineUnavailable:
    """Return the error for an engine that does not answer; the log gets the details."""
    _logger.error("the SPARQL server at --engine: %s", plain(details) or message)
    return errors.EngineUnavailable(message)


def plain(text: str) -> str:
    """Return foreign words as one bounded line of plain text."""
    without_tags = html.unescape(_TAGS.sub(" ", text[: 20 * _LONGEST_MESSAGE]))
    return _UNSEEN.sub(" ", without_tags).strip()[:_LONGEST_MESSAGE]
