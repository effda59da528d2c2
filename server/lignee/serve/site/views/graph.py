"""An answer as a graph: its resources as boxes, what leads from one to another as arrows."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lignee.serve.site.results import Table, Term
from lignee.serve.site.views import layered
from lignee.serve.site.views.layered import BOX_PX, Pair, Point
from lignee.vocabulary import RDF, RDFS, SKOS

MOST_EDGES: Final = 100
"""Arrows drawn: a hundred take up to 70 ms of a processor, twice as many four times as long."""
_LINE_CHARACTERS: Final = 24
_MOST_LINES: Final = 3
_NAME_CHARACTERS: Final = 14
LINE_PX: Final = 17
_PADDING_PX: Final = 14
_TIP_PX: Final = 3
_LABELS: Final = (
    RDFS + "label",
    SKOS + "prefLabel",
    "https://schema.org/name",
    "http://purl.org/dc/terms/title",
)


Properties = Callable[[Iterable[str]], set[str]]
"""Returns those of some IRIs that are properties."""


@dataclass(frozen=True, slots=True)
class Box:
    """A resource in its place; lines of its label with the height of each."""

    term: Term
    label: str
    x: float
    y: float
    height: float
    lines: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """What leads from one resource to another, as an SVG path.

    Lines of its name stand at `x`, each with its height.
    """

    source: str
    target: str
    name: str
    path: str
    x: float
    lines: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The graph in numbers; `name` is that of all arrows where they have the same."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    name: str
    is_whole: bool
    box_px: int = BOX_PX


@dataclass(frozen=True, slots=True)
class _Link:
    source: Term
    target: Term
    names: tuple[Term, ...] = ()


def columns_of(table: Table) -> tuple[int, ...]:
    """Return the columns of a table that hold resources, and nothing else."""
    return tuple(
        number
        for number, terms in enumerate(table.by_column())
        if any(terms) and all(_is_resource(term) for term in terms if term)
    )


def draw(table: Table, properties: Properties, named: Mapping[str, str]) -> Drawing:
    """Return the graph that an answer draws; empty where no resource leads to another.

    Of result sets, the first two columns of resources are drawn; a column of properties names the
    arrows. `properties` tells which of some IRIs are properties; `named` are labels by IRI.
    """
    links = list(_links_of_graph(table) if table.is_graph else _links(table, properties))
    joined = _joined(links)
    pairs = list(joined)[:MOST_EDGES]
    terms = {_key(end): end for link in links for end in (link.source, link.target)}
    own = _own_labels(table) if table.is_graph else {}

    def label(key: str) -> str:
        return own.get(key) or named.get(key) or terms[key].text

    drawn = {key: label(key) for pair in pairs for key in pair}
    lines = {key: _wrapped(text) for key, text in drawn.items()}
    heights = {key: len(text) * LINE_PX + _PADDING_PX for key, text in lines.items()}
    laid = layered.lay_out(heights, pairs)
    boxes = (
        _box(terms[key], drawn[key], laid.places[key], heights[key], lines[key]) for key in drawn
    )
    names = {pair: _name(joined[pair], named) for pair in pairs}
    arrows = (_arrow(pair, names[pair], laid.ways[pair]) for pair in pairs)
    same = set(names.values())
    return Drawing(
        laid.width,
        laid.height,
        tuple(boxes),
        tuple(arrows),
        same.pop() if len(same) == 1 else "",
        len(pairs) == len(joined) and table.is_whole,
    )


def _links_of_graph(table: Table) -> Iterator[_Link]:
    """Yield the triples between resources; what is of which class only where there is no other."""
    found = [
        _Link(subject, value, (name,))
        for subject, name, value in table.lines
        if subject and name and value and _is_resource(value) and _is_resource(subject)
    ]
    others = [link for link in found if link.names[0].iri != RDF + "type"]
    yield from others or found


def _links(table: Table, properties: Properties) -> Iterator[_Link]:
    columns = table.by_column()
    resources = columns_of(table)
    known = properties({term.iri for number in resources for term in columns[number] if term})
    naming = [
        number for number in resources if all(term.iri in known for term in columns[number] if term)
    ]
    drawn = [number for number in resources if number not in naming][:2]
    if len(drawn) < 2:
        return
    for line in table.lines:
        source, target = (line[number] for number in drawn)
        if source and target:
            yield _Link(source, target, tuple(filter(None, (line[number] for number in naming))))


def _joined(links: Iterable[_Link]) -> Mapping[Pair, list[Term]]:
    """Return what the arrows are called, by what they join; what joins itself is left out."""
    joined: dict[Pair, list[Term]] = {}
    for link in links:
        pair = (_key(link.source), _key(link.target))
        if pair[0] == pair[1]:
            continue
        names = joined.setdefault(pair, [])
        names += [name for name in link.names if name not in names]
    return joined


def _own_labels(table: Table) -> Mapping[str, str]:
    """Return the labels that a graph itself gives to its resources."""
    return {
        _key(subject): value.text
        for subject, name, value in table.lines
        if subject and name and value and name.iri in _LABELS and not _is_resource(value)
    }


def _name(names: Sequence[Term], named: Mapping[str, str]) -> str:
    return ", ".join(named.get(term.iri) or term.text for term in names)


def _is_resource(term: Term) -> bool:
    return bool(term.iri) or term.text.startswith("_:")


def _key(term: Term) -> str:
    return term.iri or term.text


def _wrapped(label: str) -> list[str]:
    return textwrap.wrap(label, _LINE_CHARACTERS, max_lines=_MOST_LINES, placeholder="…") or ["…"]


def _box(term: Term, label: str, place: Point, height: float, lines: list[str]) -> Box:
    x, y = place
    return Box(term, label, x - BOX_PX / 2, y - height / 2, height, _stacked(lines, y))


def _stacked(lines: Sequence[str], middle: float) -> tuple[tuple[str, float], ...]:
    """Return each line with the height of its foot, so that all stand around the middle."""
    first = middle - (len(lines) - 1) * LINE_PX / 2 + 4.5
    return tuple((line, first + number * LINE_PX) for number, line in enumerate(lines))


def _arrow(pair: Pair, name: str, way: Sequence[Point]) -> Arrow:
    points = list(way)
    to_right = 1 if points[-1][0] >= points[0][0] else -1
    points[0] = (points[0][0] + to_right * BOX_PX / 2, points[0][1])
    points[-1] = (points[-1][0] - to_right * (BOX_PX / 2 + _TIP_PX), points[-1][1])
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for (x1, y1), (x2, y2) in pairwise(points):
        bend = (x2 - x1) / 2
        path += f"C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    (x1, y1), (x2, y2) = points[0], points[1]
    lines = textwrap.wrap(name, _NAME_CHARACTERS, max_lines=2, placeholder="…")
    return Arrow(*pair, name, path, (x1 + x2) / 2, _stacked(lines, (y1 + y2) / 2))
