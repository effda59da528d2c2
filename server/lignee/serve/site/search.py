"""Finding resources by what they are called, coded or described as: a page and JSON.

The description is OpenSearch 1.1: https://github.com/dewitt/opensearch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from lignee.iris import PrefixTable
from lignee.matching.index import LabelIndex, Match
from lignee.matching.passage import Piece, passage
from lignee.matching.texts import DESCRIPTION, IDENTIFIER, IRI, LOCAL_NAME
from lignee.serve.context import context, equipment
from lignee.serve.http import negotiation, parameters
from lignee.serve.http.negotiation import HTML, JSON
from lignee.serve.site.pages import View, page, remembered, visitors_language
from lignee.serve.site.resource import addresses, standards

_OPENSEARCH: Final = "application/opensearchdescription+xml"
_LONGEST: Final = 200
"""Characters of a name; no label that people look for is longer."""
_MOST_FOUND: Final = 50
"""Resources listed: who needs a later one writes another word."""
_MOST_KINDS: Final = 12
"""Classes offered to choose from, those with the most resources."""

_WHERE: Final = {
    IDENTIFIER: "identifier",
    LOCAL_NAME: "identifier",
    IRI: "identifier",
    DESCRIPTION: "description",
}
"""What is said of where it matched, by the grade; lower ones are names."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class that what was found belongs to, and the address of those of this class only."""

    iri: str
    label: str
    number: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that may be meant."""

    match: Match
    name: str
    """Its prefixed name, or its IRI."""
    link: str
    """Its page."""
    told: list[Piece]
    """The part of its description that matched, if that did."""

    @property
    def label(self) -> str:
        """What it is shown as."""
        return self.name if self.match.label == self.match.iri else self.match.label

    @property
    def is_other_name(self) -> bool:
        """Tell whether another name matched than it is shown as."""
        return self.match.grade < IDENTIFIER and self.match.matched != self.match.label

    @property
    def is_identifier(self) -> bool:
        """Tell whether what it is numbered or coded as matched."""
        return self.match.grade == IDENTIFIER


def blueprint() -> Blueprint:
    """Return the routes of the search."""
    routes = Blueprint("search", __name__)
    view = partial(search, remembered(_page))
    routes.add_url_rule("/search", "search", view_func=view)
    routes.add_url_rule("/opensearch.xml", "opensearch", view_func=opensearch)
    return routes


def opensearch() -> Response:
    """Answer with the description by which a browser offers this search."""
    return Response(render_template("opensearch.xml"), mimetype=_OPENSEARCH)


def search(made: View) -> Response:
    """Answer with the resources that go by a name, best first; raises EngineError."""
    given = parameters.of_url(request, context().settings.query_bytes)
    text = (parameters.single(given, "q") or "").strip()
    kind = parameters.single(given, "kind") or ""
    if len(text) > _LONGEST:
        raise BadRequest(
            f"the parameter `q` has {len(text)} characters; at most {_LONGEST} are looked for"
        )
    media_type = negotiation.acceptable(request, (JSON, HTML))
    if media_type is None:
        raise negotiation.not_acceptable((JSON, HTML))
    if media_type == HTML:
        return made(text, kind)
    if not text:
        raise BadRequest("there is no parameter `q`; put the name to look for there")
    number = _index().count(text, kind=kind, iris=_iris(text))
    return _json(text, number, _matches(text, kind, number))


def _index() -> LabelIndex:
    return equipment().labels.of(context().engine, context().release, context().label)


def _matches(text: str, kind: str, number: int) -> list[Match]:
    most = min(number, _MOST_FOUND)  # nothing is looked for once all there are were found
    return _index().find(text, language=visitors_language(), kind=kind, most=most, iris=_iris(text))


def _page(text: str, kind: str) -> Response:
    numbers = _index().kinds(text, iris=_iris(text))
    number = numbers.get(kind, 0)
    prefixes = context().release.prefixes()
    return page(
        "search.html",
        asked=text,
        kind=kind,
        number=number,
        found=[_found(match, text, prefixes) for match in _matches(text, kind, number)],
        kinds=_kinds(_index(), numbers, text, kind, prefixes),
        everything=_address(text, ""),
    )


def _iris(text: str) -> list[str]:
    """Return the IRIs that the text may begin: whole, prefixed, or as our pages have them."""
    if " " in text or not {":", "/"}.intersection(text):
        return []
    if "://" in text:
        return [text]
    if ":" not in text:
        return [addresses.iri_of(context().release.namespaces, text)]
    prefix, _, local = text.partition(":")
    namespaces = context().release.prefixes().namespaces
    return [known + local for name, known in namespaces.items() if name.lower() == prefix.lower()]


def _json(text: str, number: int, found: list[Match]) -> Response:
    content = {
        "release": context().label,
        "query": text,
        "language": visitors_language(),
        "number": number,
        "results": [
            {
                "iri": match.iri,
                "label": match.label,
                "language": match.language,
                "matched": "".join(piece.text for piece in _told(match, text)) or match.matched,
                "matched_language": match.matched_language,
                "matched_in": _WHERE.get(match.grade, "name"),
            }
            for match in found
        ],
    }
    response = Response(json.dumps(content, ensure_ascii=False, indent=1) + "\n", mimetype=JSON)
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _found(match: Match, text: str, prefixes: PrefixTable) -> Found:
    namespaces = context().release.namespaces
    link = addresses.page_of(namespaces, match.iri, language=visitors_language())
    return Found(match, prefixes.shorten(match.iri) or match.iri, link, _told(match, text))


def _told(match: Match, text: str) -> list[Piece]:
    return passage(match.matched, text) if match.grade == DESCRIPTION else []


def _kinds(
    index: LabelIndex, numbers: dict[str, int], text: str, chosen: str, prefixes: PrefixTable
) -> list[Kind]:
    """Return the classes to choose from; those of a release's records only under a name."""
    language = visitors_language()
    texts = context().translations
    named = (
        (iri, index.label(iri, language) or standards.label_of(iri, partial(texts.text, language)))
        for iri in numbers
        if iri
    )
    offered = ((iri, name) for iri, name in named if name or not standards.is_record(iri))
    return [
        Kind(
            iri,
            name or prefixes.shorten(iri) or iri,
            numbers[iri],
            _address(text, iri),
            iri == chosen,
        )
        for iri, name in islice(offered, _MOST_KINDS)
    ]


def _address(text: str, kind: str) -> str:
    pairs = [("q", text), *([("kind", kind)] if kind else []), ("lang", visitors_language())]
    return f"{url_for('search.search')}?{urlencode(pairs)}"
