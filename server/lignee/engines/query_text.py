"""Checks and changes of a query's text before it is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lignee.engines import services
from lignee.engines.tokens import (
    Token,
    closing_of,
    form_of,
    is_deeper_than,
    is_short_construct,
    place_of,
    tokens,
    where_of,
)
from lignee.errors import MalformedQuery

DEEPEST_NESTING: Final = 128
"""Brackets of any kind inside each other. Somewhere above 256 function calls or EXISTS inside each
other the evaluation overflows 8 MiB of stack; people write fewer than ten."""

_UPDATES: Final = (
    "INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH",
)  # fmt: skip


def check(text: str, allowed: frozenset[str] = frozenset()) -> bool:
    """Tell whether the query calls endpoints by SERVICE, all of which are allowed.

    Raises MalformedQuery for what would crash an engine, ServiceRefused for any other endpoint.
    """
    refuse_depth(text)
    return services.calls_only(text, allowed)


def refuse_depth(text: str) -> None:
    """Raise MalformedQuery for a query so deep that it would crash an engine."""
    brackets = text.count("(") + text.count("{") + text.count("[") + text.count("<<")
    if brackets > DEEPEST_NESTING and is_deeper_than(tokens(text), DEEPEST_NESTING):
        raise MalformedQuery(
            f"the query's brackets are nested more than {DEEPEST_NESTING} deep; write it as "
            "several smaller ones"
        )


def refuse_update(text: str, form: Token | None) -> None:
    """Raise MalformedQuery where the text is an update, by its form, rather than a query."""
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
