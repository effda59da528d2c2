"""What all pages share: language, texts, navigation and footer."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, render_template, request, url_for
from werkzeug.datastructures import Headers

from lignee.formats import GRAPH_FORMATS
from lignee.serve.context import context
from lignee.serve.http.negotiation import language
from lignee.serve.site.languages import LANGUAGES, date, decimal, duration, number, percent, size
from lignee.serve.site.meta import meta, overview_in
from lignee.serve.site.overview import query_to_try
from lignee.serve.site.picture.timeline import LABELS_PX, LANE_PX
from lignee.serve.site.resource import standards
from lignee.serve.site.resource.addresses import page_of

View = Callable[..., Response]
"""Makes a page; whatever it is given is text."""
_PAGE_SECONDS: Final = 300
_REMEMBERED: Final = 32
"""Pages of a view: in each language, under a few addresses."""
_MEDIA_TYPES: Final = {form.name: form.media_type for form in GRAPH_FORMATS}


def install(app: Flask) -> None:
    """Give every template the texts and numbers of the visitor's language."""
    app.context_processor(_helpers)
    app.jinja_env.filters["number"] = lambda value: number(value, visitors_language())
    app.jinja_env.filters["decimal"] = lambda text: decimal(text, visitors_language())
    app.jinja_env.filters["date"] = lambda text: date(text, visitors_language())
    app.jinja_env.filters["percent"] = lambda share: percent(share, visitors_language())
    app.jinja_env.filters["duration"] = lambda value: duration(value, visitors_language())
    app.jinja_env.filters["size"] = lambda value: size(value, visitors_language())


def visitors_language() -> str:
    """Return the language of this request's page: `?lang=`, else `Accept-Language`."""
    if "language" not in g:
        g.language = language(request, request.args.get("lang"), LANGUAGES)
    chosen: str = g.language
    return chosen


def page(template: str, **values: object) -> Response:
    """Return a page for people in the language of the visitor."""
    return headed(Response(render_template(template, **values), mimetype="text/html"))


def remembered(view: View) -> View:
    """Return the view with its pages remembered.

    For one whose page nothing decides but the release, the address, and what the view is given.
    """

    @lru_cache(_REMEMBERED)
    def made(_label: str, _language: str, _url: str, *given: str) -> tuple[bytes, Headers]:
        response = view(*given)
        return response.get_data(), response.headers

    def answer(*given: str) -> Response:
        body, headers = made(context().label, visitors_language(), request.url, *given)
        return Response(body, headers=Headers(headers))  # its own: others add to theirs

    return answer


def headed(response: Response) -> Response:
    """Return a page, rendered now or before, with the headers that all pages have."""
    response.content_language.add(visitors_language())
    response.vary.update(("Accept", "Accept-Language"))
    response.cache_control.public = True
    response.cache_control.max_age = _PAGE_SECONDS
    return response


def _helpers() -> dict[str, object]:
    chosen = visitors_language()
    other = next(tag for tag in LANGUAGES if tag != chosen)
    translations = context().translations
    return {
        "language": chosen,
        "other_language": other,
        "other_language_url": _here(other),
        "release": context().release,
        "query_to_try": lambda: query_to_try(translations.text(chosen, "query.try"), chosen),
        "media_types": _MEDIA_TYPES,
        "page_meta": meta,
        "overview_of_site": lambda: overview_in(chosen),
        "text": lambda key: translations.text(chosen, key),
        "problem_title": lambda problem: translations.texts[chosen].get(
            f"problem.{problem.status.value}", problem.title
        ),
        "class_name": lambda iri: _class_name(iri, chosen),
        "told": lambda sentence: translations.told(chosen, sentence),
        "page_of": lambda iri: page_of(context().release.namespaces, iri, language=chosen),
        "has_editor": has_editor,
        "release_label": lambda: context().label,
        "labels_px": LABELS_PX,
        "lane_px": LANE_PX,
    }


def _class_name(iri: str, language: str) -> str:
    """Return the name of a class that the release has no label for."""
    here = context()
    known = standards.label_of(iri, lambda key: here.translations.text(language, key))
    return known or here.release.prefixes().shorten(iri) or iri


def has_editor() -> bool:
    """Tell whether the editor was bundled, and let this page ask its own server for terms."""
    g.has_editor = (Path(current_app.static_folder or "") / "dist" / "editor.js").is_file()
    return bool(g.has_editor)


def _here(tag: str) -> str:
    """Return this page's URL in another language."""
    if request.endpoint is None:
        return url_for("home.home", lang=tag)
    path = url_for(request.endpoint, **(request.view_args or {}))
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    return f"{path}?{urlencode([*kept, ('lang', tag)])}"
