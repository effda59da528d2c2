"""SERVICE: which endpoints a query calls, and the way out that opens for those that are allowed.

See https://www.w3.org/TR/sparql11-federated-query/. Whether a query calls a SERVICE is told by
pyoxigraph's own parser: the word is respelled wherever it stands, and what still parses had it in
names, texts and comments only. A search, or a reader of tokens alone, can be deceived: in
`?a<?b)SERVICEx:y#>` an IRI seems to stand where the parser reads less-than and a call.
"""

from __future__ import annotations

import contextlib
import re
import resource
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, QuerySolutions, Store

from lignee.engines.functions import FUNCTIONS
from lignee.engines.tokens import Token, form_of, place_of, tokens
from lignee.errors import ServiceRefused

_KEYWORD: Final = re.compile("SERVICE", re.ASCII | re.IGNORECASE)
_DESCRIPTORS: Final = 64
"""Files and sockets that a query may have open at a time once its way out is open."""
_LONGEST_SHOWN: Final = 200
_TARGETS: Final = ("iri", "name", "variable")


@dataclass(frozen=True, slots=True)
class _Call:
    """SERVICE as it stands in a query.

    `target` says what is called, None where what follows is no call; `endpoint` is the IRI it
    stands for, None where it is a variable.
    """

    keyword: Token
    target: Token | None
    endpoint: str | None


class WayOut:
    """A process's way to other endpoints: no file descriptor is left to it until it is opened.

    The limit is the kernel's, so a call that no check saw would open no socket either.
    """

    def __init__(self, allowed: Iterable[str], seconds: float) -> None:
        self.allowed = frozenset(allowed)
        self._seconds = seconds
        self.is_open = False

    def shut(self, first_descriptor: int) -> None:
        """Leave free no descriptor from that on, for ever where no endpoint is allowed."""
        room = _DESCRIPTORS if self.allowed else 0
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = first_descriptor + room
        hard = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(first_descriptor, hard), hard))

    def open(self) -> None:
        """Let files and sockets be opened, and end the process when the time for that is over."""
        self.is_open = True
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        signal.setitimer(signal.ITIMER_REAL, min(left or self._seconds, self._seconds))


def calls_only(text: str, allowed: frozenset[str] = frozenset()) -> bool:
    """Tell whether the query calls endpoints; raises ServiceRefused for any that is not allowed.

    A query that does not parse calls none.
    """
    if not _KEYWORD.search(text) or _parses(_respelled(text)):
        return False
    if not _parses(text):
        return False
    calls = list(_calls(text))
    for call in calls:
        if call.endpoint is None or call.endpoint not in allowed:
            raise _refused(text, call, allowed)
    if not _parses(_respelled(text, calls)):
        raise _refused(text, None, allowed)
    return True


def endpoints_of(text: str) -> tuple[str, ...]:
    """Return the endpoints that a query names where it calls a SERVICE, in its order, each once."""
    return tuple(dict.fromkeys(call.endpoint for call in _calls(text) if call.endpoint))


def refused() -> ServiceRefused:
    """Return the error to raise for a call that came to light while the query was evaluated."""
    return ServiceRefused(
        "the query calls a SERVICE; this server asks no other endpoint, so send that part of the "
        "query there yourself"
    )


def _respelled(text: str, but_for: Iterable[_Call] = ()) -> str:
    """Return the text with another word in place of SERVICE wherever a keyword could be one."""
    kept = {call.keyword.start for call in but_for}

    def respell(found: re.Match[str]) -> str:
        word = found.group()
        if found.start() in kept:
            return word
        return word[:5] + ("X" if word[5] == "C" else "x") + word[6:]

    return _KEYWORD.sub(respell, text)


def parse(text: str) -> None:
    """Parse the query and evaluate nothing of it; raises SyntaxError.

    pyoxigraph raises RuntimeError for a function that nobody knows.
    """
    text = _without_targets(text)
    form = form_of(tokens(text))
    if form and form.is_word("ASK"):  # which pyoxigraph evaluates at once
        select = f"{text[: form.start]}SELECT (1 AS ?_not_asked){text[form.end :]}"
        with contextlib.suppress(SyntaxError):
            Store().query(select, custom_functions=dict(FUNCTIONS))
            return
    Store().query(text, custom_functions=dict(FUNCTIONS))


def _without_targets(text: str) -> str:
    """Return the query with its calls gone to nobody, as good to a parser as it was.

    pyoxigraph calls endpoints as soon as it is given a query, before a solution is asked for; and
    where it cannot read certificates, a call by HTTPS ends the process.
    """
    if not _KEYWORD.search(text):
        return text
    nobody = "?_"
    while nobody in text:
        nobody += "_"
    for call in reversed(list(_calls(text))):
        if call.target:
            text = f"{text[: call.keyword.end]} SILENT {nobody} {text[call.target.end :]}"
    return text


def _parses(text: str) -> bool:
    try:
        parse(text)
    except SyntaxError:
        return False
    return True


def _calls(text: str) -> Iterator[_Call]:
    """Yield the calls that stand in the text as words of their own."""
    query = list(tokens(text))
    form = form_of(query)
    prologue = text[: form.start] if form else ""
    for index, token in enumerate(query):
        if token.is_word("SERVICE"):
            rest = query[index + 1 : index + 4]
            if rest and rest[0].is_word("SILENT"):
                rest.pop(0)
            is_call = len(rest) > 1 and rest[0].kind in _TARGETS and rest[1].text == "{"
            target = rest[0] if is_call else None
            yield _Call(token, target, _resolved(prologue, target) if target else None)


def _resolved(prologue: str, target: Token) -> str | None:
    """Return the IRI that a target stands for under this prologue; None for a variable."""
    if target.kind == "variable":
        return None
    try:
        found = Store().query(f"{prologue} SELECT ?iri {{ VALUES ?iri {{ {target.text} }} }}")
    except SyntaxError:
        return None
    assert isinstance(found, QuerySolutions)
    iri = next(found)["iri"]
    return iri.value if isinstance(iri, NamedNode) else None


def _refused(text: str, call: _Call | None, allowed: frozenset[str]) -> ServiceRefused:
    if not allowed:
        remedy = "this server asks no other endpoint, so send that part of the query there yourself"
    elif call and call.endpoint is None:
        remedy = "this server asks the endpoints of --service-allow only, by IRI, not by a variable"
    else:
        remedy = "this server asks the endpoints of --service-allow only"
    endpoint = call.endpoint if call else None
    called = f"a SERVICE at <{endpoint[:_LONGEST_SHOWN]}>" if endpoint else "a SERVICE"
    start = call.keyword.start if call else _first_keyword(text)
    line, column = place_of(text, start)
    return ServiceRefused(
        f"the query calls {called} in line {line}, column {column}; {remedy}",
        line=line,
        column=column,
    )


def _first_keyword(text: str) -> int:
    found = _KEYWORD.search(text)
    return found.start() if found else 0
