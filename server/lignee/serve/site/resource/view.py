"""One resource as its page shows it, put together from what the engine answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.serve.site.resource import schema_org
from lignee.serve.site.resource.cuts import Cut, Cuts
from lignee.serve.site.resource.evidence import Evidence, by_statement, mentioned
from lignee.serve.site.resource.facts import Facts, Group, Telling, gathered
from lignee.serve.site.resource.names import Named, Names, best
from lignee.serve.site.resource.naming import Reader, names_for
from lignee.serve.site.resource.questions import About, Node, Questions, Solution, grouped
from lignee.vocabulary import DCTERMS, NIF, OWL, RDF, RDFS, SCHEMA, SKOS

MOST_STATEMENTS: Final = 2_000
"""Statements about a thing that its page is made from, and as many details of their evidence."""
MOST_PROPERTIES: Final = 60
"""Properties by which other things lead to it."""
_DESCRIPTIONS: Final = (
    SKOS + "definition",
    DCTERMS + "description",
    SCHEMA + "description",
    RDFS + "comment",
)


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows of one resource."""

    iri: str
    title: Named
    other_titles: tuple[Named, ...]
    kinds: tuple[Named, ...]
    description: str
    groups: tuple[Group, ...]
    ancestors: tuple[Group, ...]
    descendants: tuple[Group, ...]
    matches: tuple[Group, ...]
    mentions: tuple[Group, ...]
    superseded: tuple[Group, ...]
    said: tuple[tuple[Named, Named, Named], ...]
    """Statements that the resource holds, where it is a graph."""
    is_concept: bool
    is_in_trees: bool
    """Whether it is a concept, or a scheme of concepts."""
    is_source: bool
    """Whether clauses refer to it."""
    is_retired: bool
    successors: tuple[Named, ...]
    dataset_title: Named
    licence: str
    json_ld: str
    cuts: tuple[Cut, ...]
    """What is left out."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose page is wanted, from which dataset, and how many of a kind it may show."""

    iri: str
    dataset: str
    limit: int


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a page is made from beside the facts, none of it longer than it may be."""

    reasons: list[About]
    mappings: list[About]
    said: list[Solution]
    cuts: Cuts


def view_of(subject: Subject, questions: Questions, reader: Reader) -> View | None:
    """Return what a page shows of a resource, None where the release says nothing of it.

    Raises QueryError or EngineError.
    """
    cuts = Cuts()
    outgoing = _outgoing(subject, questions, cuts)
    if not outgoing:
        return None
    facts = _facts(subject, questions, outgoing, cuts)
    sources = _sources(subject, questions, cuts)
    rules = questions.rules()
    iris = facts.iris() | _iris_of(sources.said) | {subject.dataset}
    iris |= mentioned(sources.reasons) | mentioned(sources.mappings)
    iris |= {rule for path in facts.outgoing for rule in rules.get(path, ())}
    names = names_for(reader, questions, iris)
    evidence = Evidence(
        names,
        reader.namespaces,
        by_statement(sources.reasons),
        by_statement(sources.mappings),
        rules,
    )
    return _view(subject, questions, Telling(facts, names, evidence, subject.limit), sources)


def _outgoing(
    subject: Subject, questions: Questions, cuts: Cuts
) -> dict[str, dict[Node, list[str]]]:
    found = questions.outgoing(subject.iri, MOST_STATEMENTS + 1)
    this = NamedNode(subject.iri)
    query = f"SELECT ?graph ?property ?value WHERE {{ GRAPH ?graph {{ {this} ?property ?value }} }}"
    return gathered(cuts.first("statements", found, MOST_STATEMENTS, query))


def _sources(subject: Subject, questions: Questions, cuts: Cuts) -> _Sources:
    iri, this, most = subject.iri, NamedNode(subject.iri), MOST_STATEMENTS
    reasons = questions.reasons(iri, most + 1)
    of_reasons = (
        f"SELECT ?reason ?property ?value WHERE {{ ?reason <{RDF}subject>|<{RDF}object> {this} ; "
        "?property ?value }"
    )
    mappings = questions.mappings(iri, most + 1)
    of_mappings = (
        f"SELECT ?mapping ?property ?value WHERE {{ ?mapping <{OWL}annotatedSource> {this} ; "
        "?property ?value }"
    )
    said = questions.said_here(iri, subject.limit + 1)
    of_said = (
        f"SELECT ?subject ?property ?value WHERE {{ GRAPH {this} {{ ?subject ?property ?value }} }}"
    )
    return _Sources(
        grouped(cuts.first("reasons", reasons, most, of_reasons)),
        grouped(cuts.first("mappings", mappings, most, of_mappings)),
        cuts.first("said", said, subject.limit, of_said),
        cuts,
    )


def _facts(
    subject: Subject,
    questions: Questions,
    outgoing: Mapping[str, dict[Node, list[str]]],
    cuts: Cuts,
) -> Facts:
    incoming: dict[str, dict[Node, list[str]]] = {}
    numbers: dict[str, int] = {}
    paths = questions.incoming_paths(subject.iri, MOST_PROPERTIES + 1)
    of_paths = f"SELECT DISTINCT ?property WHERE {{ ?thing ?property {NamedNode(subject.iri)} }}"
    for path, number in cuts.first("properties", paths, MOST_PROPERTIES, of_paths):
        solutions = questions.incoming(subject.iri, path, subject.limit)
        found = gathered((graph, path, thing) for graph, thing in solutions)
        incoming |= found
        numbers |= dict.fromkeys(found, number)
    return Facts(
        subject.iri,
        outgoing,
        incoming,
        numbers,
        frozenset(questions.lineage_paths()),
        questions.inverses(),
    )


def _view(subject: Subject, questions: Questions, telling: Telling, sources: _Sources) -> View:
    names, facts = telling.names, telling.facts
    labels = [*facts.outgoing.get(RDFS + "label", {}), *facts.outgoing.get(SKOS + "prefLabel", {})]
    title = names.of(subject.iri)
    others = {
        label.value: Named(label.value, names.foreign(label))
        for label in labels
        if isinstance(label, Literal) and label.value != title.text
    }
    kinds = [kind for kind in facts.outgoing.get(RDF + "type", {}) if isinstance(kind, NamedNode)]
    successors = facts.outgoing.get(DCTERMS + "isReplacedBy", {})
    classes = questions.classes(subject.iri)
    return View(
        iri=subject.iri,
        title=title,
        other_titles=tuple(others.values()),
        kinds=tuple(_labelled(names, kinds)),
        description=_description(facts, names.language),
        groups=tuple(telling.plain()),
        ancestors=tuple(telling.ancestors()),
        descendants=tuple(telling.descendants()),
        matches=tuple(telling.matches()),
        mentions=tuple(telling.mentions()),
        superseded=tuple(telling.superseded()),
        said=tuple(_named(names, solution) for solution in sources.said),
        is_concept=SKOS + "Concept" in classes,
        is_in_trees=not classes.isdisjoint((SKOS + "Concept", SKOS + "ConceptScheme")),
        is_source=NIF + "referenceContext" in facts.incoming,
        is_retired=facts.is_retired,
        successors=tuple(names.value(node) for node in successors),
        dataset_title=names.of(subject.dataset),
        licence=questions.licence(subject.dataset),
        json_ld=schema_org.document(subject.iri, classes, facts, names, subject.dataset),
        cuts=tuple(sources.cuts.found),
    )


def _labelled(names: Names, kinds: Sequence[NamedNode]) -> list[Named]:
    """Return the names of classes; those without a label only where none has one."""
    all_of_them = [names.of(kind.value) for kind in kinds]
    labelled = [named for named in all_of_them if names.nodes(named.iri, RDFS + "label")]
    return sorted(labelled or all_of_them, key=lambda named: named.text)


def _description(facts: Facts, language: str) -> str:
    for path in _DESCRIPTIONS:
        texts = [node for node in facts.outgoing.get(path, {}) if isinstance(node, Literal)]
        if chosen := best(texts, language):
            return chosen.value
    return ""


def _named(names: Names, solution: Solution) -> tuple[Named, Named, Named]:
    subject, path, value = (names.value(node) for node in solution if node is not None)
    return subject, path, value


def _iris_of(solutions: Sequence[Solution]) -> set[str]:
    return {
        node.value for solution in solutions for node in solution if isinstance(node, NamedNode)
    }
