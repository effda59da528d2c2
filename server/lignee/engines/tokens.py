"""The tokens of a SPARQL query, and what can be told from them without a parser.

Follows the terminals of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar) closely
enough to know comments, strings, IRIs and prefixed names from keywords. Whether `<` opens an IRI
or compares is left to a guess, and a string that does not end is one to the end of its line or of
the query, so nothing here is a fence: what must be impossible is made so where the query runs (see
`worker`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""
    (?P<space>(?:\s+|\#[^\n\r]*)++)
  | (?P<iri><[^<>"{}|^`\x00-\x20]*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*+(?:\"{3})? | '{3}(?:'{0,2}(?:[^'\\]|\\.))*+(?:'{3})?
      | "(?:[^"\\\n\r]|\\.)*+"? | '(?:[^'\\\n\r]|\\.)*+'?)
  | (?P<variable>[?$]\w+)
  | (?P<name>(?:[^\W\d][\w.\-·]*+)?:(?:(?:[\w:\-·]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]
      |\.++(?=[\w:\-·%\\]))*+))
  | (?P<run>[^\W\d][\w.\-·]*+)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<word>\w+)
  | (?P<mark><<\(|\)>>|\{\||\|\}|\^\^|<<|>>|&&|\|\||[!<>]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN_FORM: Final = re.compile(
    r"""
    (?: \s+ | \#[^\n\r]*
      | (?:PREFIX \s+ (?:[a-z][\w.\-]*)? : | BASE) \s* <[^<>"{}|^`\\\x00-\x20]*>
    )*+
    (SELECT|ASK|CONSTRUCT|DESCRIBE)\b
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_PART_OF_RUN: Final = re.compile(r"\w+|\W")
_OPENING: Final = frozenset("([{") | {"<<(", "{|", "<<"}
_CLOSING: Final = frozenset(")]}") | {")>>", "|}", ">>"}


class Token(NamedTuple):
    """A token with where it starts in the text; white space and comments are no tokens."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the token ends in the text."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Tell whether the token is one of these keywords, given in capitals."""
        return self.kind == "word" and self.text.upper() in words


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query; any text has some, and takes time in proportion."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "mark"
        if kind == "run":  # what a prefix may look like, without its colon: words and marks
            for part in _PART_OF_RUN.finditer(text, found.start(), found.end()):
                yield Token("word" if part[0][0].isalnum() else "mark", part[0], part.start())
        elif kind != "space":
            yield Token(kind, found.group(), found.start())


def is_deeper_than(query: Iterable[Token], limit: int) -> bool:
    """Tell whether brackets of whatever kind are nested deeper in the query."""
    depth = 0
    for token in query:
        if token.text in _OPENING:
            depth += 1
            if depth > limit:
                return True
        elif token.text in _CLOSING:
            depth -= 1
    return False


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of a position in the text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def names_triple_terms(text: str) -> bool:
    """Tell whether a query writes triple terms, which the data of a release hold none of."""
    if "<<" not in text and "TRIPLE" not in text.upper():
        return False
    return any(token.is_word("TRIPLE") or token.text in ("<<", "<<(") for token in tokens(text))


def form_of(query: Iterable[Token]) -> Token | None:
    """Return the first keyword after the prologue, such as SELECT or INSERT, or None."""
    previous: Token | None = None
    for token in query:
        if token.kind == "word" and not token.is_word("PREFIX", "BASE", "VERSION"):
            return token
        is_version = token.kind == "string" and previous and previous.is_word("VERSION")
        if token.kind not in ("word", "name", "iri") and not is_version:
            return None
        previous = token
    return None


def form_name(text: str) -> str | None:
    """Return the word that tells a query's form, in capitals; None where it has none."""
    if found := _PLAIN_FORM.match(text):  # most: tokens take ten times as long
        return found[1].upper()
    form = form_of(tokens(text))
    return form.text.upper() if form else None


def gives_graph(query: Iterable[Token]) -> bool:
    """Tell whether a query's answer is a graph, by its form."""
    form = form_of(query)
    return form is not None and form.is_word("CONSTRUCT", "DESCRIBE")


def sources_of(query: list[Token]) -> tuple[list[Token], list[Token]]:
    """Return the graphs named by FROM and by FROM NAMED, as tokens of IRIs or prefixed names."""
    merged: list[Token] = []
    named: list[Token] = []
    for index, token in enumerate(query):
        if token.text == "{" or token.is_word("WHERE"):
            if not _is_template(query, index):
                break
        elif token.is_word("FROM"):
            is_named = index + 1 < len(query) and query[index + 1].is_word("NAMED")
            position = index + 2 if is_named else index + 1
            if position < len(query) and query[position].kind in ("iri", "name"):
                (named if is_named else merged).append(query[position])
    return merged, named


def where_of(query: list[Token]) -> Token | None:
    """Return the brace that opens the WHERE clause, None where the query has no such clause."""
    depth = 0
    for index, token in enumerate(query):
        if token.text == "{":
            if depth == 0 and not _is_template(query, index):
                return token
            depth += 1
        elif token.text == "}":
            depth -= 1
    return None


def closing_of(query: list[Token], opening: Token) -> Token | None:
    """Return the brace that closes this one, or None."""
    depth = 0
    for token in query:
        if token.start < opening.start:
            continue
        if token.text == "{":
            depth += 1
        elif token.text == "}":
            depth -= 1
            if depth == 0:
                return token
    return None


def is_short_construct(query: list[Token]) -> bool:
    """Tell whether the query is a CONSTRUCT without a template, whose WHERE holds triples only."""
    form = form_of(query)
    if form is None or not form.is_word("CONSTRUCT"):
        return False
    position = query.index(form) + 1
    return position < len(query) and query[position].text != "{"


def _is_template(query: list[Token], index: int) -> bool:
    return index > 0 and query[index].text == "{" and query[index - 1].is_word("CONSTRUCT")
