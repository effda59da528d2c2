import pytest
from hypothesis import given
from hypothesis import strategies as st

from lignee.errors import UnknownPrefix
from lignee.iris import Namespaces, PrefixTable, is_absolute_iri

OURS = Namespaces.of_dataset("https://example.org/kg/dataset")
TABLE = PrefixTable(
    {"ex": "https://example.org/", "kg": "https://example.org/kg/id/", "s": "https://schema.org/"}
)


def test_graphs_and_resources_lie_beside_the_dataset() -> None:
    assert OURS.graph("derived") == "https://example.org/kg/graph/derived"
    assert OURS.resource("session", "1") == "https://example.org/kg/id/session/1"


def test_resource_and_its_path_are_two_names_of_one_thing() -> None:
    path = OURS.path_of("https://example.org/kg/id/session/1")
    assert path == "/id/session/1"
    assert OURS.iri_of(path) == "https://example.org/kg/id/session/1"


def test_foreign_iri_has_no_path() -> None:
    assert OURS.path_of("https://schema.org/about") is None


def test_longest_namespace_shortens() -> None:
    assert TABLE.shorten("https://example.org/kg/id/a") == "kg:a"


@pytest.mark.parametrize("iri", ["https://example.org/kg/id/a/b", "https://other.org/a", "ex:"])
def test_iri_that_turtle_cannot_abbreviate_stays_whole(iri: str) -> None:
    assert TABLE.shorten(iri) is None


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,20}", fullmatch=True))
def test_shortened_name_expands_to_the_same_iri(local: str) -> None:
    shortened = TABLE.shorten("https://schema.org/" + local)
    assert shortened is not None
    assert TABLE.expand(shortened) == "https://schema.org/" + local


def test_unknown_prefix_is_named_with_the_place_to_declare_it() -> None:
    with pytest.raises(UnknownPrefix, match=r"`schem:`.*ontology/prefixes\.ttl"):
        TABLE.expand("schem:about")


@pytest.mark.parametrize(
    ("text", "valid"),
    [("https://a.b/c", True), ("urn:x:y", True), ("no-scheme", False), ("http://a b", False)],
)
def test_absolute_iris_are_told_from_other_text(text: str, valid: bool) -> None:
    assert is_absolute_iri(text) is valid
