"""Where the dataset's own IRIs lead on this server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from flask import url_for

from lignee import formats
from lignee.formats import GraphFormat
from lignee.iris import Namespaces

_START: Final = "/id/"


def page_of(namespaces: Namespaces, iri: str) -> str:
    """Return the address of the page about one of the dataset's own IRIs, empty for others."""
    path = namespaces.path_of(iri)
    return url_for("resource.page_about", name=path.removeprefix(_START)) if path else ""


def data_of(name: str, form: GraphFormat, *, external: bool = False) -> str:
    """Return the address of a resource's description in a format."""
    return url_for("resource.data", name=f"{name}.{form.extension}", _external=external)


def all_data_of(name: str) -> Mapping[str, str]:
    """Return the addresses of a resource's description by the format's name."""
    return {form.name: data_of(name, form) for form in formats.GRAPH_FORMATS}


def query_for(query: str) -> str:
    """Return the address of the page that answers a query."""
    return f"{url_for('sparql.sparql')}?{urlencode({'query': query})}"


def iri_of(namespaces: Namespaces, name: str) -> str:
    """Return the IRI of the resource with that name, such as `session/1`."""
    return namespaces.iri_of(_START + name)
