"""The matcher: an index of labels that finds, for other labels, what may be meant by them.

Labels that share no word with a known label, nor a spelling of one, are never compared. A word
that is not known finds the known words that share letter sequences with it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from lignee.linking.comparing import (
    SHORTEST_MISSPELLED,
    Feature,
    Likeness,
    alike_words,
    comparable,
    compare,
)
from lignee.linking.words import Name, Spelled, spelled

_GRAM: Final = 3
_GRAMS_SHARED: Final = 0.3
"""Part of a word's letter sequences that another must share to be looked at."""
_COMMON_WORD: Final = 2_000
"""Labels with one word beyond which it finds nothing on its own, if another word finds anything."""
_COMPARED: Final = 60
"""Things that are compared in full for one question, the most promising."""
_REMEMBERED_WORDS: Final = 200_000


_Known: TypeAlias = list[tuple[str, float]]
"""Known words, and how alike each is to the word that was asked for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that can be found: its labels, its kinds (classes or schemes), what it lies under."""

    iri: str
    names: tuple[Name, ...]
    kinds: frozenset[str] = frozenset()
    broader: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant, and why; the score is from 0 to 1."""

    entry: Entry
    score: float
    likeness: Likeness

    def features(self) -> tuple[Feature, ...]:
        """Return the reasons for the score."""
        return self.likeness.features()


class Matcher:
    """Finds entries by labels; may be used by many threads once it is made."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)
        self._labels: list[Spelled] = []
        self._entry_of: list[int] = []
        self._labels_of: list[list[Spelled]] = []
        by_word: defaultdict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(self.entries):
            labels = [spelled(name) for name in entry.names]
            self._labels_of.append(labels)
            for label in labels:
                for word in set(label.stems):
                    by_word[word].append(len(self._labels))
                self._labels.append(label)
                self._entry_of.append(number)
        self._by_word = dict(by_word)
        self._weights = {
            word: math.log(1 + len(self._labels) / len(labels))
            for word, labels in self._by_word.items()
        }
        self._weight_of_unknown = math.log(1 + len(self._labels))
        self._weight_of_label = [sum(map(self.weigh, label.stems)) for label in self._labels]
        self._by_gram = _grams_of_words(self._by_word)
        self._itself: dict[str, _Known] = {word: [(word, 1.0)] for word in self._by_word}
        self._spellings = dict(self._itself)

    def weigh(self, word: str) -> float:
        """Return how much a word says: the rarer in the labels known here, the more."""
        return self._weights.get(word, self._weight_of_unknown)

    def best(
        self,
        names: Sequence[Name],
        *,
        kinds: frozenset[str] = frozenset(),
        most: int = 5,
        least: float = 0.5,
    ) -> list[Candidate]:
        """Return the entries that may be meant by something with these names, best first.

        With `kinds`, only entries of one of them. A name without a language matches labels in any.
        """
        asked = [spelled(name) for name in names]
        promising: dict[int, float] = {}
        for label in asked:
            for number, score in self._promising(label).items():
                owner = self._entry_of[number]
                promising[owner] = max(promising.get(owner, 0.0), score)
        found = []
        for number in sorted(promising, key=lambda number: -promising[number]):
            entry = self.entries[number]
            if kinds and not kinds & entry.kinds:
                continue
            if likeness := self.compare(number, asked):
                found.append(Candidate(entry, likeness.score, likeness))
            if len(found) == _COMPARED:
                break
        found.sort(key=lambda one: (-one.score, one.entry.iri))
        return [one for one in found[:most] if one.score >= least]

    def compare(self, number: int, labels: Iterable[Spelled]) -> Likeness | None:
        """Return how alike the entry of that number and something with these labels are."""
        return compare(self._labels_of[number], labels, weigh=self.weigh)

    def near(self, label: Spelled, *, least: float) -> dict[int, float]:
        """Return the numbers of entries whose labels share that much of the label's words.

        For one label among millions: what is found has yet to be compared.
        """
        found: dict[int, float] = {}
        for number, score in self._promising(label, least).items():
            entry = self._entry_of[number]
            if score > found.get(entry, 0.0):
                found[entry] = score
        return found

    def _promising(self, label: Spelled, least: float = 0.0) -> dict[int, float]:
        """Return the labels that share words with this one, and how much of both they share."""
        spellings = self._spellings
        hits = []
        for word in set(label.stems):
            known = spellings.get(word)
            if known is None:
                known = self._known(word)
            if known:
                hits.append((word, known))
        if not hits:
            return {}  # most of a large vocabulary ends here
        total = sum(map(self.weigh, label.stems))
        likely = self._weigh_hits(hits)
        if 2 * likely < least * (total + likely):  # were all of a label's words among the hits
            return {}
        shared = self._shared(hits)
        return {
            number: min(1.0, both / (total + self._weight_of_label[number]))
            for number, both in shared.items()
            if both >= least * (total + self._weight_of_label[number])
            and comparable(label, self._labels[number])
        }

    def _weigh_hits(self, hits: Iterable[tuple[str, _Known]]) -> float:
        """Return the most that the words found may weigh in a label, on either side."""
        return sum(
            max(self.weigh(word), *(self._weights[other] for other, _ in known))
            for word, known in hits
        )

    def _shared(self, hits: list[tuple[str, _Known]]) -> dict[int, float]:
        """Return the labels with these words, and what the words weigh on both sides."""
        shared: dict[int, float] = {}
        hits.sort(key=lambda hit: min(len(self._by_word[word]) for word, _ in hit[1]))
        for word, known in hits:
            for other, likeness in known:
                numbers = self._by_word[other]
                adds = len(numbers) <= _COMMON_WORD or not shared
                both = likeness * (self.weigh(word) + self._weights[other])
                for number in numbers:
                    if adds or number in shared:
                        shared[number] = shared.get(number, 0.0) + both
        return shared

    def _known(self, word: str) -> _Known:
        """Return the known words of which an unknown one may be a spelling, and remember them."""
        found = self._spelled_alike(word) if len(word) >= SHORTEST_MISSPELLED else []
        if len(self._spellings) >= _REMEMBERED_WORDS:
            self._spellings = dict(self._itself)
        self._spellings[word] = found
        return found

    def _spelled_alike(self, word: str) -> _Known:
        grams = _grams(word)
        shared = Counter(other for gram in grams for other in self._by_gram.get(gram, ()))
        enough = _GRAMS_SHARED * len(grams)
        likely = (other for other, count in shared.items() if count >= enough)
        found = ((other, alike_words(word, other)) for other in likely)
        return [(other, likeness) for other, likeness in found if likeness]


def _grams_of_words(words: Iterable[str]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        if len(word) >= SHORTEST_MISSPELLED:
            for gram in _grams(word):
                found[gram].append(word)
    return dict(found)


def _grams(word: str) -> set[str]:
    """Return the sequences of three letters, with the word's ends marked."""
    marked = f"^{word}$"
    return {marked[start : start + _GRAM] for start in range(len(marked) - _GRAM + 1)}
