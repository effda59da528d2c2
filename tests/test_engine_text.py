"""What an engine tells from a query's text before it evaluates it."""

import pytest
from pyoxigraph import Store

from lignee.engines import query_text
from lignee.engines.complaint import complaint
from lignee.engines.tokens import form_name, is_deeper_than, sources_of, tokens
from lignee.errors import MalformedQuery, ServiceRefused

X = "PREFIX x: <http://x/> PREFIX service: <http://s/> "


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
        "SELECT * { service silent ?where { ?s ?p ?o } }",
        "SELECT * { SERVICE# why\n<http://x/> { ?s ?p ?o } }",
        X + "SELECT * { SERVICEx:y { ?s ?p ?o } }",
        X + "SELECT * { SERVICESILENTx:y { ?s ?p ?o } }",
        "SELECT * { ?s ?p 5SERVICE<http://x/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p trueSERVICE<http://x/>{ ?s ?p ?o } }",
        X + "SELECT * { ?s ?p 5.SERVICEx:y{ ?s ?p ?o } }",
        X + "SELECT * { ?s ?p true.SERVICEx:y{ ?s ?p ?o } }",
        "SELECT * { ?s ?p '''it's''' . SERVICE <http://x/> {} }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { { SELECT * { SERVICE <http://x/> {} } } } }",
        X + "SELECT * { ?a ?b ?c FILTER(?a<?b)SERVICEx:y#>\n{ ?s ?p ?o } }",
        X + "SELECT * { ?a ?b ?c FILTER(?a<?b)SERVICESILENTx:y#>\n{ ?s ?p ?o } }",
    ],
)
def test_service_is_refused_however_it_is_written(query: str) -> None:
    with pytest.raises(ServiceRefused, match=r"calls a SERVICE.* in line \d+, column \d+"):
        query_text.check(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o } # SERVICE <http://x/> {}",
        "SELECT * { ?s ?p 'SERVICE <http://x/> {' }",
        'SELECT * { ?s ?p """a "SERVICE" ""\\"""" }',
        "SELECT * { ?s <http://x/SERVICE> ?service }",
        X + "SELECT * { ?s service:x x:service }",
        X + "SELECT * { GRAPH service:x { ?s ?p _:service } }",
        "SELECT * { ?s ?p 'x'@service }",
    ],
)
def test_the_word_service_elsewhere_is_no_call(query: str) -> None:
    assert not query_text.check(query)


ALLOWED = frozenset({"http://x/sparql", "http://s/sparql"})


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://x/sparql> { ?s ?p ?o } } # SERVICE ?x {",
        X + "SELECT * { service silent x:sparql{ ?s x:service 'SERVICE <' } }",
        X + "SELECT * { SERVICE x:sparql { ?s ?p ?o } SERVICE service:sparql { ?s ?p ?o } }",
        "BASE <http://x/> SELECT * { SERVICE # why\n<sparql> { ?s ?p <SERVICE> } }",
        "ASK { FILTER NOT EXISTS { SERVICE <http://x/sparql> { ?s ?p ?o } } }",
    ],
)
def test_service_may_call_what_is_allowed(query: str) -> None:
    assert query_text.check(query, ALLOWED)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://x/sparql/> { ?s ?p ?o } }",
        "SELECT * { SERVICE <http://X/sparql> { ?s ?p ?o } }",
        "SELECT * { SERVICE <http://x/sparql?a> { ?s ?p ?o } }",
        "SELECT * { VALUES ?e { <http://x/sparql> } SERVICE ?e { ?s ?p ?o } }",
        "SELECT * { SERVICE <http://x/sparql> { SERVICE <http://y/> { ?s ?p ?o } } }",
        "SELECT * { SERVICE <http://x/sparql> {} { SELECT * { SERVICE SILENT <http://y/> {} } } }",
        X + "ASK { SERVICE x:sparql {} ?a ?b ?c FILTER(?a<?b)SERVICEx:y#>\n{ ?s ?p ?o } }",
        X + "ASK { ?a ?b ?c FILTER(?a<?b)SERVICEx:sparql#>\n{ ?s ?p ?o } }",
    ],
)
def test_service_may_not_call_anything_else(query: str) -> None:
    with pytest.raises(ServiceRefused, match="asks the endpoints of --service-allow only"):
        query_text.check(query, ALLOWED)


def test_a_query_that_does_not_parse_calls_nothing() -> None:
    assert not query_text.check("SELECT * { SERVICE <http://x/> { ?s ?p ?o }")


def test_brackets_in_comments_strings_and_iris_do_not_nest() -> None:
    query = "ASK { # ((((\n ?s <http://x/((> '((' . FILTER((1)) }"
    assert is_deeper_than(tokens(query), 2)
    assert not is_deeper_than(tokens(query), 3)


@pytest.mark.parametrize(("opening", "closing"), ["()", "{}", "[]"])
def test_nesting_beyond_the_limit_is_refused(opening: str, closing: str) -> None:
    depth = query_text.DEEPEST_NESTING + 1
    with pytest.raises(MalformedQuery, match="nested more than 128 deep"):
        query_text.check(opening * depth + closing * depth)


