"""What a release says of itself, at the addresses where programs look for it.

`/.well-known/void` is where VoID is looked for (https://www.w3.org/TR/void/#well-known), `/dataset`
is where the dataset's own IRI leads, with its DCAT record. Both come from the release's files; only
the address of the endpoint, which a release cannot know, is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request, url_for
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from lignee import formats
from lignee.engines.outlet import with_prefixes
from lignee.errors import DamagedRelease
from lignee.formats import GraphFormat
from lignee.iris import PrefixTable
from lignee.release import OUTSIDE_FILES
from lignee.serve.context import context
from lignee.serve.http import negotiation, parameters
from lignee.vocabulary import SD, VOID

_VOID: Final = "void.ttl"
_DCAT: Final = OUTSIDE_FILES["release"]
_REMEMBERED: Final = 8
Render = Callable[[Path, tuple[str, ...], str, GraphFormat], bytes]


def blueprint() -> Blueprint:
    """Return the routes of both descriptions."""
    routes = Blueprint("descriptions", __name__)
    # A release never changes; the endpoint's address differs with the name it is asked by.
    remembered = lru_cache(_REMEMBERED)(_rendered)
    routes.add_url_rule(
        "/.well-known/void", "void", view_func=lambda: _description(remembered, (_VOID,))
    )
    routes.add_url_rule(
        "/dataset", "dataset", view_func=lambda: _description(remembered, (_VOID, _DCAT))
    )
    return routes


def _description(render: Render, names: tuple[str, ...]) -> Response:
    given = parameters.of_url(request, context().settings.query_bytes)
    form = negotiation.graph_format(request, negotiation.format_in(given))
    if form is None:
        raise negotiation.not_acceptable(form.media_type for form in formats.GRAPH_FORMATS)
    endpoint = url_for("sparql.sparql", _external=True)
    body = render(context().release.folder, names, endpoint, form)
    response = Response(body, content_type=negotiation.content_type(form.media_type))
    response.vary.add("Accept")
    response.content_location = f"{request.path}?format={form.name}"
    response.add_etag()
    response.make_conditional(request)
    return response


def _rendered(folder: Path, names: tuple[str, ...], endpoint: str, form: GraphFormat) -> bytes:
    """Return the files' triples and the endpoint's address; raises DamagedRelease."""
    release = context().release
    told = Triple(
        NamedNode(release.manifest.dataset),
        NamedNode(VOID + "sparqlEndpoint"),
        NamedNode(endpoint),
    )
    triples = chain([told], *(_triples(folder / name) for name in names))
    table = PrefixTable({"sd": SD, **release.prefixes().namespaces})
    all_triples, prefixes = with_prefixes(triples, table, form.rdf_format)
    body = serialize(all_triples, format=form.rdf_format, prefixes=prefixes)
    assert body is not None
    return body


def _triples(file: Path) -> Iterator[Triple]:
    try:
        for quad in parse(path=str(file), format=RdfFormat.TURTLE):
            yield quad.triple
    except (OSError, SyntaxError) as error:
        raise DamagedRelease(f"{file} cannot be read ({error}); build the release again") from None
