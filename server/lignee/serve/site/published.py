"""The published queries of a release, read back from the release itself."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from lignee import query_files
from lignee.engines import query_text, services
from lignee.engines.engine import Engine
from lignee.errors import MalformedQuery
from lignee.iris import PrefixTable
from lignee.query_files import Parameter, QueryFile
from lignee.serve.site.asking import solutions

if TYPE_CHECKING:
    from lignee.serve.context import Context

_GRAPH: Final = "queries"
_PUBLISHED: Final = """\
PREFIX schema: <https://schema.org/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT ?query ?kind ?position ?text WHERE {
  GRAPH ?graph {
    ?query a sh:SPARQLExecutable ; schema:keywords ?kind ; schema:position ?position .
    ?query sh:select|sh:ask|sh:construct|sh:describe ?text .
  }
}
ORDER BY ?kind ?position ?query
"""
_CLASSES: Final = """\
SELECT ?class (COUNT(?other) AS ?members) WHERE { ?example a ?class . ?other a ?class }
GROUP BY ?class ORDER BY ?members ?class LIMIT 1
"""
_CANDIDATES: Final = """\
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?candidate (SAMPLE(?name) AS ?label) WHERE {
  ?candidate a ?class ; rdfs:label ?name . FILTER(LANG(?name) = ?language)
}
GROUP BY ?candidate ORDER BY ?label ?candidate
"""
_LANGUAGES: Final = """\
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT (LANG(?label) AS ?language) WHERE {
  ?thing rdfs:label ?label . FILTER(LANG(?label) != "")
}
ORDER BY ?language LIMIT 60
"""
MOST_CANDIDATES: Final = 300
"""Resources that a form offers; more make a page long, and nobody reads so many."""
_BEHIND_PAGES: Final = ("pages",)
"""Kinds of queries that are not made to start from."""
_MOST_RELEASES: Final = 4
"""Releases whose queries are remembered."""


@dataclass(frozen=True, slots=True)
class PublishedQuery:
    """A query with the kind that it is of."""

    file: QueryFile
    kind: str
    calls: tuple[str, ...] = ()
    """The endpoints that it calls by SERVICE."""

    @property
    def name(self) -> str:
        """The query's name, the last part of its address."""
        return self.file.name

    @property
    def gives_graph(self) -> bool:
        """Tell whether its answer is a graph."""
        return self.file.form in ("CONSTRUCT", "DESCRIBE")

    def title(self, language: str) -> str:
        """Return the query's title, its question where it has none."""
        return self.file.titles.get(language) or self.question(language)

    def question(self, language: str) -> str:
        """Return the question in that language, in English where it is not asked in it."""
        return self.file.questions.get(language) or self.file.questions["en"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that may be meant: as a prefixed name or IRI, and by its label."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """Resources like a parameter's default, in the order of their labels."""

    offered: tuple[Candidate, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A published query to start from: its question, and its text with values for parameters."""

    question: str
    text: str


class PublishedQueries:
    """What the forms of published queries need, asked for once: a release never changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, QueriesOfRelease] = OrderedDict()

    def of(self, context: Context) -> QueriesOfRelease:
        """Return the queries of the context's release; raises EngineError."""
        if found := self._known.get(context.label):
            return found
        found = QueriesOfRelease(context)
        with self._lock:
            self._known[context.label] = found
            while len(self._known) > _MOST_RELEASES:
                self._known.popitem(last=False)
        return found


class QueriesOfRelease:
    """The published queries of one release, by name, and what its forms offer."""

    def __init__(self, context: Context) -> None:
        self.prefixes = context.release.prefixes()
        self.queries = _read(context)
        self._candidates: dict[tuple[str, str, str], Candidates] = {}
        self._languages: tuple[str, ...] = ()
        self._examples: dict[str, tuple[Example, ...]] = {}

    def examples(self, language: str) -> tuple[Example, ...]:
        """Return the queries to start from, in their published order."""
        if language not in self._examples:
            self._examples[language] = tuple(
                Example(query.title(language), _text_to_try(query, self.prefixes, language))
                for query in self.queries.values()
                if query.kind not in _BEHIND_PAGES and not query.calls
            )
        return self._examples[language]

    def candidates(
        self, context: Context, query: PublishedQuery, parameter: Parameter, language: str
    ) -> Candidates:
        """Return resources of the same class as the parameter's default; raises EngineError."""
        key = (query.name, parameter.name, language)
        if key not in self._candidates:
            self._candidates[key] = _candidates(context, self.prefixes, parameter, language)
        return self._candidates[key]

    def languages(self, engine: Engine) -> tuple[str, ...]:
        """Return the languages that the release has labels in; raises EngineError."""
        if not self._languages:
            found = solutions(engine, _LANGUAGES)
            self._languages = tuple(solution["language"] for solution in found)
        return self._languages


def _read(context: Context) -> Mapping[str, PublishedQuery]:
    graph = NamedNode(context.release.namespaces.graph(_GRAPH))
    queries = {}
    for found in solutions(context.engine, _PUBLISHED, {"graph": graph}):
        name = found["query"].rpartition("/")[2]
        file = query_files.parse(Path(f"{found['position']}-{name}.rq"), found["text"])
        queries[name] = PublishedQuery(file, found["kind"], services.endpoints_of(file.text))
    return queries


def _text_to_try(query: PublishedQuery, prefixes: PrefixTable, language: str) -> str:
    """Return the query's text with its question alone at the head, and values in it."""
    named = {
        parameter.name: language
        for parameter in query.file.parameters
        if parameter.type == "language"
    }
    bindings = query.file.bindings(named, prefixes)
    lines = query.file.text.splitlines()
    text = "\n".join(dropwhile(lambda line: line.startswith("#"), lines))
    try:
        text = query_text.bind(text, {name: str(term) for name, term in bindings.items()})
    except MalformedQuery:  # there is no place for values; it can be asked by its own page
        return query.file.text
    return f"# {query.question(language)}\n{text.strip()}\n"


def _candidates(
    context: Context, prefixes: PrefixTable, parameter: Parameter, language: str
) -> Candidates:
    example = parameter.term(parameter.default, prefixes)
    classes = solutions(context.engine, _CLASSES, {"example": example})
    if not classes or "class" not in classes[0]:
        return Candidates((), is_whole=True)
    found = solutions(
        context.engine,
        f"{_CANDIDATES}LIMIT {MOST_CANDIDATES + 1}",
        {"class": NamedNode(classes[0]["class"]), "language": Literal(language)},
    )
    offered = (
        Candidate(prefixes.shorten(one["candidate"]) or one["candidate"], one["label"])
        for one in found[:MOST_CANDIDATES]
        if "candidate" in one
    )
    return Candidates(tuple(offered), len(found) <= MOST_CANDIDATES)
