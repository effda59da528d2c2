"""The index by which a release is searched: the release's own, or one made of what is served."""

from __future__ import annotations

import logging
from typing import Final

from lignee.engines.engine import Engine
from lignee.errors import DamagedRelease, MemoryBudgetReached
from lignee.matching.index import LabelIndex
from lignee.matching.texts import GRADES, IDENTIFIER, Label
from lignee.release import Release
from lignee.serve.by_release import ByRelease
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
MOST_LABELS: Final = 100_000
"""What is read at once, some 100 MB for a moment."""


class LabelIndexes:
    """Indexes by what their release is called."""

    def __init__(self) -> None:
        self._known: ByRelease[LabelIndex] = ByRelease()

    def of(self, engine: Engine, release: Release, label: str) -> LabelIndex:
        """Return the index of what the engine answers from; raises EngineError."""
        has_additions = label != release.version

        def make() -> LabelIndex:
            own = None if has_additions else _own_index(release)
            return own or _made_index(engine)

        return self._known.get(label, make)


def labels_of(engine: Engine, *, beyond: int = IDENTIFIER) -> list[Label]:
    """Return the texts of all that has one, of grades up to that one but not it: names.

    Raises EngineError, also where there are too many.
    """
    values = " ".join(f"(<{iri}> {grade})" for iri, grade in GRADES.items() if grade < beyond)
    found = terms(engine, _TEXTS % (values, MOST_LABELS + 1))
    if len(found) > MOST_LABELS:
        raise MemoryBudgetReached(
            f"there are more than {MOST_LABELS:,} names or descriptions here, more than are read "
            "into memory; ask by SPARQL"
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
