"""Labels taken apart into words that can be compared: plain, singular, without articles."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from lignee.matching.spelling import words_of

_JOINING: Final = {
    language: frozenset(words.split())
    for language, words in (
        ("en", "a an and by for from in into of on or s the to with"),
        ("fr", "a au aux avec d dans de des du en et l la le les ou par pour sur un une"),
    )
}
"""Words that join others and say nothing of their own."""
_PLURALS: Final = {
    "en": (
        (re.compile(r"(?<=[a-z]{2})ies$"), "y"),
        (re.compile(r"(?<=ss|sh|ch)es$|(?<=[xz])es$"), ""),
        (re.compile(r"(?<=[a-z]{2})(?<![suix])s$"), ""),
    ),
    "fr": (
        (re.compile(r"(?<=eau|eux)x$"), ""),
        (re.compile(r"(?<=[a-z]{2})aux$"), "al"),
        (re.compile(r"(?<=[a-z]{2})(?<!s)s$"), ""),
    ),
}
"""Endings by which a plural is made singular, the first that fits; wrong for a few words, but
wrong alike on both sides."""
_CACHED_WORDS: Final = 1 << 17


class Name(NamedTuple):
    """A label: `language` is a tag such as `fr` or empty, an alternative label is not preferred."""

    text: str
    language: str = ""
    is_preferred: bool = True


class Spelled(NamedTuple):
    """A label and its words: `stems` are singular and in order, without those that only join."""

    name: Name
    language: str
    """The language without its region: `en` of `en-GB`."""
    plain: str
    stems: tuple[str, ...]

    @property
    def head(self) -> str:
        """The word that says what kind of thing it is: the first in French, else the last."""
        return self.stems[0 if self.language == "fr" else -1] if self.stems else ""


@lru_cache(maxsize=1024)
def primary(language: str) -> str:
    """Return the language of a tag, without region or script, in lower case (RFC 5646)."""
    return language.partition("-")[0].lower()


def spelled(name: Name) -> Spelled:
    """Return the label with its words taken apart."""
    plain = words_of(name.text)
    words = plain.split()
    language = primary(name.language)
    joining = _JOINING.get(language or "en", ())
    kept = [word for word in words if word not in joining] or words
    stems = tuple([_singular(word, language or "en") for word in kept])
    return Spelled(name, language, plain, stems)


@lru_cache(maxsize=_CACHED_WORDS)
def _singular(word: str, language: str) -> str:
    for ending, instead in _PLURALS.get(language, ()):
        if ending.search(word):
            return ending.sub(instead, word)
    return word
