"""The header `Link`: https://www.rfc-editor.org/rfc/rfc8288 and https://signposting.org/FAIR/."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response


def add(response: Response, target: str, relation: str, media_type: str = "") -> None:
    """Have the answer link to a target, whose IRI is absolute."""
    kind = f'; type="{media_type}"' if media_type else ""
    response.headers.add("Link", f'<{_ascii(target)}>; rel="{relation}"{kind}')


def _ascii(iri: str) -> str:
    """Return an IRI as a URI: a header holds nothing else."""
    return quote(iri, safe=":/?#[]@!$&'()*+,;=%~")
