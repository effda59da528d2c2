"""The one picture: what stands where, whatever the release holds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lignee.serve.site.picture.things import Lineage, Step, Thing, accents_of
from lignee.serve.site.picture.timeline import RADIUS_PX, Timeline, lay_out

A, B, C = "urn:a", "urn:b", "urn:c"


def session(number: int, *dates: str, lane: str = "urn:lane") -> Thing:
    iri = f"urn:session:{number}"
    return Thing(iri=iri, label=iri, form="session", number=number, dates=dates, lane=lane)


def drawn(*things: Thing, steps: tuple[Step, ...] = ()) -> Timeline:
    picture = lay_out(things, Lineage(steps), other_lane="Papers")
    assert picture
    return picture


def places(picture: Timeline) -> dict[str, float]:
    return {mark.thing.iri.rpartition(":")[2]: mark.x for mark in picture.marks}


def test_nothing_dated_makes_no_picture() -> None:
    assert lay_out([session(1)], Lineage([]), other_lane="") is None


def test_time_runs_to_the_right() -> None:
    found = places(drawn(session(1, "2019-09"), session(2, "2020-07-07"), session(3, "2024")))
    assert found["1"] < found["2"] < found["3"]


def test_most_precise_date_is_drawn() -> None:
    found = places(drawn(session(1, "2019-12-30", "2019"), session(2, "2019-11-01")))
    assert found["1"] > found["2"]


def test_time_known_by_year_only_shows_its_span_and_lies_between_its_neighbours() -> None:
    picture = drawn(session(1, "2022-03-30"), session(2, "2022"), session(3, "2022-09-21"))
    found = places(picture)
    assert found["1"] < found["2"] < found["3"]
    spans = {mark.text: mark.span for mark in picture.marks}
    assert spans["1"] is None
    span = spans["2"]
    assert span is not None
    assert span[0] < found["1"]
    assert span[1] > found["3"]


def test_each_main_theme_has_a_lane_in_the_order_in_which_they_begin() -> None:
    paper = Thing(iri=A, label="A", form="document", dates=("2020-01-01",))
    picture = drawn(
        session(2, "2021", lane="urn:late"), session(1, "2019", lane="urn:early"), paper
    )
    heights = {mark.text: mark.y for mark in picture.marks}
    assert heights["A"] < heights["1"] < heights["2"]
    assert picture.lanes[0].lines[0][0] == "Papers"
    assert picture.lanes[0].accent is None


def test_a_theme_has_one_colour() -> None:
    things = [session(2, "2021", lane="urn:late"), session(1, "2019", lane="urn:early")]
    assert accents_of(things) == {"urn:early": 0, "urn:late": 1}


def test_thing_without_date_is_named_beside_the_picture() -> None:
    undated = Thing(iri=A, label="A", form="document")
    assert drawn(session(1, "2019"), undated).undated == (undated,)


def test_arrow_leads_to_the_ancestor_and_not_to_what_is_not_drawn() -> None:
    steps = (Step("urn:session:2", "urn:session:1", "stated"), Step("urn:session:2", A, "stated"))
    picture = drawn(session(1, "2019", lane="urn:x"), session(2, "2020"), steps=steps)
    assert [arrow.step.ancestor for arrow in picture.arrows] == ["urn:session:1"]
    *_, x, _ = picture.arrows[0].path.split()
    assert float(x) == places(picture)["1"]


@pytest.mark.parametrize("text", ["", "-0044", "12019", "2019-13", "2019-02-30", "soon"])
def test_date_that_no_calendar_has_is_no_date(text: str) -> None:
    assert drawn(session(1, "2019"), session(2, text)).undated[0].number == 2


def test_lineage_is_followed_both_ways_and_through_loops() -> None:
    steps = [Step(B, A, "stated"), Step(C, B, "read"), Step(A, C, "read")]
    looped, straight = Lineage(steps), Lineage(steps[:2])
    assert looped.ancestors(B) == looped.descendants(B) == {A, C}
    assert (straight.ancestors(B), straight.descendants(B)) == ({A}, {C})
    assert straight.ancestors("urn:none") == set()


@given(
    st.lists(
        st.tuples(
            st.dates().map(str) | st.integers(1900, 2100).map(str),
            st.sampled_from(["", "urn:x", "urn:y", "urn:z"]),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_marks_of_a_lane_never_lie_on_each_other(dated: list[tuple[str, str]]) -> None:
    picture = drawn(*(session(n, text, lane=lane) for n, (text, lane) in enumerate(dated)))
    by_lane: dict[float, list[float]] = {}
    for mark in picture.marks:
        by_lane.setdefault(mark.y, []).append(mark.x)
        assert 0 < mark.x < picture.width
        assert 0 < mark.y < picture.height
    for xs in by_lane.values():
        assert all(after - before >= 2 * RADIUS_PX for before, after in pairwise(sorted(xs)))


@pytest.mark.parametrize(("years", "named"), [(3, 1), (60, 2), (400, 10)])
def test_years_are_named_where_there_is_room(years: int, named: int) -> None:
    picture = drawn(session(1, "1600"), session(2, str(1600 + years)))
    labelled = [year for year, _, is_named in picture.years if is_named]
    assert labelled
    assert all(year % named == 0 for year in labelled)
