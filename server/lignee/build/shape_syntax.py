"""The syntax rules of SHACL Core, checked on shapes before they are applied.

See https://www.w3.org/TR/shacl/#syntax-rules . A validator passes over a misspelt parameter or a
reference to a shape that does not exist, and the constraint silently vanishes; here it is an error
that names file and line. (pySHACL's own check of shapes takes seconds and names neither.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from lignee.errors import Place, UnparsableInput
from lignee.vocabulary import RDF, SH, XSD

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal
Properties = dict[NamedNode, list[Term]]
"""What is said of one node, by property."""

Check = Callable[[Term, Mapping[Node, Properties]], bool]

_FIRST: Final = NamedNode(RDF + "first")
_REST: Final = NamedNode(RDF + "rest")
_NIL: Final = NamedNode(RDF + "nil")
_PATH: Final = NamedNode(SH + "path")
_PROPERTY: Final = NamedNode(SH + "property")
_DATATYPE: Final = NamedNode(SH + "datatype")
_KINDS: Final = ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral")


def _is_iri(term: Term, _: Mapping[Node, Properties]) -> bool:
    return isinstance(term, NamedNode)


def _is_literal(term: Term, _: Mapping[Node, Properties]) -> bool:
    return isinstance(term, Literal)


def _is_count(term: Term, _: Mapping[Node, Properties]) -> bool:
    return (
        isinstance(term, Literal)
        and term.datatype.value == XSD + "integer"
        and term.value.isdigit()
    )


def _is_boolean(term: Term, _: Mapping[Node, Properties]) -> bool:
    return isinstance(term, Literal) and term.datatype.value == XSD + "boolean"


def _is_pattern(term: Term, _: Mapping[Node, Properties]) -> bool:
    try:
        return isinstance(term, Literal) and re.compile(term.value) is not None
    except re.error:
        return False


def _is_node_kind(term: Term, _: Mapping[Node, Properties]) -> bool:
    return term in {NamedNode(SH + kind) for kind in (*_KINDS, "IRIOrLiteral")}


def _is_list(term: Term, about: Mapping[Node, Properties]) -> bool:
    seen: set[Term] = set()
    while term != _NIL:
        if term in seen or isinstance(term, Literal):
            return False
        seen.add(term)
        cell = about.get(term, {})
        if len(cell.get(_FIRST, [])) != 1 or len(cell.get(_REST, [])) != 1:
            return False
        term = cell[_REST][0]
    return True


def _is_shape(term: Term, about: Mapping[Node, Properties]) -> bool:
    return not isinstance(term, Literal) and term in about


def _is_property_shape(term: Term, about: Mapping[Node, Properties]) -> bool:
    return not isinstance(term, Literal) and _PATH in about.get(term, {})


def _is_list_of_shapes(term: Term, about: Mapping[Node, Properties]) -> bool:
    if not _is_list(term, about):
        return False
    while term != _NIL and not isinstance(term, Literal):
        if not _is_shape(about[term][_FIRST][0], about):
            return False
        term = about[term][_REST][0]
    return True


def _is_anything(_: Term, __: Mapping[Node, Properties]) -> bool:
    return True


_RULES: Final[tuple[tuple[str, Check, str], ...]] = (
    ("targetClass targetSubjectsOf targetObjectsOf class datatype severity", _is_iri, "an IRI"),
    ("equals disjoint lessThan lessThanOrEquals", _is_iri, "an IRI"),
    ("minCount maxCount minLength maxLength", _is_count, "a whole number from 0"),
    ("qualifiedMinCount qualifiedMaxCount", _is_count, "a whole number from 0"),
    ("minInclusive maxInclusive minExclusive maxExclusive", _is_literal, "a literal"),
    ("uniqueLang closed deactivated qualifiedValueShapesDisjoint", _is_boolean, "true or false"),
    ("pattern", _is_pattern, "a regular expression"),
    ("nodeKind", _is_node_kind, "one of the six node kinds, such as sh:IRI"),
    ("in languageIn ignoredProperties alternativePath", _is_list, "a list"),
    ("and or xone", _is_list_of_shapes, "a list of shapes that exist"),
    ("node not qualifiedValueShape", _is_shape, "a shape that exists"),
    ("property", _is_property_shape, "a property shape that exists, with a sh:path"),
    ("message name description flags", _is_literal, "a text"),
    ("targetNode hasValue defaultValue order group", _is_anything, ""),
    ("path inversePath zeroOrMorePath oneOrMorePath zeroOrOnePath", _is_anything, ""),
    ("sparql select ask construct prefixes declare prefix namespace", _is_anything, ""),
)
_RULE_OF: Final = {
    NamedNode(SH + name): (check, wanted)
    for names, check, wanted in _RULES
    for name in names.split()
}
_ONCE: Final = (
    "path minCount maxCount minLength maxLength qualifiedMinCount qualifiedMaxCount datatype "
    "nodeKind pattern flags in languageIn uniqueLang closed severity deactivated "
    "minInclusive maxInclusive minExclusive maxExclusive"
)
_AT_MOST_ONCE: Final = {NamedNode(SH + name) for name in _ONCE.split()}


_NARROWED_NAMES: Final = (
    "positiveInteger nonNegativeInteger negativeInteger nonPositiveInteger long int short byte "
    "unsignedLong unsignedInt unsignedShort unsignedByte dateTimeStamp"
)
_NARROWED: Final = frozenset(XSD + name for name in _NARROWED_NAMES.split())
"""Datatypes that Oxigraph hands back as xsd:integer or xsd:dateTime, as it keeps values."""


def check(about: Mapping[Node, Properties], places: Mapping[Node, Place]) -> None:
    """Raise UnparsableInput, with its place, for the first statement that is no SHACL Core."""
    for node, properties in about.items():
        for predicate, values in properties.items():
            if fault := _fault(predicate, values, about):
                raise UnparsableInput(f"not a shape to apply: {fault}", place=places.get(node))


def _fault(
    predicate: NamedNode, values: list[Term], about: Mapping[Node, Properties]
) -> str | None:
    if not predicate.value.startswith(SH):
        return None
    name = "sh:" + predicate.value.removeprefix(SH)
    if predicate not in _RULE_OF:
        return f"SHACL has no property {name}"
    if predicate in _AT_MOST_ONCE and len(values) > 1:
        return f"{name} is given {len(values)} times; give it once"
    if predicate == _DATATYPE and values[0].value in _NARROWED:
        return (
            f"sh:datatype {values[0]} holds of no literal in a release, whose store keeps whole "
            "numbers as xsd:integer and times as xsd:dateTime; ask for those, and bound a number "
            "with sh:minInclusive"
        )
    conforms, wanted = _RULE_OF[predicate]
    wrong = next((value for value in values if not conforms(value, about)), None)
    return f"{name} is {wrong}; it must be {wanted}" if wrong is not None else None
