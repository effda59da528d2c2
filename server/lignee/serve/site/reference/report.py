"""The validation report of a release as its page shows it, read from the release's file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lignee.errors import DamagedRelease
from lignee.release import Release
from lignee.serve.site.languages import LANGUAGES

REPORT_FILE: Final = "validation.json"
_VARIABLE: Final = re.compile(r"\{\?\w+\}")


@dataclass(frozen=True, slots=True)
class Check:
    """An integrity query, and what fault it looks for."""

    name: str
    title: str
    severity: str


@dataclass(frozen=True, slots=True)
class Result:
    """A fault or a note: what it is about, what it says, and where."""

    focus: str
    message: str
    severity: str
    place: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and what was found."""

    conforms: bool
    shapes: int
    queries: int
    checks: tuple[Check, ...]
    """Empty in releases that were built before reports named them."""
    results: tuple[Result, ...]


def read(release: Release, language: str) -> Report | None:
    """Return the report, None for a release that was not validated; raises DamagedRelease."""
    if REPORT_FILE not in release.manifest.files:
        return None
    file = release.folder / REPORT_FILE
    try:
        content = json.loads(file.read_bytes())
        return Report(
            conforms=bool(content["conforms"]),
            shapes=int(content["shapes"]),
            queries=int(content["queries"]),
            checks=tuple(_checks(content.get("checks", []), language)),
            results=tuple(_results(content["results"], language)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedRelease(f"{file} cannot be read ({error}); build the release again") from None


def _checks(found: list[dict[str, object]], language: str) -> Iterator[Check]:
    for check in found:
        title = _VARIABLE.sub("…", _text(check["titles"], language))
        yield Check(str(check["name"]), title, str(check["severity"]))


def _results(found: list[dict[str, object]], language: str) -> Iterator[Result]:
    for result in found:
        focus, place = result["focusNode"], result["place"]
        assert isinstance(focus, dict)
        where = f"{place['file']}:{place['line']}" if isinstance(place, dict) else ""
        message = _text(result["messages"], language)
        yield Result(str(focus["value"]), message, str(result["severity"]), where)


def _text(texts: object, language: str) -> str:
    if not isinstance(texts, Mapping):
        return ""
    wanted = (tag for tag in (language, *LANGUAGES, "") if tag in texts)
    return str(texts.get(next(wanted, ""), ""))
