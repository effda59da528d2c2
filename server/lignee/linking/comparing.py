"""How alike two things are by their labels, with the reasons for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from lignee.linking.words import Spelled

Weigh = Callable[[str], float]
"""Tells how much a word says: a rare one more than a common one."""

_SAME_SPELLING: Final = 1.0
_SAME_WORDS: Final = 0.98
_SAME_WORDS_MOVED: Final = 0.95
_SIMILAR_AT_MOST: Final = 0.92
_WORDS_COUNT: Final = 0.6
"""Of similar labels: how much their words weigh, the letters weighing the rest."""
_ALTERNATIVE: Final = 0.97
"""Factor for each of the two labels that is not preferred."""
_SAME: Final = 0.94
"""Where labels are taken as the same: moved words, one of the two labels alternative."""
_ONE_LANGUAGE: Final = 0.92
_ALONE: Final = 0.85
"""Factors for labels in the only common language, and in one of several that is not borne out."""
_BORNE_OUT: Final = 0.14
ALIKE_WORD: Final = 0.8
"""Part of its letters in place from which a word is taken as a spelling of another: one letter
missing, wrong, too many or changed with its neighbour in every five."""
SHORTEST_MISSPELLED: Final = 5
"""Letters of the shortest word that is matched by another spelling; shorter ones mean more."""


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """Two labels in one language, and how alike they are, from 0 to 1."""

    ours: Spelled
    theirs: Spelled
    how: str
    """`same spelling`, `same words`, `same words moved` or `similar`."""
    words: float
    letters: float
    score: float

    @property
    def is_same(self) -> bool:
        """Tell whether the labels are the same but for spelling."""
        return self.score >= _SAME


@dataclass(frozen=True, slots=True)
class Feature:
    """One reason for a score, named for programs and said for people."""

    name: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two things are: a score from 0 to 1, and the best pair of labels by language."""

    score: float
    matches: tuple[LabelMatch, ...]
    """The best first; one for each language in which both have labels that are alike."""
    languages: int
    """Languages in which both have labels."""

    @property
    def same_in(self) -> int:
        """Return in how many languages the labels are the same."""
        return sum(match.is_same for match in self.matches)

    def features(self) -> tuple[Feature, ...]:
        """Return the reasons for the score, the weightiest first."""
        best = self.matches[0]
        return (
            *(Feature(f"label_{match.ours.language or 'any'}", match.score, _said(match))
              for match in self.matches),
            Feature("words", best.words, f"{best.words:.0%} of the words in common"),
            Feature("letters", best.letters, f"{best.letters:.0%} of the letters in common"),
            Feature(
                "languages",
                self.same_in / self.languages,
                f"the same in {self.same_in} of {self.languages} common languages",
            ),
        )  # fmt: skip


def compare(
    ours: Iterable[Spelled], theirs: Iterable[Spelled], *, weigh: Weigh, least: float = 0.0
) -> Likeness | None:
    """Return how alike two things are by their labels; None if no two labels are that alike.

    Labels are compared in one language; a label without one is compared to all.
    """
    ours, theirs = list(ours), list(theirs)
    best: dict[str, LabelMatch] = {}
    common: set[str] = set()
    for one in ours:
        for other in theirs:
            if not comparable(one, other):
                continue
            language = one.language if other.language else ""
            common.add(language)
            match = compare_labels(one, other, weigh)
            if match.score > max(least, best[language].score if language in best else 0.0):
                best[language] = match
    if not best:
        return None
    matches = tuple(sorted(best.values(), key=lambda match: -match.score))
    return Likeness(_combined(matches, len(common)), matches, len(common))


def comparable(one: Spelled, other: Spelled) -> bool:
    """Tell whether two labels are in one language, as far as is known."""
    return not one.language or not other.language or one.language == other.language


def compare_labels(ours: Spelled, theirs: Spelled, weigh: Weigh) -> LabelMatch:
    """Return how alike two labels are."""
    how, words, letters, score = _alike(ours, theirs, weigh)
    for label in (ours, theirs):
        score *= 1.0 if label.name.is_preferred else _ALTERNATIVE
    return LabelMatch(ours, theirs, how, words, letters, score)


def _alike(ours: Spelled, theirs: Spelled, weigh: Weigh) -> tuple[str, float, float, float]:
    if ours.plain == theirs.plain:
        return "same spelling", 1.0, 1.0, _SAME_SPELLING
    if ours.stems == theirs.stems:
        return "same words", 1.0, 1.0, _SAME_WORDS
    if sorted(ours.stems) == sorted(theirs.stems):
        return "same words moved", 1.0, 1.0, _SAME_WORDS_MOVED
    words = _words_in_common(ours.stems, theirs.stems, weigh)
    letters = fuzz.ratio(" ".join(sorted(ours.stems)), " ".join(sorted(theirs.stems))) / 100
    score = _SIMILAR_AT_MOST * (_WORDS_COUNT * words + (1 - _WORDS_COUNT) * letters)
    return "similar", words, letters, score


def _words_in_common(ours: Sequence[str], theirs: Sequence[str], weigh: Weigh) -> float:
    """Return the weight of the words in common, of the weight of all (Dice)."""
    weights = {word: weigh(word) for word in {*ours, *theirs}}
    shared = 0.0
    for word in ours:
        found = max(theirs, key=lambda other: alike_words(word, other))
        shared += alike_words(word, found) * (weights[word] + weights[found])
    return min(1.0, shared / _total(weights, (*ours, *theirs)))


def _total(weights: Mapping[str, float], words: Iterable[str]) -> float:
    return sum(weights[word] for word in words)


def alike_words(one: str, other: str) -> float:
    """Return how alike two words are: 1 for the same, 0 for those that are no spelling of it."""
    if one == other:
        return 1.0
    if min(len(one), len(other)) < SHORTEST_MISSPELLED:
        return 0.0
    return OSA.normalized_similarity(one, other, score_cutoff=ALIKE_WORD)


def _combined(matches: Sequence[LabelMatch], languages: int) -> float:
    best = matches[0].score
    if languages == 1:
        return best * _ONE_LANGUAGE
    second = matches[1].score if len(matches) > 1 else 0.0
    return best * (_ALONE + _BORNE_OUT * second)


def _said(match: LabelMatch) -> str:
    ours, theirs = match.ours.name, match.theirs.name
    kinds = ["" if name.is_preferred else " (alternative label)" for name in (ours, theirs)]
    return f"“{ours.text}”{kinds[0]} and “{theirs.text}”{kinds[1]}: {match.how}"
