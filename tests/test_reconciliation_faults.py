"""What is sent to the reconciliation service and cannot be answered is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import serving
from lignee.engines.embedded import EmbeddedEngine
from lignee.errors import DeadlineReached
from lignee.release import Release
from lignee.serve.reconciliation.candidates import reconcile
from lignee.serve.reconciliation.queries import Query
from lignee.serve.reconciliation.reading import read
from lignee.serve.reconciliation.values import Source
from lignee.settings import Settings
from reconciling import schemas_in

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Answer = Any  # what json() returns


@pytest.fixture(scope="module")
def client(tiny_releases: Path) -> Iterator[httpx.Client]:
    with (
        serving.serve(tiny_releases, reconcile_queries=20, query_bytes=500_000) as server,
        server.client() as opened,
    ):
        yield opened


def refused(client: httpx.Client, status: int, **form: str) -> Answer:
    answer = client.post("/reconcile", data=form)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json()


FAULTS = {
    "not JSON": ('{"q0": {"query": "Sky"', None, "not JSON: line 1, column 23"),
    "not an object": ("[1]", None, "a list"),
    "deeper than any": ("[" * 100_000, None, "nested"),
    "not a number": ('{"q0": {"query": "Sky", "limit": NaN}}', None, "NaN"),
    "a key twice": ('{"q0": {"query": "a"}, "q0": {"query": "b"}}', None, '"q0" stands twice'),
    "half a character": (r'{"q0": {"query": "\ud800"}}', None, "surrogate"),
    "number too long": ('{"q0": {"limit": ' + "9" * 5_000 + "}}", None, "digits"),
    "query no object": ('{"q0": "Sky"}', "/q0", '"Sky"'),
    "name no text": ('{"a/b": {"query": 7}}', "/a~1b/query", "7"),
    "nothing asked": ('{"q0": {}}', "/q0", "neither"),
    "empty conditions": ('{"q0": {"properties": []}}', "/q0", "neither"),
    "unknown field": ('{"q0": {"query": "a", "typ": "b"}}', "/q0/typ", "`typ`"),
    "limit 0": ('{"q0": {"query": "a", "limit": 0}}', "/q0/limit", "above 0"),
    "limit true": ('{"q0": {"query": "a", "limit": true}}', "/q0/limit", "true"),
    "limit no number": ('{"q0": {"query": "a", "limit": "x"}}', "/q0/limit", '"x"'),
    "strictness": ('{"q0": {"query": "a", "type_strict": "no"}}', "/q0/type_strict", "any, all"),
    "unknown type": ('{"q0": {"query": "a", "type": "x:Y"}}', "/q0/type", '"x:Y"'),
    "one of two types": (
        '{"q0": {"query": "a", "type": ["skos:Concept", "x:Y"]}}',
        "/q0/type/1",
        '"x:Y"',
    ),
    "type null": ('{"q0": {"query": "a", "type": null}}', "/q0/type", "null"),
    "type no text": ('{"q0": {"query": "a", "type": {"id": "x"}}}', "/q0/type", "an object"),
    "properties no list": ('{"q0": {"query": "a", "properties": {}}}', "/q0/properties", "a list"),
    "unknown property": (
        '{"q0": {"query": "a", "properties": [{"pid": "x:y", "v": 1}]}}',
        "/q0/properties/0/pid",
        '"x:y"',
    ),
    "property without value": (
        '{"q0": {"query": "a", "properties": [{"pid": "skos:broader"}]}}',
        "/q0/properties/0",
        "`v`",
    ),
    "more values than a table has": (
        json.dumps({"q0": {"query": "a", "properties": [{"pid": "rdf:type", "v": [1] * 21}]}}),
        "/q0/properties",
        "more than 20",
    ),
    "value null": (
        '{"q0": {"properties": [{"pid": "skos:broader", "v": [1, null]}]}}',
        "/q0/properties/0/v/1",
        "null",
    ),
}


@pytest.mark.parametrize(("queries", "pointer", "told"), FAULTS.values(), ids=FAULTS)
def test_fault_in_a_batch_is_told_with_its_place(
    client: httpx.Client, queries: str, pointer: str | None, told: str
) -> None:
    problem = refused(client, 400, queries=queries)
    assert problem["error"] == "MalformedBatch"
    assert problem.get("pointer") == pointer
    assert told in problem["detail"]


EXTENSIONS = {
    "no ids": ('{"properties": []}', "/ids", "no `ids`"),
    "id no text": ('{"ids": [1], "properties": []}', "/ids/0", "a text"),
    "no properties": ('{"ids": []}', "/properties", "no `properties`"),
    "property no object": ('{"ids": [], "properties": ["a"]}', "/properties/0", "an object"),
    "property without id": ('{"ids": [], "properties": [{}]}', "/properties/0", "`id`"),
    "unknown property": ('{"ids": [], "properties": [{"id": "x:y"}]}', "/properties/0/id", "x:y"),
    "unknown relation": (
        '{"ids": [], "properties": [{"id": "skos:broader", "settings": {"relation": "near"}}]}',
        "/properties/0/settings/relation",
        "exact, equivalent, any",
    ),
}


@pytest.mark.parametrize(("extend", "pointer", "told"), EXTENSIONS.values(), ids=EXTENSIONS)
def test_fault_in_a_data_extension_is_told_with_its_place(
    client: httpx.Client, extend: str, pointer: str, told: str
) -> None:
    problem = refused(client, 400, extend=extend)
    assert problem["pointer"] == pointer
    assert told in problem["detail"]


def test_batch_and_extension_longer_than_the_setting_are_refused(client: httpx.Client) -> None:
    assert client.get("/reconcile").json()["batchSize"] == 20
    batch = json.dumps({f"q{number}": {"query": "Sky"} for number in range(10_000)})
    problem = refused(client, 413, queries=batch)
    assert "10,000 queries" in problem["detail"]
    assert "at most 20 " in problem["detail"]
    assert "--reconcile-queries" in problem["detail"]
    entities = json.dumps({"ids": ["theme:sky"] * 21, "properties": []})
    assert "21 entities" in refused(client, 413, extend=entities)["detail"]
    longest = json.dumps({f"q{number}": {"query": "Sky"} for number in range(20)})
    assert len(client.post("/reconcile", data={"queries": longest}).json()) == 20


def test_names_are_looked_for_no_longer_than_a_query_may_take(tiny_release: Release) -> None:
    with EmbeddedEngine(tiny_release, Settings(workers=1)) as engine:
        source = Source(engine, read(engine, tiny_release))
        queries = {"q0": Query("Sky"), "q1": Query("Stars")}
        assert len(reconcile(queries, source, "en", seconds=20)) == 2
        with pytest.raises(DeadlineReached, match="--timeout-seconds"):
            reconcile(queries, source, "en", seconds=-1)


def test_body_that_is_no_form_of_queries_is_refused(client: httpx.Client) -> None:
    assert client.post("/reconcile", content="{}").status_code == 415
    assert client.post("/reconcile", json={"queries": {}}).status_code == 415
    assert client.post("/reconcile", content="x=1", headers=FORM).status_code == 400
    assert client.post("/reconcile", content="queries=%ff", headers=FORM).status_code == 400
    assert (
        client.post("/reconcile", content="queries=" + "x" * 600_000, headers=FORM).status_code
        == 413
    )
    two = client.get("/reconcile", params={"queries": "{}", "extend": "{}"})
    assert two.status_code == 400
    assert "`queries` and `extend`" in two.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reconcile?lang=english!", 400),
        ("/reconcile/english!", 404),
        ("/reconcile/fr/suggest/entity", 400),
        ("/reconcile/fr/suggest/thing?prefix=a", 404),
        ("/reconcile/fr/suggest/entity?prefix=a&cursor=-1", 400),
        ("/reconcile/fr/suggest/entity?prefix=a&cursor=1&cursor=2", 400),
        ("/reconcile/fr/suggest/entity?prefix=a&type=x:Y", 400),
        ("/reconcile/fr/suggest/entity?prefix=" + "a" * 301, 400),
        ("/reconcile/fr/flyout/entity", 400),
        ("/reconcile/fr/flyout/entity?id=no:such", 404),
        ("/reconcile/fr/preview?id=no:such", 404),
        ("/reconcile/fr/feature?id=charm", 404),
        ("/reconcile/fr/properties?type=x:Y", 400),
        ("/reconcile/fr/properties?limit=many", 400),
    ],
)
def test_parameter_that_cannot_be_meant_is_refused(
    client: httpx.Client, path: str, status: int
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert len(answer.json()["detail"]) > 20


def test_small_graph_of_others_is_reconciled_too(client: httpx.Client) -> None:
    query = json.dumps({"q": {"query": "etoiles"}})
    found = client.post("/reconcile/fr", data={"queries": query}).json()["q"]["result"][0]
    assert found["id"] == "https://example.org/tiny/id/theme/stars"
    assert found["match"] is True
    types = client.get("/reconcile/fr").json()["defaultTypes"]
    assert {"Thèmes", "skos:Concept"} <= {one["name"] for one in types}


def test_no_text_of_a_client_becomes_markup(client: httpx.Client) -> None:
    script = "<script>alert(1)</script>"
    for path in ("preview", "feature", "flyout/entity", "flyout/type"):
        page = client.get(
            f"/reconcile/fr/{path}", params={"id": script}, headers={"Accept": "text/html"}
        )
        assert (page.status_code, script in page.text) == (404, False)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
NAMES = st.sampled_from(["Sky", "étoiles", "Night talks", "theme:sky", ""]) | st.text(max_size=30)
KNOWN = st.sampled_from(["skos:Concept", "skos:broader", "lig:Session", "x:y"])
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "query": NAMES | SCALARS,
        "type": KNOWN | st.lists(KNOWN, max_size=2) | SCALARS,
        "type_strict": st.sampled_from(["any", "all", "should", "none"]),
        "limit": st.integers(-1, 60) | st.floats(),
        "properties": st.lists(
            st.fixed_dictionaries({"pid": KNOWN, "v": NAMES | ANYTHING}), max_size=2
        ),
    },
)
HOSTILE = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@HOSTILE
@given(batch=st.dictionaries(st.text(max_size=5), QUERIES, max_size=3) | ANYTHING)
def test_any_batch_is_answered_or_refused_for_a_reason(
    client: httpx.Client, shared: Path, batch: Answer
) -> None:
    answer = client.post("/reconcile", data={"queries": json.dumps(batch)})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        schemas = schemas_in(shared)
        schemas.check("reconciliation-query-batch", batch)
        schemas.check("reconciliation-result-batch", answer.json())
        assert answer.json().keys() == batch.keys()


@HOSTILE
@given(
    ids=st.lists(st.sampled_from(["theme:sky", "session:1", "x"]) | st.text(), max_size=3),
    columns=st.lists(
        st.fixed_dictionaries(
            {"id": st.sampled_from(["skos:broader", "rdfs:label", "skos:inScheme", "x"])},
            optional={"settings": st.dictionaries(st.sampled_from(["limit", "lang"]), SCALARS)},
        ),
        max_size=3,
    ),
)
def test_any_extension_is_answered_or_refused_for_a_reason(
    client: httpx.Client, shared: Path, ids: list[str], columns: Answer
) -> None:
    asked = {"ids": ids, "properties": columns}
    answer = client.post("/reconcile", data={"extend": json.dumps(asked)})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        schemas = schemas_in(shared)
        schemas.check("data-extension-response", answer.json())
        assert answer.json()["rows"].keys() == set(ids)
