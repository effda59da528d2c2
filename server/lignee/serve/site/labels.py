"""The index of a release's labels, made when it is first asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from lignee.engines.engine import Engine
from lignee.errors import MemoryBudgetReached
from lignee.matching.index import Label, LabelIndex
from lignee.serve.site.asking import Terms, solutions, terms

_LABELS: Final = """\
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?label ?grade WHERE {
  VALUES (?property ?grade) {
    (skos:prefLabel 0) (rdfs:label 0) (schema:name 0) (dcterms:title 0)
    (skos:altLabel 1) (schema:alternateName 1) (skos:hiddenLabel 2)
  }
  ?thing ?property ?label .
  FILTER(ISIRI(?thing) && ISLITERAL(?label))
}
"""
_KINDS: Final = "SELECT ?thing ?kind WHERE { ?thing a ?kind . FILTER(ISIRI(?thing)) }"
_MOST_LABELS: Final = 100_000
"""What is read at once, some 100 MB for a moment; a larger release is searched by SPARQL."""
_MOST_RELEASES: Final = 2
"""Releases whose index is kept."""


class LabelIndexes:
    """Indexes by what their release is called; who asks for one that is being made waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, LabelIndex] = OrderedDict()

    def of(self, engine: Engine, label: str) -> LabelIndex:
        """Return the index of what the engine answers from; raises EngineError."""
        if found := self._known.get(label):
            return found
        with self._lock:
            if label not in self._known:
                self._known[label] = _index(engine)
                while len(self._known) > _MOST_RELEASES:
                    self._known.popitem(last=False)
            return self._known[label]


def labels_of(engine: Engine) -> list[Label]:
    """Return the labels of all that has one; raises EngineError, also where there are too many."""
    found = terms(engine, f"{_LABELS}LIMIT {_MOST_LABELS + 1}")
    if len(found) > _MOST_LABELS:
        raise MemoryBudgetReached(
            f"this release has more than {_MOST_LABELS:,} labels, more than are searched by name; "
            "ask by SPARQL"
        )
    return [_label(one) for one in found]


def _index(engine: Engine) -> LabelIndex:
    labels = labels_of(engine)
    kinds = ((one["thing"], one["kind"]) for one in solutions(engine, _KINDS))
    return LabelIndex(labels, kinds)


def _label(found: Terms) -> Label:
    label = found["label"]
    return Label(
        found["thing"]["value"],
        label["value"],
        label.get("xml:lang", ""),
        int(found["grade"]["value"]),
    )
