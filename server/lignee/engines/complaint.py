"""What is wrong with a query that does not parse: a place and a sentence.

pyoxigraph's parser tries each keyword on as many characters as the keyword has, and reports how
far it looked: up to fourteen characters, or a line, beyond the fault. So a query that failed is
parsed again with wide spaces between its tokens, where that distance leads to no other token.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pyoxigraph import Store

from lignee.engines.query_text import refuse_update
from lignee.engines.tokens import Token, form_of, place_of, tokens
from lignee.errors import MalformedQuery
from lignee.iris import is_absolute_iri

_SPACE: Final = " " * 32
_LONGEST: Final = 65_536
"""Longer queries are not parsed again: the place is then the parser's own."""
_PLACE: Final = re.compile(r"(?:error at )?(\d+):(\d+): (?:expected (?:one of )?)?(.*)", re.DOTALL)
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_NO_PREFIX: Final = "Prefix not found"
_UNSPACED: Final = frozenset("<>|")
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class _Fault:
    token: Token | None
    reason: str
    line: int
    column: int


def complaint(text: str, error: SyntaxError, base_iri: str | None = None) -> MalformedQuery:
    """Return the error to raise for a query that pyoxigraph refused to parse."""
    form = form_of(tokens(text))
    refuse_update(text, form)
    fault = _fault_of(text, str(error), base_iri)
    reason = _reason(text, form, fault)
    where = f" (line {fault.line}, column {fault.column})" if fault.line else ""
    return MalformedQuery(
        f"the query does not parse: {reason}{where}", line=fault.line, column=fault.column
    )


def _fault_of(text: str, message: str, base_iri: str | None) -> _Fault:
    query = list(tokens(text)) if len(text) <= _LONGEST else []
    if query:
        spaced, starts = _spaced(query)
        again = _message_of(spaced, base_iri)
        if again and (found := _PLACE.fullmatch(again)):
            offset = _offset(spaced, int(found[1]), int(found[2]))
            index = max(0, bisect_right(starts, offset) - 1)
            while index and _NO_PREFIX in found[3] and query[index].kind != "name":
                index -= 1  # what touches the name was looked at, too
            if offset >= len(spaced):
                return _Fault(None, found[3], *place_of(text, len(text.rstrip())))
            return _Fault(query[index], found[3], *place_of(text, query[index].start))
    if found := _PLACE.fullmatch(message):
        return _Fault(None, found[3], int(found[1]), int(found[2]))
    return _Fault(None, message, 0, 0)


def _spaced(query: list[Token]) -> tuple[str, list[int]]:
    """Return the query with wide spaces between its tokens, and where each starts in it."""
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    for index, token in enumerate(query):
        previous = query[index - 1] if index else None
        if previous and (_is_apart(previous, token) or previous.end < token.start):
            pieces.append(_SPACE)
            length += len(_SPACE)
        starts.append(length)
        pieces.append(token.text)
        length += len(token.text)
    return "".join(pieces) + _SPACE, starts


def _is_apart(previous: Token, token: Token) -> bool:
    """Tell whether a space may be put between two tokens that touch."""
    if _UNSPACED & {previous.text[-1], token.text[0]} - (
        {">"} if previous.kind == "iri" else set()
    ):
        return False
    return bool({previous.text, token.text} & set("{}();,"))


def _message_of(text: str, base_iri: str | None) -> str | None:
    try:
        Store().query(text, base_iri=base_iri)
    except SyntaxError as error:
        return str(error)
    except (OSError, RuntimeError):
        pass
    return None


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(before) + 1 for before in lines[: line - 1]) + column - 1


def _reason(text: str, form: Token | None, fault: _Fault) -> str:
    if form is None and next(tokens(text), None) is None:
        return "it is empty"
    if form is None or not form.is_word(*_FORMS):
        return f"a query starts with {', '.join(_FORMS[:-1])} or {_FORMS[-1]}"
    token = fault.token
    shown = f"`{token.text[:_SHOWN]}`" if token else "the end of the query"
    if token and (_NO_PREFIX in fault.reason or _is_undeclared(token, text[: form.start])):
        prefix = token.text.partition(":")[0]
        return f"the prefix `{prefix}:` is not declared; add `PREFIX {prefix}: <…>` at the top"
    if token and token.kind == "iri" and not is_absolute_iri(token.text[1:-1]):
        return f"{shown} is not an absolute IRI; write it in full or declare a BASE"
    if sentence := _sentence_in(fault.reason):
        return sentence
    expected = _expected_in(fault.reason)
    if not expected:
        return f"{shown} is unexpected here"
    return f"{shown} is unexpected here; expected {expected}"


def _is_undeclared(token: Token, prologue: str) -> bool:
    """Tell whether the token is a prefixed name whose prefix the prologue does not declare."""
    declared = {name.text for word, name in pairwise(tokens(prologue)) if word.is_word("PREFIX")}
    return token.kind == "name" and token.text.partition(":")[0] + ":" not in declared


def _sentence_in(reason: str) -> str | None:
    """Return the sentence that the parser's authors wrote among what it expected, or None."""
    for item in reason.split(", "):
        if item[:1].isalpha() and " " in item and "[" not in item:
            start = item[0] if item[1].isupper() else item[0].lower()
            return start + item[1:].rstrip(".")
    return None


def _expected_in(reason: str) -> str:
    """Return the punctuation that the parser expected, where it is little enough to help."""
    marks = re.findall(r'"([^\w\s"\\]{1,3})"', reason)
    return " or ".join(f"`{mark}`" for mark in marks) if 0 < len(marks) <= 6 else ""
