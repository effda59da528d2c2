"""Evaluate the queries that take part in a build: rules and integrity queries."""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

from lignee.engines import services
from lignee.engines.functions import FUNCTIONS
from lignee.errors import Place, ServiceRefused, UnparsableInput
from lignee.query_files import QueryFile

_AT_LINE: Final = re.compile(r"error at (\d+):(\d+): ")


def evaluate(store: Store, query: QueryFile) -> QuerySolutions | QueryBoolean | QueryTriples:
    """Return what the query finds; raises UnparsableInput, also for one that calls a SERVICE.

    What a build finds is in its files, so that the same files give the same release anywhere.
    """
    try:
        services.calls_only(query.text)
        return store.query(query.text, custom_functions=dict(FUNCTIONS))
    except ServiceRefused as error:
        raise UnparsableInput(
            "the query calls a SERVICE, and a build asks no other endpoint; keep what is needed "
            "from there as a file under data/",
            place=Place(query.file, error.line, error.column),
        ) from None
    except (SyntaxError, RuntimeError) as error:
        raise explained(query, error) from None


def explained(query: QueryFile, error: SyntaxError | RuntimeError) -> UnparsableInput:
    """Return the error to raise for a query file that does not parse, or cannot be evaluated."""
    if isinstance(error, RuntimeError):
        return UnparsableInput(f"cannot be evaluated: {error}", place=Place(query.file))
    at = _AT_LINE.search(str(error))
    line, column = (int(number) for number in at.groups()) if at else (0, 0)
    reason = _AT_LINE.sub("", str(error))
    return UnparsableInput(
        f"does not parse as SPARQL: {reason}", place=Place(query.file, line, column)
    )
