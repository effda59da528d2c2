"""The index of labels: what is found by a name, and what comes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lignee.matching.index import LabelIndex
from lignee.matching.spelling import words_of
from lignee.matching.texts import Label

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


def test_language_wanted_comes_first_among_equals() -> None:
    index = LabelIndex.of([Label("x:a", "Note", "en"), Label("x:b", "Note", "fr")], [])
    assert [match.iri for match in index.find("note", language="fr")] == ["x:b", "x:a"]


def test_kind_is_kept_to_and_counted() -> None:
    assert found("propriete", kind="x:Body") == ["x:wipo"]
    assert INDEX.kinds("propriete") == {"": 2, "x:Body": 1, "x:Right": 1}
    assert INDEX.count("prop") == 3
    assert INDEX.count("prop", kind="x:Field") == 1


@given(st.text(max_size=40))
def test_any_text_can_be_looked_for(text: str) -> None:
    assert INDEX.count(text) == len(found(text))


@given(st.text(min_size=1, max_size=40))
def test_every_label_is_found_by_itself(text: str) -> None:
    index = LabelIndex.of([Label("x:a", text, "")], [])
    assert index.count(text) == bool(words_of(text))
