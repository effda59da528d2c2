"""Derivation: what the rules in queries/rules/ infer from the current graphs.

Rules run stratum by stratum (the number their file name starts with), each stratum until none of
its rules concludes anything new. A rule is run again only when there are new conclusions with a
predicate it reads. Conclusions go to `graph/derived` and, at once, to the default graph.
"""

from __future__ import annotations

import gc
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, QueryTriples, RdfFormat, Triple

from lignee import query_files
from lignee.build.evaluation import evaluate
from lignee.build.progress import Progress
from lignee.build.reads import Reads, predicates_read
from lignee.dataset import Dataset
from lignee.errors import DuplicateDefinition, Place, UnparsableInput
from lignee.query_files import QueryFile
from lignee.vocabulary import LIG, PROV, RDF_TYPE, RDFS, RDFS_LABEL

DERIVED: Final = "derived"
MAX_ROUNDS: Final = 1_000
"""A stratum that still concludes something new after so many rounds is taken to have no end."""
MAX_CONCLUSIONS: Final = 10_000_000
"""The same for triples: memory would end before the rounds do."""

_TYPE: Final = str(RDF_TYPE).encode()
_INFERENCE: Final = f"<{LIG}Inference>".encode()


@dataclass
class _Rule:
    query: QueryFile
    concludes: set[NamedNode] = field(default_factory=set)
    """Predicates of conclusions that are not about inferences."""
    explains: set[NamedNode] = field(default_factory=set)
    """Predicates of conclusions about inferences, the reasons of other conclusions."""
    triples: int = 0
    is_fed: bool = True
    """Whether there may be something that the rule has not seen."""

    @cached_property
    def reads(self) -> Reads:
        """The predicates that the rule reads, None where it may be any."""
        return predicates_read(self.query.text)


def derive(dataset: Dataset, progress: Progress) -> int:
    """Add to the dataset what its rules conclude, and what they are; return how many triples.

    The default graph must be written. Raises UnparsableInput for a rule that cannot be used or
    that never stops concluding, DuplicateDefinition for two rules of one name.
    """
    rules = _load(dataset)
    known = _derived(dataset)
    derived = 0
    progress.step("derive", len(rules))
    for _, rules_of_stratum in groupby(rules, key=lambda rule: query_files.stratum(rule.query)):
        stratum = list(rules_of_stratum)
        derived = _reach_fixpoint(dataset, stratum, derived, known)
        progress.advance(len(stratum))
    progress.done(rules=len(rules), triples=derived)
    # rdflib keeps errors that its parser got over, in cycles, and with them the frames that called
    # it and all these hold: a large dataset, were the garbage left until the build ends.
    gc.collect()
    return derived + dataset.add(dataset.graph(DERIVED), _described(dataset, rules))


def _load(dataset: Dataset) -> list[_Rule]:
    queries = [query_files.load(file) for file in dataset.folder.queries_of("rules")]
    by_name: dict[str, QueryFile] = {}
    for query in queries:
        other = by_name.setdefault(query.name, query)
        if other is not query:
            raise DuplicateDefinition(
                f"the rule `{query.name}` is in {other.file} too; rename one of the two",
                place=Place(query.file),
            )
    ordered = sorted(queries, key=lambda query: (query_files.stratum(query), query.file.name))
    return [_Rule(query) for query in ordered]


def _reach_fixpoint(dataset: Dataset, stratum: list[_Rule], derived: int, known: set[bytes]) -> int:
    active: list[_Rule] = []
    for _ in range(MAX_ROUNDS):
        active = []
        for rule in stratum:
            if rule.is_fed:
                rule.is_fed = False
                if fresh := _run(dataset, rule, known):
                    active.append(rule)
                    derived += len(fresh)
                    _feed(stratum, fresh)
        if not active:
            return derived
        if derived > MAX_CONCLUSIONS:
            break
    names = ", ".join(f"`{rule.query.name}`" for rule in active)
    raise UnparsableInput(
        f"rules never stop concluding: {names}; stopped after {derived:,} triples. A rule must "
        "not make new IRIs from the ones it makes",
        place=Place(active[0].query.file),
    )


def _feed(rules: Iterable[_Rule], fresh: Iterable[bytes]) -> None:
    predicates = {line.split(b" ", 2)[1] for line in fresh}
    for rule in rules:
        if rule.reads is None or rule.reads & predicates:
            rule.is_fed = True


