"""What is spared by HTTP: evaluations, bytes, connections. Section numbers are RFC 9110's."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from inside import Inside, serve_inside
from lignee.release import Release
from lignee.serve.http.cache import key_of

JSON_RESULTS = "application/sparql-results+json"
MANY = "SELECT * { ?s ?p ?o } LIMIT 200"
LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 10000"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
CODINGS = ("gzip", "zstd")


@pytest.fixture(scope="module")
def inside(tiny_release: Release) -> Iterator[Inside]:
    with serve_inside(tiny_release) as server:
        yield server


@pytest.fixture(scope="module")
def client(inside: Inside) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{inside.port}", timeout=20) as opened:
        for name in ("accept", "accept-encoding"):
            opened.headers.pop(name)
        yield opened


def target(query: str) -> str:
    return f"/sparql?query={quote(query)}"


def tag_of(release: Release, query: str) -> str:
    return f'"{key_of(release.version, query, media_type=JSON_RESULTS).tag()}"'


def plain(answer: httpx.Response) -> dict[str, str]:
    """Return the headers that do not depend on when the answer was given."""
    changing = ("date", "server-timing", "x-request-id")
    return {name: value for name, value in answer.headers.items() if name not in changing}


def test_complete_answer_has_a_strong_validator(
    client: httpx.Client, tiny_release: Release
) -> None:
    answer = client.get(target("ASK {}"))
    assert answer.headers["ETag"] == tag_of(tiny_release, "ASK {}")


@pytest.mark.parametrize(
    "given",
    [{"format": "csv"}, {"default-graph-uri": "x:a"}, {"named-graph-uri": "x:a"}],
    ids=lambda given: next(iter(given)),
)
def test_other_representation_has_another_validator(
    client: httpx.Client, given: dict[str, str]
) -> None:
    tags = [
        client.get("/sparql", params={"query": MANY, **more}).headers["ETag"]
        for more in ({}, given)
    ]
    assert tags[0] != tags[1]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"a", {}', '{} , W/"b"'])
def test_what_the_client_has_is_not_evaluated(
    client: httpx.Client, tiny_release: Release, form: str
) -> None:  # 13.1.2
    tag = tag_of(tiny_release, ENDLESS)
    headers = {"If-None-Match": form.format(tag)}
    answer = client.get(target(ENDLESS), headers=headers, timeout=2)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert "Content-Type" not in answer.headers


def test_another_validator_gets_the_answer(client: httpx.Client) -> None:
    answer = client.get(target("ASK {}"), headers={"If-None-Match": '"a"'})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "more", "control"),
    [
        ("ASK {}", "", "public, no-cache"),
        ("ASK {}", "&release={version}", "public, max-age=31536000, immutable"),
        ("ASK { FILTER(NOW() > 1) }", "", "no-store"),
        (LONG, "", "no-store"),
        ("ASK {", "", "no-store"),
    ],
    ids=["current", "named", "changing", "streamed", "error"],
)
def test_caches_are_told_how_long_an_answer_holds(
    client: httpx.Client, tiny_release: Release, query: str, more: str, control: str
) -> None:
    answer = client.get(target(query) + more.format(version=tiny_release.version))
    assert answer.headers["Cache-Control"] == control
    assert ("ETag" in answer.headers) == control.startswith("public")


def test_post_has_no_validator_and_ignores_one(client: httpx.Client, tiny_release: Release) -> None:
    headers = {"If-None-Match": tag_of(tiny_release, "ASK {}")}
    answer = client.post("/sparql", data={"query": "ASK {}"}, headers=headers)
    assert answer.status_code == 200
    assert "ETag" not in answer.headers


def test_head_tells_what_is_held(client: httpx.Client) -> None:
    query = MANY + " # for HEAD"
    assert "ETag" not in client.head(target(query)).headers
    whole = client.get(target(query))
    assert plain(client.head(target(query))) == plain(whole)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_answer_is_held(client: httpx.Client, method: str) -> None:
    query = f"{MANY} # {method}"
    asked = {"query": query}
    params, form = (asked, None) if method == "GET" else (None, asked)
    first, second = (client.request(method, "/sparql", params=params, data=form) for _ in range(2))
    assert "cache;desc=miss" in first.headers["Server-Timing"]
    assert second.headers["Server-Timing"] == "cache;desc=hit"
    assert first.content == second.content


def test_changing_answer_is_evaluated_each_time(client: httpx.Client) -> None:
    values = {client.get(target("SELECT (STRUUID() AS ?u) {}")).text for _ in range(3)}
    assert len(values) == 3


def test_timings_name_the_steps(client: httpx.Client) -> None:
    steps = client.get(target("ASK {} # timed")).headers["Server-Timing"].split(", ")
    names = [step.partition(";")[0] for step in steps]
    assert names == ["queue", "evaluate", "serialise", "cache"]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("ASK {} #1", {}, 200),
        (MANY + "#1", {}, 200),
        (MANY + "#2", {"Accept": "text/csv", "Accept-Encoding": "gzip"}, 200),
        (MANY + "#3", {"Accept": "text/html, application/sparql-results+xml"}, 200),
        ("CONSTRUCT WHERE { ?s ?p ?o } #1", {"Accept-Encoding": "zstd, gzip"}, 200),
        ("ASK {} #2", {"If-None-Match": "the tag"}, 304),
    ],
    ids=["small", "large", "gzip", "xml", "zstd", "304"],
)
def test_short_way_gives_what_the_long_way_gave(
    client: httpx.Client,
    inside: Inside,
    tiny_release: Release,
    query: str,
    headers: dict[str, str],
    status: int,
) -> None:
    if "If-None-Match" in headers:
        headers = {"If-None-Match": tag_of(tiny_release, query)}
    hits = inside.short_way.hits
    ways = [client.get(target(query), headers=headers) for _ in range(4)]
    assert inside.short_way.hits - hits == (2 if status == 200 else 3)
    assert {answer.status_code for answer in ways} == {status}
    assert all(answer.content == ways[0].content for answer in ways)
    assert all(plain(answer) == plain(ways[0]) for answer in ways)
    assert all("date" in answer.headers for answer in ways)


@pytest.mark.parametrize(
    "query", ["ASK { FILTER(NOW() > 1) }", "ASK {", LONG], ids=["changing", "error", "streamed"]
)
def test_short_way_keeps_nothing_else(client: httpx.Client, inside: Inside, query: str) -> None:
    hits = inside.short_way.hits
    for _ in range(3):
        client.get(target(query))
    assert inside.short_way.hits == hits


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("*", "zstd"),
        ("GZIP", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0", None),
        ("br", None),
        ("", None),
        (None, None),
    ],
)
def test_coding_is_the_one_the_client_likes_best(
    client: httpx.Client, accept: str | None, coding: str | None
) -> None:  # 12.5.3
    headers = {} if accept is None else {"Accept-Encoding": accept}
    answer = client.get(target(MANY), headers=headers)
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert answer.json()["results"]["bindings"]


@pytest.mark.parametrize("coding", CODINGS)
def test_coded_answer_is_the_same_in_fewer_bytes_with_a_validator_of_its_own(
    client: httpx.Client, coding: str
) -> None:
    whole = client.get(target(MANY))
    coded = client.get(target(MANY), headers={"Accept-Encoding": coding})
    assert coded.content == whole.content
    assert int(coded.headers["Content-Length"]) < len(whole.content) / 2
    assert coded.headers["ETag"] == whole.headers["ETag"][:-1] + f'-{coding}"'


def test_validator_of_an_uncoded_answer_is_good_where_a_coded_one_is_liked(
    client: httpx.Client, tiny_release: Release
) -> None:
    tag = tag_of(tiny_release, MANY)
    headers = {"Accept-Encoding": "gzip", "If-None-Match": tag}
    answer = client.get(target(MANY), headers=headers)
    assert (answer.status_code, answer.headers["ETag"]) == (304, tag)


def test_tiny_answer_is_not_coded(client: httpx.Client) -> None:
    answer = client.get(target("ASK {}"), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("coding", CODINGS)
def test_streamed_answer_is_coded(client: httpx.Client, coding: str) -> None:
    coded = client.get(target(LONG), headers={"Accept-Encoding": coding})
    assert coded.headers["Content-Encoding"] == coding
    assert "Content-Length" not in coded.headers
    assert len(coded.json()["results"]["bindings"]) == 10_000


@pytest.mark.parametrize("path", ["/", "/downloads"])
def test_page_is_coded(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_dump_is_sent_as_it_is_stored(client: httpx.Client, tiny_release: Release) -> None:
    path = f"/releases/{tiny_release.version}/dataset.nq.gz"
    answer = client.get(path, headers={"Accept-Encoding": "gzip, zstd"})
    assert "Content-Encoding" not in answer.headers
    assert gzip.decompress(answer.content)
