"""The memory for answers: what it holds, what makes room, what it counts."""

from __future__ import annotations

import pytest

from lignee.serve.http.cache import Cache, Held, Key, key_of
from lignee.serve.http.record import RequestRecord
from lignee.serve.short_way import ShortWay, Whole

ANSWER = Held("text/csv", b"a" * 1_000)
RECORD = RequestRecord(method="GET", kind="sparql", status=200, seconds=0, sent_bytes=1)


def key(query: str = "ASK {}", **more: str) -> Key:
    return key_of("1", query, media_type=more.get("media_type", "text/csv"))


def filled(count: int) -> Cache:
    cache = Cache(20_000)
    for number in range(count):
        cache.hold(key(str(number)), ANSWER)
    return cache


def test_answer_is_found_again_in_its_coding_only() -> None:
    cache = filled(1)
    assert cache.find(key("0")) is ANSWER
    assert cache.find(key("0"), "gzip") is None


def test_memory_stays_within_its_limit_and_evictions_are_counted() -> None:
    cache = filled(50)
    assert cache.held_bytes <= cache.limit_bytes
    assert len(cache) + cache.evictions == 50


def test_least_recently_used_answer_makes_room() -> None:
    cache = filled(13)
    cache.find(key("0"))
    cache.hold(key("new"), ANSWER)
    assert cache.find(key("0"))
    assert not cache.find(key("1"))


def test_answer_that_would_push_out_many_is_not_held() -> None:
    cache = filled(5)
    cache.hold(key("long"), Held("text/csv", b"a" * 10_000))
    assert not cache.find(key("long"))
    assert len(cache) == 5


def test_same_answer_is_not_counted_twice() -> None:
    cache = filled(1)
    before = cache.held_bytes
    cache.hold(key("0"), ANSWER)
    assert cache.held_bytes == before


def test_nothing_is_held_without_memory() -> None:
    cache = Cache(0)
    cache.hold(key(), ANSWER)
    assert len(cache) == 0


@pytest.mark.parametrize(
    "other",
    [
        key_of("2", "ASK {}", media_type="text/csv"),
        key_of("1", "ASK { }", media_type="text/csv"),
        key_of("1", "ASK {}", media_type="text/html"),
        key_of("1", "ASK {}", media_type="text/csv", language="fr"),
        key_of("1", "ASK {}", media_type="text/csv", bindings={"a": "<x:a>"}),
        key_of("1", "ASK {}", media_type="text/csv", default_graphs=["x:a"]),
        key_of("1", "ASK {}", media_type="text/csv", named_graphs=["x:a"]),
    ],
)
def test_whatever_decides_the_answer_makes_another_key(other: Key) -> None:
    assert other != key()
    assert other.tag() != key().tag()


def test_order_of_graphs_does_not_matter() -> None:
    first, second = (
        key_of("1", "ASK {}", media_type="text/csv", default_graphs=graphs)
        for graphs in (["x:a", "x:b"], ["x:b", "x:a", "x:b"])
    )
    assert first == second


def test_tag_names_the_coding() -> None:
    assert key().tag("gzip") == key().tag() + "-gzip"


def test_short_way_stays_within_its_limit() -> None:
    way = ShortWay(5_000)
    for number in range(20):
        way.keep(b"GET /%d" % number, Whole(200, [], b"a" * 500), RECORD)
    assert 0 < way.held_bytes <= way.limit_bytes
    assert way.answer(b"GET /0", b"") is None
    assert way.answer(b"GET /19", b"") is not None


def test_short_way_forgets_when_told_to() -> None:
    way = ShortWay(5_000)
    way.keep(b"GET /", Whole(200, [], b""), RECORD)
    way.clear()
    assert (way.answer(b"GET /", b""), way.held_bytes) == (None, 0)
