"""The sentences of errors in other languages, found again by how the code writes them.

An error is raised with its English sentence, which may come from another process. The catalogue of
a language has these sentences as message ids, `{}` for each value; a value that is such a sentence
itself is translated too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ENGLISH: Final = "en"
"""What errors are written in."""
_VALUE: Final = "{}"
_LONGEST: Final = 2_000
"""Longer sentences hold much of what a client sent, over which a search could take long."""


class Sentences:
    """Tells errors in the language of a catalogue."""

    def __init__(self, catalogue: Mapping[str, str]) -> None:
        known = sorted(catalogue, key=len, reverse=True)  # of two that fit, the one that says more
        self._known = [(_pattern(sentence), catalogue[sentence]) for sentence in known]

    def told(self, sentence: str) -> str:
        """Return the sentence in the language, the empty text where nobody wrote it."""
        if len(sentence) > _LONGEST:
            return ""
        as_raised = sentence[:1].lower() + sentence[1:].removesuffix(".")
        found = self._translated(sentence) or self._translated(as_raised)
        end = "" if found.endswith((".", "!", "?")) else "."
        return found[:1].upper() + found[1:] + end if found else ""

    def _translated(self, text: str) -> str:
        for pattern, translation in self._known:
            if found := pattern.fullmatch(text):
                values = [self._translated(value) or value for value in found.groups()]
                first, *others = translation.split(_VALUE)
                pairs = zip(values, others, strict=True)
                return first + "".join(value + piece for value, piece in pairs)
        return ""


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, sentence.split(_VALUE))), re.DOTALL)
