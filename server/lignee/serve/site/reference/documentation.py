"""The documentation of an ontology in one language: each term with what is to be known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.iris import PrefixTable
from lignee.matching.spelling import words_of
from lignee.serve.site.reference.terms import CLASS, INDIVIDUAL, PROPERTY, Vocabulary
from lignee.serve.site.resource import addresses
from lignee.serve.site.resource.names import Named, Names, best
from lignee.serve.site.resource.questions import Node, Questions
from lignee.vocabulary import DCTERMS, OWL, RDF, RDFS, SCHEMA, SKOS

_DEFINITIONS: Final = (SKOS + "definition", RDFS + "comment", DCTERMS + "description")
_LABELS: Final = (RDFS + "label", SKOS + "prefLabel")
_PARENTS: Final = (RDFS + "subClassOf", RDFS + "subPropertyOf")
_ALIGNMENTS: Final = (
    *_PARENTS,
    OWL + "equivalentClass",
    OWL + "equivalentProperty",
    OWL + "sameAs",
    *(SKOS + f"{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")),
    RDFS + "seeAlso",
)
_ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "scope": (SKOS + "scopeNote",),
    "note": (SKOS + "editorialNote", SKOS + "note", SKOS + "historyNote", SKOS + "changeNote"),
    "also": (SKOS + "altLabel",),
    "domain": (RDFS + "domain", SCHEMA + "domainIncludes"),
    "range": (RDFS + "range", SCHEMA + "rangeIncludes"),
    "parents": _PARENTS,
    "inverse": (OWL + "inverseOf",),
    "disjoint": (OWL + "disjointWith",),
}
"""What a term is told of, in this order, and the properties that say it."""
_KINDS_OF_TERMS: Final = frozenset(
    {
        *(OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty")),
        *(OWL + name for name in ("AnnotationProperty", "NamedIndividual")),
        *(RDF + "Property", RDFS + "Class"),
    }
)
_MOST_EXAMPLES: Final = 500
"""Terms that an example is looked for; each is a query of its own."""
_MOST_SORTED: Final = 10_000
"""Uses of a term that are sorted to show the first; of more than that, any is shown."""
_RESOURCE: Final = "SELECT ?thing WHERE { ?thing a ?term }"
_STATEMENT: Final = "SELECT ?thing ?value WHERE { ?thing ?term ?value }"
_ALL: Final = {
    CLASS: "SELECT ?thing WHERE {{ ?thing a <{}> }} ORDER BY ?thing LIMIT 1000",
    PROPERTY: "SELECT ?thing ?value WHERE {{ ?thing <{}> ?value }} ORDER BY ?thing LIMIT 1000",
}

Examples = Mapping[str, Sequence[Node]]
"""By term, a resource of the class, or subject and value of a statement with the property."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of a term in one respect; the key names the text that heads it."""

    key: str
    values: tuple[Named, ...]
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A term with everything that its documentation shows."""

    iri: str
    anchor: str
    name: str
    title: Named
    other_titles: tuple[Named, ...]
    definition: Named | None
    rows: tuple[Row, ...]
    count: int
    all_of_it: str
    """The address of a query for its uses."""
    example: tuple[Named, ...]
    guards: tuple[Named, ...]
    is_retired: bool


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A term of another vocabulary that the release uses."""

    iri: str
    anchor: str
    name: str
    title: Named
    note: Named | None
    count: int


@dataclass(frozen=True, slots=True)
class Documentation:
    """Everything that the page of an ontology tells."""

    head: str
    title: Named | None
    description: Named | None
    version: str
    sections: tuple[tuple[str, tuple[Term, ...]], ...]
    """Terms by kind."""
    borrowed: tuple[Borrowed, ...]
    is_whole: bool


def examples(vocabulary: Vocabulary, questions: Questions) -> dict[str, Sequence[Node]]:
    """Return one use of each term that has any; raises QueryError or EngineError."""
    found: dict[str, Sequence[Node]] = {}
    for kind, query in ((CLASS, _RESOURCE), (PROPERTY, _STATEMENT)):
        for iri in vocabulary.own(kind)[:_MOST_EXAMPLES]:
            if iri in vocabulary.used:
                few = vocabulary.used[iri][1] <= _MOST_SORTED
                asked = f"{query}{' ORDER BY ?thing' if few else ''} LIMIT 1"
                solution = next(iter(questions.ask(asked, {"term": NamedNode(iri)})), ())
                found[iri] = [node for node in solution if node is not None]
    return found


