"""What is searched of a release: which properties name, identify and describe a resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from lignee.vocabulary import DCTERMS, RDFS, SCHEMA, SKOS

IDENTIFIER: Final = 3
"""Grade of what a resource is numbered or coded as; names have lower ones."""
LOCAL_NAME: Final = 4
"""Grade of the end of a resource's IRI, which is found as a whole only."""
DESCRIPTION: Final = 5
"""Grade of what is said of a resource."""
IRI: Final = 6
"""Grade of a resource's IRI, which no text has."""

GRADES: Final[Mapping[str, int]] = {
    SKOS + "prefLabel": 0,
    RDFS + "label": 0,
    SCHEMA + "name": 0,
    DCTERMS + "title": 0,
    SKOS + "altLabel": 1,
    SCHEMA + "alternateName": 1,
    SKOS + "hiddenLabel": 2,
    DCTERMS + "identifier": IDENTIFIER,
    SCHEMA + "identifier": IDENTIFIER,
    SKOS + "notation": IDENTIFIER,
    SKOS + "definition": DESCRIPTION,
    SKOS + "scopeNote": DESCRIPTION,
    DCTERMS + "description": DESCRIPTION,
    DCTERMS + "abstract": DESCRIPTION,
    SCHEMA + "description": DESCRIPTION,
    SCHEMA + "abstract": DESCRIPTION,
    RDFS + "comment": DESCRIPTION,
}
"""How near each property comes to being a resource's name: 0 is its name, more is less."""
_NAMELESS: Final = 1 << 30
"""Length that stands for having no name, longer than any."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text of a resource; `grade` is 0 for its name, more for what else it goes by."""

    iri: str
    text: str
    language: str
    grade: int = 0


class Text(NamedTuple):
    """A text of one resource; those that come first are the nearest to a name."""

    grade: int
    language: str
    length: int
    text: str

    @classmethod
    def of(cls, text: str, language: str, grade: int) -> Self:
        """Return a text with its length."""
        return cls(grade, language, len(text), text)


class Entry(NamedTuple):
    """A resource as it is indexed."""

    is_bare: bool
    """Whether it has no class: it is linked to, and not described."""
    shortest: int
    """How long its shortest name is; of two that match, the shorter is better."""
    iri: str
    kinds: frozenset[str]
    texts: Sequence[Text]

    @classmethod
    def of(cls, iri: str, kinds: frozenset[str], texts: Iterable[Text]) -> Self:
        """Return an entry with its texts in order, the end of the IRI among them."""
        local_name = iri[max(iri.rfind(mark) for mark in "/#:") + 1 :]
        ordered = sorted((*texts, Text.of(local_name, "", LOCAL_NAME)))
        lengths = [text.length for text in ordered if text.grade == 0]
        return cls(not kinds, min(lengths, default=_NAMELESS), iri, kinds, ordered)


def entries_of(labels: Iterable[Label], kinds: Iterable[tuple[str, str]]) -> list[Entry]:
    """Return what has a text, the best first; `kinds` are pairs of a resource and a class."""
    texts: defaultdict[str, list[Text]] = defaultdict(list)
    for label in labels:
        texts[label.iri].append(Text.of(label.text, label.language, label.grade))
    kinds_of: defaultdict[str, set[str]] = defaultdict(set)
    for iri, kind in kinds:
        kinds_of[iri].add(kind)
    return sorted(
        Entry.of(iri, frozenset(kinds_of.get(iri, ())), own) for iri, own in texts.items()
    )