def _run(dataset: Dataset, rule: _Rule, known: set[bytes]) -> set[bytes]:
    """Add what the rule concludes now; return the lines that are new to the derived graph.

    They pass as N-Triples, `known` holding those of the derived graph: as objects, each would cost
    several times as much as the store takes to find and to keep it.
    """
    conclusions = set(_conclusions(dataset, rule.query))
    fresh = conclusions - known
    known |= fresh
    ntriples = b"\n".join(fresh)
    for graph in (dataset.graph(DERIVED), DefaultGraph()):
        dataset.store.bulk_load(ntriples, format=RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
    rule.triples += len(fresh)
    _note_predicates(rule, conclusions, known)
    return fresh


def _conclusions(dataset: Dataset, query: QueryFile) -> list[bytes]:
    """Return the N-Triples lines of what the rule concludes, some perhaps twice."""
    place = Place(query.file)
    found = evaluate(dataset.store, query)
    if not isinstance(found, QueryTriples):
        raise UnparsableInput("a rule is a CONSTRUCT query", place=place)
    ntriples = found.serialize(format=RdfFormat.N_TRIPLES)
    assert ntriples is not None  # None only where an output is given
    lines = ntriples.splitlines()
    if b"_:" in ntriples and any(map(_names_blank_node, lines)):
        raise UnparsableInput(
            "the rule concludes something about a blank node; make an IRI in its pattern: "
            "BIND(IRI(CONCAT(…)) AS ?name)",
            place=place,
        )
    return lines


def _names_blank_node(line: bytes) -> bool:
    subject, _, value = line.split(b" ", 2)
    return subject.startswith(b"_:") or value.startswith(b"_:")


def _derived(dataset: Dataset) -> set[bytes]:
    ntriples = dataset.store.dump(format=RdfFormat.N_TRIPLES, from_graph=dataset.graph(DERIVED))
    assert ntriples is not None  # None only where an output is given
    return set(ntriples.splitlines())


def _note_predicates(rule: _Rule, conclusions: Iterable[bytes], known: Container[bytes]) -> None:
    noted: dict[bytes, set[bytes]] = {}
    for line in conclusions:
        subject, predicate, _ = line.split(b" ", 2)
        noted.setdefault(predicate, set()).add(subject)
    for predicate, subjects in noted.items():
        name = NamedNode(predicate[1:-1].decode("utf-8"))
        if all(b"%b %b %b ." % (subject, _TYPE, _INFERENCE) in known for subject in subjects):
            rule.explains.add(name)
        else:
            rule.concludes.add(name)


def _described(dataset: Dataset, rules: Iterable[_Rule]) -> Iterator[Triple]:
    """Yield what each rule says and concludes, and how many triples its run added."""
    for rule in rules:
        node = NamedNode(dataset.namespaces.resource("rule", rule.query.name))
        run = NamedNode(dataset.namespaces.resource("rule-run", rule.query.name))
        titles = {**rule.query.questions, **rule.query.titles}
        yield Triple(node, RDF_TYPE, NamedNode(LIG + "Rule"))
        yield from _texts(node, RDFS_LABEL, titles)
        yield from _texts(node, NamedNode(RDFS + "comment"), rule.query.questions)
        # A rule that only explains others' conclusions says what it explains with.
        for predicate in rule.concludes or rule.explains:
            yield Triple(node, NamedNode(LIG + "concludes"), predicate)
        yield Triple(run, RDF_TYPE, NamedNode(LIG + "RuleRun"))
        yield Triple(run, NamedNode(PROV + "used"), node)
        runs = {"en": "Run of the rule “{}”", "fr": "Application de la règle « {} »"}
        named = {key: runs[key].format(text) for key, text in titles.items() if key in runs}
        yield from _texts(run, RDFS_LABEL, named)
        counts = {
            "en": f"Triples added: {rule.triples}",
            "fr": f"Triplets ajoutés : {rule.triples}",
        }
        yield from _texts(run, NamedNode(RDFS + "comment"), counts)


def _texts(subject: NamedNode, predicate: NamedNode, texts: Mapping[str, str]) -> Iterator[Triple]:
    for language, text in texts.items():
        yield Triple(subject, predicate, Literal(text, language=language))
