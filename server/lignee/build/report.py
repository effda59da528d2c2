"""The validation report: what it holds, and how it is written as text, JSON and RDF.

See https://www.w3.org/TR/shacl/#validation-report . Results of integrity queries stand in it beside
those of shapes; each names the file and line of the statement at fault where that is known.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from lignee.errors import Place
from lignee.iris import PrefixTable
from lignee.vocabulary import DCTERMS, RDF_TYPE, SH, XSD

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal

SEVERITIES: Final = tuple(SH + name for name in ("Violation", "Warning", "Info"))
"""From the gravest to the lightest; https://www.w3.org/TR/shacl/#severity ."""

_WORDS: Final = {
    "en": {
        "conforms": "The data conforms: no fault found by {shapes} shapes and {queries} integrity "
        "queries.",
        "shape": "shape",
        "Violation": "violation",
        "Warning": "warning",
        "Info": "note",
        "nowhere": "(not in a file)",
        "total": "total: {}",
    },
    "fr": {
        "conforms": "Les données sont conformes : {shapes} formes et {queries} requêtes "
        "d’intégrité n’ont trouvé aucun défaut.",
        "shape": "forme",
        "Violation": "violation",
        "Warning": "avertissement",
        "Info": "remarque",
        "nowhere": "(dans aucun fichier)",
        "total": "total : {}",
    },
}


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """One fault: what is wrong with which statement, and what the curator is to do."""

    focus_node: Term
    path: NamedNode | None
    """None when the whole node is at fault, or when the shape's path is not one property."""
    value: Term | None
    severity: NamedNode
    messages: Mapping[str, str]
    """The message by language; the empty language where it has none."""
    shape: NamedNode
    """The shape, or the integrity query, that found the fault."""
    constraint: NamedNode
    """Its component: https://www.w3.org/TR/shacl/#results-source-constraint-component ."""
    place: Place | None = None

    def message(self, language: str) -> str:
        """Return the message in the language, in English, or in any other, in that order."""
        for key in (language, "en", ""):
            if key in self.messages:
                return self.messages[key]
        return next(iter(self.messages.values()), "")


@dataclass(frozen=True, slots=True)
class Check:
    """An integrity query that was applied, and what fault it looks for, by language."""

    name: str
    severity: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """All faults found, in the order of their files; `conforms` when none is a violation."""

    conforms: bool
    results: tuple[ValidationResult, ...]
    shapes: int = 0
    """How many named shapes were applied."""
    checks: tuple[Check, ...] = ()
    prefixes: PrefixTable = field(default_factory=PrefixTable)

    @property
    def queries(self) -> int:
        """How many integrity queries were applied."""
        return len(self.checks)

    def count(self, severity: str) -> int:
        """Return how many results have the severity, such as `Violation`."""
        return sum(result.severity.value == SH + severity for result in self.results)


def to_text(report: ValidationReport, language: str = "en") -> str:
    """Return the report for a terminal: one paragraph a result, its file and line first."""
    words = _WORDS.get(language, _WORDS["en"])
    paragraphs = [_paragraph(result, report.prefixes, language) for result in report.results]
    counted = Counter(words[_severity_name(result)] for result in report.results)
    if counted:
        listed = ", ".join(f"{number} × {name}" for name, number in counted.items())
        paragraphs.append(words["total"].format(listed))
    if report.conforms and not counted:
        paragraphs.append(words["conforms"].format(shapes=report.shapes, queries=report.queries))
    return "\n\n".join(paragraphs) + "\n"


def to_json(report: ValidationReport) -> str:
    """Return the report as JSON; terms are written as in SPARQL 1.1 Query Results JSON Format."""
    content = {
        "conforms": report.conforms,
        "shapes": report.shapes,
        "queries": report.queries,
        "checks": [
            {"name": check.name, "severity": check.severity, "titles": dict(check.titles)}
            for check in report.checks
        ],
        "results": [_json_result(result) for result in report.results],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def to_turtle(report: ValidationReport, name: NamedNode | None = None) -> str:
    """Return the report as Turtle, in a fixed order; without a name it is a blank node."""
    prefixes = {"sh": SH, "dcterms": DCTERMS, **report.prefixes.namespaces}
    stream = io.BytesIO()
    serialize(to_triples(report, name), stream, format=RdfFormat.TURTLE, prefixes=prefixes)
    return stream.getvalue().decode("utf-8")


def to_triples(report: ValidationReport, name: NamedNode | None = None) -> Iterator[Triple]:
    """Yield the report as a sh:ValidationReport; its results are numbered after its name."""
    node: Node = name or BlankNode("report")
    yield Triple(node, RDF_TYPE, _sh("ValidationReport"))
    conforms = Literal(str(report.conforms).lower(), datatype=NamedNode(XSD + "boolean"))
    yield Triple(node, _sh("conforms"), conforms)
    for number, result in enumerate(report.results, 1):
        part: Node = NamedNode(f"{name.value}#{number}") if name else BlankNode(f"result{number}")
        yield Triple(node, _sh("result"), part)
        yield from _result_triples(result, part)


def _result_triples(result: ValidationResult, node: Node) -> Iterator[Triple]:
    yield Triple(node, RDF_TYPE, _sh("ValidationResult"))
    yield Triple(node, _sh("focusNode"), result.focus_node)
    if result.path is not None:
        yield Triple(node, _sh("resultPath"), result.path)
    if result.value is not None:
        yield Triple(node, _sh("value"), result.value)
    yield Triple(node, _sh("resultSeverity"), result.severity)
    yield Triple(node, _sh("sourceConstraintComponent"), result.constraint)
    yield Triple(node, _sh("sourceShape"), result.shape)
    for language, text in sorted(result.messages.items()):
        message = Literal(text, language=language) if language else Literal(text)
        yield Triple(node, _sh("resultMessage"), message)
    if result.place:
        yield Triple(node, NamedNode(DCTERMS + "source"), Literal(str(result.place)))


def _paragraph(result: ValidationResult, prefixes: PrefixTable, language: str) -> str:
    words = _WORDS.get(language, _WORDS["en"])
    place = str(result.place) if result.place else words["nowhere"]
    terms = [term for term in (result.focus_node, result.path, result.value) if term is not None]
    statement = " ".join(_short(term, prefixes) for term in terms)
    return (
        f"{place}: {words[_severity_name(result)]}: {result.message(language)}\n"
        f"    {statement}\n"
        f"    {words['shape']}: {_short(result.shape, prefixes)}"
    )


def _json_result(result: ValidationResult) -> dict[str, object]:
    place = result.place
    return {
        "focusNode": _json_term(result.focus_node),
        "path": result.path.value if result.path else None,
        "value": _json_term(result.value) if result.value is not None else None,
        "severity": _severity_name(result),
        "messages": dict(sorted(result.messages.items())),
        "shape": result.shape.value,
        "constraint": result.constraint.value,
        "place": {"file": place.file.as_posix(), "line": place.line} if place else None,
    }


def _json_term(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}


def _severity_name(result: ValidationResult) -> str:
    iri = result.severity.value
    return iri.removeprefix(SH) if iri in SEVERITIES else "Violation"


def _short(term: Term, prefixes: PrefixTable) -> str:
    return (prefixes.shorten(term.value) if isinstance(term, NamedNode) else None) or str(term)


def _sh(name: str) -> NamedNode:
    return NamedNode(SH + name)
