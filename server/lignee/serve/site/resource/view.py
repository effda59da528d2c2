"""One resource as its page shows it, put together from what the engine answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from lignee.iris import Namespaces, PrefixTable
from lignee.serve.site.resource import addresses, schema_org
from lignee.serve.site.resource.evidence import Evidence, by_statement, mentioned
from lignee.serve.site.resource.facts import Facts, Group, Telling, gathered
from lignee.serve.site.resource.names import Known, Named, Names, Text, best
from lignee.serve.site.resource.questions import Node, Questions, Solution
from lignee.vocabulary import DCTERMS, LIG, NIF, PROV, RDF, RDFS, SCHEMA, SKOS

_DEEPER = (
    NIF + "referenceContext",
    LIG + "supersededBy",
    LIG + "tier",
    LIG + "bound",
    PROV + "wasDerivedFrom",
    PROV + "used",
)
"""Where what is mentioned leads to what has to be named as well."""
_HOPS = 3
_OUTGOING_LIMIT = 2_000
_DESCRIPTIONS = (
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
    is_retired: bool
    successors: tuple[Named, ...]
    dataset_title: Named
    licence: str
    json_ld: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose page is wanted, in which language, from which dataset."""

    iri: str
    language: str
    dataset: str
    prefixes: PrefixTable
    namespaces: Namespaces
    limit: int


def view_of(subject: Subject, questions: Questions, text: Text) -> View | None:
    """Return what a page shows of a resource, None where the release says nothing of it.

    Raises QueryError or EngineError.
    """
    outgoing = gathered(questions.outgoing(subject.iri, _OUTGOING_LIMIT))
    if not outgoing:
        return None
    facts = _facts(subject, questions, outgoing)
    reasons, mappings = questions.reasons(subject.iri), questions.mappings(subject.iri)
    said = questions.said_here(subject.iri, subject.limit)
    iris = facts.iris() | mentioned(reasons) | mentioned(mappings) | _iris_of(said)
    rules = questions.rules()
    iris |= {rule for path in facts.outgoing for rule in rules.get(path, ())}
    known = _known(questions, iris | {subject.dataset})

    def path_of(iri: str) -> str:
        is_described = RDF + "type" in known.get(iri, ())
        if is_described:
            return addresses.page_of(subject.namespaces, iri)
        return addresses.own_page_of(subject.namespaces, iri)

    names = Names(subject.language, known, subject.prefixes, path_of, text)
    evidence = Evidence(
        names, subject.namespaces, by_statement(reasons), by_statement(mappings), rules
    )
    telling = Telling(facts, names, evidence, subject.limit)
    return _view(subject, questions, telling, said)


def _facts(
    subject: Subject, questions: Questions, outgoing: Mapping[str, dict[Node, list[str]]]
) -> Facts:
    incoming: dict[str, dict[Node, list[str]]] = {}
    numbers: dict[str, int] = {}
    for path, number, solutions in questions.incoming(subject.iri, subject.limit):
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


def _known(questions: Questions, iris: set[str]) -> Known:
    known: dict[str, Mapping[str, list[Node]]] = {}
    for _ in range(_HOPS + 1):
        found = questions.described(iris)
        known |= found
        reached = {
            node.value
            for of_thing in found.values()
            for path in _DEEPER
            for node in of_thing.get(path, ())
            if isinstance(node, NamedNode)
        }
        iris = reached - known.keys()
        if not iris:
            break
    return known


def _view(
    subject: Subject, questions: Questions, telling: Telling, said: Sequence[Solution]
) -> View:
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
        description=_description(facts, subject.language),
        groups=tuple(telling.plain()),
        ancestors=tuple(telling.ancestors()),
        descendants=tuple(telling.descendants()),
        matches=tuple(telling.matches()),
        mentions=tuple(telling.mentions()),
        superseded=tuple(telling.superseded()),
        said=tuple(_named(names, solution) for solution in said),
        is_retired=facts.is_retired,
        successors=tuple(names.value(node) for node in successors),
        dataset_title=names.of(subject.dataset),
        licence=questions.licence(subject.dataset),
        json_ld=schema_org.document(subject.iri, classes, facts, names, subject.dataset),
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
