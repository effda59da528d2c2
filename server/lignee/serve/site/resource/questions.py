"""What pages of resources ask the engine, and its answers as terms.

Graphs that survey the release (`graph/description`, `graph/release`, `graph/validation`) say
nothing of the things themselves, so no question reaches into them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, TypeAlias, cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

from lignee import formats
from lignee.engines.engine import Engine, Request
from lignee.iris import Namespaces
from lignee.serve.site.resource import standards
from lignee.vocabulary import LIG, NIF, OWL, PROV, RDF, RDFS, SCHEMA, SH, SKOS, SSSOM

Node: TypeAlias = NamedNode | BlankNode | Literal | Triple
Solution: TypeAlias = tuple[Node | None, ...]
Bindings: TypeAlias = Mapping[str, NamedNode | Literal]

DESCRIBING: Final = (
    RDF + "type",
    RDFS + "label",
    SKOS + "prefLabel",
    "http://purl.org/dc/terms/title",
    SCHEMA + "name",
    SH + "order",
    RDFS + "comment",
    NIF + "referenceContext",
    NIF + "beginIndex",
    NIF + "endIndex",
    LIG + "digest",
    LIG + "supersededBy",
    LIG + "confidence",
    LIG + "tier",
    LIG + "count",
    LIG + "bound",
    SCHEMA + "url",
    SKOS + "editorialNote",
    PROV + "wasDerivedFrom",
    PROV + "used",
)
"""What pages need to know of what they only mention."""
_SURVEYS: Final = ("description", "release", "validation")
_BOOKKEEPING: Final = (
    RDF + "subject",
    RDF + "predicate",
    RDF + "object",
    OWL + "annotatedSource",
    OWL + "annotatedProperty",
    OWL + "annotatedTarget",
)
"""Properties by which statements about statements point: they are shown as evidence."""

_OUTGOING: Final = """\
SELECT ?graph ?path ?value WHERE {{
  GRAPH ?graph {{ ?this ?path ?value }} FILTER(?graph NOT IN ({surveys}))
}} LIMIT {limit}"""
_OUTGOING_ANYWHERE: Final = """\
SELECT ?graph ?path ?value WHERE { GRAPH ?graph { ?this ?path ?value } } LIMIT {limit}"""
_INCOMING_PATHS: Final = """\
SELECT ?path (COUNT(DISTINCT ?subject) AS ?number) WHERE {{
  GRAPH ?graph {{ ?subject ?path ?this }}
  FILTER(?graph NOT IN ({surveys}, {queries}) && ?path NOT IN ({bookkeeping}))
}} GROUP BY ?path ORDER BY ?path LIMIT {limit}"""
_INCOMING: Final = """\
SELECT ?graph ?subject WHERE {{
  {{ SELECT DISTINCT ?subject WHERE {{
    GRAPH ?any {{ ?subject {path} {this} }} FILTER(?any NOT IN ({surveys}, {queries}))
  }} LIMIT {limit} }}
  GRAPH ?graph {{ ?subject {path} {this} }} FILTER(?graph NOT IN ({surveys}, {queries}))
}}"""
"""Every graph of as many things as are wanted: whoever says so is not left out."""
_SAID_HERE: Final = """\
SELECT ?subject ?path ?value WHERE {{ GRAPH ?this {{ ?subject ?path ?value }} }}
ORDER BY ?subject ?path ?value LIMIT {limit}"""
_DESCRIBED: Final = """\
SELECT ?iri ?path ?value WHERE {{
  VALUES ?iri {{ {iris} }}
  ?iri ?path ?value
  FILTER(?path IN ({paths}))
}}"""
_REASONS: Final = f"""\
PREFIX rdf: <{RDF}> PREFIX prov: <{PROV}> PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?reason ?subject ?path ?value ?property ?detail WHERE {{{{
  {{{{ ?reason rdf:subject ?this }}}} UNION {{{{ ?reason rdf:object ?this }}}}
  ?reason rdf:subject ?subject ; rdf:predicate ?path ; rdf:object ?value ; ?property ?detail .
  FILTER(?property IN (prov:wasDerivedFrom, prov:wasGeneratedBy, dcterms:subject))
}}}} LIMIT {{limit}}"""
_MAPPINGS: Final = f"""\
PREFIX owl: <{OWL}> PREFIX sssom: <{SSSOM}> PREFIX rdfs: <{RDFS}>
SELECT ?mapping ?subject ?path ?value ?property ?detail WHERE {{{{
  ?mapping owl:annotatedSource ?this ; owl:annotatedSource ?subject ;
    owl:annotatedProperty ?path ; owl:annotatedTarget ?value ; ?property ?detail .
  FILTER(?property IN (sssom:confidence, sssom:object_label, sssom:author_label, rdfs:comment))
}}}} LIMIT {{limit}}"""
_RULES: Final = f"SELECT ?path ?rule WHERE {{ ?rule <{LIG}concludes> ?path }}"
_INVERSES: Final = f"SELECT ?path ?other WHERE {{ ?path <{OWL}inverseOf> ?other }}"
_LINEAGE: Final = f"SELECT ?path WHERE {{ ?path <{RDFS}subPropertyOf>* <{LIG}descendsFrom> }}"
_LICENCE: Final = (
    "SELECT ?licence WHERE { ?this <http://purl.org/dc/terms/license> ?licence } LIMIT 1"
)
_CLASSES: Final = f"SELECT ?class WHERE {{ ?this a/<{RDFS}subClassOf>* ?class }}"


@dataclass(frozen=True, slots=True)
class About:
    """One statement about a statement: why it was derived, or how a mapping was made."""

    node: str
    statement: tuple[Node, Node, Node]
    details: Mapping[str, list[Node]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks one engine about one release, for one client; raises QueryError or EngineError."""

    engine: Engine
    namespaces: Namespaces
    client: str = ""

    @property
    def surveys(self) -> tuple[NamedNode, ...]:
        """The graphs that survey the release."""
        return tuple(NamedNode(self.namespaces.graph(name)) for name in _SURVEYS)

    def outgoing(self, iri: str, limit: int) -> list[Solution]:
        """Return graph, property and value of what is said of a thing.

        What the surveys say counts for things that nothing else tells of, such as linksets.
        """
        found = self.of(iri, _OUTGOING, limit)
        return found or self.of(iri, _OUTGOING_ANYWHERE.replace("{limit}", str(limit)))

    def incoming_paths(self, iri: str, limit: int) -> list[tuple[NamedNode, int]]:
        """Return the properties that lead here, each with the number of things."""
        return [
            (cast(NamedNode, path), int(cast(Literal, number).value))
            for path, number in self.of(iri, _INCOMING_PATHS, limit)
        ]

    def incoming(self, iri: str, path: NamedNode, limit: int) -> list[Solution]:
        """Return graphs and things, of as many things as are wanted that lead here."""
        return self.ask(
            _INCOMING.format(
                this=NamedNode(iri),
                path=path,
                surveys=self._surveys(),
                queries=self._queries(),
                limit=limit,
            )
        )

    def said_here(self, graph: str, limit: int) -> list[Solution]:
        """Return the statements of a named graph."""
        return self.of(graph, _SAID_HERE, limit)

    def described(self, iris: Collection[str]) -> dict[str, dict[str, list[Node]]]:
        """Return what is to be known of things that are only mentioned, by thing and property."""
        found: dict[str, dict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
        if iris:
            query = _DESCRIBED.format(iris=_list(iris, " "), paths=_list(DESCRIBING))
            for thing, path, value in self.ask(query):
                if isinstance(thing, NamedNode) and isinstance(path, NamedNode) and value:
                    found[thing.value][path.value].append(value)
        return found

    def reasons(self, iri: str, limit: int) -> list[Solution]:
        """Return why statements from or to a thing were derived, see `grouped`."""
        return self.of(iri, _REASONS, limit)

    def mappings(self, iri: str, limit: int) -> list[Solution]:
        """Return how the mappings of a thing were made, see `grouped`."""
        return self.of(iri, _MAPPINGS, limit)

    def rules(self) -> dict[str, list[str]]:
        """Return the rules that may conclude a property, by property."""
        found: dict[str, list[str]] = defaultdict(list)
        for path, rule in self.ask(_RULES):
            if isinstance(path, NamedNode) and isinstance(rule, NamedNode):
                found[path.value].append(rule.value)
        return found

    def inverses(self) -> dict[str, str]:
        """Return the properties that say the same the other way round, by property."""
        found = {
            path.value: other.value
            for path, other in self.ask(_INVERSES)
            if isinstance(path, NamedNode) and isinstance(other, NamedNode)
        }
        return {**standards.INVERSES, **{other: path for path, other in found.items()}, **found}

    def lineage_paths(self) -> set[str]:
        """Return the properties that say what a thing descends from."""
        return {path.value for (path,) in self.ask(_LINEAGE) if isinstance(path, NamedNode)}

    def classes(self, iri: str) -> set[str]:
        """Return the classes of a thing, with those above them."""
        found = self.of(iri, _CLASSES)
        return {kind.value for (kind,) in found if isinstance(kind, NamedNode)}

    def licence(self, dataset: str) -> str:
        """Return the IRI of the dataset's terms of use, empty where it states none."""
        found = self.of(dataset, _LICENCE)
        return found[0][0].value if found and isinstance(found[0][0], NamedNode) else ""

    def ask(self, query: str, bindings: Bindings | None = None) -> list[Solution]:
        """Return the solutions of a SELECT query."""
        return [tuple(solution) for solution in self._solutions(query, bindings or {})]

    def _solutions(self, query: str, bindings: Bindings) -> QuerySolutions:
        asked = Request(
            query=query,
            result_format=formats.RESULT_FORMATS[0],
            graph_format=None,
            bindings=bindings,
            client=self.client,
        )
        answer = self.engine.evaluate(asked)
        try:
            body = b"".join(answer.body)
        finally:
            answer.close()
        found = parse_query_results(BytesIO(body), format=QueryResultsFormat.JSON)
        return cast(QuerySolutions, found)

    def named(self, query: str) -> list[dict[str, Node]]:
        """Return the solutions of a SELECT query by variable, those without a value left out."""
        found = self._solutions(query, {})
        names = [variable.value for variable in found.variables]
        return [
            {name: node for name, node in zip(names, solution, strict=True) if node is not None}
            for solution in found
        ]

    def of(self, iri: str, template: str, limit: int = 0) -> list[Solution]:
        """Return the solutions of a query about a thing, which is its variable `this`."""
        query = template
        if "{surveys}" in template or "{limit}" in template:
            surveys, bookkeeping = self._surveys(), _list(_BOOKKEEPING)
            query = template.format(
                surveys=surveys, bookkeeping=bookkeeping, queries=self._queries(), limit=limit
            )
        return self.ask(query, {"this": NamedNode(iri)})

    def _queries(self) -> str:
        """Return the graph of published queries, whose parameters point at examples only."""
        return str(NamedNode(self.namespaces.graph("queries")))

    def _surveys(self) -> str:
        return ", ".join(map(str, self.surveys))


def values_of(solution: Solution) -> tuple[str, ...]:
    """Return the texts of a solution's IRIs and literals, empty for what is neither."""
    return tuple(node.value if isinstance(node, NamedNode | Literal) else "" for node in solution)


def _list(iris: Iterable[str], separator: str = ", ") -> str:
    return separator.join(str(NamedNode(iri)) for iri in iris)


def grouped(solutions: Iterable[Solution]) -> list[About]:
    """Return what solutions tell of statements, one for each node that is about a statement."""
    found: dict[str, About] = {}
    for node, subject, path, value, name, detail in solutions:
        if not (subject and path and value and detail and isinstance(name, NamedNode)):
            continue
        about = found.setdefault(str(node), About(str(node), (subject, path, value)))
        about.details[name.value].append(detail)
    return list(found.values())
