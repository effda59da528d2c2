"""A resource in the words of schema.org, for the search engines that read pages.

See https://schema.org/docs/gs.html and https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
Texts stand there as plain strings in the page's language: that is all that its types take.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from pyoxigraph import Literal, NamedNode

from lignee.serve.site.resource.facts import Facts
from lignee.serve.site.resource.names import Names, best
from lignee.serve.site.resource.questions import Node
from lignee.vocabulary import (
    DCAT,
    DCTERMS,
    FOAF,
    LIG_SUPERSEDED_BY,
    OWL,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    XSD,
)

Json: TypeAlias = str | bool | dict[str, str]

CONTEXT: Final = "https://schema.org"
_TYPES: Final = {
    SKOS + "Concept": "DefinedTerm",
    SKOS + "ConceptScheme": "DefinedTermSet",
    DCAT + "Dataset": "Dataset",
    FOAF + "Organization": "Organization",
    FOAF + "Person": "Person",
}
_PROPERTIES: Final = {
    RDFS + "label": "name",
    SKOS + "prefLabel": "name",
    DCTERMS + "title": "name",
    SKOS + "altLabel": "alternateName",
    SKOS + "definition": "description",
    RDFS + "comment": "description",
    DCTERMS + "description": "description",
    SKOS + "inScheme": "inDefinedTermSet",
    SKOS + "exactMatch": "sameAs",
    OWL + "sameAs": "sameAs",
}
_OF_WORKS: Final = {
    DCTERMS + "issued": "datePublished",
    DCTERMS + "license": "license",
    DCTERMS + "publisher": "publisher",
    DCTERMS + "creator": "creator",
}
"""What https://schema.org/CreativeWork has, and other things have not."""
_NO_WORKS: Final = frozenset(
    {"DefinedTerm", "Event", "EventSeries", "Organization", "Person", "Place", "Thing"}
)
_OF_ANYTHING: Final = frozenset(
    {"alternateName", "description", "identifier", "image", "name", "sameAs", "subjectOf", "url"}
)
"""Properties that https://schema.org/Thing has, of those that may be known."""
_OF: Final = {
    "Thing": _OF_ANYTHING,
    "DefinedTerm": _OF_ANYTHING | {"about", "inDefinedTermSet", "termCode"},
}
"""All that the types have which are not the graph's own words."""
_ADDRESSES: Final = frozenset({"image", "license", "sameAs", "url"})
"""Properties whose value is an address, not a thing."""
_LEADS_TO: Final = {
    "about": "Thing",
    "creator": "Organization",
    "inDefinedTermSet": "DefinedTermSet",
    "organizer": "Organization",
    "publisher": "Organization",
    "superEvent": "Event",
}
"""What the values of a property are, as far as nothing more exact is known of them."""
_DATES: Final = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))


def document(iri: str, classes: set[str], facts: Facts, names: Names, dataset: str) -> str:
    """Return JSON-LD of what can be said in schema.org, safe to stand inside a page."""
    types = sorted(_types(classes)) or ["Thing"]
    said = _said(facts, names, types)
    content: dict[str, object] = {"@context": CONTEXT, "@id": iri, "@type": _one_or_all(types)}
    called = [node.value for node in said.pop("name", ()) if isinstance(node, Literal)]
    if called:
        title = names.of(iri).text
        content["name"] = title if title in called else called[0]
    others = [node.value for node in said.pop("alternateName", ()) if isinstance(node, Literal)]
    told: dict[str, list[Json]] = {
        "alternateName": [text for text in (*called, *others) if text != content.get("name")]
    }
    told |= {name: _values(name, nodes, names) for name, nodes in said.items()}
    content |= {name: _one_or_all(told[name]) for name in sorted(told) if told[name]}
    content.setdefault("url", iri)
    if iri != dataset:
        content["subjectOf"] = {"@id": dataset}
    return embeddable(json.dumps(content, ensure_ascii=False, indent=1))


def embeddable(text: str) -> str:
    """Return JSON in which no text of the graph can end the block that it stands in."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _types(classes: Iterable[str]) -> set[str]:
    return {name for kind in classes if (name := _TYPES.get(kind) or _local(kind))}


def _local(iri: str) -> str:
    return iri.removeprefix(SCHEMA) if iri.startswith(SCHEMA) else ""


def _said(facts: Facts, names: Names, types: Sequence[str]) -> dict[str, list[Node]]:
    """Return the values that still stand, by the properties that things of these types have."""
    known = _PROPERTIES if _NO_WORKS.issuperset(types) else _PROPERTIES | _OF_WORKS
    allowed = _OF.get(types[0]) if len(types) == 1 else None
    found: dict[str, list[Node]] = {}
    for path, values in facts.outgoing.items():
        name = known.get(path) or _local(path)
        if name and (allowed is None or name in allowed):
            current = (node for node, graphs in values.items() if _is_said(graphs, names))
            found.setdefault(name, []).extend(current)
    return found


def _is_said(graphs: Iterable[str], names: Names) -> bool:
    return not all(names.nodes(graph, LIG_SUPERSEDED_BY.value) for graph in graphs)


def _values(name: str, nodes: Sequence[Node], names: Names) -> list[Json]:
    literals = [node for node in nodes if isinstance(node, Literal)]
    chosen = best([literal for literal in literals if literal.language], names.language)
    texts = [
        one for one in literals if not one.language or (chosen and one.language == chosen.language)
    ]
    found = [_text(name, literal) for literal in texts if not _is_less_exact(literal, texts)]
    return found + [_thing(name, node, names) for node in nodes if isinstance(node, NamedNode)]


def _text(name: str, literal: Literal) -> Json:
    # https://developers.google.com/search/docs/appearance/structured-data/event
    if name == "location":
        return {"@type": "Place", "name": literal.value, "address": literal.value}
    if literal.datatype.value == XSD + "boolean":
        return literal.value in ("true", "1")
    return literal.value


def _is_less_exact(literal: Literal, others: Iterable[Literal]) -> bool:
    """Tell whether another date says the same and more, as "2019-09-27" does of "2019-09"."""
    return literal.datatype.value in _DATES and any(
        other.value.startswith(literal.value) and other.value != literal.value for other in others
    )


def _thing(name: str, node: NamedNode, names: Names) -> Json:
    iri = node.value
    if name in _ADDRESSES or _local(iri):
        return iri
    kinds = (kind.value for kind in names.nodes(iri, RDF + "type") if isinstance(kind, NamedNode))
    kind = min(_types(kinds), default=_LEADS_TO.get(name))
    named = names.of(iri)
    if kind is None or named.text == iri:
        return {"@id": iri}
    return {"@type": kind, "@id": iri, "name": named.text}


def _one_or_all(values: Sequence[Json]) -> Json | list[Json]:
    distinct = list({json.dumps(value): value for value in values}.values())
    return distinct[0] if len(distinct) == 1 else distinct
