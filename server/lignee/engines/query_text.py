"""Checks and changes of a query's text before it is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lignee.engines.tokens import (
    closing_of,
    depth_of,
    form_of,
    is_short_construct,
    service_of,
    tokens,
    where_of,
)
from lignee.errors import MalformedQuery, ServiceRefused

DEEPEST_NESTING: Final = 128
"""Brackets of any kind inside each other. Somewhere above 256 function calls or EXISTS inside each
other the evaluation overflows 8 MiB of stack; people write fewer than ten."""

_UPDATES: Final = (
    "INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH",
)  # fmt: skip


def check(text: str) -> None:
    """Raise MalformedQuery for what would crash an engine, ServiceRefused for SERVICE."""
    brackets = text.count("(") + text.count("{") + text.count("[") + text.count("<<")
    if brackets <= DEEPEST_NESTING and "SERVICE" not in text.upper():
        return
    query = list(tokens(text))
    if (depth := depth_of(query)) > DEEPEST_NESTING:
        raise MalformedQuery(
            f"the query's brackets are nested {depth} deep; at most {DEEPEST_NESTING} are allowed"
        )
    if service := service_of(query):
        line, column = place_of(text, service.start)
        raise service_refused(f" in line {line}, column {column}")


def service_refused(where: str = "") -> ServiceRefused:
    """Return the error to raise for a query that calls a SERVICE."""
    return ServiceRefused(
        f"the query calls a SERVICE{where}; this server asks no other endpoint, so send that part "
        "of the query there yourself"
    )


def refuse_update(text: str) -> None:
    """Raise MalformedQuery where the text is an update rather than a query."""
    form = form_of(list(tokens(text)))
    if form is None or not form.is_word(*_UPDATES):
        return
    line, column = place_of(text, form.start)
    raise MalformedQuery(
        f"{form.text.upper()} is a SPARQL update, and releases are read-only; change the files of "
        "the knowledge graph and build a new release",
        line=line,
        column=column,
    )


def bind(text: str, bindings: Mapping[str, str]) -> str:
    """Return the query with variables bound by a VALUES block at the start of its WHERE clause.

    The terms are in N-Triples syntax. pyoxigraph's own `substitutions` refuse a variable that is
    not projected and are not seen by BIND (measured with 0.5.13). Raises MalformedQuery for a
    query that has no WHERE clause to bind in.
    """
    if not bindings:
        return text
    query = list(tokens(text))
    names = " ".join(f"?{name}" for name in bindings)
    values = f" VALUES ({names}) {{ ({' '.join(bindings.values())}) }} "
    form, where = form_of(query), where_of(query)
    if where is None and form and form.is_word("DESCRIBE"):
        return f"{text}\nWHERE {{{values}}}"
    if where is None or is_short_construct(query):
        raise MalformedQuery(
            "the query has no WHERE clause of its own to bind parameters in; write "
            "CONSTRUCT { … } WHERE { … } in full"
        )
    start, following = where.end, query[query.index(where) + 1 :]
    if not (following and following[0].is_word("SELECT")):
        return text[:start] + values + text[start:]
    closing = closing_of(query, where)
    end = closing.start if closing else len(text)
    return f"{text[:start]}{values}{{{text[start:end]}}}{text[end:]}"


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of a position in the text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
