"""The bench's queries: files with their question, their reason and what may vary in them."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from runner.connection import JSON, TURTLE

FOLDER: Final = Path(__file__).resolve().parents[1] / "queries"
_NOTE: Final = re.compile(r"# (why|parameter|known|measured): (.+)")
_PREFIXES: Final = {
    "lig": "https://w3id.org/lignee/ontology#",
    "nif": "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#",
    "schema": "https://schema.org/",
    "scheme": "https://w3id.org/lignee/id/scheme/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
_COUNTER: Final = itertools.count(time.time_ns())


@dataclass(frozen=True, slots=True)
class Query:
    """One query of the bench."""

    name: str
    question: str
    why: str
    text: str
    parameter: str = ""
    """The prefixed name that stands for others, and what they are: `x:a where ?x a lig:Session`."""
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
        """Return the query for what it may be about, as `?x`."""
        _, _, pattern = self.parameter.partition(" where ")
        prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in _PREFIXES.items())
        return f"{prefixes}SELECT DISTINCT ?x {{ {pattern} }} ORDER BY ?x"


def read(folder: Path = FOLDER) -> dict[str, Query]:
    """Return the queries of a folder by name; below it, those with `known/` in their names."""
    files = sorted(folder.rglob("*.rq"))
    return {query.name: query for query in (_read(file, folder) for file in files)}


def bound(queries: Mapping[str, Query], choose: Callable[[str], str]) -> dict[str, Query]:
    """Return the queries, each about something that the graph has.

    `choose` returns the first IRI that a query finds: what is there differs from size to size.
    """
    return {
        name: replace(query, text=query.about(choose(query.choice()))) if query.parameter else query
        for name, query in queries.items()
    }


def cold(queries: Mapping[str, Query]) -> list[Query]:
    """Return the queries whose latency is measured."""
    return [query for query in queries.values() if query.measured == "cold"]


def _read(file: Path, folder: Path) -> Query:
    text = file.read_text(encoding="utf-8")
    notes = dict(_NOTE.findall(text))
    name = str(file.relative_to(folder).with_suffix(""))
    asked = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)  # what people send is not commented
    return Query(name, text.split("\n", 1)[0].removeprefix("# "), text=asked, **notes)
