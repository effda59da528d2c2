"""Proposals: for each of our concepts, what in a vocabulary file it could be mapped to, and how."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lignee.linking import vocabulary
from lignee.linking.comparing import LabelMatch, Likeness
from lignee.linking.concepts import Mapped
from lignee.linking.matcher import Entry, Matcher
from lignee.linking.vocabulary import Described
from lignee.linking.words import primary, spelled
from lignee.vocabulary import SKOS

_WORTH_A_LOOK: Final = 0.4
"""Part of two labels' words that must be the same for the pair to be compared at all."""
_KEPT, _KEPT_AT_MOST = 200, 1_000
"""Pairs that are kept of one concept while the file is read, and when the rest are let go."""
_STRUCTURE: Final = 0.4
"""Part of what is missing to certainty that agreement of the hierarchies adds."""
_CLOSE: Final = 0.85
"""Likeness from which labels that are not the same are taken as spellings of one name."""
SURE: Final = 0.99


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that a curator may take: both ends, the predicate, how sure, and why."""

    subject: Entry
    object: Described
    predicate: str
    confidence: float
    likeness: Likeness
    structure: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The IRIs of both ends."""
        return self.subject.iri, self.object.iri

    @property
    def evidence(self) -> str:
        """Why, in words."""
        is_same = self.likeness.matches[0].is_same
        silent = {"words", "letters"} if is_same else {"languages"}
        told = [one.text for one in self.likeness.features() if one.name not in silent]
        return "; ".join([*told, self.structure] if self.structure else told)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a file for our concepts, before anything is chosen."""

    matcher: Matcher
    pairs: Mapping[int, Sequence[str]]
    """IRIs in the file that may match, by the number of our concept."""
    described: Mapping[str, Described]


def languages_of(concepts: Iterable[Entry]) -> frozenset[str]:
    """Return the languages of the concepts' labels."""
    tags = {name.language for one in concepts for name in one.names}
    return frozenset(primary(tag) for tag in tags if tag)


def search(concepts: Sequence[Entry], file: Path, languages: frozenset[str]) -> Found:
    """Read the file twice, and return what in it may match; raises InputError.

    First all labels pass by the index of ours; then what the file says of those that share enough
    words with one of ours is read. Memory goes by what may match, not by the file's size.
    """
    kept = [_in_languages(one, languages) for one in concepts]
    matcher = Matcher(kept)
    pairs: dict[int, dict[str, float]] = {}
    for label in vocabulary.labels(file, languages):
        for number, score in matcher.near(spelled(label.name), least=_WORTH_A_LOOK).items():
            of_one = pairs.setdefault(number, {})
            of_one[label.iri] = max(score, of_one.get(label.iri, 0.0))
            if len(of_one) > _KEPT_AT_MOST:
                pairs[number] = _likeliest(of_one)
    likeliest = {number: list(_likeliest(of_one)) for number, of_one in sorted(pairs.items())}
    wanted = frozenset(iri for iris in likeliest.values() for iri in iris)
    described = vocabulary.describe(file, wanted) if wanted else {}
    return Found(matcher, likeliest, described)


def propose(
    found: Found, mapped: Mapped, *, most: int, least: float, known: Container[tuple[str, str]] = ()
) -> list[Proposal]:
    """Return the best proposals for each concept, pairs that are mapped or known left out."""
    proposals = []
    for number, iris in found.pairs.items():
        own = found.matcher.entries[number]
        of_one = [
            proposal
            for iri in iris
            if (own.iri, iri) not in mapped.pairs and (own.iri, iri) not in known
            if (proposal := proposal_of(found, number, iri, mapped))
            and proposal.confidence >= least
        ]
        of_one.sort(key=lambda one: (-one.confidence, one.object.iri))
        proposals += of_one[:most]
    return proposals


def proposals_of(found: Found, mapped: Mapped, pairs: Container[tuple[str, str]]) -> list[Proposal]:
    """Return proposals of these pairs, as far as the file still has them."""
    return [
        proposal
        for number, iris in found.pairs.items()
        for iri in iris
        if (found.matcher.entries[number].iri, iri) in pairs
        if (proposal := proposal_of(found, number, iri, mapped))
    ]


def _in_languages(concept: Entry, languages: frozenset[str]) -> Entry:
    names = tuple(
        name for name in concept.names if not name.language or primary(name.language) in languages
    )
    return Entry(concept.iri, names, concept.kinds, concept.broader)


def _likeliest(pairs: Mapping[str, float]) -> dict[str, float]:
    best = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:_KEPT]
    return dict(best)


def proposal_of(found: Found, number: int, iri: str, mapped: Mapped) -> Proposal | None:
    """Return the proposal of one pair; None if it is no concept in use, or no labels are alike."""
    other = found.described[iri]
    if not other.is_concept or other.is_retired:
        return None
    own = found.matcher.entries[number]
    if own.iri == other.iri:
        return None
    likeness = found.matcher.compare(number, [spelled(name) for name in other.names])
    if likeness is None:
        return None
    above = frozenset(target for broader in own.broader for target in mapped.targets(broader))
    shared = above.intersection(other.broader)
    confidence, structure = likeness.score, ""
    if shared:
        confidence += (1 - confidence) * _STRUCTURE
        structure = f"what lies above both is mapped: {min(shared)}"
    predicate = _predicate(likeness, is_borne_out=bool(shared))
    if other.iri in above and predicate not in (SKOS + "exactMatch", SKOS + "closeMatch"):
        predicate, structure = SKOS + "broadMatch", "what lies above ours is mapped to it"
    confidence = round(min(confidence, SURE), 3)
    return Proposal(own, other, predicate, confidence, likeness, structure)


def _predicate(likeness: Likeness, *, is_borne_out: bool) -> str:
    """Return the relation that the labels suggest; exact only with two witnesses.

    A label that adds words to another, and keeps the word that says what kind of thing it is,
    names something narrower: “AI invention” is an invention, “data processing” no data.
    """
    match = likeness.matches[0]
    if match.is_same:
        is_exact = likeness.same_in > 1 or is_borne_out
        return SKOS + ("exactMatch" if is_exact else "closeMatch")
    ours, theirs = set(match.ours.stems), set(match.theirs.stems)
    if theirs < ours:
        return SKOS + ("broadMatch" if match.ours.head in theirs else "relatedMatch")
    if ours < theirs:
        return SKOS + ("narrowMatch" if match.theirs.head in ours else "relatedMatch")
    return SKOS + ("closeMatch" if _is_misspelled(match) else "relatedMatch")


def _is_misspelled(match: LabelMatch) -> bool:
    return match.words >= _CLOSE and match.letters >= _CLOSE
