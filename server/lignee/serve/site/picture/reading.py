"""What a release has to draw: the answers to two of its published queries.

`picture-things` gives `?thing ?label ?form` and, where there are such, `?number ?date ?lane
?laneLabel ?isAnnounced ?isHeld`, a solution for each date; `picture-steps` gives `?descendant
?ancestor ?standing`. A release without them has no picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal

from lignee.engines.engine import Engine
from lignee.release import Release
from lignee.serve.site.asking import Solution, published_text, solutions
from lignee.serve.site.picture.things import Lineage, Step, Thing

THINGS: Final = "picture-things"
STEPS: Final = "picture-steps"


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that the picture of a release shows, with labels in one language."""

    things: tuple[Thing, ...]
    lineage: Lineage
    query: str
    """The text of the query for things."""

    def label_of(self, iri: str) -> str:
        """Return the label of a thing."""
        return next((thing.label for thing in self.things if thing.iri == iri), iri)


def read(engine: Engine, release: Release, language: str) -> Subject | None:
    """Return what there is to draw, None for nothing; raises QueryError or EngineError."""
    texts = [published_text(engine, release, name) for name in (THINGS, STEPS)]
    if not all(texts):
        return None
    found = solutions(engine, texts[0], {"language": Literal(language)})
    steps = [
        Step(step["descendant"], step["ancestor"], step["standing"])
        for step in solutions(engine, texts[1])
    ]
    return Subject(tuple(_things(found)), Lineage(steps), texts[0]) if found else None


def _things(found: Iterable[Solution]) -> Iterable[Thing]:
    by_iri: dict[str, list[Solution]] = {}
    for solution in found:
        by_iri.setdefault(solution["thing"], []).append(solution)
    for iri, own in by_iri.items():
        first = own[0]
        number = first.get("number", "")
        yield Thing(
            iri=iri,
            label=first["label"],
            form=first["form"],
            number=int(number) if number.isdigit() else None,
            dates=tuple(solution["date"] for solution in own if "date" in solution),
            lane=first.get("lane", ""),
            lane_label=first.get("laneLabel", ""),
            is_announced=first.get("isAnnounced") == "true",
            is_held=first.get("isHeld", "true") == "true",
        )
