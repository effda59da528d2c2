"""Whether a query has the same answer each time it is evaluated on the same release."""

from __future__ import annotations

from typing import Final

from lignee.engines.tokens import Token, form_of, is_short_construct, tokens, where_of

_CHANGING: Final = ("NOW", "RAND", "UUID", "BNODE")
"""Functions whose value is another each time; STRUUID ends like UUID. A call is told by the end of
its word because pyoxigraph asks for no space before a function: it reads `FILTERRAND()<1`."""
_PERHAPS: Final = (*_CHANGING, "SERVICE", "CONSTRUCT")


def is_deterministic(text: str, *, may_call: bool = False) -> bool:
    """Tell whether a query always has the same answer.

    It says no in doubt, so a prefix or keyword that only ends like such a function counts as one.
    So does anything like SERVICE, even in an IRI, where queries `may_call` other endpoints: what
    those say is not ours to vouch for.
    """
    capitals = text.upper()
    if not any(word in capitals for word in _PERHAPS):  # most; tokens take longer than all this
        return True
    query = list(tokens(text))
    if may_call and any("SERVICE" in token.text.upper() for token in query):
        return False
    if any(token.kind == "word" and token.text.upper().endswith(_CHANGING) for token in query):
        return False
    return not _makes_blank_nodes(query)


def _makes_blank_nodes(query: list[Token]) -> bool:
    """Tell whether a CONSTRUCT may label new blank nodes, by random as pyoxigraph does."""
    form = form_of(query)
    if form is None or not form.is_word("CONSTRUCT"):
        return False
    where = None if is_short_construct(query) else where_of(query)
    template = (token for token in query if where is None or token.start < where.start)
    return any(token.text in ("[", "(") or token.text.startswith("_:") for token in template)
