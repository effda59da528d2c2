"""The dataset in the words of schema.org, for search engines that list datasets.

See https://schema.org/Dataset .
"""

from __future__ import annotations

import json

from flask import url_for

from lignee import formats
from lignee.release import DATASET_DUMPS, GRAPH_DUMPS, Release
from lignee.serve.site.imprint import Imprint
from lignee.serve.site.overview import Overview
from lignee.serve.site.resource.names import Named
from lignee.serve.site.resource.schema_org import CONTEXT, embeddable


def markup(release: Release, overview: Overview, imprint: Imprint, language: str) -> str:
    """Return JSON-LD of the dataset and its files, safe to stand inside a page."""
    content: dict[str, object] = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": release.manifest.dataset,
        "name": overview.title,
        "description": overview.description or overview.title,
        "url": url_for("home.home", _external=True),
        "identifier": release.manifest.dataset,
        "version": release.version,
        "datePublished": release.manifest.issued,
        "inLanguage": language,
        "isAccessibleForFree": True,
        "image": url_for("still.picture", lang=language, _external=True),
        "distribution": [
            _file(release, name)
            for name in (*GRAPH_DUMPS, *DATASET_DUMPS)
            if name in release.manifest.files
        ],
    }
    if imprint.licences:
        content["license"] = imprint.licences[0]
    for name, agents in (("creator", imprint.creators), ("publisher", imprint.publishers)):
        if agents:
            content[name] = [_agent(agent) for agent in agents]
    return embeddable(json.dumps(content, ensure_ascii=False, indent=1))


def _agent(agent: Named) -> dict[str, str]:
    told = {"@type": "Organization", "name": agent.text}
    return told | {"@id": agent.iri} if agent.iri else told


def _file(release: Release, name: str) -> dict[str, str]:
    form = formats.GRAPH_FORMATS_BY_EXTENSION[name.rpartition(".")[2]]
    return {
        "@type": "DataDownload",
        "name": name,
        "contentUrl": url_for("downloads.file", version=release.version, name=name, _external=True),
        "encodingFormat": form.media_type,
        "contentSize": f"{release.manifest.files[name].size_bytes} B",
        "sha256": release.manifest.files[name].sha256,
    }
