"""Links for programs that land on a page, as https://signposting.org/FAIR/ has them."""

from __future__ import annotations

import json
from typing import Final

from flask import Response, url_for

from lignee import formats
from lignee.release import DATASET_DUMPS, GRAPH_DUMPS, Release
from lignee.serve.context import context
from lignee.serve.http import links
from lignee.serve.http.negotiation import HTML
from lignee.serve.site.imprint import imprint_of
from lignee.vocabulary import SCHEMA

_PAGE: Final = SCHEMA + "AboutPage"


def of_resource(response: Response, json_ld: str) -> None:
    """Tell of which type the page and its subject are, and to what both belong."""
    types = json.loads(json_ld)["@type"]
    links.add(response, _PAGE, "type")
    for name in [types] if isinstance(types, str) else types:
        links.add(response, SCHEMA + name, "type")
    links.add(response, context().release.manifest.dataset, "collection")


def of_dataset(response: Response, release: Release) -> None:
    """Tell how to cite the dataset, what describes it, its terms of use and a release's files."""
    links.add(response, release.manifest.dataset, "cite-as")
    links.add(response, _PAGE, "type")
    links.add(response, SCHEMA + "Dataset", "type")
    imprint = imprint_of(release)
    for agent in imprint.creators:
        links.add(response, agent.iri, "author")
    for licence in imprint.licences:
        links.add(response, licence, "license")
    description = url_for("descriptions.dataset", _external=True)
    for form in formats.GRAPH_FORMATS:
        if not form.carries_graphs:
            links.add(response, f"{description}?format={form.name}", "describedby", form.media_type)
    for name in (*GRAPH_DUMPS, *DATASET_DUMPS):
        if name in release.manifest.files:
            url = url_for("downloads.file", version=release.version, name=name, _external=True)
            links.add(response, url, "item", _media_type(name))


def of_file(response: Response) -> None:
    """Tell to what a file of a release belongs, and what describes that."""
    links.add(response, url_for("home.home", _external=True), "collection", HTML)
    links.add(response, url_for("descriptions.dataset", _external=True), "describedby")
    for licence in imprint_of(context().release).licences:
        links.add(response, licence, "license")


def _media_type(name: str) -> str:
    return formats.GRAPH_FORMATS_BY_EXTENSION[name.rpartition(".")[2]].media_type
