"""A layered drawing of a directed graph in numbers, by grandalf (Sugiyama's method).

Layers run from left to right, so that labels have room; grandalf draws from top to bottom, so its
two axes change places here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from grandalf.graphs import Graph

Point = tuple[float, float]
Pair = tuple[str, str]

BOX_PX: Final = 176
"""How wide a box is."""
_BETWEEN_LAYERS_PX: Final = 100
_BETWEEN_BOXES_PX: Final = 18
_BETWEEN_PARTS_PX: Final = 30
_ROUNDS: Final = 3
"""Passes over the layers to have fewer edges cross; more change little."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the middle of each box is, and the points that each edge goes through."""

    width: float
    height: float
    places: Mapping[str, Point]
    ways: Mapping[Pair, tuple[Point, ...]]


@dataclass(slots=True)
class _BoxView:
    """What grandalf knows of a box: its sides, changed over, and where it has put it."""

    w: float
    h: float
    xy: Point = (0.0, 0.0)


@dataclass(slots=True)
class _EdgeView:
    points: list[Point] = field(default_factory=list)

    def setpath(self, points: list[Point]) -> None:
        self.points = points


def lay_out(heights: Mapping[str, float], edges: Iterable[Pair]) -> Layout:
    """Return the drawing of boxes of these heights, each with an edge, and of their edges.

    No edge leads from a box to itself, and none comes twice. Parts that nothing joins stand one
    below the other, the largest first.
    """
    # Where there is numpy, grandalf imports it: a quarter of what a server's start would take.
    from grandalf.graphs import Edge, Graph, Vertex

    vertices = {name: Vertex(name) for name in heights}
    for name, height in heights.items():
        vertices[name].view = _BoxView(w=height, h=BOX_PX)
    drawn = [Edge(vertices[start], vertices[end]) for start, end in edges]
    for edge in drawn:
        edge.view = _EdgeView()
    ends = {id(edge): (edge.v[0].data, edge.v[1].data) for edge in drawn}
    places: dict[str, Point] = {}
    ways: dict[Pair, tuple[Point, ...]] = {}
    width = top = 0.0
    for part in sorted(Graph(list(vertices.values()), drawn).C, key=lambda part: -part.order()):
        _place(part)
        left, right, upper, lower = _bounds(part)
        shift = (-left, top - upper)
        places |= {vertex.data: _moved(vertex.view.xy, shift) for vertex in part.V()}
        for edge in part.E():
            ways[ends[id(edge)]] = tuple(_moved(point, shift) for point in edge.view.points)
        width = max(width, right - left)
        top += lower - upper + _BETWEEN_PARTS_PX
    ways = {pair: _from_start(way, places[pair[0]]) for pair, way in ways.items()}
    return Layout(width, max(top - _BETWEEN_PARTS_PX, 0), places, ways)


def _place(part: Graph) -> None:
    from grandalf.layouts import SugiyamaLayout

    layout = SugiyamaLayout(part)
    layout.xspace, layout.yspace = _BETWEEN_BOXES_PX, _BETWEEN_LAYERS_PX
    layout.init_all()
    layout.draw(_ROUNDS)


def _bounds(part: Graph) -> tuple[float, float, float, float]:
    """Return the left, right, upper and lower end of boxes and edges."""
    boxes = [vertex.view for vertex in part.V()]
    down = [point[0] for edge in part.E() for point in edge.view.points]
    return (
        min(box.xy[1] for box in boxes) - BOX_PX / 2,
        max(box.xy[1] for box in boxes) + BOX_PX / 2,
        min([box.xy[0] - box.w / 2 for box in boxes] + down),
        max([box.xy[0] + box.w / 2 for box in boxes] + down),
    )


def _moved(point: Point, shift: Point) -> Point:
    down, right = point
    return (round(right + shift[0], 1), round(down + shift[1], 1))


def _from_start(way: Sequence[Point], start: Point) -> tuple[Point, ...]:
    """Return the way in the edge's own direction: in a loop grandalf turns some edges round."""
    return tuple(way) if way[0] == start else tuple(reversed(way))