@dataclass(frozen=True, slots=True)
class Documenting:
    """Documents a vocabulary in one language."""

    vocabulary: Vocabulary
    names: Names
    prefixes: PrefixTable
    anchors: Mapping[str, str]
    examples: Examples
    guards: Mapping[str, Sequence[Named]]

    def all(self) -> Documentation:
        """Return the documentation."""
        vocabulary = self.vocabulary
        sections = (
            (kind, tuple(self._sorted(self._term(iri, kind) for iri in vocabulary.own(kind))))
            for kind in (CLASS, PROPERTY, INDIVIDUAL)
        )
        head = vocabulary.head
        title = self._best(head, *_LABELS, DCTERMS + "title") if head else None
        return Documentation(
            head=head,
            title=title,
            description=self._best(head, DCTERMS + "description", RDFS + "comment")
            if head
            else None,
            version=self._plain(head, OWL + "versionInfo"),
            sections=tuple((kind, terms) for kind, terms in sections if terms),
            borrowed=tuple(
                sorted(map(self._borrowed, vocabulary.borrowed()), key=lambda term: term.name)
            ),
            is_whole=vocabulary.is_whole,
        )

    def _sorted(self, terms: Iterable[Term]) -> list[Term]:
        return sorted(terms, key=lambda term: words_of(term.title.text))

    def _term(self, iri: str, kind: str) -> Term:
        title = self.names.of(iri)
        others = {
            node.value: Named(node.value, self.names.foreign(node))
            for path in _LABELS
            for node in self._nodes(iri, path)
            if isinstance(node, Literal) and node.language and node.value != title.text
        }
        used = self.vocabulary.used.get(iri, ("", 0))[1]
        return Term(
            iri=iri,
            anchor=self.anchors[iri],
            name=self.prefixes.shorten(iri) or iri,
            title=title,
            other_titles=tuple(others.values()),
            definition=self._best(iri, *_DEFINITIONS),
            rows=tuple(self._rows(iri)),
            count=used,
            all_of_it=addresses.query_for(_ALL[kind].format(iri)) if used else "",
            example=tuple(map(self.names.value, self.examples.get(iri, ()))),
            guards=tuple(self.guards.get(iri, ())),
            is_retired=any(
                node.value == "true" for node in self._literals(iri, OWL + "deprecated")
            ),
        )

    def _borrowed(self, iri: str) -> Borrowed:
        return Borrowed(
            iri=iri,
            anchor=self.anchors.get(iri, ""),
            name=self.prefixes.shorten(iri) or iri,
            title=self.names.of(iri),
            note=self._best(iri, SKOS + "scopeNote", SKOS + "definition", RDFS + "comment"),
            count=self.vocabulary.used.get(iri, ("", 0))[1],
        )

    def _rows(self, iri: str) -> Iterator[Row]:
        for key, paths in _ROWS.items():
            nodes = [node for path in paths for node in self._nodes(iri, path)]
            if key == "parents":
                nodes = [node for node in nodes if self._is_own(node)]
            if key == "inverse":
                nodes += self._pointing(iri, *paths)
            values = self._values(nodes)
            if values:
                yield Row(key, values, key in ("scope", "note"))
            if key == "parents":
                yield from self._below(iri)
        yield from self._others(iri)

    def _below(self, iri: str) -> Iterator[Row]:
        for key, paths in (
            ("children", _PARENTS),
            ("properties", _ROWS["domain"]),
            ("members", (RDF + "type",)),
        ):
            if found := self._values(self._pointing(iri, *paths)):
                yield Row(key, found)

    def _others(self, iri: str) -> Iterator[Row]:
        types = [
            node
            for node in self._nodes(iri, RDF + "type")
            if isinstance(node, NamedNode) and node.value not in _KINDS_OF_TERMS
        ]
        aligned = [
            node
            for path in _ALIGNMENTS
            for node in self._nodes(iri, path)
            if isinstance(node, NamedNode) and not self._is_own(node)
        ]
        for key, nodes in (("types", types), ("alignments", aligned)):
            if values := self._values(nodes):
                yield Row(key, values)

    def _pointing(self, iri: str, *paths: str) -> list[Node]:
        """Return the release's own terms that have this one for a property."""
        return [
            NamedNode(other)
            for other in sorted(self.vocabulary.about)
            if self.vocabulary.is_own(other)
            and any(iri in self.vocabulary.iris(other, path) for path in paths)
        ]

    def _values(self, nodes: Iterable[Node]) -> tuple[Named, ...]:
        """Return values as the page shows them; of texts those in its language, if there are."""
        distinct = list(dict.fromkeys(nodes))
        texts = [node for node in distinct if isinstance(node, Literal)]
        chosen = [node for node in texts if not self.names.foreign(node)] or texts
        return (
            *(Named(node.value, self.names.foreign(node)) for node in chosen),
            *(self._value(node) for node in distinct if isinstance(node, NamedNode)),
        )

    def _value(self, node: NamedNode) -> Named:
        """Return the name of a term; one of another vocabulary goes by its prefixed name."""
        named = self.names.of(node.value)
        if self._is_own(node):
            return named
        short = self.prefixes.shorten(node.value) or node.value
        return Named(short, "", named.iri, named.link)

    def _is_own(self, node: Node) -> bool:
        return isinstance(node, NamedNode) and self.vocabulary.is_own(node.value)

    def _best(self, iri: str, *paths: str) -> Named | None:
        for path in paths:
            if chosen := best(self._literals(iri, path), self.names.language):
                return Named(chosen.value, self.names.foreign(chosen))
        return None

    def _plain(self, iri: str, path: str) -> str:
        return next((node.value for node in self._literals(iri, path)), "")

    def _literals(self, iri: str, path: str) -> list[Literal]:
        return [node for node in self._nodes(iri, path) if isinstance(node, Literal)]

    def _nodes(self, iri: str, path: str) -> Sequence[Node]:
        return self.vocabulary.about.get(iri, {}).get(path, ())
