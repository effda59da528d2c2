"""JSON-LD 1.1: a context made from the data, and a streaming writer of nodes in reading order.

Canonical N-Triples and JSON write strings alike: what stands between the quotes of a literal is
already the inside of a JSON string, so values are copied, not parsed. See docs/decisions/0011.
https://www.w3.org/TR/json-ld11/ , https://www.w3.org/TR/n-triples/#canonical-ntriples
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from lignee.build.reading_order import Node
from lignee.build.survey import NAME, TYPE, Survey
from lignee.iris import PrefixTable
from lignee.vocabulary import DCAT, DCTERMS, LIG, PROV, RDFS, SCHEMA, SKOS, XSD

_LOCAL_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_ALIASES: Final = {"id": "@id", "type": "@type"}
_PRECEDENCE: Final = (LIG, RDFS, SKOS, SCHEMA, DCTERMS, PROV, DCAT)
"""Where two terms share a local name, the first of these vocabularies has it."""
_WHOLE: Final = re.compile(rb"0|-?[1-9]\d{0,14}")
_NATIVE: Final = {
    **{
        f"^^<{XSD}{name}>".encode(): _WHOLE
        for name in ("integer", "nonNegativeInteger", "positiveInteger")
    },
    f"^^<{XSD}boolean>".encode(): re.compile(rb"true|false"),
}
"""Literals that JSON has too; whole numbers only as far as every JSON reader keeps them exact."""
_Writer: TypeAlias = tuple[bytes, Callable[[list[bytes]], bytes]]
"""The key of a property in JSON, and what writes its values."""


class Values(Enum):
    """How the values of one property are written."""

    NAMES = "names"
    TEXTS_BY_LANGUAGE = "texts by language"
    TEXTS = "texts"
    TYPED = "literals of one datatype"
    MIXED = "anything"


@dataclass(frozen=True, slots=True)
class Term:
    """What a property is called in JSON, and how its values are written."""

    key: str
    iri: str
    values: Values
    datatype: bytes = b""
    """As a literal's suffix, such as `^^<…#date>`."""

    def definition(self) -> dict[str, str]:
        """Return the expanded term definition.

        https://www.w3.org/TR/json-ld11/#context-definitions
        """
        match self.values:
            case Values.NAMES:
                return {"@id": self.iri, "@type": "@id"}
            case Values.TEXTS_BY_LANGUAGE:
                return {"@id": self.iri, "@container": "@language"}
            case Values.TYPED:
                return {"@id": self.iri, "@type": self.datatype[3:-1].decode()}
            case _:
                return {"@id": self.iri}


@dataclass(frozen=True, slots=True)
class Context:
    """The terms for properties and classes, by their IRI as N-Triples writes it."""

    properties: Mapping[bytes, Term]
    classes: Mapping[bytes, str]

    def document(self) -> dict[str, object]:
        """Return the JSON-LD context, without the `@context` around it."""
        terms: dict[str, object] = {
            term.key: term.definition() for term in self.properties.values()
        }
        terms |= {
            name: {"@id": iri[1:-1].decode()}
            for iri, name in self.classes.items()
            if name != iri[1:-1].decode() and name not in terms
        }
        return {"@version": 1.1, **_ALIASES, **{key: terms[key] for key in sorted(terms)}}


def from_document(document: Mapping[str, object]) -> Context:
    """Return the context that the document describes; whatever has no rule is written in full."""
    properties, classes = {}, {}
    for key, definition in document.items():
        if not isinstance(definition, dict):
            continue
        iri, kind = definition["@id"], definition.get("@type", "")
        name = f"<{iri}>".encode()
        classes[name] = key
        if "@container" in definition:
            properties[name] = Term(key, iri, Values.TEXTS_BY_LANGUAGE)
        elif kind == "@id":
            properties[name] = Term(key, iri, Values.NAMES)
        elif kind:
            properties[name] = Term(key, iri, Values.TYPED, f"^^<{kind}>".encode())
        else:
            properties[name] = Term(key, iri, Values.MIXED)
    return Context(properties, classes)


def context(seen: Survey, prefixes: PrefixTable) -> Context:
    """Return the context in which everything surveyed can be written.

    A property or class is called by its local name. Where two share it, the one of the vocabulary
    that takes precedence has it, the other is called `prefix_local`.
    """
    kinds = dict(seen.kinds)
    if kinds.get(TYPE) == frozenset({NAME}):
        del kinds[TYPE]  # `type` says it; a type that is a literal stays a property like others
    keys = _keys({name[1:-1].decode() for name in kinds.keys() | seen.classes}, prefixes)
    properties = {
        name: _term(keys[name[1:-1].decode()], name[1:-1].decode(), kinds[name])
        for name in sorted(kinds)
    }
    classes = {name: keys[name[1:-1].decode()] for name in sorted(seen.classes)}
    return Context(properties, classes)


