"""Which format and language a client gets, from `Accept`, `Accept-Language` or the URL.

See https://www.rfc-editor.org/rfc/rfc9110#name-content-negotiation; the header is parsed, and its
preferences weighed, by Werkzeug.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request

from lignee import formats
from lignee.formats import GraphFormat, ResultFormat
from lignee.serve.http.parameters import Parameters

Format = TypeVar("Format", bound=GraphFormat | ResultFormat)

HTML: Final = "text/html"
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
_KINDS_OF_JSON_AND_XML: Final = {"json": "jsonld", "xml": "rdfxml"}
"""What `?format=` means for graphs where its name is that of a result format."""

_OTHER_NAMES: Final = {"n3": "turtle", "json-ld": "jsonld", "rdf+xml": "rdfxml"}
"""What SPARQLWrapper calls formats; all that we write as Turtle is N3 too."""
_LONGEST: Final = 2_000
_REMEMBERED: Final = 256
"""Headers remembered with what they choose: clients send few different ones, and weighing one takes
as long as a small query."""


def format_in(given: Parameters) -> str | None:
    """Return what the parameter `format` names, None where it is not given.

    SPARQLWrapper gives it twice, in words of its own and as a media type: what we know counts.
    """
    names = [_OTHER_NAMES.get(name, name) for name in given.getlist("format")]
    tables = (formats.RESULT_FORMATS, formats.GRAPH_FORMATS)
    known = (name for name in names if _is_html(name) or any(_named(t, name) for t in tables))
    return next(known, names[0] if names else None)


def result_format(request: Request, wanted: str | None) -> ResultFormat | None:
    """Return the format for result sets, None where the client takes none there is."""
    return result_format_by(_accept_of(request), wanted)


def graph_format(request: Request, wanted: str | None) -> GraphFormat | None:
    """Return the format for graphs, None where the client takes none there is."""
    return graph_format_by(_accept_of(request), wanted)


def acceptable(request: Request, offers: Sequence[str]) -> str | None:
    """Return the media type that the client likes best, the first where it likes all the same."""
    header = _parsed(_accept_of(request))
    return header.best_match(offers) if header else offers[0]


def names_html(request: Request, wanted: str | None) -> bool:
    """Tell whether the client says anything that may mean a page."""
    return may_mean_html(_accept_of(request)) if wanted is None else _is_html(wanted)


def may_mean_html(accept: str) -> bool:
    """Tell whether the header says anything that may mean a page."""
    accept = accept.lower()
    return "html" in accept or "text/*" in accept


def prefers_html(request: Request, wanted: str | None, *, is_graph: bool) -> bool:
    """Tell whether the client would rather have a page than any format for this kind of answer."""
    if wanted is not None:
        return _is_html(wanted)
    return names_html(request, wanted) and _prefers_html(_accept_of(request), is_graph)


def prefers_page(request: Request) -> bool:
    """Tell whether a page suits the client better than data: it is a browser."""
    return acceptable(request, (PROBLEM, JSON, HTML)) == HTML


def language(request: Request, wanted: str | None, offers: Sequence[str]) -> str:
    """Return the language of pages: the one asked for in the URL, else by the header."""
    if wanted is not None and wanted in offers:
        return wanted
    # Werkzeug prefers any exact match to `fr-CA`, however little the client wants it.
    plain = ((tag.partition("-")[0], quality) for tag, quality in request.accept_languages)
    return LanguageAccept(plain).best_match(offers) or offers[0]


def content_type(media_type: str) -> str:
    """Return the `Content-Type` for a media type; all our text is UTF-8."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def all_media_types() -> Iterator[str]:
    """Yield what an answer to a query can be had as."""
    for form in (*formats.RESULT_FORMATS, *formats.GRAPH_FORMATS):
        yield form.media_type
    yield HTML


def not_acceptable(media_types: Iterable[str]) -> NotAcceptable:
    """Return the error to raise where a client takes nothing that can be had."""
    listed = ", ".join(media_types)
    return NotAcceptable(
        f"nothing that `Accept` or `format` names can be had here; there is: {listed}"
    )


@lru_cache(_REMEMBERED)
def result_format_by(accept: str, wanted: str | None = None) -> ResultFormat | None:
    """Return the format for result sets by the header `Accept`."""
    return _chosen(accept, wanted, formats.RESULT_FORMATS)


@lru_cache(_REMEMBERED)
def graph_format_by(accept: str, wanted: str | None = None) -> GraphFormat | None:
    """Return the format for graphs by the header `Accept`."""
    name = _KINDS_OF_JSON_AND_XML.get(wanted, wanted) if wanted else wanted
    return _chosen(accept, name, formats.GRAPH_FORMATS)


@lru_cache(_REMEMBERED)
def _prefers_html(accept: str, is_graph: bool) -> bool:
    header = _parsed(accept)
    table = formats.GRAPH_FORMATS if is_graph else formats.RESULT_FORMATS
    return header.best_match([*_offers(header, table), HTML]) == HTML


def _chosen(accept: str, wanted: str | None, table: Sequence[Format]) -> Format | None:
    if wanted is not None:
        return _named(table, wanted, wanted.partition(";")[0].strip().lower())
    header = _parsed(accept)
    if not header:  # absent, or nothing in it that can be understood
        return table[0]
    best = header.best_match(_offers(header, table))
    return _named(table, best) if best else None


def _parsed(accept: str) -> MIMEAccept:
    """Return the header's preferences without parameters such as `charset` or `version`.

    None of our formats has two kinds that a parameter tells apart, and Werkzeug finds nothing for
    `text/csv;charset=utf-8` where `text/csv` is offered.
    """
    preferences = parse_accept_header(accept, MIMEAccept)
    return MIMEAccept([(kind.partition(";")[0].strip(), wish) for kind, wish in preferences])


def _offers(header: MIMEAccept, table: Sequence[GraphFormat | ResultFormat]) -> list[str]:
    # An alias counts where it is named: by a wildcard it would bring back what `q=0` bars.
    aliases = [alias for row in table for alias in row.aliases if alias in header.values()]
    return [*(row.media_type for row in table), *aliases]


def _is_html(wanted: str) -> bool:
    return wanted.partition(";")[0].strip().lower() in ("html", HTML)


def _named(table: Sequence[Format], *names: str) -> Format | None:
    """Return the format that one of the names or media types stands for, or None."""
    for row in table:
        if {row.name, row.extension, row.media_type, *row.aliases}.intersection(names):
            return row
    return None


def _accept_of(request: Request) -> str:
    """Return the header without needless length, empty where it is absent: then anything goes."""
    return str(request.environ.get("HTTP_ACCEPT", "")).strip()[:_LONGEST]
