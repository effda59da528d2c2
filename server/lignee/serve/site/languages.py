"""The languages of the pages: their texts, and how each writes numbers and dates.

The texts are catalogues that translators' tools know (https://www.gnu.org/software/gettext/), with
keys as message ids; the rest is Babel's knowledge of languages (https://cldr.unicode.org/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from math import floor
from typing import Final, Literal

from babel import Locale
from babel.dates import get_month_names
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from lignee.serve.site.sentences import ENGLISH, Sentences

LANGUAGES: Final = ("en", "fr")
"""The first is what a visitor gets who asks for none of them."""

_LOCALES: Final = {"en": "en_GB", "fr": "fr"}
_DATE: Final = re.compile(r"(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?")
_DECIMAL: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_UNITS: Final = ("byte", "kilobyte", "megabyte", "gigabyte")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence and the language that it is in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Translations:
    """All texts of the pages, by language and key, and what tells errors."""

    texts: Mapping[str, Mapping[str, str]]
    sentences: Mapping[str, Sentences]

    def text(self, language: str, key: str) -> str:
        """Return the text of that key; raises KeyError for one that nobody wrote."""
        return self.texts[language][key]

    def told(self, language: str, sentence: str) -> Told:
        """Return an error's sentence in the language, or as it is where nobody wrote it there."""
        if language == ENGLISH:
            return Told(sentence, ENGLISH)
        found = self.sentences[language].told(sentence)
        return Told(found, language) if found else Told(sentence, ENGLISH)


def load() -> Translations:
    """Return the texts that came with the package."""
    return Translations(
        {language: catalogue(language, language) for language in LANGUAGES},
        {
            language: Sentences(catalogue(f"errors.{language}", language))
            for language in LANGUAGES
            if language != ENGLISH
        },
    )


def catalogue(name: str, language: str) -> dict[str, str]:
    """Return the messages of a catalogue by their ids."""
    file = files("lignee.serve.site") / "translations" / f"{name}.po"
    with file.open("rb") as stream:
        messages = read_po(stream, locale=language, abort_invalid=True)
    return {str(one.id): str(one.string) for one in messages if one.id and one.string}


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


def number(value: int, language: str) -> str:
    """Return a whole number as the language writes it."""
    return format_decimal(value, locale=_locale(language))


def decimal(text: str, language: str) -> str:
    """Return a decimal number, with all its digits, as the language writes it."""
    if not _DECIMAL.fullmatch(text):
        return text
    places = len(text.partition(".")[2])
    pattern = f"#,##0.{'0' * places}" if places else None
    return format_decimal(Decimal(text), pattern, locale=_locale(language))


def percent(share: float, language: str) -> str:
    """Return a share of one in whole percent, never all of it where something is missing."""
    return format_percent(floor(share * 100) / 100, locale=_locale(language))


def years(number_of: int, language: str) -> str:
    """Return a duration of whole years."""
    return format_unit(number_of, "duration-year", "long", locale=_locale(language))


def duration(seconds: float, language: str) -> str:
    """Return a time as people say it, in milliseconds or seconds."""
    amount, unit = (seconds, "second") if seconds >= 1 else (seconds * 1000, "millisecond")
    pattern = "#,##0.#" if amount < 10 else "#,##0"
    return format_unit(amount, unit, "short", pattern, locale=_locale(language))


def size(size_bytes: int, language: str) -> str:
    """Return a file's size as people say it."""
    amount, unit = Decimal(size_bytes), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    pattern = "#,##0.#" if amount < 10 and unit else "#,##0"
    length: Literal["long", "short"] = "short" if unit else "long"
    return format_unit(amount, _UNITS[unit], length, pattern, locale=_locale(language))


def date(text: str, language: str) -> str:
    """Return a date of XML Schema at the precision that it is known to; all else as it is."""
    found = _DATE.fullmatch(text)
    if not found or not (found[2] is None or 1 <= int(found[2]) <= 12):
        return text
    year, month, day = found.groups()
    if month is None:
        return year
    name = get_month_names("wide", "format", _locale(language))[int(month)]
    if day is None:
        return f"{name}\u00a0{year}"
    shown = "1er" if language == "fr" and int(day) == 1 else str(int(day))
    return f"{shown}\u00a0{name}\u00a0{year}"
