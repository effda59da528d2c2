"""The file that a worker's results are written to, and what is mended on their way there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse_query_results,
)

from lignee.engines.frames import DATA, PIECE_BYTES, Sink
from lignee.errors import UnsupportedFormat
from lignee.iris import PrefixTable

_NOT_IN_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_XML_LOCAL_NAME: Final = re.compile(r"[^\W\d][\w.\-·]*$")
_TRIPLE_TERM: Final = b'"type":"triple"'
"""Only where it is no text: quotes in texts are escaped."""
_DECLARATIONS: Final = re.compile(rb"(?:@prefix [^\n]*\n)*")
_SPACED: Final = bytes.maketrans(b"\n\t^", b"   ")
_SAMPLE: Final = 1_000
"""Triples looked at to find which prefixes are worth declaring."""


class Outlet:
    """A binary file to serialise into, sent as DATA frames of about 64 KiB."""

    def __init__(self, sender: Sink, *, is_xml: bool) -> None:
        self._sender = sender
        self._is_xml = is_xml
        self._gathered = bytearray()

    def write(self, piece: bytes) -> int:
        """Take a piece; raises UnsupportedFormat for a character that XML cannot carry."""
        self._gathered += self._as_xml(piece) if self._is_xml else piece
        if len(self._gathered) >= PIECE_BYTES:
            self._send()
        return len(piece)

    def flush(self) -> None:
        """Do nothing: pyoxigraph calls this at the end, when more may be gained by waiting."""

    def end(self) -> None:
        """Send the last of what was gathered."""
        self._send()

    def _send(self) -> None:
        if self._gathered:
            self._sender.add(DATA, self._gathered)
            self._gathered.clear()

    @staticmethod
    def _as_xml(piece: bytes) -> bytes:
        """Return the piece with its carriage returns written as references.

        pyoxigraph 0.5.13 writes them raw, and an XML parser reads a raw one as a line feed
        (https://www.w3.org/TR/xml/#sec-line-ends). Its serialisers write none of their own, and
        in UTF-8 the byte stands for nothing else.
        """
        if found := _NOT_IN_XML.search(piece):
            raise UnsupportedFormat(
                f"the answer holds the character U+{piece[found.start()]:04X}, which XML cannot "
                "carry; ask for another format, such as JSON or Turtle"
            )
        return piece.replace(b"\r", b"&#13;") if b"\r" in piece else piece


class TurtleOutlet(Outlet):
    """A file for Turtle written with a whole table of prefixes, most of which nothing uses.

    Those that are declared come in order, and where the answer is short only those it uses: to look
    for them in what was written takes a third of the time that looking at triples does.
    """

    def __init__(self, sender: Sink) -> None:
        super().__init__(sender, is_xml=False)
        self._is_begun = self._is_whole = False

    def end(self) -> None:
        """Send the last of what was gathered."""
        self._is_whole = not self._is_begun
        super().end()

    def _send(self) -> None:
        if not self._is_begun:
            self._gathered[:] = _declaring(bytes(self._gathered), only_used=self._is_whole)
            self._is_begun = True
        super()._send()


def _declaring(turtle: bytes, *, only_used: bool) -> bytes:
    """Return Turtle, as pyoxigraph writes it, with its declarations in order."""
    found = _DECLARATIONS.match(turtle)
    assert found  # if only of nothing
    body = turtle[found.end() :]
    lines = found.group().splitlines(keepends=True)
    if only_used:
        used = {part.rpartition(b" ")[2] for part in body.translate(_SPACED).split(b":")}
        lines = [line for line in lines if line.split(maxsplit=2)[1][:-1] in used]
    return b"".join((*sorted(lines), body))


def checked_for_rdf_xml(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the triples; raises UnsupportedFormat for a property that RDF/XML has no name for.

    pyoxigraph 0.5.13 writes such a property as an element that is not well-formed.
    """
    known: set[NamedNode] = set()
    for triple in triples:
        predicate = triple.predicate
        if predicate not in known:
            if not _XML_LOCAL_NAME.search(predicate.value):
                raise UnsupportedFormat(
                    f"RDF/XML cannot name the property <{predicate.value}>, which does not end "
                    "like a name; ask for another format, such as Turtle"
                )
            known.add(predicate)
        yield triple


def without_triple_terms(
    results: QuerySolutions | QueryBoolean,
) -> QuerySolutions | QueryBoolean:
    """Return the results; raises UnsupportedFormat where a solution holds a triple term.

    pyoxigraph 0.5.13 writes its three parts into one field of CSV, where nothing tells them apart.
    Solutions can be gone through but once, so they are kept as JSON meanwhile.
    """
    json = results.serialize(format=QueryResultsFormat.JSON)
    assert json is not None  # None only where an output is given
    if _TRIPLE_TERM in json:
        raise UnsupportedFormat(
            "CSV cannot carry a triple term, and the answer holds one; ask for another format, "
            "such as TSV or JSON"
        )
    return parse_query_results(json, format=QueryResultsFormat.JSON)


def with_prefixes(
    triples: Iterable[Triple], table: PrefixTable, rdf_format: RdfFormat
) -> tuple[Iterator[Triple], dict[str, str] | None]:
    """Return all the triples, and those prefixes of the table that the first of them use."""
    if rdf_format in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        return iter(triples), None
    rest = iter(triples)
    sample = list(islice(rest, _SAMPLE))
    iris = {
        term.value
        for triple in sample
        for term in (triple.subject, triple.predicate, triple.object)
        if isinstance(term, NamedNode)
    }
    used = {shortened.partition(":")[0] for iri in iris if (shortened := table.shorten(iri))}
    prefixes = {name: table.namespaces[name] for name in sorted(used)}
    return chain(sample, rest), prefixes
