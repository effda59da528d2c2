"""The one picture as a PNG, for those who show a link to these pages: https://ogp.me/ .

Drawn by resvg from the same template as on the pages, with colours from the stylesheet's light
scheme and a font that comes as a package, so it looks alike on every machine.
"""

from __future__ import annotations

import importlib.util
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import resvg_py
from flask import Blueprint, Response, render_template, request

from lignee.serve.context import context
from lignee.serve.site.pages import visitors_language
from lignee.serve.site.pictures import drawn, overview

WIDTH_PX: Final = 1200
HEIGHT_PX: Final = 630
_TITLE_CHARACTERS: Final = 60
_DAY_SECONDS: Final = 86_400
_REMEMBERED: Final = 4
_FONT: Final = "font_source_sans_pro"
_FACES: Final = ("Regular", "Semibold", "Bold")
_COLOUR: Final = re.compile(r"--(\w+): (#[0-9a-f]{3,6});")
_ACCENT: Final = re.compile(r"\.accent-(\w+) \{ --accent: (#[0-9a-f]{3,6}); \}")


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of the light scheme, by their names in the stylesheet."""

    named: Mapping[str, str]
    accents: Mapping[str, str]


def blueprint() -> Blueprint:
    """Return the route of the picture."""
    routes = Blueprint("still", __name__)
    remembered = lru_cache(_REMEMBERED)(_drawn)

    def picture() -> Response:
        """Answer with the picture in the visitor's language."""
        png = remembered(context().label, visitors_language())
        response = Response(png, mimetype="image/png")
        response.content_language.add(visitors_language())
        response.vary.add("Accept-Language")
        response.cache_control.public = True
        response.cache_control.max_age = _DAY_SECONDS
        response.add_etag()
        response.make_conditional(request)
        return response

    routes.add_url_rule("/picture.png", view_func=picture)
    return routes


def _drawn(_label: str, language: str) -> bytes:
    """Return the PNG for the release that the context names."""
    found = overview(language)  # which raises EngineError: a picture without it would be kept
    svg = render_template(
        "still.svg",
        width=WIDTH_PX,
        height=HEIGHT_PX,
        colours=_colours(),
        lines=textwrap.wrap(found.title, _TITLE_CHARACTERS, max_lines=2, placeholder="…"),
        picture=drawn(found.subject, language),
        summary=textwrap.wrap(found.description, 80, max_lines=6, placeholder="…"),
        lit=[],
    )
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=True,
        font_files=_font_files(),
        font_family="Source Sans Pro",
        sans_serif_family="Source Sans Pro",
    )


def _font_files() -> list[str]:
    spec = importlib.util.find_spec(_FONT)  # not imported: it would ask for setuptools
    folders = (spec and spec.submodule_search_locations) or []
    return [
        str(Path(folder) / "files" / f"SourceSansPro-{face}.ttf")
        for folder in folders
        for face in _FACES
    ]


def _colours() -> Colours:
    sheet = files("lignee.serve.site") / "static" / "lignee.css"
    light = sheet.read_text(encoding="utf-8")
    named = dict(reversed(_COLOUR.findall(light)))  # the first, of the light scheme, counts
    accents = dict(reversed(_ACCENT.findall(light)))
    return Colours(named, accents)
