"""The index by which a release is searched: the release's own, or one made of what is served."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import Final

from lignee.engines.engine import Engine
from lignee.errors import DamagedRelease, MemoryBudgetReached
from lignee.matching.index import LabelIndex
from lignee.matching.texts import GRADES, IDENTIFIER, Label
from lignee.release import Release
from lignee.serve.site.asking import Terms, solutions, terms

_logger: Final = logging.getLogger(__name__)
_TEXTS: Final = """\
SELECT ?thing ?label ?grade WHERE {
  VALUES (?property ?grade) { %s }
  ?thing ?property ?label .
  FILTER(ISIRI(?thing) && ISLITERAL(?label))
}
LIMIT %d
"""
_KINDS: Final = "SELECT ?thing ?kind WHERE { ?thing a ?kind . FILTER(ISIRI(?thing)) }"
_MOST_LABELS: Final = 100_000
"""What is read at once, some 100 MB for a moment."""
_MOST_RELEASES: Final = 2
"""Releases whose index is kept."""


class LabelIndexes:
    """Indexes by what their release is called; who asks for one that is being made waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, LabelIndex | MemoryBudgetReached] = OrderedDict()

    def of(self, engine: Engine, release: Release, label: str) -> LabelIndex:
        """Return the index of what the engine answers from; raises EngineError."""
        found = self._known.get(label) or self._opened(engine, release, label)
        if isinstance(found, MemoryBudgetReached):
            raise MemoryBudgetReached(found.message)  # an error raised twice keeps both its traces
        return found

    def _opened(
        self, engine: Engine, release: Release, label: str
    ) -> LabelIndex | MemoryBudgetReached:
        """Return the index, or why there is none: that takes as long to find out."""
        with self._lock:
            if label not in self._known:
                try:
                    has_additions = label != release.version
                    own = None if has_additions else _own_index(release)
                    self._known[label] = own or _made_index(engine)
                except MemoryBudgetReached as error:
                    self._known[label] = error
                while len(self._known) > _MOST_RELEASES:
                    self._known.popitem(last=False)
            return self._known[label]


def labels_of(engine: Engine, *, beyond: int = IDENTIFIER) -> list[Label]:
    """Return the texts of all that has one, of grades up to that one but not it: names.

    Raises EngineError, also where there are too many.
    """
    values = " ".join(f"(<{iri}> {grade})" for iri, grade in GRADES.items() if grade < beyond)
    found = terms(engine, _TEXTS % (values, _MOST_LABELS + 1))
    if len(found) > _MOST_LABELS:
        raise MemoryBudgetReached(
            f"what is served has more than {_MOST_LABELS:,} names and descriptions, more than are "
            "indexed without a file; build the release again, which writes one, or ask by SPARQL"
        )
    return [_label(one) for one in found]


def _own_index(release: Release) -> LabelIndex | None:
    """Return the release's own index; None where it has none that can be read."""
    if not release.search.is_file():  # it is older than such files
        return None
    try:
        return LabelIndex.opened(release.search)
    except DamagedRelease as error:
        _logger.warning("%s; searching what the engine answers instead", error)
        return None


def _made_index(engine: Engine) -> LabelIndex:
    labels = labels_of(engine, beyond=max(GRADES.values()) + 1)
    kinds = ((one["thing"], one["kind"]) for one in solutions(engine, _KINDS))
    return LabelIndex.of(labels, kinds)


def _label(found: Terms) -> Label:
    label = found["label"]
    return Label(
        found["thing"]["value"],
        label["value"],
        label.get("xml:lang", ""),
        int(found["grade"]["value"]),
    )
