"""How pages name things and write values in one language: labels, dates, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.iris import PrefixTable
from lignee.serve.site.languages import LANGUAGES, date, number, years
from lignee.serve.site.resource import standards
from lignee.serve.site.resource.questions import Node
from lignee.vocabulary import LIG, RDF, RDFS, SCHEMA, SH, SKOS, XSD

Text = Callable[[str], str]
Known = Mapping[str, Mapping[str, list[Node]]]

_LABELS: Final = (
    RDFS + "label",
    SKOS + "prefLabel",
    "http://purl.org/dc/terms/title",
    SCHEMA + "name",
)
_DATES: Final = {XSD + name for name in ("date", "gYear", "gYearMonth", "dateTime")}
_NUMBERS: Final = {
    XSD + name for name in ("integer", "nonNegativeInteger", "positiveInteger", "int", "long")
}
_PLAIN: Final = (
    XSD + "string",
    RDF + "langString",
    XSD + "anyURI",
    XSD + "decimal",
    XSD + "boolean",
)
_WHOLE: Final = re.compile(r"[+-]?\d{1,6}")
_LAST: Final = 1_000_000
_YEARS: Final = re.compile(r"P(\d{1,4})Y")
_WEB: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Named:
    """A text as a page shows it; `language` is told where it is not the page's."""

    text: str
    language: str = ""
    iri: str = ""
    link: str = ""
    hint: str = ""
    accent: int | None = None
    """The colour of the main theme that it is, where it is one."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names for what a page mentions, in the visitor's language where there is one."""

    language: str
    known: Known
    prefixes: PrefixTable
    path_of: Callable[[str], str]
    """Gives the address of the page about an IRI, empty where there is none."""
    text: Text
    accents: Mapping[str, int] = field(default_factory=dict)

    def of(self, iri: str, given: str = "") -> Named:
        """Return the name of a thing: its label, one that is given or known, else its IRI."""
        label = best(self._labels(iri), self.language)
        link = self.path_of(iri) or (iri if iri.startswith(_WEB) else "")
        accent = self.accents.get(iri)
        if label:
            return Named(label.value, self.foreign(label), iri, link, accent=accent)
        known = given or standards.label_of(iri, self.text)
        return Named(known or self.prefixes.shorten(iri) or iri, "", iri, link, accent=accent)

    def value(self, node: Node) -> Named:
        """Return a value as people write it."""
        if isinstance(node, NamedNode):
            return self.of(node.value)
        if not isinstance(node, Literal):
            return Named(str(node))
        datatype = node.datatype.value
        if datatype in _DATES:
            return Named(date(node.value, self.language))
        if datatype in _NUMBERS and re.fullmatch(r"[+-]?\d+", node.value):
            return Named(number(int(node.value), self.language))
        if datatype == XSD + "duration" and (found := _YEARS.fullmatch(node.value)):
            return Named(years(int(found[1]), self.language))
        if datatype == XSD + "anyURI" or node.value.startswith(_WEB):
            link = node.value if re.fullmatch(r"https?://\S+", node.value) else ""
            return Named(node.value, link=link)
        hint = "" if datatype in _PLAIN else self.prefixes.shorten(datatype) or datatype
        return Named(node.value, self.foreign(node), hint=hint)

    def foreign(self, literal: Literal) -> str:
        """Return the language of a text, empty where it is the page's or unknown."""
        tag = literal.language or ""
        return "" if tag.partition("-")[0] == self.language else tag

    def amount(self, node: Node) -> str:
        """Return the count of a figure with its bound, such as "at least 2,000"."""
        if not isinstance(node, NamedNode):
            return ""
        counts = self.nodes(node.value, LIG + "count")
        return f"{self.bound(node.value)}{self.value(counts[0]).text}" if counts else ""

    def bound(self, figure: str) -> str:
        """Return how exact a figure is, as what stands before its count; empty for exact ones."""
        bounds = self.nodes(figure, LIG + "bound")
        if not bounds or bounds[0] == NamedNode(LIG + "exact"):
            return ""
        return self.value(bounds[0]).text + "\u00a0"

    def place(self, path: str) -> tuple[int, str]:
        """Return where a property comes among others: by `sh:order`, then by its label."""
        orders = [node for node in self.nodes(path, SH + "order") if isinstance(node, Literal)]
        given = [int(order.value) for order in orders if _WHOLE.fullmatch(order.value)]
        return (min(given, default=_LAST), self.of(path).text.casefold())

    def texts(self, iri: str, path: str) -> Named | None:
        """Return the text that a thing has for a property, in the best language."""
        literals = [node for node in self.nodes(iri, path) if isinstance(node, Literal)]
        chosen = best(literals, self.language)
        return Named(chosen.value, self.foreign(chosen)) if chosen else None

    def nodes(self, iri: str, path: str) -> Sequence[Node]:
        """Return what is known of a thing for a property."""
        return self.known.get(iri, {}).get(path, ())

    def _labels(self, iri: str) -> list[Literal]:
        for path in _LABELS:
            if found := [node for node in self.nodes(iri, path) if isinstance(node, Literal)]:
                return found
        return []


def best(literals: Sequence[Literal], language: str) -> Literal | None:
    """Return the text in the language, else in another of the pages', else any."""
    wanted = [language, *(tag for tag in LANGUAGES if tag != language), ""]

    def rank(literal: Literal) -> tuple[int, str]:
        tag = (literal.language or "").partition("-")[0]
        return (wanted.index(tag) if tag in wanted else len(wanted), literal.value)

    return min(literals, key=rank, default=None)
