"""The published queries as RDF: competency questions, examples and others as sh:SPARQLExecutable.

See https://www.w3.org/TR/shacl-af/#SPARQLExecutable ; parameters are those of a
sh:Parameterizable (https://www.w3.org/TR/shacl/#constraint-components-parameters). Editors find
them by `?query a sh:SPARQLExecutable ; rdfs:comment ?question ; sh:select ?text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from lignee import query_files
from lignee.build.evaluation import explained
from lignee.dataset import Dataset
from lignee.engines import services
from lignee.errors import BadParameter, DuplicateDefinition, Place, UnparsableInput
from lignee.query_files import Parameter, QueryFile
from lignee.vocabulary import RDF_TYPE, RDFS, RDFS_LABEL, SCHEMA, SH, XSD, XSD_INTEGER

QUERIES: Final = "queries"
_FEDERATES_WITH: Final = NamedNode("https://purl.expasy.org/sparql-examples/ontology#federatesWith")
"""How editors learn that an example calls another endpoint."""
KINDS: Final = ("competency", "examples", "tensions", "pages")
"""Kinds of query files that are published; the others work inside the build."""

_CLASSES: Final = {
    "SELECT": "SPARQLSelectExecutable",
    "ASK": "SPARQLAskExecutable",
    "CONSTRUCT": "SPARQLConstructExecutable",
}
"""SHACL has no class for DESCRIBE."""
_DATATYPES: Final = {
    "string": XSD + "string",
    "integer": XSD + "integer",
    "date": XSD + "date",
    "language": XSD + "language",
}


def publish_queries(dataset: Dataset) -> int:
    """Add the published queries to `graph/queries`; return how many there are.

    Raises InputError for a query that does not parse, has a parameter that cannot be bound, or
    shares its name with another.
    """
    by_name: dict[str, QueryFile] = {}
    for kind in KINDS:
        for file in dataset.folder.queries_of(kind):
            query = query_files.load(file)
            other = by_name.setdefault(query.name, query)
            if other is not query:
                raise DuplicateDefinition(
                    f"the query `{query.name}` is in {other.file} too; rename one of the two",
                    place=Place(file),
                )
            _check(query)
            dataset.add(dataset.graph(QUERIES), _described(dataset, query, kind))
    return len(by_name)


def _check(query: QueryFile) -> None:
    try:
        services.parse(query.text)
    except (SyntaxError, RuntimeError) as error:
        raise explained(query, error) from None
    for parameter in query.parameters:
        if parameter.name in query_files.RESERVED:
            raise UnparsableInput(
                f"parameter `{parameter.name}` has a name that the query's address uses for "
                "itself; give it another",
                place=Place(query.file),
            )
        if not re.search(rf"[?$]{parameter.name}\b", query.text):
            raise UnparsableInput(
                f"parameter `{parameter.name}` is no variable of the query; use ?{parameter.name} "
                "in its text or remove the line",
                place=Place(query.file),
            )


def _described(dataset: Dataset, query: QueryFile, kind: str) -> Iterator[Triple]:
    node = NamedNode(dataset.namespaces.resource("query", query.name))
    form = query.form
    yield Triple(node, RDF_TYPE, _sh("SPARQLExecutable"))
    if form in _CLASSES:
        yield Triple(node, RDF_TYPE, _sh(_CLASSES[form]))
    yield from _texts(node, RDFS_LABEL, {**query.questions, **query.titles})
    yield from _texts(node, NamedNode(RDFS + "comment"), query.questions)
    yield Triple(node, NamedNode(SCHEMA + "keywords"), Literal(kind))
    position = Literal(str(query_files.stratum(query)), datatype=XSD_INTEGER)
    yield Triple(node, NamedNode(SCHEMA + "position"), position)
    yield Triple(node, _sh("prefixes"), dataset.head.iri)
    yield Triple(node, _sh(form.lower()), Literal(query.text))
    for endpoint in services.endpoints_of(query.text):
        yield Triple(node, _FEDERATES_WITH, NamedNode(endpoint))
    for number, parameter in enumerate(query.parameters):
        part = NamedNode(f"{node.value}/parameter/{parameter.name}")
        yield Triple(node, _sh("parameter"), part)
        yield from _parameter(dataset, query, parameter, part, number)


def _parameter(
    dataset: Dataset, query: QueryFile, parameter: Parameter, node: NamedNode, number: int
) -> Iterator[Triple]:
    try:
        default = parameter.term(parameter.default, dataset.prefixes)
    except BadParameter as error:
        raise UnparsableInput(
            f"the default of parameter `{parameter.name}` cannot be used: {error.message}",
            place=Place(query.file),
        ) from None
    yield Triple(node, RDF_TYPE, _sh("Parameter"))
    # The variable a parameter binds is the local name of its path, as in SHACL.
    yield Triple(node, _sh("path"), node)
    yield from _texts(node, _sh("name"), parameter.labels)
    yield from _texts(node, RDFS_LABEL, parameter.labels)
    yield Triple(node, _sh("order"), Literal(str(number), datatype=XSD_INTEGER))
    yield Triple(node, _sh("defaultValue"), default)
    if parameter.type == "iri":
        yield Triple(node, _sh("nodeKind"), _sh("IRI"))
    else:
        yield Triple(node, _sh("datatype"), NamedNode(_DATATYPES[parameter.type]))


def _texts(subject: NamedNode, predicate: NamedNode, texts: Mapping[str, str]) -> Iterator[Triple]:
    for language, text in texts.items():
        yield Triple(subject, predicate, Literal(text, language=language))


def _sh(name: str) -> NamedNode:
    return NamedNode(SH + name)
