"""Answers compared between peers: the same solutions, whatever their order and spelling."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from pyoxigraph import RdfFormat, parse

from runner.connection import TURTLE, Reply

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_TRUTH: Final = {"1": "true", "0": "false"}
_SHOWN: Final = 160


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says: its solutions or triples as a multiset, or why it is none."""

    solutions: Counter[str]
    fault: str = ""

    @property
    def digest(self) -> str:
        """Tells answers apart."""
        lines = sorted(self.solutions.elements())
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def read(reply: Reply, accept: str) -> Answer:
    """Return what a reply says; an error is an answer too, with its reason."""
    if reply.status != 200:
        said = reply.body.decode(errors="replace").strip().replace("\n", " ")
        return Answer(Counter(), f"{reply.status}: {said[:_SHOWN]}")
    try:
        lines = _triples(reply) if accept == TURTLE else _solutions(reply.body)
    except (ValueError, KeyError, SyntaxError) as error:
        return Answer(Counter(), f"not readable as {accept}: {error!r:.{_SHOWN}}")
    return Answer(Counter(lines))


def compared(answers: Mapping[str, Answer], reference: str) -> dict[str, str]:
    """Return for each peer that answers otherwise than the reference how it does."""
    right = answers[reference]
    told = {}
    for peer, answer in answers.items():
        if answer.fault:
            told[peer] = answer.fault
        elif answer.digest != right.digest:
            missing = right.solutions - answer.solutions
            added = answer.solutions - right.solutions
            example = next(iter(missing or added))
            told[peer] = (
                f"{missing.total()} missing and {added.total()} more of "
                f"{right.solutions.total()}, such as {example[:_SHOWN]}"
            )
    return told


def _solutions(body: bytes) -> list[str]:
    content = json.loads(body)
    if "boolean" in content:
        return [f"{content['boolean']}".lower()]
    if "results" not in content:
        raise ValueError(f"200 with {content.get('error', 'no results')} inside")
    return [
        " ".join(f"{name}={_term(term)}" for name, term in sorted(solution.items()))
        for solution in content["results"]["bindings"]
    ]


def _triples(reply: Reply) -> list[str]:
    named = RdfFormat.from_media_type(reply.header("Content-Type"))  # rdflib-endpoint: RDF/XML
    found = parse(reply.body, format=named or RdfFormat.TURTLE)
    return [
        " ".join(
            _literal(term.value, term.datatype.value, term.language or "")
            if hasattr(term, "datatype")
            else f"{term}"
            for term in (triple.subject, triple.predicate, triple.object)
        )
        for triple in {str(item): item for item in found}.values()
    ]


def _term(term: Mapping[str, str]) -> str:
    if term["type"] in {"literal", "typed-literal"}:
        return _literal(term["value"], term.get("datatype", ""), term.get("xml:lang", ""))
    return f"<{term['value']}>"


def _literal(value: str, datatype: str, language: str) -> str:
    """Return a literal by its value: engines keep numbers by value, or as they were written."""
    if language:
        return f'"{value}"@{language.lower()}'
    if datatype == f"{_XSD}boolean":
        return _TRUTH.get(value, value)
    if datatype.startswith(_XSD) and datatype.lower().endswith(("integer", "decimal", "int")):
        try:
            return f"{Decimal(value).normalize():f}"
        except InvalidOperation:
            pass
    return f'"{value}"' + ("" if datatype in {"", f"{_XSD}string"} else f"^^{datatype}")
