"""The languages of the pages: their texts, and how each writes numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "fr")
"""The first is what a visitor gets who asks for none of them."""

_THOUSANDS: Final = {"en": ",", "fr": "\u202f"}


@dataclass(frozen=True, slots=True)
class Translations:
    """All texts of the pages, by language and key."""

    texts: Mapping[str, Mapping[str, str]]

    def text(self, language: str, key: str) -> str:
        """Return the text of that key; raises KeyError for one that nobody wrote."""
        return self.texts[language][key]


def load() -> Translations:
    """Return the texts that came with the package."""
    folder = files("lignee.serve.site") / "translations"
    return Translations(
        {
            language: json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
            for language in LANGUAGES
        }
    )


def number(value: int, language: str) -> str:
    """Return a whole number as the language writes it, digits in groups of three."""
    return f"{value:,}".replace(",", _THOUSANDS[language])


def decimal(text: str, language: str) -> str:
    """Return a decimal number as the language writes it."""
    return text.replace(".", ",") if language == "fr" else text


def amount(text: str, language: str) -> str:
    """Return a number, given as XML Schema writes it, as the language writes it."""
    digits = text.removeprefix("+")
    is_whole = digits.removeprefix("-").isdecimal()
    return number(int(digits), language) if is_whole else decimal(digits, language)


def duration(seconds: float, language: str) -> str:
    """Return a time as people say it, in milliseconds or seconds."""
    if seconds >= 1:
        return f"{decimal(f'{seconds:.1f}', language)}\u00a0s"
    places = 0 if seconds >= 0.01 else 1
    return f"{decimal(f'{seconds * 1000:.{places}f}', language)}\u00a0ms"


def size(size_bytes: int, language: str) -> str:
    """Return a file's size as people say it."""
    amount, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    shown = f"{amount:.0f}" if amount >= 10 or unit == "B" else f"{amount:.1f}"
    if language == "fr":
        shown, unit = shown.replace(".", ","), unit.replace("B", "o")
    return f"{shown}\u00a0{unit}"
