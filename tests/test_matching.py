"""The index of labels: what is found by a name, and what comes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal

from lignee.engines.functions import has_words
from lignee.matching.index import LabelIndex
from lignee.matching.passage import passage
from lignee.matching.spelling import words_of
from lignee.matching.texts import DESCRIPTION, IDENTIFIER, Label

LABELS = [
    Label("x:ip", "Propriété intellectuelle", "fr"),
    Label("x:ip", "Intellectual property", "en"),
    Label("x:ip", "IP", "en", 1),
    Label("x:wipo", "Organisation mondiale de la propriété intellectuelle", "fr"),
    Label("x:law", "Property law", "en"),
    Label("x:work", "Œuvre d’art", "fr"),
    Label("x:data", "Data", ""),
    Label("x:database", "Database", "en"),
]
TOLD = [
    *LABELS,
    Label("https://x.org/id/session/12", "Talks of spring", "en"),
    Label("https://x.org/id/session/1", "Talks of autumn", "en"),
    Label("https://x.org/id/paper/a7", "WIPO/IP/CONV/GE/2/20/1", "", IDENTIFIER),
    Label(
        "https://x.org/id/paper/a7",
        "On property in data, in an age of a flood of data.",
        "en",
        DESCRIPTION,
    ),
    Label("https://x.org/id/paper/a7", "It is <b>new</b>.", "en", DESCRIPTION),
]
DESCRIBED = LabelIndex.of(TOLD, [("https://x.org/id/paper/a7", "x:Paper")])
INDEX = LabelIndex.of(LABELS, [("x:ip", "x:Right"), ("x:wipo", "x:Body"), ("x:law", "x:Field")])


def found(text: str, language: str = "en", kind: str = "") -> list[str]:
    return [match.iri for match in INDEX.find(text, language=language, kind=kind)]


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("Œuvre d’ART", "oeuvre d art"),
        ("  Straße,  No. 5 ", "strasse no 5"),
        ("Đặc-biệt", "dac biet"),
        ("Ⅻ ﬁn", "xii fin"),
        ("!?", ""),
        ("日本語", "日本語"),
    ],
)
def test_words_are_spelled_plainly(text: str, spelled: str) -> None:
    assert words_of(text) == spelled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("propriete intellectuelle", ["x:ip", "x:wipo"]),
        ("PROPRIÉTÉ INTEL", ["x:ip", "x:wipo"]),
        ("intellectuelle propriété", ["x:ip", "x:wipo"]),
        ("data", ["x:data", "x:database"]),
        ("prop", ["x:law", "x:ip", "x:wipo"]),
        ("oeuvre d'art", ["x:work"]),
        ("ip", ["x:ip"]),
        ("nothing", []),
        ("", []),
        ("…", []),
    ],
)
def test_best_comes_first(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_name_is_shown_in_the_language_wanted_whatever_matched() -> None:
    (match,) = INDEX.find("ip", language="fr")
    assert (match.label, match.matched) == ("Propriété intellectuelle", "IP")


def test_other_name_is_shown_where_no_name_is_in_the_language() -> None:
    labels = [Label("x:a", "Boats", "en"), Label("x:a", "Barques", "fr", 1)]
    (match,) = LabelIndex.of(labels, []).find("boats", language="fr")
    assert match.label == "Barques"


def test_language_wanted_comes_first_among_equals() -> None:
    index = LabelIndex.of([Label("x:a", "Note", "en"), Label("x:b", "Note", "fr")], [])
    assert [match.iri for match in index.find("note", language="fr")] == ["x:b", "x:a"]


def test_kind_is_kept_to_and_counted() -> None:
    assert found("propriete", kind="x:Body") == ["x:wipo"]
    assert INDEX.kinds("propriete") == {"": 2, "x:Body": 1, "x:Right": 1}
    assert INDEX.count("prop") == 3
    assert INDEX.count("prop", kind="x:Field") == 1


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("property", "https://x.org/id/paper/a7"),
        ("data", "https://x.org/id/paper/a7"),
        ("prop", "https://x.org/id/paper/a7"),
        ("ip", "https://x.org/id/paper/a7"),
    ],
)
def test_names_come_before_codes_and_descriptions(text: str, last: str) -> None:
    matches = DESCRIBED.find(text, language="en")
    assert len(matches) > 1
    assert matches[-1].iri == last


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("age data", True), ("ag", False), ("an", True), ("a", False), ("new", True), ("b new", True)],
)
def test_short_words_of_descriptions_are_whole(text: str, is_found: bool) -> None:
    matches = DESCRIBED.find(text, language="en")
    assert ("https://x.org/id/paper/a7" in [match.iri for match in matches]) == is_found


@pytest.mark.parametrize("text", ["WIPO/IP/CONV/GE/2/20/1", "wipo ip conv ge", "GE/2/20", "A7"])
def test_code_and_end_of_iri_are_found(text: str) -> None:
    assert DESCRIBED.find(text, language="en")[0].iri.endswith("/a7")


def test_iri_is_found_by_itself_and_by_its_beginning() -> None:
    iri = "https://x.org/id/session/1"
    found = DESCRIBED.find("session:1", language="en", iris=[iri])
    assert [match.iri for match in found] == [iri, iri + "2"]
    assert DESCRIBED.count("session:1", iris=[iri.upper()]) == 2


def test_what_has_no_name_is_shown_by_its_iri() -> None:
    (match,) = DESCRIBED.find("age", language="en")
    assert (match.label, match.grade) == (match.iri, DESCRIPTION)


@pytest.mark.parametrize("text", ["prop", "propriete int", "da", "d", "art oeuvre", "law"])
def test_function_of_sparql_agrees(text: str) -> None:
    having = {label.iri for label in LABELS if _has_words(label.text, text)}
    assert having == set(found(text))


def _has_words(label: str, text: str) -> bool:
    return has_words(Literal(label), Literal(text)) == Literal(True)


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("On property in data.", "data prop", "On [property] in [data]."),
        ("L’été <b>", "ete", "L’[été] <b>"),
        ("word " * 60 + "end", "end", "… " + "word " * 11 + "[end]"),
        ("end " + "word " * 60, "end", "[end]" + " word" * 43 + " …"),
        ("x" * 500, "x", f"[{'x' * 220}] …"),
    ],
)
def test_passage_is_where_it_matched(text: str, asked: str, shown: str) -> None:
    pieces = passage(text, asked)
    assert "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in pieces) == shown


@given(st.text(max_size=400), st.text(max_size=20))
def test_passage_is_part_of_the_text(text: str, asked: str) -> None:
    shown = "".join(piece.text for piece in passage(text, asked))
    assert shown.removeprefix("… ").removesuffix(" …") in text


@given(st.text(max_size=40))
def test_any_text_can_be_looked_for(text: str) -> None:
    assert INDEX.count(text) == len(found(text))


@given(st.text(min_size=1, max_size=40))
def test_every_label_is_found_by_itself(text: str) -> None:
    index = LabelIndex.of([Label("x:a", text, "")], [])
    assert index.count(text) == bool(words_of(text))
