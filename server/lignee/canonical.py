"""The canonical form of a dataset: RDFC-1.0, sorted N-Quads, and their SHA-256 digest.

See https://www.w3.org/TR/rdf-canon/ . Without blank nodes the canonical form is the set of
N-Quads in canonical spelling, in code-point order, which needs no hashing of blank nodes and
grows as n log n; UTF-8 keeps code-point order, so lines are compared as bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import groupby

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse, serialize


def canonical_lines(nquads: bytes) -> list[bytes]:
    """Return the canonical lines of N-Quads as pyoxigraph writes them, without line ends."""
    return canonical(nquads.splitlines())


def canonical(lines: Sequence[bytes]) -> list[bytes]:
    """Return the canonical lines of lines of N-Quads as pyoxigraph writes them."""
    # Text that looks like a blank node costs time, no more.
    if any(b" _:" in line or line.startswith(b"_:") for line in lines):
        quads = Dataset(parse(b"\n".join(lines), format=RdfFormat.N_QUADS))
        quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        lines = to_nquads(quads).splitlines()
    return in_order(lines)


def in_order(lines: Iterable[bytes]) -> list[bytes]:
    """Return the lines in canonical order, each once; quick where most of them are in order."""
    return [line for line, _ in groupby(sorted(lines))]  # by a set, sorting took twice as long


def to_nquads(quads: Iterable[Quad]) -> bytes:
    """Return the quads as N-Quads, in the order given."""
    nquads = serialize(quads, format=RdfFormat.N_QUADS)
    assert nquads is not None  # None only where an output is given
    return nquads


def digest(lines: Iterable[bytes]) -> str:
    """Return the SHA-256 of the lines, each ended by a line feed, in hexadecimal."""
    sha256 = hashlib.sha256()
    for line in lines:
        sha256.update(line + b"\n")
    return sha256.hexdigest()
