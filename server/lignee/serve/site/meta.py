"""What a page tells search engines, and those who show a link to it, of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import request, url_for

from lignee.errors import EngineError
from lignee.serve.context import context
from lignee.serve.site.languages import LANGUAGES
from lignee.serve.site.overview import Overview
from lignee.serve.site.pictures import overview

_NAMING: Final = frozenset({"iri", "lang"})
"""Parameters that name a page; with any other, a page is an answer and not to be listed."""


@dataclass(frozen=True, slots=True)
class Meta:
    """The addresses of one page, and whether it is to be found."""

    canonical: str
    alternates: Mapping[str, str]
    """The same page by language."""
    neutral: str
    """The same in the language of whoever asks."""
    is_listed: bool


def meta() -> Meta | None:
    """Return what this request's page tells of itself, None for what is no page of ours."""
    if request.endpoint is None:
        return None
    path = url_for(request.endpoint, _external=True, **(request.view_args or {}))
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    alternates = {tag: _with(path, [*kept, ("lang", tag)]) for tag in LANGUAGES}
    neutral = _with(path, kept)
    return Meta(
        canonical=alternates.get(request.args.get("lang", ""), neutral),
        alternates=alternates,
        neutral=neutral,
        is_listed=request.args.keys() <= _NAMING,
    )


def overview_in(language: str) -> Overview:
    """Return what the dataset says of itself, its IRI alone where the engine is too busy."""
    try:
        return overview(language)
    except EngineError:
        return Overview(context().release.manifest.dataset, "", ())


def _with(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs, safe=':/')}" if pairs else path
