"""What kinds of values each property has, seen in one pass over a dataset's canonical lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from lignee.errors import Place, UnparsableInput
from lignee.vocabulary import RDF_TYPE

NAME: Final = b"name"
"""The kind of an IRI or blank node; a literal's is what follows its last quote."""
TYPE: Final = str(RDF_TYPE).encode()

_START: Final = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_XML_NAME: Final = re.compile(f"[{_START}][{_START}\\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*>$")
"""https://www.w3.org/TR/xml-names/#NT-NCName , at the end of a property's IRI."""
_NOT_XML: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\(?:b|f|u00(?!7F)..)|\xef\xbf[\xbe\xbf]")
"""Characters that XML 1.0 cannot hold, as canonical N-Triples writes them."""

_UNFIT_CHARACTER: Final = "a character that XML cannot carry; remove it"
_UNFIT_PROPERTY: Final = (
    "which cannot be a property in RDF/XML; what follows its last / or # must begin with a letter "
    "and hold only letters, digits, -, _ and ."
)
_UNFIT_RDF: Final = (
    "is RDF 1.2, which RDF/XML and JSON-LD cannot carry; say it with a resource of its own, or "
    "without a base direction"
)


@dataclass(frozen=True, slots=True)
class Survey:
    """The kinds of values by property, and the classes, as N-Triples writes their names."""

    kinds: Mapping[bytes, frozenset[bytes]]
    classes: frozenset[bytes]

    def __or__(self, other: Survey) -> Survey:
        """Return what either holds."""
        names = self.kinds.keys() | other.kinds.keys()
        nothing = frozenset[bytes]()
        kinds = {n: self.kinds.get(n, nothing) | other.kinds.get(n, nothing) for n in names}
        return Survey(kinds, self.classes | other.classes)


def survey(
    lines: Iterable[bytes], place_of: Callable[[bytes], Place | None] = lambda _: None
) -> Survey:
    """Return what the lines hold; raises UnparsableInput for what a release's formats cannot carry.

    RDF/XML takes no control characters and only properties that end in a name; neither it nor
    JSON-LD 1.1 takes RDF 1.2. `place_of` is asked where such a line comes from.
    """
    kinds: dict[bytes, set[bytes]] = {}
    classes: set[bytes] = set()
    for line in lines:
        _, predicate, rest = line.split(b" ", 2)
        if rest[:1] == b'"':
            end = rest.rfind(b'"') + 1
            kind = rest[end : rest.index(b" ", end)]
            if (b"\\" in rest or b"\xef" in rest) and (found := _NOT_XML.search(rest)):
                character = found.group().decode("utf-8", "backslashreplace")
                raise _refused(line, f"holds {character!r}, {_UNFIT_CHARACTER}", place_of)
        else:
            kind = NAME
            if predicate == TYPE:
                classes.add(rest[: rest.index(b" ")])
            elif rest[:3] == b"<<(":
                raise _refused(line, _UNFIT_RDF, place_of)
        if predicate not in kinds:
            if not _XML_NAME.search(predicate.decode()):
                raise _refused(line, f"has {predicate.decode()}, {_UNFIT_PROPERTY}", place_of)
            kinds[predicate] = set()
        if kind not in kinds[predicate]:
            if b"--" in kind and kind[:1] == b"@":
                raise _refused(line, _UNFIT_RDF, place_of)
            kinds[predicate].add(kind)
    surveyed = {predicate: frozenset(own) for predicate, own in kinds.items()}
    return Survey(surveyed, frozenset(name for name in classes if name[:1] == b"<"))


def _refused(line: bytes, why: str, place_of: Callable[[bytes], Place | None]) -> UnparsableInput:
    return UnparsableInput(f"the statement {line.decode()} {why}", place=place_of(line))
