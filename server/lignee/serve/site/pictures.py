"""The one picture and its colours, as the pages of a visitor show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pyoxigraph import NamedNode

from lignee.serve.context import context, equipment
from lignee.serve.site.overview import Overview
from lignee.serve.site.picture import timeline
from lignee.serve.site.picture.lit import Lit, lit_for
from lignee.serve.site.picture.reading import Subject
from lignee.serve.site.picture.things import Thing, accents_of
from lignee.serve.site.picture.timeline import Timeline
from lignee.serve.site.resource.questions import Questions

MOST_DRAWN: Final = 300
"""Things in one picture; more of them make it a hundred times as wide as a screen."""
_POINTING: Final = """\
SELECT DISTINCT ?thing WHERE {{ VALUES ?thing {{ {things} }} ?thing ?property ?this }}"""


def overview(language: str) -> Overview:
    """Return the overview of the release; raises EngineError.

    Pages that are remembered must not be made without it: they would stay so.
    """
    return equipment().overviews.of(context().engine, context().release, language)


def drawn(subject: Subject | None, language: str) -> Timeline | None:
    """Return the picture, None where there is nothing to draw, or more than anybody could read."""
    if subject is None or len(subject.things) > MOST_DRAWN:
        return None
    return _laid_out(subject, subject.things, language)


def drawn_around(subject: Subject, lit: Lit, language: str) -> Timeline | None:
    """Return the picture of everything or, where that is too much, of what is lit alone."""
    if len(subject.things) <= MOST_DRAWN:
        return _laid_out(subject, subject.things, language)
    return _laid_out(subject, lit.things, language) if len(lit.things) <= MOST_DRAWN else None


def _laid_out(subject: Subject, things: Sequence[Thing], language: str) -> Timeline | None:
    other = equipment().translations.text(language, "picture.other")
    accents = accents_of(subject.things)
    return timeline.lay_out(things, subject.lineage, other_lane=other, accents=accents)


def lit_in(
    subject: Subject | None, iri: str, questions: Questions, *, is_concept: bool
) -> Lit | None:
    """Return what the page of a resource lights, None where the picture has nothing of it.

    Raises QueryError or EngineError.
    """
    if subject is None:
        return None
    pointing: set[str] = set()
    if is_concept:
        query = _POINTING.format(things=" ".join(str(NamedNode(one.iri)) for one in subject.things))
        pointing = {
            thing.value for (thing,) in questions.of(iri, query) if isinstance(thing, NamedNode)
        }
    return lit_for(subject, iri, pointing)
