"""Labels as they are compared: without case, accents and punctuation."""

from __future__ import annotations

import unicodedata
from typing import Final

_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
"""Letters that Unicode does not take apart, and that people write without."""


def words_of(text: str) -> str:
    """Return the words of the text in their plainest spelling, with a space between them.

    See https://www.unicode.org/reports/tr15/ for what is taken apart.
    """
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_LIGATURES)
    kept = (letter for letter in apart if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in kept).split())
