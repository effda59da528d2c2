from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from lignee.errors import BadParameter, UnknownParameter, UnparsableInput
from lignee.iris import PrefixTable
from lignee.query_files import parse, stratum
from lignee.vocabulary import XSD

TEXT = """# Which sessions are about a theme?
# fr: Quelles sessions portent sur un thème ?
# title: Sessions by theme
# title-fr: Sessions par thème
# parameter: theme iri theme:data | Theme | Thème
# parameter: last integer 12 | Last session | Dernière session
# parameter: from date 2019-01-01 | From | Depuis
# parameter: lang language fr | Language | Langue
SELECT ?session WHERE { ?session schema:about ?theme }
"""
PREFIXES = PrefixTable({"theme": "https://example.org/theme/"})
QUERY = parse(Path("queries/examples/20-sessions-by-theme.rq"), TEXT)


def test_head_names_the_query_in_both_languages() -> None:
    assert QUERY.name == "sessions-by-theme"
    assert QUERY.questions["en"] == "Which sessions are about a theme?"
    assert QUERY.titles == {"en": "Sessions by theme", "fr": "Sessions par thème"}


def test_number_of_a_rule_is_its_stratum() -> None:
    assert stratum(QUERY) == 20


def test_defaults_are_bound_where_nothing_is_given() -> None:
    assert QUERY.bindings({}, PREFIXES) == {
        "theme": NamedNode("https://example.org/theme/data"),
        "last": Literal("12", datatype=NamedNode(XSD + "integer")),
        "from": Literal("2019-01-01", datatype=NamedNode(XSD + "date")),
        "lang": Literal("fr"),
    }


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("last", "twelve", BadParameter),
        ("from", "yesterday", BadParameter),
        ("lang", "fr; DROP", BadParameter),
        ("theme", "http://e/> <x", BadParameter),
        ("from", "2022-02-30", BadParameter),
        ("last", "١٢", BadParameter),
        ("theme", "them:data", BadParameter),
        ("theme", "http://[", BadParameter),
        ("topic", "x", UnknownParameter),
    ],
)
def test_value_of_the_wrong_type_is_refused(name: str, text: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=name):
        QUERY.bindings({name: text}, PREFIXES)


def test_query_without_a_question_is_refused() -> None:
    with pytest.raises(UnparsableInput, match=r"x\.rq:1: the first line must be"):
        parse(Path("x.rq"), "SELECT * {}")


def test_malformed_parameter_is_refused_with_its_line() -> None:
    with pytest.raises(UnparsableInput, match=r"x\.rq:2: a parameter is written"):
        parse(Path("x.rq"), "# Q?\n# parameter: theme\nSELECT * {}")
