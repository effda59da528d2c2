"""The part of a description where it matched, with the words that did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lignee.matching.spelling import words_of

_WORD: Final = re.compile(r"\w+")
_BEFORE: Final = 60
_LONGEST: Final = 220
"""Characters of the part, and of it before the first word that matched."""
_CUT: Final = "… "
_REMEMBERED: Final = 1 << 12
"""Words whose plain spelling is kept: descriptions have most in common."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, which is a word that matched or what lies between such words."""

    text: str
    is_match: bool


def passage(text: str, asked: str) -> list[Piece]:
    """Return the part of the text around its first word that begins like one asked for."""
    beginnings = tuple(words_of(asked).split())
    first = next((found.start() for found in _WORD.finditer(text) if _is(found, beginnings)), 0)
    start = text.find(" ", first - _BEFORE) + 1 if first > _BEFORE else 0
    end = len(text) if len(text) <= start + _LONGEST else text.rfind(" ", first, start + _LONGEST)
    if end <= first:  # one very long word
        end = start + _LONGEST
    pieces = [Piece(_CUT, is_match=False)] if start else []
    last = start
    for found in _WORD.finditer(text, start, end):
        if _is(found, beginnings):
            pieces += [Piece(text[last : found.start()], False), Piece(found.group(), True)]
            last = found.end()
    pieces += [Piece(text[last:end] + (" …" if end < len(text) else ""), is_match=False)]
    return [piece for piece in pieces if piece.text]


def _is(found: re.Match[str], beginnings: tuple[str, ...]) -> bool:
    return any(word.startswith(beginnings) for word in _words(found.group()))


@lru_cache(_REMEMBERED)
def _words(word: str) -> list[str]:
    return words_of(word).split()
