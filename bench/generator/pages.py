"""Source pages: clauses with offsets and digests, each with the graph of what it states."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from generator.concepts import Popular
from generator.wording import Text
from generator.writing import (
    BASE,
    Description,
    RdfFile,
    RdfText,
    Statements,
    Tally,
    in_both,
    literal,
    typed,
)

_PREFIXES: Final = (
    *("aim", "attribute", "characteristic", "consultation", "content-type", "dcterms", "document"),
    *("field", "figure", "issue", "lig", "measure", "nif", "organization", "prov", "rdfs"),
    *("right", "schema", "series", "session", "source", "stakeholder", "technology", "theme"),
    "xsd",
)


@dataclass(frozen=True, slots=True)
class World:
    """What every part of the generated graph draws on."""

    folder: Path
    prefixes: dict[str, str]
    rng: Random
    tally: Tally
    popular: Mapping[str, Popular]
    organizations: Sequence[str]
    resources: Mapping[str, RdfFile]

    def resource(self, kind: str, slug: str, label: Text, extra: Statements | None = None) -> str:
        """Write a resource's type and labels; return its prefixed name."""
        name = f"{kind}:{slug}"
        statements = [("a", f"lig:{kind.capitalize()}"), *in_both("rdfs:label", label)]
        self.resources[kind].describe(name, statements + (extra or []))
        return name

    def file(self, part: str, slug: str) -> RdfFile:
        """Open a TriG file of `data/<part>/`."""
        return RdfFile(
            self.folder / "data" / part / f"{slug}.trig", self.prefixes, _PREFIXES, self.tally
        )


class Page:
    """A source: a page whose text we hold, or a page of the public record known by its address."""

    def __init__(self, world: World, slug: str, label: Text, *, issued: date | None = None) -> None:
        self._world, self._slug, self._label, self._issued = world, slug, label, issued
        self._text = ""
        self._body = RdfText(world.tally)
        self.count = 0

    @property
    def _url(self) -> str:
        return f"<https://example.org/news/{self._slug}>"

    def passage(self, number: int) -> str:
        """Return the name of the passage of that number."""
        return f"<{BASE}id/passage/{self._slug}/{number}>"

    def state(self, clause: str, descriptions: Sequence[Description]) -> str:
        """Add a clause and the graph of what it states; return the passage's name."""
        self.count += 1
        name = self.passage(self.count)
        statements = [
            ("a", "lig:Passage"),
            ("rdfs:label", literal(f"{self._label.en}, clause {self.count}", "en")),
            ("rdfs:label", literal(f"{self._label.fr}, passage {self.count}", "fr")),
            ("schema:position", str(self.count)),
            ("nif:referenceContext", f"source:{self._slug}"),
        ]
        statements += [("schema:url", self._url)] if self._issued else self._placed(clause)
        self._body.describe(name, statements)
        self._body.graph(name, descriptions)
        return name

    def supersede(self, earlier: str, later: str) -> None:
        """State that the later passage replaces the earlier one."""
        self._body.describe(earlier, [("lig:supersededBy", later)])

    def close(self, publisher: str) -> None:
        """Write the page's file and, where we hold it, its text."""
        with self._world.file("sources", self._slug) as file:
            file.describe(f"source:{self._slug}", self._head(publisher))
            file.parts += self._body.parts
        if not self._issued:
            text = self._world.folder / "sources" / f"{self._slug}.txt"
            text.write_text(self._text, encoding="utf-8", newline="")

    def _placed(self, clause: str) -> Statements:
        begin = len(self._text)
        self._text += clause + "\n"
        return [
            ("nif:beginIndex", typed(begin, "nonNegativeInteger")),
            ("nif:endIndex", typed(begin + len(clause), "nonNegativeInteger")),
            ("lig:digest", literal(_digest(clause))),
        ]

    def _head(self, publisher: str) -> Statements:
        statements = [
            ("a", "lig:Source"),
            *in_both("rdfs:label", self._label),
            ("schema:inLanguage", literal("en" if self._issued else "fr")),
            ("schema:publisher", publisher),
        ]
        if self._issued:
            return [
                *statements,
                ("schema:url", self._url),
                ("dcterms:issued", typed(self._issued, "date")),
                ("lig:tier", "lig:publicRecord"),
            ]
        return [
            *statements,
            ("schema:name", literal(self._label.fr, "fr")),
            ("schema:identifier", literal(f"{self._slug}.txt")),
            ("lig:tier", "lig:primary"),
            ("lig:textDigest", literal(_digest(self._text))),
            ("lig:textLength", typed(len(self._text), "nonNegativeInteger")),
        ]


def _digest(text: str) -> str:
    return "sha256-" + hashlib.sha256(text.encode("utf-8")).hexdigest()
