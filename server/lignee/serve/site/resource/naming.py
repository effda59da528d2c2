"""Names for all that a page mentions, asked of the release at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import NamedNode

from lignee.iris import Namespaces, PrefixTable
from lignee.serve.site.resource import addresses
from lignee.serve.site.resource.names import Known, Names, Text
from lignee.serve.site.resource.questions import Node, Questions
from lignee.vocabulary import LIG, NIF, PROV, RDF

_DEEPER: Final = (
    NIF + "referenceContext",
    LIG + "supersededBy",
    LIG + "tier",
    LIG + "bound",
    LIG + "measures",
    PROV + "wasDerivedFrom",
    PROV + "used",
)
"""Where what is mentioned leads to what has to be named as well."""
_HOPS: Final = 3


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a page is for: what the names on it depend on."""

    language: str
    prefixes: PrefixTable
    namespaces: Namespaces
    text: Text
    accents: Mapping[str, int] = field(default_factory=dict)
    """The colours of main themes and of what stands under them, by IRI."""


def names_for(reader: Reader, questions: Questions, iris: Collection[str]) -> Names:
    """Return names for these things and what they lead to; raises QueryError or EngineError."""
    known = _known(questions, set(iris))

    def path_of(iri: str) -> str:
        is_described = RDF + "type" in known.get(iri, ())
        if is_described:
            return addresses.page_of(reader.namespaces, iri, language=reader.language)
        return addresses.own_page_of(reader.namespaces, iri, language=reader.language)

    return Names(reader.language, known, reader.prefixes, path_of, reader.text, reader.accents)


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