def test_many_brackets_side_by_side_are_no_nesting() -> None:
    query_text.check("ASK { " + "FILTER(1 = 1) " * 1000 + "}")


def test_from_clauses_are_found_before_where_only() -> None:
    query = "CONSTRUCT { ?s ?p 'FROM' } FROM x:a FROM NAMED <http://b> WHERE { ?s ?p ?FROM }"
    merged, named = sources_of(list(tokens(query)))
    assert [token.text for token in (*merged, *named)] == ["x:a", "<http://b>"]


@pytest.mark.parametrize("text", ["a.", "<a", "'\\", "'''x'\\", "a:%", "a-", "#\n", " #", "\n"])
def test_text_that_is_no_query_is_read_in_linear_time(text: str) -> None:
    assert not is_deeper_than(tokens(text * 10_000), 0)


BOUND = {"s": "<http://x/a>"}


@pytest.mark.parametrize(
    ("query", "bound"),
    [
        ("ASK{?s ?p ?o}", "ASK{ VALUES (?s) { (<http://x/a>) } ?s ?p ?o}"),
        (
            "CONSTRUCT{?s ?p 1}WHERE{?s ?p ?o}",
            "CONSTRUCT{?s ?p 1}WHERE{ VALUES (?s) { (<http://x/a>) } ?s ?p ?o}",
        ),
        (
            "SELECT * {SELECT ?s {?s ?p ?o}} LIMIT 1",
            "SELECT * { VALUES (?s) { (<http://x/a>) } {SELECT ?s {?s ?p ?o}}} LIMIT 1",
        ),
        ("DESCRIBE ?s", "DESCRIBE ?s\nWHERE { VALUES (?s) { (<http://x/a>) } }"),
    ],
    ids=["plain", "template", "subquery", "describe"],
)
def test_variables_are_bound_at_the_start_of_the_where_clause(query: str, bound: str) -> None:
    assert query_text.bind(query, BOUND) == bound


def test_short_construct_has_no_place_for_a_binding() -> None:
    with pytest.raises(MalformedQuery, match="has no WHERE clause of its own"):
        query_text.bind("CONSTRUCT WHERE { ?s ?p ?o }", BOUND)


def complaint_about(query: str) -> MalformedQuery:
    try:
        Store().query(query)
    except SyntaxError as error:
        return complaint(query, error)
    raise AssertionError(query)


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("SELECT * WHERE { ?s ?p }", (1, 24), "`}` is unexpected here"),
        ("SELECT *\n{ ?s a foo:bar }", (2, 8), "add `PREFIX foo: <…>` at the top"),
        ("SELECT * { <rel> ?p ?o }", (1, 12), "`<rel>` is not an absolute IRI"),
        ("SELECT * { ?s ?p ?o", (1, 20), "the end of the query is unexpected"),
        ("SELECT * { ?s ?p ?o } }", (1, 23), "`}` is unexpected here"),
        ("SELECT * { ?s ?p ?o FILTER(?o >) }", (1, 32), "`)` is unexpected here"),
        ("SELECT *\n\n{ ?s ?p ?o .\n  OPTINAL { } }", (4, 3), "`OPTINAL` is unexpected"),
        ("SELECT ?x (COUNT(*) AS ?n) { ?x ?y ?z }", (1, 40), "a variable that is unbound"),
        ("SELEC *", (1, 1), "a query starts with SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("", (1, 1), "it is empty"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_query_that_does_not_parse_is_told_where(
    query: str, place: tuple[int, int], words: str
) -> None:
    found = complaint_about(query)
    assert (found.line, found.column) == place
    assert words in found.message


@pytest.mark.parametrize("query", ["INSERT DATA { }", "PREFIX x: <http://x/>\nDELETE WHERE { }"])
def test_an_update_is_told_that_releases_are_read_only(query: str) -> None:
    with pytest.raises(MalformedQuery, match="is a SPARQL update, and releases are read-only"):
        complaint_about(query)


PROLOGUES = (
    ("", "ASK"),
    ("\n\t # SELECT it\r", "ask"),
    ("PREFIX : <x:> prefix a.b-c:<y:> #>\nBASE <z:>", "Describe"),
    ("PREFIX select: <x:>", "CONSTRUCT"),
    ("PREFIX é: <x:>", "SELECT"),
    ('VERSION "1.2"', "SELECT"),
    ("INSERT DATA {} ;", "INSERT"),
    ("BASE <x:> 'SELECT'", None),
    ("select", "SELECT"),
)


@pytest.mark.parametrize(("prologue", "form"), PROLOGUES)
def test_form_of_a_query_stands_after_its_prologue(prologue: str, form: str | None) -> None:
    assert form_name(f"{prologue} {form or ''} {{}}") == (form.upper() if form else None)


@pytest.mark.parametrize(
    "query",
    ["SELECT * { a:b ?p ?o }", "SELECT * { ?s ?p a:b }", "ASK { a:b", "DESCRIBE a:b!"],
)
def test_prefix_that_is_not_declared_is_named_wherever_it_stands(query: str) -> None:
    with pytest.raises(SyntaxError) as refused:
        Store().query(query)
    assert "add `PREFIX a: <…>`" in complaint(query, refused.value).message
