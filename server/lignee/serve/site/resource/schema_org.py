"""A resource in the words of schema.org, for the search engines that read pages.

See https://schema.org/docs/gs.html and https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, TypeAlias

from pyoxigraph import Literal, NamedNode

from lignee.serve.site.resource.facts import Facts
from lignee.serve.site.resource.names import Names
from lignee.serve.site.resource.questions import Node
from lignee.vocabulary import DCAT, DCTERMS, LIG_SUPERSEDED_BY, OWL, RDFS, SCHEMA, SKOS

Json: TypeAlias = str | dict[str, str]

_TYPES: Final = {
    SKOS + "Concept": "DefinedTerm",
    SKOS + "ConceptScheme": "DefinedTermSet",
    DCAT + "Dataset": "Dataset",
}
_PROPERTIES: Final = {
    RDFS + "label": "name",
    SKOS + "prefLabel": "name",
    SKOS + "altLabel": "alternateName",
    SKOS + "definition": "description",
    RDFS + "comment": "description",
    SKOS + "inScheme": "inDefinedTermSet",
    SKOS + "exactMatch": "sameAs",
    OWL + "sameAs": "sameAs",
    DCTERMS + "issued": "datePublished",
    DCTERMS + "publisher": "publisher",
    DCTERMS + "creator": "creator",
}
_OF_ANYTHING: Final = frozenset(
    {"alternateName", "description", "identifier", "image", "name", "sameAs", "subjectOf", "url"}
)
"""Properties that https://schema.org/Thing has, of those that may be known."""


def document(iri: str, classes: set[str], facts: Facts, names: Names, dataset: str) -> str:
    """Return JSON-LD of what can be said in schema.org, safe to stand inside a page."""
    content: dict[str, object] = {"@context": "https://schema.org/", "@id": iri}
    content["@type"] = sorted(_types(classes)) or "Thing"
    found: dict[str, list[Json]] = {}
    for path, values in facts.outgoing.items():
        name = _PROPERTIES.get(path) or _local(path)
        if name:
            current = (node for node, graphs in values.items() if _is_said(graphs, names))
            found.setdefault(name, []).extend(_values(current, names))
    for name in sorted(found.keys() & _OF_ANYTHING if content["@type"] == "Thing" else found):
        distinct = list({json.dumps(value): value for value in found[name]}.values())
        content[name] = distinct[0] if len(distinct) == 1 else distinct
    content.setdefault("url", iri)
    content["subjectOf"] = {"@id": dataset}
    return embeddable(json.dumps(content, ensure_ascii=False, indent=1))


def embeddable(text: str) -> str:
    """Return JSON in which no text of the graph can end the block that it stands in."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _types(classes: set[str]) -> set[str]:
    known = {_TYPES[kind] for kind in classes if kind in _TYPES}
    return known | {local for kind in classes if (local := _local(kind))}


def _local(iri: str) -> str:
    return iri.removeprefix(SCHEMA) if iri.startswith(SCHEMA) else ""


def _is_said(graphs: Iterable[str], names: Names) -> bool:
    return not all(names.nodes(graph, LIG_SUPERSEDED_BY.value) for graph in graphs)


def _values(nodes: Iterable[Node], names: Names) -> Iterable[Json]:
    for node in nodes:
        if isinstance(node, NamedNode):
            yield node.value if _local(node.value) else _thing(node, names)
        elif isinstance(node, Literal) and node.language:
            yield {"@language": node.language, "@value": node.value}
        elif isinstance(node, Literal):
            yield node.value


def _thing(node: NamedNode, names: Names) -> dict[str, str]:
    named = names.of(node.value)
    is_labelled = named.text != node.value
    return {"@id": node.value, "name": named.text} if is_labelled else {"@id": node.value}
