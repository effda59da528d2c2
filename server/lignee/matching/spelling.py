"""Labels as they are compared: without case, accents and punctuation."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
"""Letters that Unicode does not take apart, and that people write without."""


_MARKS: Final = re.compile("[\u0300-\u034e\u0350-\u036f]+")
"""The accents of European languages, once they are apart from their letters."""
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9]+")


def words_of(text: str) -> str:
    """Return the words of the text in their plainest spelling, with a space between them.

    See https://www.unicode.org/reports/tr15/ for what is taken apart.
    """
    plain = text.casefold()
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain)).replace("’", " ")
    if not plain.isascii():
        plain = plain.translate(_LIGATURES)
    if plain.isascii():  # most are by now, and it takes a tenth of the time
        return " ".join(_PLAIN_WORD.findall(plain))
    kept = (letter for letter in plain if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in kept).split())