def _keys(iris: set[str], prefixes: PrefixTable) -> dict[str, str]:
    named = {iri: (prefixes.shorten(iri) or "").partition(":") for iri in iris}

    def precedence(iri: str) -> tuple[int, bool, str, str]:
        prefix = named[iri][0]
        namespace = prefixes.namespaces.get(prefix, "")
        known = namespace in _PRECEDENCE
        return (
            _PRECEDENCE.index(namespace) if known else len(_PRECEDENCE),
            not prefix,
            prefix,
            iri,
        )

    keys: dict[str, str] = {}
    taken = set(_ALIASES)
    for iri in sorted(iris, key=precedence):
        prefix, _, local = named[iri]
        candidates = [local, f"{prefix}_{local}"] if _LOCAL_NAME.fullmatch(local) else []
        key = next((name for name in candidates if name not in taken), iri)
        taken.add(key)
        keys[iri] = key
    return keys


def _term(key: str, iri: str, kinds: frozenset[bytes]) -> Term:
    if kinds == {NAME}:
        return Term(key, iri, Values.NAMES)
    if all(kind == b"" or kind.startswith(b"@") for kind in kinds):
        return Term(key, iri, Values.TEXTS if kinds == {b""} else Values.TEXTS_BY_LANGUAGE)
    if len(kinds) == 1:
        return Term(key, iri, Values.TYPED, datatype=next(iter(kinds)))
    return Term(key, iri, Values.MIXED)


def to_json(nodes: Iterable[Node], using: Context) -> Iterator[bytes]:
    """Yield a JSON-LD document of the nodes, which stand in reading order, one node a line."""
    head = json.dumps({"@context": using.document()}, ensure_ascii=False, separators=(",", ":"))
    yield head[:-1].encode() + b',"@graph":['
    writers = _writers(using)
    within = b""
    between = b"\n"
    for graph, subject, said in nodes:
        if graph != within:
            if within:
                yield b"\n]}"
            yield between + b'{"id":' + _name(graph) + b',"@graph":['
            within, between = graph, b"\n"
        members = [b'"id":' + _name(subject)]
        for predicate, values in said:
            key, written = writers[predicate]
            members.append(key + written(values))
        yield between + b"{" + b",".join(members) + b"}"
        between = b",\n"
    yield b"\n]}\n]}\n" if within else b"\n]}\n"


def _writers(using: Context) -> dict[bytes, _Writer]:
    written = {
        predicate: (json.dumps(term.key, ensure_ascii=False).encode() + b":", _values(term))
        for predicate, term in using.properties.items()
    }
    classes = {term: b'"' + name.encode() + b'"' for term, name in using.classes.items()}

    def types(values: list[bytes]) -> bytes:
        return _one_or_many([classes.get(value) or _name(value) for value in values])

    return {TYPE: (b'"type":', types)} | written


def _values(term: Term) -> Callable[[list[bytes]], bytes]:
    def names(values: list[bytes]) -> bytes:
        return _one_or_many([_name(value) for value in values])

    def typed(values: list[bytes]) -> bytes:
        return _one_or_many([_typed(value, term.datatype) for value in values])

    def full(values: list[bytes]) -> bytes:
        return _one_or_many([_full(value) for value in values])

    match term.values:
        case Values.NAMES:
            return names
        case Values.TEXTS_BY_LANGUAGE:
            return _by_language
        case Values.TYPED:
            return typed
        case _:
            return full


def _name(term: bytes) -> bytes:
    return b'"' + (term[1:-1] if term[:1] == b"<" else term) + b'"'


def _by_language(values: list[bytes]) -> bytes:
    texts: dict[bytes, list[bytes]] = {}
    for value in values:
        text, _, suffix = value.rpartition(b'"')
        texts.setdefault(suffix[1:] or b"@none", []).append(text + b'"')
    members = (b'"' + language + b'":' + _one_or_many(said) for language, said in texts.items())
    return b"{" + b",".join(members) + b"}"


def _typed(value: bytes, datatype: bytes) -> bytes:
    text = value[: len(value) - len(datatype)]
    native = _NATIVE.get(datatype)
    return text[1:-1] if native and native.fullmatch(text, 1, len(text) - 1) else text


def _full(value: bytes) -> bytes:
    """Return a value that needs no context: a string, or an object that says what it is."""
    if value[:1] != b'"':
        return b'{"id":' + _name(value) + b"}"
    text, _, suffix = value.rpartition(b'"')
    text += b'"'
    if suffix[:1] == b"@":
        return b'{"@value":' + text + b',"@language":"' + suffix[1:] + b'"}'
    if suffix:
        return b'{"@value":' + text + b',"type":"' + suffix[3:-1] + b'"}'
    return text


def _one_or_many(values: list[bytes]) -> bytes:
    return values[0] if len(values) == 1 else b"[" + b",".join(values) + b"]"
