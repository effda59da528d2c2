"""The one picture and its colours, as the pages of a visitor show them."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

from lignee.errors import EngineError
from lignee.serve.context import context, equipment
from lignee.serve.site.overview import Overview
from lignee.serve.site.picture import timeline
from lignee.serve.site.picture.lit import Lit, lit_for
from lignee.serve.site.picture.reading import Subject
from lignee.serve.site.picture.timeline import Timeline
from lignee.serve.site.resource.questions import Questions

_POINTING: Final = """\
SELECT DISTINCT ?thing WHERE {{ VALUES ?thing {{ {things} }} ?thing ?property ?this }}"""


def overview(language: str) -> Overview:
    """Return the overview of the release; an empty one where the engine cannot give it now."""
    engine, release = context().engine, context().release
    try:
        return equipment().overviews.of(engine, release, language)
    except EngineError:  # pages must not close because the engine is busy
        return Overview(release.manifest.dataset, "", ())


def drawn(subject: Subject | None, language: str) -> Timeline | None:
    """Return the picture, None where there is nothing to draw."""
    if subject is None:
        return None
    other = equipment().translations.text(language, "picture.other")
    return timeline.lay_out(subject.things, subject.lineage, other_lane=other)


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
