"""The layered drawing of graphs: whatever the graph, it is drawn, and nothing covers another."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from lignee.serve.site.views.layered import BOX_PX, Layout, lay_out

NAMES = st.sampled_from("abcdefghijkl")
EDGES = st.lists(
    st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]),
    min_size=1,
    max_size=30,
    unique=True,
)


def drawn(edges: list[tuple[str, str]]) -> tuple[Layout, dict[str, float]]:
    heights = {name: 30.0 + 17 * (ord(name) % 3) for pair in edges for name in pair}
    return lay_out(heights, edges), heights


@settings(deadline=None, max_examples=150)
@given(EDGES)
def test_no_box_covers_another(edges: list[tuple[str, str]]) -> None:
    layout, heights = drawn(edges)
    for one, other in combinations(heights, 2):
        (x1, y1), (x2, y2) = layout.places[one], layout.places[other]
        is_apart = abs(x1 - x2) >= BOX_PX or abs(y1 - y2) >= (heights[one] + heights[other]) / 2
        assert is_apart, (one, other)


@settings(deadline=None, max_examples=150)
@given(EDGES)
def test_every_edge_leads_from_its_start_to_its_end_within_the_frame(
    edges: list[tuple[str, str]],
) -> None:
    layout, _ = drawn(edges)
    assert layout.ways.keys() == set(edges)
    for (start, end), way in layout.ways.items():
        assert (way[0], way[-1]) == (layout.places[start], layout.places[end])
        assert all(0 <= y <= layout.height + 0.1 for _, y in way)


def test_the_same_graph_is_drawn_the_same_each_time() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("d", "c"), ("e", "f"), ("c", "a")]
    assert drawn(edges)[0] == drawn(edges)[0]
