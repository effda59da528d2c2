"""Resources that come nearest to a name that nobody has: for the page that says so."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.serve.site.resource.questions import Questions

_MOST: Final = 20_000
_LONGEST: Final = 100
_SHOWN: Final = 5
_QUERY: Final = f"""\
SELECT DISTINCT ?thing WHERE {{
  ?thing a ?kind FILTER(STRSTARTS(STR(?thing), ?resources))
}} LIMIT {_MOST}"""


def names_of(questions: Questions) -> tuple[str, ...]:
    """Return the names of the dataset's resources, such as `session/1`.

    Raises QueryError or EngineError.
    """
    resources = questions.namespaces.resources
    found = questions.ask(_QUERY, {"resources": Literal(resources)})
    iris = (thing.value for (thing,) in found if isinstance(thing, NamedNode))
    return tuple(sorted(iri.removeprefix(resources) for iri in iris))


def nearest(name: str, names: Sequence[str]) -> list[str]:
    """Return the names that look most like this one: of its kind first."""
    wanted = name[:_LONGEST]
    kind = wanted.partition("/")[0] + "/"
    of_kind = [other for other in names if other.startswith(kind)]
    return get_close_matches(wanted, of_kind or names, _SHOWN, 0.5)
