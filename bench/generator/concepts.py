"""Concept schemes, a hierarchy each; some concepts are mapped to IRIs like EuroVoc's."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final

from generator.wording import CAPACITY, Label, Text, label
from generator.writing import RdfFile, Statements, Tally, in_both, literal

_BRANCHING: Final = 6
"""Narrower concepts of a concept: depth grows with the logarithm of a scheme's size."""
_PREFIXES: Final = ("rdfs", "scheme", "skos")
_MAPPED_SCHEMES: Final = ("themes", "technologies", "issues", "rights", "fields")
_MAPPINGS: Final = """\
# mapping_set_id: https://w3id.org/lignee/mappings/eurovoc
# license: https://creativecommons.org/licenses/by/4.0/
# object_source: eurovoc:100141
# curie_map:
#   eurovoc: http://eurovoc.europa.eu/
{kinds}#   semapv: https://w3id.org/semapv/vocab/
#   skos: http://www.w3.org/2004/02/skos/core#
"""
_COLUMNS: Final = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "confidence",
)


@dataclass(frozen=True, slots=True)
class SchemeKind:
    """One of the model's schemes: its slug, its concepts' kind, name, and share of the graph."""

    slug: str
    kind: str
    name: Text
    minimum: int
    quads_per_concept: int
    """Quads of the whole graph for each concept of this scheme."""


SCHEMES: Final = (
    SchemeKind("themes", "theme", Text("Themes", "Thèmes"), 8, 600),
    SchemeKind("technologies", "technology", Text("Technologies", "Technologies"), 4, 3000),
    SchemeKind("issues", "issue", Text("Issues", "Questions"), 8, 600),
    SchemeKind("rights", "right", Text("Rights", "Droits"), 3, 8000),
    SchemeKind("stakeholders", "stakeholder", Text("Stakeholders", "Parties prenantes"), 4, 5000),
    SchemeKind("fields", "field", Text("Fields", "Domaines"), 3, 8000),
    SchemeKind("attributes", "attribute", Text("Attributes", "Attributs"), 3, 20000),
    SchemeKind(
        "content-types", "content-type", Text("Types of content", "Types de contenu"), 3, 20000
    ),
    SchemeKind(
        "characteristics", "characteristic", Text("Characteristics", "Caractères"), 3, 20000
    ),
    SchemeKind("aims", "aim", Text("Aims", "Buts"), 4, 4000),
)
MEASURES: Final = SchemeKind("measures", "measure", Text("Measures", "Mesures"), 4, 0)
_MEASURES: Final = (
    ("participants", Text("Participants", "Participants")),
    ("registrants", Text("Registrants", "Inscrits")),
    ("countries", Text("Countries", "Pays")),
    ("contributions", Text("Contributions", "Contributions")),
)


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that the rest of the graph speaks of."""

    name: str
    """Its prefixed name."""
    text: Text


class Popular:
    """Concepts of a scheme, drawn by Zipf's law: the one at rank n is drawn 1/n as often."""

    def __init__(self, concepts: Sequence[Concept], rng: Random) -> None:
        self.ranked = rng.sample(concepts, len(concepts))
        self._bounds = list(accumulate(1 / rank for rank in range(1, len(concepts) + 1)))
        self._rng = rng

    def draw(self) -> Concept:
        """Return a concept."""
        return self.ranked[bisect(self._bounds, self._rng.random() * self._bounds[-1])]

    def draw_some(self, count: int) -> list[Concept]:
        """Return that many different concepts, fewer where the scheme is smaller."""
        count = min(count, len(self.ranked))
        drawn: dict[Concept, None] = {}
        while len(drawn) < count:
            drawn[self.draw()] = None
        return list(drawn)


