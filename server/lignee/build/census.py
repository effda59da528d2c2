"""What a graph holds, counted in one pass over its N-Triples: for VoID's statistics.

As SPARQL this is half a dozen aggregates, each a walk over the whole store and one of them a join
of three patterns: four times the work, and most of a large build's description.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from lignee.vocabulary import RDF, RDF_TYPE, XSD

Name: TypeAlias = bytes
"""An IRI, blank node or literal as N-Triples writes it."""
_Classes: TypeAlias = tuple[Name, ...]

_TYPE: Final = str(RDF_TYPE).encode()
_STRING: Final = f"<{XSD}string>".encode()
_LANG_STRING: Final = f"<{RDF}langString>".encode()
_DIR_LANG_STRING: Final = f"<{RDF}dirLangString>".encode()


@dataclass(slots=True)
class PropertyUse:
    """How often a property is used, on how many subjects, with how many different objects."""

    triples: int = 0
    distinct_subjects: int = 0
    distinct_objects: int = 0


@dataclass(slots=True)
class Census:
    """The counts of one graph; classes are IRIs, a resource counts in each of its own."""

    triples: int = 0
    distinct_subjects: int = 0
    distinct_objects: int = 0
    entities: int = 0
    """Typed subjects whose IRI starts with the prefix that was asked for."""
    classes: Counter[Name] = field(default_factory=Counter)
    properties: dict[Name, PropertyUse] = field(default_factory=dict)
    of_class: Counter[tuple[Name, Name]] = field(default_factory=Counter)
    """Triples by class of the subject and property."""
    object_classes: Counter[tuple[Name, Name, Name]] = field(default_factory=Counter)
    object_datatypes: Counter[tuple[Name, Name, Name]] = field(default_factory=Counter)


def census(lines: Sequence[bytes], entity_prefix: str) -> Census:
    """Return the counts of a graph, given as sorted N-Triples lines as pyoxigraph writes them."""
    types = _types(lines)
    found = Census(triples=len(lines))
    found.entities = sum(name.startswith(b"<" + entity_prefix.encode()) for name in types)
    found.classes.update(name for classes in types.values() for name in classes)
    uses: defaultdict[_Classes, defaultdict[Name, list[_Classes | Name]]]
    uses = defaultdict(lambda: defaultdict(list))
    objects: defaultdict[Name, set[Name]] = defaultdict(set)
    subject, predicate = b"", b""
    used = uses[()]
    for line in lines:
        this_subject, this_predicate, rest = line.split(b" ", 2)
        if this_subject != subject:
            subject, predicate = this_subject, b""
            found.distinct_subjects += 1
            used = uses[types.get(subject, ())]
        if this_predicate != predicate:  # sorted lines bring together those of a property
            predicate = this_predicate
            found.properties.setdefault(predicate, PropertyUse()).distinct_subjects += 1
        value = rest[:-2]
        objects[predicate].add(value)
        used[predicate].append(_datatype(value) if value[:1] == b'"' else types.get(value, ()))
    found.distinct_objects = len(set[Name]().union(*objects.values()))
    for name, values in objects.items():
        found.properties[name].distinct_objects = len(values)
    _tell_apart(found, uses)
    return found


def _types(lines: Iterable[bytes]) -> Mapping[Name, tuple[Name, ...]]:
    """Return the classes of each typed resource; equal lists of classes are one object."""
    between = b" " + _TYPE + b" "
    listed: dict[Name, tuple[Name, ...]] = {}
    known: dict[tuple[Name, ...], tuple[Name, ...]] = {}
    for line in lines:
        subject, found, value = line.partition(between)
        if found and b" " not in subject:
            classes = listed.get(subject, ())
            if value.startswith(b"<") and not value.startswith(b"<<"):  # not a triple term
                classes += (value[:-2],)
            listed[subject] = known.setdefault(classes, classes)
    return listed


def _datatype(literal: Name) -> Name:
    end = literal.rindex(b'"') + 1
    suffix = literal[end:]
    if not suffix:
        return _STRING
    if suffix[:1] == b"@":
        return _DIR_LANG_STRING if b"--" in suffix else _LANG_STRING
    return suffix[2:]


def _tell_apart(
    found: Census, uses: Mapping[_Classes, Mapping[Name, Iterable[_Classes | Name]]]
) -> None:
    """Fill in what is counted by property and class, from what is listed by lists of classes."""
    for classes, kinds_by_predicate in uses.items():
        for predicate, kinds in kinds_by_predicate.items():
            for kind, count in Counter(kinds).items():
                found.properties[predicate].triples += count
                for own in classes:
                    found.of_class[own, predicate] += count
                    if isinstance(kind, bytes):
                        found.object_datatypes[own, predicate, kind] += count
                    else:
                        for target in kind:
                            found.object_classes[own, predicate, target] += count
