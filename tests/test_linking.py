"""The matcher of links: what is alike, why, and which relation it suggests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lignee.linking import proposals
from lignee.linking.concepts import Mapped
from lignee.linking.matcher import Candidate, Entry, Matcher
from lignee.linking.proposals import Proposal
from lignee.linking.words import Name, spelled

NOTHING = Mapped(frozenset(), frozenset())


def entry(slug: str, *labels: str, broader: str = "") -> Entry:
    names = tuple(Name(text, language) for text, _, language in (x.partition("@") for x in labels))
    return Entry(f"https://e.org/{slug}", names, frozenset({"k"}), (broader,) if broader else ())


OURS = [
    entry("ip", "Intellectual property@en", "Propriété intellectuelle@fr"),
    entry("data", "Data processing@en", "Traitement des données@fr"),
    entry("invention", "AI inventions@en", "Inventions fondées sur l’IA@fr"),
    entry("office", "Patent offices@en", "Offices de brevets@fr"),
]
MATCHER = Matcher(OURS)


def best(text: str, language: str = "") -> Candidate | None:
    return next(iter(MATCHER.best([Name(text, language)])), None)


@pytest.mark.parametrize(
    ("text", "language", "stems"),
    [
        ("The processing of DATA", "en", ("processing", "data")),
        ("Technologies", "en", ("technology",)),
        ("Processes and analysis", "en", ("process", "analysis")),
        ("Réseaux d’apprentissage", "fr", ("reseau", "apprentissage")),
        ("Droits moraux", "fr", ("droit", "moral")),
        ("Of the", "en", ("of", "the")),
        ("Œuvres", "de", ("oeuvres",)),
    ],
)
def test_words_are_made_comparable(text: str, language: str, stems: tuple[str, ...]) -> None:
    assert spelled(Name(text, language)).stems == stems


@pytest.mark.parametrize(
    ("text", "language", "slug"),
    [
        ("propriete INTELLECTUELLE", "fr", "ip"),
        ("Processing of data", "en", "data"),
        ("patent office", "en", "office"),
        ("inteletual property", "en", "ip"),
        ("Intellectual property", "", "ip"),
    ],
    ids=["accents", "order", "plural", "misspelled", "no-language"],
)
def test_label_finds_what_it_means(text: str, language: str, slug: str) -> None:
    found = best(text, language)
    assert found is not None
    assert found.entry.iri == f"https://e.org/{slug}"


@pytest.mark.parametrize("text", ["", "???", "banana", "ip", "日本"])
def test_label_that_means_nothing_known_finds_nothing(text: str) -> None:
    assert best(text) is None


def test_label_in_another_language_is_not_compared() -> None:
    assert best("Intellectual property", "fr") is None


def test_two_languages_that_agree_are_surer_than_one() -> None:
    two = MATCHER.best([Name("Patent offices", "en"), Name("Offices de brevets", "fr")])[0]
    other = MATCHER.best([Name("Patent offices", "en"), Name("Bureaux", "fr")])[0]
    assert two.score > other.score


def test_candidate_says_why() -> None:
    found = best("patent office", "en")
    assert found is not None
    assert found.features()[0].text == "“Patent offices” and “patent office”: same words"
    assert {one.name for one in found.features()} == {"label_en", "words", "letters", "languages"}


def test_kind_limits_what_is_found() -> None:
    assert not MATCHER.best([Name("Patent offices")], kinds=frozenset({"other"}))


@given(st.text(max_size=40), st.sampled_from(["", "en", "fr", "de"]))
def test_any_label_is_answered_with_scores_from_0_to_1(text: str, language: str) -> None:
    assert all(0 < one.score <= 1 for one in MATCHER.best([Name(text, language)], least=0))


def vocabulary(folder: Path, *turtle: str) -> Path:
    file = folder / "v.ttl"
    prefixes = "@prefix : <https://v.org/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    owl = "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
    file.write_text("\n".join((prefixes, owl, *turtle)), encoding="utf-8")
    return file


def proposed(folder: Path, *turtle: str, mapped: Mapped = NOTHING) -> list[Proposal]:
    file = vocabulary(folder, *turtle)
    found = proposals.search(OURS, file, frozenset({"en", "fr"}))
    return proposals.propose(found, mapped, most=3, least=0.5)


@pytest.mark.parametrize(
    ("labels", "predicate"),
    [
        ('"intellectual property"@en , "propriété intellectuelle"@fr', "exactMatch"),
        ('"Data processing"@en', "closeMatch"),
        ('"invention"@en', "broadMatch"),
        ('"legal data processing"@en', "narrowMatch"),
        ('"data processing law"@en', "relatedMatch"),
    ],
)
def test_relation_follows_from_the_words(tmp_path: Path, labels: str, predicate: str) -> None:
    found = proposed(tmp_path, f":x skos:prefLabel {labels} .")
    assert found[0].predicate.endswith(f"#{predicate}")


def test_mapped_broader_concept_bears_a_proposal_out(tmp_path: Path) -> None:
    ours = [*OURS, entry("software", "Software@en", broader="https://e.org/data")]
    mapped = Mapped(frozenset(), frozenset({("https://e.org/data", "https://v.org/dp")}))
    turtle = [':s skos:prefLabel "software"@en ; skos:broader :dp .']
    found = proposals.search(ours, vocabulary(tmp_path, *turtle), frozenset({"en"}))
    alone = proposals.propose(found, NOTHING, most=1, least=0)[0]
    borne_out = proposals.propose(found, mapped, most=1, least=0)[0]
    assert borne_out.confidence > alone.confidence
    assert borne_out.predicate.endswith("exactMatch")
    assert "https://v.org/dp" in borne_out.evidence


def test_what_lies_above_ours_and_is_mapped_is_broader(tmp_path: Path) -> None:
    ours = [*OURS, entry("law", "Data processing law@en", broader="https://e.org/data")]
    mapped = Mapped(frozenset(), frozenset({("https://e.org/data", "https://v.org/dp")}))
    file = vocabulary(tmp_path, ':dp skos:prefLabel "data processing"@en .')
    found = proposals.search(ours, file, frozenset({"en"}))
    predicates = [one.predicate for one in proposals.propose(found, mapped, most=1, least=0.5)]
    assert [predicate.partition("#")[2] for predicate in predicates] == ["closeMatch", "broadMatch"]


@pytest.mark.parametrize(
    "turtle",
    [
        ':x skos:prefLabel "Patent offices"@en ; owl:deprecated true .',
        ':x skos:prefLabel "Patent offices"@en ; a skos:ConceptScheme .',
        '<https://e.org/office> skos:prefLabel "Patent offices"@en .',
    ],
    ids=["retired", "scheme", "itself"],
)
def test_what_cannot_be_mapped_to_is_not_proposed(tmp_path: Path, turtle: str) -> None:
    assert not proposed(tmp_path, turtle)


def test_mapped_pair_is_not_proposed(tmp_path: Path) -> None:
    mapped = Mapped(frozenset({("https://e.org/office", "https://v.org/x")}), frozenset())
    assert not proposed(tmp_path, ':x skos:prefLabel "Patent offices"@en .', mapped=mapped)


def test_matcher_needs_nothing_that_builds() -> None:
    program = (
        "import sys, lignee.linking.matcher\n"
        "print([name for name in sys.modules if 'rdflib' in name or 'lignee.build' in name])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n"