class ConceptWriter:
    """Writes schemes below `data/` one after the other."""

    def __init__(self, data: Path, prefixes: dict[str, str], rng: Random, tally: Tally) -> None:
        self._data, self._prefixes, self._rng, self._tally = data, prefixes, rng, tally

    def write(self, target_quads: int) -> Mapping[str, Popular]:
        """Write every scheme and the mappings; return the concepts by kind."""
        by_kind = {
            scheme.kind: self._generated(scheme, offset, target_quads)
            for offset, scheme in enumerate(SCHEMES)
        }
        self._write_measures()
        self._write_mappings(by_kind)
        return {kind: Popular(concepts, self._rng) for kind, concepts in by_kind.items()}

    def _generated(self, scheme: SchemeKind, offset: int, target_quads: int) -> list[Concept]:
        size = min(CAPACITY, max(scheme.minimum, target_quads // scheme.quads_per_concept))
        labels = [label((offset * 997 + number) % CAPACITY) for number in range(size)]
        concepts = [Concept(f"{scheme.kind}:{item.slug}", item.preferred) for item in labels]
        tops = max(1, min(size // _BRANCHING, 12))
        related = self._related(size, tops)
        with self._file(scheme) as file:
            _describe_scheme(file, scheme, concepts[:tops])
            for number, concept in enumerate(concepts):
                statements = self._labelled(labels[number], scheme)
                if number < tops:
                    statements.append(("skos:topConceptOf", f"scheme:{scheme.slug}"))
                else:
                    statements.append(("skos:broader", concepts[_parent(number, tops)].name))
                statements += [("skos:related", concepts[n].name) for n in related[number]]
                file.describe(concept.name, statements)
                file.flush()
        return concepts

    def _labelled(self, item: Label, scheme: SchemeKind) -> Statements:
        text = item.preferred.lowered()
        statements = [("a", "skos:Concept"), *in_both("skos:prefLabel", item.preferred)]
        if self._rng.random() < 0.6:
            statements.append(("skos:altLabel", literal(item.inverted.en, "en")))
        if self._rng.random() < 0.8:
            statements.append(("skos:altLabel", literal(item.inverted.fr, "fr")))
        statements += in_both(
            "skos:definition",
            Text(
                f"What sessions and papers mean when they speak of {text.en}.",
                f"Ce que les sessions et les documents entendent par {text.fr}.",
            ),
        )
        return [*statements, ("skos:inScheme", f"scheme:{scheme.slug}")]

    def _related(self, size: int, tops: int) -> Mapping[int, list[int]]:
        """Return pairs both ways, never of a concept with one above it (SKOS S27)."""
        related: dict[int, list[int]] = defaultdict(list)
        for number in range(1, size):
            other = self._rng.randrange(number)
            if self._rng.random() < 0.25 and other not in _above(number, tops):
                related[number].append(other)
                related[other].append(number)
        return related

    def _write_measures(self) -> None:
        concepts = [Concept(f"measure:{slug}", text) for slug, text in _MEASURES]
        with self._file(MEASURES) as file:
            _describe_scheme(file, MEASURES, concepts)
            for concept in concepts:
                en, fr = f"A count of {concept.text.en}.", f"Un nombre de {concept.text.fr}."
                file.describe(
                    concept.name,
                    [
                        ("a", "skos:Concept"),
                        *in_both("skos:prefLabel", concept.text),
                        *in_both("skos:definition", Text(en, fr).lowered()),
                        ("skos:topConceptOf", "scheme:measures"),
                        ("skos:inScheme", "scheme:measures"),
                    ],
                )

    def _write_mappings(self, by_kind: Mapping[str, list[Concept]]) -> None:
        kinds = sorted(scheme.kind for scheme in SCHEMES if scheme.slug in _MAPPED_SCHEMES)
        listed = "".join(f"#   {kind}: {self._prefixes[kind]}\n" for kind in kinds)
        folder = self._data / "mappings"
        folder.mkdir(parents=True)
        with (folder / "eurovoc.sssom.tsv").open("w", encoding="utf-8", newline="\n") as file:
            file.write(_MAPPINGS.format(kinds=listed))
            file.write("\t".join(_COLUMNS) + "\n")
            mapped = [concept for kind in kinds for concept in by_kind[kind]][::3]
            for number, concept in enumerate(sorted(mapped, key=lambda c: c.name), 900_001):
                match = self._rng.choice(("exactMatch", "closeMatch", "broadMatch"))
                file.write(
                    f"{concept.name}\t{concept.text.en}\tskos:{match}\teurovoc:{number}\t"
                    f"{concept.text.en.lower()}\tsemapv:ManualMappingCuration\t0.9\n"
                )

    def _file(self, scheme: SchemeKind) -> RdfFile:
        path = self._data / "concepts" / f"{scheme.slug}.ttl"
        return RdfFile(path, self._prefixes, (*_PREFIXES, scheme.kind), self._tally)


def _describe_scheme(file: RdfFile, scheme: SchemeKind, tops: list[Concept]) -> None:
    text = scheme.name.lowered()
    definition = Text(
        f"The {text.en} of a generated graph.", f"Les {text.fr} d’un graphe produit au hasard."
    )
    file.describe(
        f"scheme:{scheme.slug}",
        [
            ("a", "skos:ConceptScheme"),
            *in_both("rdfs:label", scheme.name),
            *in_both("skos:definition", definition),
            *(("skos:hasTopConcept", concept.name) for concept in tops),
        ],
    )


def _parent(number: int, tops: int) -> int:
    return (number - tops) // _BRANCHING


def _above(number: int, tops: int) -> set[int]:
    above = set()
    while number >= tops:
        number = _parent(number, tops)
        above.add(number)
    return above
