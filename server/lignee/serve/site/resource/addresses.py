"""Where the dataset's own IRIs lead on this server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from flask import request, url_for

from lignee import formats
from lignee.formats import GraphFormat
from lignee.iris import Namespaces

PAGE: Final = "/page"
"""Where pages about resources stand."""
_START: Final = "/id/"
_SAFE: Final = "!$'()*,/:;?@"
"""Characters that stand for themselves in a parameter, as Werkzeug writes addresses."""
_SAFE_IN_PATH: Final = "!$&'()*+,/:;=@"


def own_page_of(namespaces: Namespaces, iri: str, *, language: str | None = None) -> str:
    """Return the address of the page about one of the dataset's own IRIs, empty for others."""
    return page_of(namespaces, iri, language=language) if _name_of(namespaces, iri) else ""


def page_of(
    namespaces: Namespaces, iri: str, *, language: str | None = None, external: bool = False
) -> str:
    """Return the address of the page about any IRI that the release describes."""
    name = _name_of(namespaces, iri)
    if external:
        if name:
            return url_for("resource.page_about", name=name, lang=language, _external=True)
        return url_for("resource.page_about_iri", iri=iri, lang=language, _external=True)
    # A page may have hundreds of these, and Flask takes a tenth of a millisecond for each.
    asked = {"iri": iri} if not name else {}
    asked |= {"lang": language} if language else {}
    parameters = "?" + urlencode(asked, safe=_SAFE) if asked else ""
    path = "/" + quote(name, safe=_SAFE_IN_PATH) if name else ""
    return f"{request.script_root}{PAGE}{path}{parameters}"


def data_of(namespaces: Namespaces, iri: str, form: GraphFormat, *, external: bool = False) -> str:
    """Return the address of what is said of an IRI, in a format."""
    if name := _name_of(namespaces, iri):
        return url_for("resource.data", name=f"{name}.{form.extension}", _external=external)
    return url_for("resource.data_about_iri", iri=iri, format=form.name, _external=external)


def all_data_of(namespaces: Namespaces, iri: str) -> Mapping[str, str]:
    """Return the addresses of what is said of an IRI by the format's name."""
    return {form.name: data_of(namespaces, iri, form) for form in formats.GRAPH_FORMATS}


def _name_of(namespaces: Namespaces, iri: str) -> str:
    path = namespaces.path_of(iri)
    return path.removeprefix(_START) if path else ""


def query_for(query: str) -> str:
    """Return the address of the page that answers a query."""
    return f"{url_for('sparql.sparql')}?{urlencode({'query': query})}"


def iri_of(namespaces: Namespaces, name: str) -> str:
    """Return the IRI of the resource with that name, such as `session/1`."""
    return namespaces.iri_of(_START + name)
