"""Query files: one query per `.rq` file, described by the comment lines at its head.

```
# Which sessions are about a theme?            the question (or rule, or fault) in English
# fr: Quelles sessions portent sur un thème ?  the same in French
# title: Sessions by theme                     optional; title-fr likewise
# note: Each session has one main theme.       optional, what a reader should know; note-fr likewise
# severity: Warning                            integrity queries only; Violation is the default
# parameter: theme iri theme:data | Theme | Thème
SELECT …
```

A parameter is a variable of the query that is bound from outside, never pasted into the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.errors import (
    BadParameter,
    Place,
    UnknownParameter,
    UnknownPrefix,
    UnparsableInput,
    UnreadableInput,
)
from lignee.iris import PrefixTable, is_absolute_iri
from lignee.vocabulary import XSD

_FIELD: Final = re.compile(r"#\s*(fr|title|title-fr|note|note-fr|severity|parameter)\s*:\s*(.+)")
_PARAMETER: Final = re.compile(
    r"(?P<name>[A-Za-z_]\w*)\s+(?P<type>iri|string|integer|date|language)\s+(?P<default>[^|]*)"
    r"\|(?P<en>[^|]+)\|(?P<fr>[^|]+)"
)
_FORM: Final = re.compile(
    r"(?:\s|#[^\n]*\n|PREFIX\s+\S*\s*<[^>]*>|BASE\s*<[^>]*>)*"
    r"(?P<form>SELECT|ASK|CONSTRUCT|DESCRIBE)\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""https://www.w3.org/TR/sparql11-query/#rQueryUnit: prologue, then the query form."""
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


RESERVED: Final = frozenset({"format", "lang", "release", "sort", "timeout"})
"""Names that the address of a published query uses for itself."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a query that its user fills in; `default` is text as a user would type it."""

    name: str
    type: str
    default: str
    labels: Mapping[str, str]

    def term(self, text: str, prefixes: PrefixTable) -> NamedNode | Literal:
        """Return the RDF term that the text stands for; raises BadParameter."""
        if self.type == "iri":
            return self._node(text, prefixes)
        if self.type == "integer":
            if not _INTEGER.fullmatch(text):
                raise self._bad(text, "a whole number")
            return Literal(text, datatype=NamedNode(XSD + "integer"))
        if self.type == "date":
            if not _is_date(text):
                raise self._bad(text, "a date such as 2019-09-27")
            return Literal(text, datatype=NamedNode(XSD + "date"))
        if self.type == "language" and not _LANGUAGE.fullmatch(text):
            raise self._bad(text, "a language tag such as fr")
        return Literal(text)

    def _node(self, text: str, prefixes: PrefixTable) -> NamedNode:
        bare = text.removeprefix("<").removesuffix(">")
        try:
            if bare == text and "://" not in bare and ":" in bare:
                bare = prefixes.expand(bare)
            if is_absolute_iri(bare):
                return NamedNode(bare)
        except (UnknownPrefix, ValueError):  # pyoxigraph reads IRIs more strictly than we do
            pass
        raise self._bad(text, "an IRI, or a name with one of the dataset's prefixes")

    def _bad(self, text: str, wanted: str) -> BadParameter:
        return BadParameter(f"parameter `{self.name}` is {text!r}; it must be {wanted}")


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query with what its head says; texts are by language."""

    file: Path
    name: str
    text: str
    questions: Mapping[str, str]
    titles: Mapping[str, str]
    severity: str
    parameters: tuple[Parameter, ...]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> str:
        """The query form in capitals, such as SELECT, or the empty text where it has none."""
        found = _FORM.fullmatch(self.text)
        return found["form"].upper() if found else ""

    def bindings(
        self, given: Mapping[str, str], prefixes: PrefixTable
    ) -> dict[str, NamedNode | Literal]:
        """Return a term for each parameter, its default where none is given.

        Raises UnknownParameter or BadParameter.
        """
        known = {parameter.name for parameter in self.parameters}
        for name in given:
            if name not in known:
                has = f"it has: {', '.join(sorted(known))}" if known else "it has none"
                raise UnknownParameter(f"query `{self.name}` has no parameter `{name}`; {has}")
        return {
            parameter.name: parameter.term(given.get(parameter.name, parameter.default), prefixes)
            for parameter in self.parameters
        }


def load(file: Path) -> QueryFile:
    """Return the query in the file; raises UnreadableInput or UnparsableInput for a wrong head."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"cannot be read: {error}", place=Place(file)) from None
    return parse(file, text)


def parse(file: Path, text: str) -> QueryFile:
    """Return the query that the text of the file holds; raises UnparsableInput."""
    head = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        head.append(line)
    if not head:
        raise UnparsableInput("the first line must be `# <the question>`", place=Place(file, 1))
    questions, severity = {"en": head[0].lstrip("# ").strip()}, "Violation"
    titles: dict[str, str] = {}
    notes: dict[str, str] = {}
    parameters = []
    for number, line in enumerate(head[1:], 2):
        if not (found := _FIELD.fullmatch(line.strip())):
            continue
        key, value = found.groups()
        if key == "fr":
            questions["fr"] = value.strip()
        elif key == "severity":
            severity = value.strip()
        elif key == "parameter":
            parameters.append(_parameter(Place(file, number), value))
        else:
            texts = titles if key.startswith("title") else notes
            texts["fr" if key.endswith("-fr") else "en"] = value.strip()
    name = re.sub(r"^\d+-", "", file.stem)
    return QueryFile(file, name, text, questions, titles, severity, tuple(parameters), notes)


def stratum(query: QueryFile) -> int:
    """Return the number that a rule's file name starts with, 0 where there is none."""
    digits = re.match(r"\d+", query.file.stem)
    return int(digits.group()) if digits else 0


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _parameter(place: Place, text: str) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    if not found:
        raise UnparsableInput(
            "a parameter is written `# parameter: <name> <iri|string|integer|date|language> "
            "<default> | <English label> | <French label>`",
            place=place,
        )
    labels = {"en": found["en"].strip(), "fr": found["fr"].strip()}
    return Parameter(found["name"], found["type"], found["default"].strip(), labels)
