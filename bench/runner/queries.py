"""The bench's queries: files with their question, their reason and what may vary in them."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.connection import JSON, TURTLE

FOLDER: Final = Path(__file__).resolve().parents[1] / "queries"
_NOTE: Final = re.compile(r"# (why|parameter|known|measured): (.+)")
_COUNTER: Final = itertools.count(time.time_ns())


@dataclass(frozen=True, slots=True)
class Query:
    """One query of the bench."""

    name: str
    question: str
    why: str
    text: str
    parameter: str = ""
    """The prefixed name that may be another, and what it is: `session:a is lig:Session`."""
    known: str = ""
    """Where the release knows the answer: a query below `known/`, or a path that starts with /."""
    measured: str = "cold"

    @property
    def is_by_graph(self) -> bool:
        """Whether it asks named graphs."""
        return "GRAPH " in self.text

    @property
    def accept(self) -> str:
        """The media type to ask for."""
        is_graph = re.search(r"^(CONSTRUCT|DESCRIBE)\b", self.text, re.MULTILINE)
        return TURTLE if is_graph else JSON

    def never_asked(self) -> str:
        """Return the same query in other words, so that nobody has its answer at hand."""
        return f"{self.text}# {next(_COUNTER)}\n"

    def about(self, iri: str) -> str:
        """Return the query about another resource."""
        return re.sub(rf"{re.escape(self.parameter.split()[0])}\b", f"<{iri}>", self.text)

    def choice(self) -> str:
        """Return the query for what it may be about."""
        *_, relation, kind = self.parameter.split()
        prefix, _, name = kind.partition(":")
        namespaces = {
            "lig": "https://w3id.org/lignee/ontology#",
            "scheme": "https://w3id.org/lignee/id/scheme/",
        }
        iri = f"<{namespaces[prefix]}{name}>"
        skos = "<http://www.w3.org/2004/02/skos/core#inScheme>"
        return f"SELECT ?x {{ ?x {'a' if relation == 'is' else skos} {iri} }} ORDER BY ?x"


def read(folder: Path = FOLDER) -> dict[str, Query]:
    """Return the queries of a folder by name; below it, those with `known/` in their names."""
    files = sorted(folder.rglob("*.rq"))
    return {query.name: query for query in (_read(file, folder) for file in files)}


def cold(queries: Mapping[str, Query]) -> list[Query]:
    """Return the queries whose latency is measured."""
    return [query for query in queries.values() if query.measured == "cold"]


def _read(file: Path, folder: Path) -> Query:
    text = file.read_text(encoding="utf-8")
    notes = dict(_NOTE.findall(text))
    name = str(file.relative_to(folder).with_suffix(""))
    return Query(name, text.split("\n", 1)[0].removeprefix("# "), text=text, **notes)
