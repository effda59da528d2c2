"""The terms of a release's ontology as the graph has them: which there are, and of which kind.

A release's own terms are those in the namespace of an owl:Ontology that it describes; where it
describes none, all that it declares. Terms of others that it uses come after them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.iris import PrefixTable
from lignee.serve.site.resource.questions import Node, Questions
from lignee.vocabulary import OWL, RDF, RDFS, VOID

ONTOLOGY_GRAPH: Final = "ontology"
CLASS: Final = "class"
PROPERTY: Final = "property"
INDIVIDUAL: Final = "individual"
_DESCRIPTION_GRAPH: Final = "description"
_NAMESPACE: Final = "http://purl.org/vocab/vann/preferredNamespaceUri"
_CLASSES: Final = frozenset({OWL + "Class", RDFS + "Class", RDFS + "Datatype"})
_PROPERTIES: Final = frozenset(
    {RDF + "Property"}
    | {OWL + f"{kind}Property" for kind in ("Object", "Datatype", "Annotation", "Ontology")}
)
_MOST_STATEMENTS: Final = 100_000
_AT_ONCE: Final = 500
"""IRIs asked for in one query."""
_STATEMENTS: Final = f"""\
SELECT ?term ?path ?value WHERE {{ GRAPH ?graph {{ ?term ?path ?value }} }}
LIMIT {_MOST_STATEMENTS + 1}"""
_VERSION: Final = f"""\
SELECT ?version WHERE {{ GRAPH ?graph {{ ?ontology <{OWL}versionIRI> ?version }} }} LIMIT 1"""
_USED_CLASSES: Final = f"""\
PREFIX void: <{VOID}>
SELECT ?term ?number WHERE {{ GRAPH ?graph {{
  ?dataset void:classPartition ?part . ?part void:class ?term ; void:entities ?number
}} }}"""
_USED_PROPERTIES: Final = f"""\
PREFIX void: <{VOID}>
SELECT ?term ?number WHERE {{ GRAPH ?graph {{
  ?dataset void:propertyPartition ?part . ?part void:property ?term ; void:triples ?number
}} }}"""

Statements = Mapping[str, Mapping[str, list[Node]]]
"""Values by subject and property."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a release's ontology says, and how often each of its terms is used."""

    about: Statements
    is_whole: bool
    head: str
    """The IRI of the ontology, empty where the release describes none."""
    namespaces: tuple[str, ...]
    resources: str
    """What the dataset's own resources begin with, which are no terms."""
    used: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Kind of each term in use, and in how many resources or statements."""

    def is_own(self, iri: str) -> bool:
        """Tell whether the term is one that the release defines."""
        if iri not in self.about or iri == self.head:
            return False
        return not self.head or iri.startswith(self.namespaces)

    def kind(self, iri: str) -> str:
        """Return which kind of term it is, empty for what is none."""
        types = self.iris(iri, RDF + "type")
        if _CLASSES & types:
            return CLASS
        if _PROPERTIES & types or self.used.get(iri, ("",))[0] == PROPERTY:
            return PROPERTY
        if iri in self.used:
            return CLASS
        return INDIVIDUAL if types and self.head else ""

    def own(self, kind: str) -> list[str]:
        """Return the release's own terms of a kind."""
        return sorted(
            iri
            for iri in self.about
            if iri != self.head and self.is_own(iri) and self.kind(iri) == kind
        )

    def borrowed(self) -> list[str]:
        """Return the terms of other vocabularies that the release labels or uses."""
        found = (self.about.keys() | self.used.keys()) - {self.head}
        return sorted(
            iri for iri in found if not self.is_own(iri) and not iri.startswith(self.resources)
        )

    def iris(self, subject: str, path: str) -> set[str]:
        """Return the IRIs that a subject has for a property."""
        found = self.about.get(subject, {}).get(path, ())
        return {node.value for node in found if isinstance(node, NamedNode)}

    def anchors(self, prefixes: PrefixTable) -> dict[str, str]:
        """Return by which name in the page each term is found.

        That is what follows the namespace in its IRI, so that the IRI leads there; where two terms
        share it, and for those of others, the prefixed name.
        """
        anchors: dict[str, str] = {}
        taken: set[str] = set()
        for kind in (CLASS, PROPERTY, INDIVIDUAL):
            for iri in self.own(kind):
                local = local_name(iri)
                anchors[iri] = local if local not in taken else prefixes.shorten(iri) or iri
                taken.add(local)
        anchors |= {
            iri: name for iri in self.borrowed() if (name := prefixes.shorten(iri)) is not None
        }
        return anchors


def read(questions: Questions, dataset: str) -> Vocabulary:
    """Return the vocabulary of a release; raises QueryError or EngineError."""
    graph = NamedNode(questions.namespaces.graph(ONTOLOGY_GRAPH))
    found = questions.ask(_STATEMENTS, {"graph": graph})
    about: dict[str, dict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for term, path, value in found[:_MOST_STATEMENTS]:
        if isinstance(term, NamedNode) and isinstance(path, NamedNode) and value is not None:
            about[term.value][path.value].append(value)
    head = next((iri for iri in sorted(about) if _is_head(about[iri])), "")
    return Vocabulary(
        about={iri: dict(said) for iri, said in about.items()},
        is_whole=len(found) <= _MOST_STATEMENTS,
        head=head,
        namespaces=tuple(_namespaces(head, about[head])) if head else (),
        resources=questions.namespaces.resources,
        used=_used(questions, dataset),
    )


def version_of(questions: Questions) -> str:
    """Return the version IRI of the release's ontology, empty where it has none."""
    graph = NamedNode(questions.namespaces.graph(ONTOLOGY_GRAPH))
    found = questions.ask(_VERSION, {"graph": graph})
    return str(getattr(found[0][0], "value", "")) if found else ""


def described(questions: Questions, iris: Collection[str]) -> dict[str, dict[str, list[Node]]]:
    """Return what is to be known of things that are mentioned, asked for in parts."""
    known: dict[str, dict[str, list[Node]]] = {}
    listed = sorted(iris)
    for start in range(0, len(listed), _AT_ONCE):
        known |= questions.described(listed[start : start + _AT_ONCE])
    return known


def _is_head(said: Mapping[str, list[Node]]) -> bool:
    return NamedNode(OWL + "Ontology") in said.get(RDF + "type", ())


def _namespaces(head: str, said: Mapping[str, list[Node]]) -> Iterable[str]:
    yield from (node.value for node in said.get(_NAMESPACE, ()) if isinstance(node, Literal))
    yield from (head,) if head.endswith(("#", "/")) else (head + "#", head + "/")


def local_name(iri: str) -> str:
    """Return what follows the namespace in an IRI."""
    return iri[max(iri.rfind("#"), iri.rfind("/")) + 1 :] or iri


def _used(questions: Questions, dataset: str) -> dict[str, tuple[str, int]]:
    given = {
        "graph": NamedNode(questions.namespaces.graph(_DESCRIPTION_GRAPH)),
        "dataset": NamedNode(dataset),
    }
    return {
        term.value: (kind, int(number.value))
        for kind, query in ((PROPERTY, _USED_PROPERTIES), (CLASS, _USED_CLASSES))
        for term, number in questions.ask(query, given)
        if isinstance(term, NamedNode) and isinstance(number, Literal)
    }


def iris_in(nodes: Iterable[Iterable[Node]]) -> set[str]:
    """Return the IRIs among the nodes."""
    return {node.value for some in nodes for node in some if isinstance(node, NamedNode)}
