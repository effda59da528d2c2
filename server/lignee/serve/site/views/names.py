"""What the resources of an answer are called, for the views that have no room for IRIs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from pyoxigraph import NamedNode

from lignee.engines.engine import Engine
from lignee.serve.site.asking import Terms, terms
from lignee.serve.site.results import Table

MOST_NAMED: Final = 600
"""Resources whose names are asked for; the views show fewer."""
_LABELS: Final = """\
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?label ?grade WHERE {
  VALUES ?thing { THINGS }
  VALUES (?property ?grade) {
    (rdfs:label 0) (skos:prefLabel 1) (dcterms:title 2) (schema:name 3)
  }
  ?thing ?property ?label .
}
"""
_NO_LANGUAGE: Final = ""


def names_in(table: Table, engine: Engine, language: str) -> Mapping[str, str]:
    """Return the labels of the resources that an answer mentions first, by IRI.

    In the language where there is one in it. Raises EngineError.
    """
    things = " ".join(map(str, islice(_nodes(table), MOST_NAMED)))
    if not things:
        return {}
    found = terms(engine, _LABELS.replace("THINGS", things))
    found.sort(key=lambda one: _rank(one, language), reverse=True)  # the last one stays
    return {one["thing"]["value"]: one["label"]["value"] for one in found}


def _rank(found: Terms, language: str) -> tuple[str, bool, str, str]:
    tag = found["label"].get("xml:lang", _NO_LANGUAGE)
    is_other = tag.partition("-")[0] != language
    return (found["grade"]["value"], is_other, tag, found["label"]["value"])


def _nodes(table: Table) -> Iterable[NamedNode]:
    iris = (term.iri for line in table.lines for term in line if term and term.iri)
    for iri in dict.fromkeys(iris):
        try:
            yield NamedNode(iri)
        except ValueError:  # a query can make IRIs that are none
            continue
