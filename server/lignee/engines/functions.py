"""SPARQL functions beyond the standard's: what its own cannot say, or not in all languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from lignee.matching.spelling import words_of

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

HAS_WORDS: Final = NamedNode("https://w3id.org/lignee/function#hasWords")
_REMEMBERED: Final = 1 << 16
"""Labels whose words are kept: the same ones are looked through by each query."""


def has_words(*arguments: Term) -> Literal | None:
    """Tell whether a label has all the words of a text, or words that begin so, as `/search` does.

    Case, accents and punctuation do not matter. Without two literals it is an error, which makes a
    FILTER fail and leaves a BIND unbound
    (https://www.w3.org/TR/sparql11-query/#evaluation).
    """
    match arguments:
        case (Literal() as label, Literal() as text):
            spelled = _words_of(label.value)
            return Literal(all(f" {word}" in spelled for word in _words_of(text.value).split()))
        case _:
            return None


@lru_cache(_REMEMBERED)
def _words_of(text: str) -> str:
    return f" {words_of(text)}"


FUNCTIONS: Final[Mapping[NamedNode, Callable[..., Term | None]]] = {HAS_WORDS: has_words}
"""By IRI; the engine of any release knows them."""


def functions_in(text: str) -> dict[NamedNode, Callable[..., Term | None]] | None:
    """Return the functions for a query, None for one that cannot call any of them.

    To make them known takes longer than all else that is done before a small query.
    """
    return dict(FUNCTIONS) if "hasWords" in text or "\\" in text else None
