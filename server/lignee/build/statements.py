"""All that a release says, in canonical lines, from what its dataset states and what describes it.

The description tells how much of everything there is, which takes long to count. Meanwhile the
rest is made ready, so that a description has only to be put in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from lignee.build import description, dumps
from lignee.build.counting import counting
from lignee.build.survey import Survey, survey
from lignee.canonical import canonical, in_order
from lignee.dataset import OUTSIDE_THE_DEFAULT_GRAPH, Dataset
from lignee.errors import Place


@dataclass(frozen=True, slots=True)
class Statements:
    """Canonical lines, and what stands in them."""

    lines: list[bytes]
    """N-Quads of every graph that is in the dumps."""
    union: list[bytes]
    """N-Triples of the default graph."""
    seen: Survey

    def __or__(self, other: Statements) -> Statements:
        """Return what either says."""
        lines, union = in_order(self.lines + other.lines), in_order(self.union + other.union)
        return Statements(lines, union, self.seen | other.seen)


def gather(dataset: Dataset, folder: Path) -> Statements:
    """Return what the dataset says and what is said of it; its store is of no use any more.

    The folder takes what is written meanwhile. Raises UnparsableInput for what the formats of a
    release cannot carry, OSError or CannotWrite.
    """
    graphs = list(description.graphs(dataset))
    stored = dataset.stored_lines()
    beside = description.beside_the_knowledge(dataset)
    with counting(folder, stored, beside, dataset.namespaces.resources) as counted:
        stated = _statements(dataset, dataset.spellings.restored(canonical(stored)))
        statistics = description.statistics(dataset, counted())
        lines = description.lines_of(dataset, [*graphs, *statistics])
    return stated | _statements(dataset, lines)


def _statements(dataset: Dataset, lines: list[bytes]) -> Statements:
    outside = [dataset.graph(name).value for name in OUTSIDE_THE_DEFAULT_GRAPH]
    seen = survey(lines, lambda line: _place_of(line, dataset))
    return Statements(lines, dumps.default_graph(lines, outside), seen)


def _place_of(line: bytes, dataset: Dataset) -> Place | None:
    """Return where the statement of a canonical line stands in the curated files."""
    quad = next(parse(line, format=RdfFormat.N_QUADS))
    if isinstance(quad.subject, Triple):
        return None
    value = None if isinstance(quad.object, Triple) else quad.object
    statement = (quad.subject, quad.predicate, value)
    return dataset.locate([statement]).get(statement)
