"""The one layout of Turtle and TriG files that people edit: one statement a line, a fixed order.

Subjects and graphs keep the order their curator chose; statements about a subject come as type,
labels, definition, then the rest by name. Text is never lost: a file with comments below its head
is refused, and a layout that would change the graph is not written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from lignee import kg_folder
from lignee.canonical import canonical_lines, to_nquads
from lignee.dataset import read_prefixes
from lignee.errors import Place, UnparsableInput
from lignee.iris import PrefixTable
from lignee.rdf_files import read_quads
from lignee.vocabulary import RDF, RDFS, SH, SKOS, XSD

_FIRST: Final = [
    RDF + "type",
    SKOS + "prefLabel",
    RDFS + "label",
    SKOS + "altLabel",
    SH + "targetClass",
    SH + "path",
    SKOS + "definition",
    SKOS + "scopeNote",
    SKOS + "editorialNote",
    RDFS + "comment",
]
_BARE: Final = {
    XSD + "integer": re.compile(r"[+-]?\d+"),
    XSD + "decimal": re.compile(r"[+-]?\d*\.\d+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_OUTSIDE_COMMENTS: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^>\s]*>|(?P<comment>#[^\n]*)',
    re.DOTALL,
)
Value = NamedNode | BlankNode | Literal | Triple


def laid_out(file: Path, table: PrefixTable) -> str:
    """Return the text of the Turtle or TriG file in the project's layout.

    Raises InputError for a file that does not parse, or that has comments below its head.
    """
    quads = list(read_quads(file, table))
    text = file.read_text(encoding="utf-8")
    head = _head_comments(file, text)
    prefixes = PrefixTable(_declared(text))
    laid = head + _Writer(prefixes, quads).text()
    if _canonical(parse(laid.encode(), format=RdfFormat.TRIG)) != _canonical(quads):
        raise AssertionError(f"{file}: the layout would change what the file says")
    return laid


def _canonical(quads: Iterable[Quad]) -> list[bytes]:
    return canonical_lines(to_nquads(quads))


def _declared(text: str) -> dict[str, str]:
    parser = parse(text.encode(), format=RdfFormat.TRIG)
    for _ in parser:
        pass
    return dict(sorted(parser.prefixes.items()))


def _head_comments(file: Path, text: str) -> str:
    head = re.match(r"(?:#[^\n]*\n)*", text)
    block = head.group() if head else ""
    for found in _OUTSIDE_COMMENTS.finditer(text, len(block)):
        if found["comment"]:
            line = text.count("\n", 0, found.start()) + 1
            raise UnparsableInput(
                "a comment below the head of the file would be lost; say it in rdfs:comment or "
                "skos:editorialNote",
                place=Place(file, line),
            )
    return block + "\n" if block else ""


@dataclass
class _Writer:
    prefixes: PrefixTable
    quads: list[Quad]
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        nested = [quad.object for quad in self.quads if isinstance(quad.object, BlankNode)]
        self.inline = {node for node in nested if nested.count(node) == 1}
        self.about: dict[Value, list[Quad]] = {}
        for quad in self.quads:
            if quad.subject in self.inline:
                self.about.setdefault(quad.subject, []).append(quad)

    def text(self) -> str:
        blocks = list(self._blocks())
        declared = [
            f"@prefix {prefix}: <{namespace}> .\n"
            for prefix, namespace in self.prefixes.namespaces.items()
            if prefix in self.used
        ]
        return "".join(declared) + "".join(f"\n{block}\n" for block in blocks)

    def _blocks(self) -> Iterator[str]:
        visible = (quad for quad in self.quads if quad.subject not in self.inline)
        for graph, quads in groupby(visible, key=lambda quad: quad.graph_name):
            paragraphs = self._paragraphs(list(quads))
            if isinstance(graph, DefaultGraph):
                yield "\n\n".join(paragraphs)
                continue
            inside = "\n\n".join(paragraphs).replace("\n", "\n    ").replace("    \n", "\n")
            yield f"GRAPH {self._term(graph)} {{\n    {inside}\n}}"

    def _paragraphs(self, quads: list[Quad]) -> list[str]:
        by_subject: dict[Value, list[Quad]] = {}
        for quad in quads:
            by_subject.setdefault(quad.subject, []).append(quad)
        return [
            f"{self._term(subject)}\n    {self._statements(own, '    ')} ."
            for subject, own in by_subject.items()
        ]

    def _statements(self, quads: list[Quad], indent: str) -> str:
        lines = [
            f"{self._predicate(quad.predicate)} {self._object(quad.object, indent)}"
            for quad in sorted(quads, key=self._rank)
        ]
        return f" ;\n{indent}".join(lines)

    def _rank(self, quad: Quad) -> tuple[int, str, str, list[int | str], str]:
        iri = quad.predicate.value
        place = _FIRST.index(iri) if iri in _FIRST else len(_FIRST)
        language = quad.object.language or "" if isinstance(quad.object, Literal) else ""
        value = "~" if isinstance(quad.object, BlankNode) else str(quad.object)  # in file order
        return (place, self._predicate(quad.predicate), language, *_natural(value))

    def _predicate(self, predicate: NamedNode) -> str:
        return "a" if predicate.value == RDF + "type" else self._term(predicate)

    def _object(self, value: Value, indent: str) -> str:
        if value not in self.inline:
            return self._term(value)
        own = self.about.get(value, [])
        if members := self._members(value):
            return "( " + " ".join(self._object(member, indent) for member in members) + " )"
        deeper = indent + "    "
        return f"[\n{deeper}{self._statements(own, deeper)}\n{indent}]" if own else "[]"

    def _members(self, node: Value) -> list[Value]:
        """Return the members of a well-formed list that starts at the node, else nothing."""
        members: list[Value] = []
        while node != NamedNode(RDF + "nil"):
            own = {quad.predicate.value: quad.object for quad in self.about.get(node, [])}
            if own.keys() != {RDF + "first", RDF + "rest"}:
                return []
            members.append(own[RDF + "first"])
            node = own[RDF + "rest"]
        return members

    def _term(self, term: Value | DefaultGraph) -> str:
        if isinstance(term, NamedNode):
            return self._name(term.value)
        if isinstance(term, Literal) and not term.language:
            return self._literal(term)
        return str(term)

    def _literal(self, literal: Literal) -> str:
        datatype = literal.datatype.value
        if datatype in _BARE and _BARE[datatype].fullmatch(literal.value):
            return literal.value
        if datatype == XSD + "string":
            return str(literal)
        return f"{Literal(literal.value)}^^{self._name(datatype)}"

    def _name(self, iri: str) -> str:
        name = self.prefixes.shorten(iri)
        if name is None:
            return f"<{iri}>"
        self.used.add(name.partition(":")[0])
        return name


def _natural(text: str) -> tuple[list[int | str], str]:
    """Return a key that puts session/2 before session/10."""
    parts = [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
    return parts, text


def lay_out(kg: Path, *, write: bool) -> list[Path]:
    """Return the files of the folder that are not in the layout, after writing them if asked to.

    Raises InputError; files already written stay written.
    """
    folder = kg_folder.find(kg)
    table = read_prefixes(folder)
    changed = []
    for file in sorted({*folder.rdf, *folder.shapes}):
        if file.suffix not in (".ttl", ".trig"):
            continue
        text = laid_out(file, table)
        if text != file.read_text(encoding="utf-8"):
            changed.append(file)
            if write:
                file.write_text(text, encoding="utf-8")
    return changed
