"""Labels as they are compared: without case, accents and punctuation."""

from __future__ import annotations

import unicodedata
from typing import Final

_LIGATURES: Final = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"}
"""Letters that Unicode does not take apart, and that people write without."""
_MOST_REMEMBERED: Final = 4096
"""Letters; what people write in a few languages has some hundreds."""


class _Plain(dict[int, str]):
    """What is written for each letter, once upper case and accents are apart from it."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = "" if unicodedata.combining(letter) else letter if letter.isalnum() else " "
        if len(self) < _MOST_REMEMBERED:
            self[code] = plain
        return plain


_PLAIN: Final = _Plain({ord(letter): plain for letter, plain in _LIGATURES.items()})
_PLAIN_ASCII: Final = bytes(
    ord(chr(code).lower() if chr(code).isalnum() else " ") for code in range(128)
) + bytes(range(128, 256))


def words_of(text: str) -> str:
    """Return the words of the text in their plainest spelling, with a space between them.

    See https://www.unicode.org/reports/tr15/ for what is taken apart.
    """
    if text.isascii():  # most are, and it takes a sixth of the time
        return b" ".join(text.encode().translate(_PLAIN_ASCII).split()).decode()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(apart.translate(_PLAIN).split())
