"""The addresses of the reconciliation service, version 0.2.

See https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ . A service in
one language has an address of its own, since clients put parameters behind the addresses that the
manifest gives them, each in its way.
"""

from __future__ import annotations

import json
import re
from typing import Final

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound, UnsupportedMediaType

from lignee.errors import UnknownResource
from lignee.serve.context import context, equipment
from lignee.serve.http import headers, negotiation, parameters
from lignee.serve.http.identity import client_of
from lignee.serve.http.negotiation import JSON
from lignee.serve.http.parameters import Parameters
from lignee.serve.reconciliation import answers, queries
from lignee.serve.reconciliation.candidates import reconcile
from lignee.serve.reconciliation.catalogue import Catalogue, Kind, Sort
from lignee.serve.reconciliation.extension import extend, proposed
from lignee.serve.reconciliation.given import Json
from lignee.serve.reconciliation.manifest import Service, manifest, types
from lignee.serve.reconciliation.suggestions import identified, suggest
from lignee.serve.reconciliation.values import Source
from lignee.serve.site.languages import LANGUAGES
from lignee.serve.site.pages import page, visitors_language

_FORM: Final = "application/x-www-form-urlencoded"
_JSONP: Final = "text/javascript"
_QUESTIONS: Final = ("queries", "query", "extend")
_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*", re.ASCII)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_LONGEST_CALLBACK: Final = 200
_LONGEST_PREFIX: Final = 300
_SUGGESTED: Final = 20
_MOST_SUGGESTED: Final = 100
_LAST_CURSOR: Final = 10_000
"""Suggestions that are looked through: nobody reads as far."""
_SECONDS: Final = 300


def blueprint() -> Blueprint:
    """Return the routes of the service."""
    routes = Blueprint("reconciliation", __name__)
    for path in ("/reconcile", "/reconcile/<language>"):
        routes.add_url_rule(path, "service", view_func=service, methods=["GET", "POST"])
    for path, view in (
        ("suggest/<sort>", suggestions),
        ("flyout/<sort>", flyout),
        ("properties", properties),
        ("preview", preview),
        ("feature", feature),
    ):
        routes.add_url_rule(f"/reconcile/<language>/{path}", view.__name__, view_func=view)
    return routes


def service(language: str = "") -> Response:
    """Answer queries, or what entities have, or with the manifest; raises QueryError, EngineError.

    Sections 3.1, 4.3 and 7.3 of the specification.
    """
    given = _given()
    named = _language_in(given, language)
    asked = [name for name in _QUESTIONS if name in given]
    if len(asked) > 1:
        raise BadRequest(f"`{asked[0]}` and `{asked[1]}` are two questions; send them apart")
    if not asked and request.method == "POST":
        raise BadRequest("the form has no `queries`, batch of queries, and no `extend`")
    shown = _shown_language(named)
    if not asked:
        return _json(_manifest(shown), given)
    text = parameters.single(given, asked[0]) or ""
    return _json(_answer(asked[0], text, named, shown), given)


def _answer(question: str, text: str, named: str, shown: str) -> Json:
    source = Source(context().engine, _catalogue(), client_of(request.environ))
    limits = context().settings
    most, seconds = limits.reconcile_queries, limits.timeout_seconds
    catalogue = source.catalogue
    if question == "extend":
        return extend(queries.extension(text, catalogue, most), source, shown)
    if question == "query":
        found = reconcile({"": queries.single(text, catalogue)}, source, named, seconds=seconds)
        return answers.result(found[""], catalogue, shown)
    asked = queries.batch(text, catalogue, most)
    found = reconcile(asked, source, named, seconds=seconds)
    return {key: answers.result(one, catalogue, shown) for key, one in found.items()}


def _manifest(language: str) -> Json:
    here = url_for("reconciliation.service", language=language, _external=True)
    release = context().release
    catalogue = _catalogue()
    described = Service(
        name=catalogue.name(release.manifest.dataset, language),
        language=language,
        address=here,
        home=url_for("home.home", lang=visitors_language(), _external=True),
        page=url_for("resource.page_about_iri", _external=True),
        logo=url_for("static", filename="icon.svg", _external=True),
        batch_size=context().settings.reconcile_queries,
    )
    translations, pages_language = context().translations, visitors_language()
    return manifest(
        described,
        catalogue,
        release.namespaces,
        lambda key: translations.text(pages_language, key),
    )


def suggestions(language: str, sort: str) -> Response:
    """Answer with what is called by a name that begins so; section 6 of the specification."""
    given, shown, wanted = _given(), _shown_language(_tag(language)), _sort(sort)
    prefix = parameters.single(given, "prefix")
    if prefix is None:
        raise BadRequest("there is no parameter `prefix`; put the beginning of the name there")
    if len(prefix) > _LONGEST_PREFIX:
        raise BadRequest(
            f"`prefix` has {len(prefix)} characters; at most {_LONGEST_PREFIX} are looked for"
        )
    catalogue = _catalogue()
    found = suggest(
        catalogue,
        wanted,
        prefix,
        shown,
        cursor=_number(given, "cursor", 0, _LAST_CURSOR),
        most=_number(given, "limit", _SUGGESTED, _MOST_SUGGESTED),
        kind=_kind(given, catalogue) if wanted == Sort.ENTITY else None,
    )
    if wanted == Sort.TYPE:
        return _json({"result": types(catalogue, found, shown)}, given)
    written: list[Json] = [answers.suggestion(one, catalogue, wanted, shown) for one in found]
    return _json({"result": written}, given)


def flyout(language: str, sort: str) -> Response:
    """Answer with a few words of HTML about a suggestion; raises UnknownResource."""
    given, shown = _given(), _shown_language(_tag(language))
    identifier, iri = _identified(given, _sort(sort))
    html = render_template("flyout.html", thing=_thing(iri, shown))
    return _json({"id": identifier, "html": html}, given)


def properties(language: str) -> Response:
    """Answer with what may be asked of entities of a type; section 7.2 of the specification."""
    given, shown, catalogue = _given(), _shown_language(_tag(language)), _catalogue()
    kind = _kind(given, catalogue)
    limit = _number(given, "limit", 0, _LAST_CURSOR)
    content: dict[str, Json] = {
        "properties": [
            answers.suggestion(iri, catalogue, Sort.PROPERTY, shown)
            for iri in proposed(catalogue, kind, limit or None)
        ]
    }
    if kind:
        content["type"] = parameters.single(given, "type")
    return _json(content | ({"limit": limit} if limit else {}), given)


def preview(language: str) -> Response:
    """Answer with a small page about an entity, to be shown in a frame; raises UnknownResource."""
    shown = _shown_language(_tag(language))
    _, iri = _identified(_given(), Sort.ENTITY)
    response = page("preview.html", thing=_thing(iri, shown), shown=shown)
    response.headers["Content-Security-Policy"] = headers.FRAMED
    return response


def feature(language: str) -> Response:
    """Answer with a page that says what a part of a score means."""
    given = _given()
    shown = _shown_language(_language_in(given, "") or _tag(language))
    name = parameters.single(given, "id") or ""
    found = _catalogue().property(name)
    if found is None and name not in answers.FEATURES:
        raise UnknownResource(
            f"no score has a feature {name!r}; there are {', '.join(answers.FEATURES)} and "
            "properties by their IRIs"
        )
    title = _catalogue().name(found.iri, shown) if found else name
    return page("feature.html", title=title, key="property" if found else name)


def _thing(iri: str, language: str) -> answers.Thing:
    return answers.thing(iri, _catalogue(), language)


def _given() -> Parameters:
    """Return the parameters of URL and form; raises BadRequest, UnsupportedMediaType or others."""
    limit = context().settings.query_bytes
    given = parameters.of_url(request, limit)
    if request.method != "POST":
        return given
    if request.mimetype != _FORM:
        named = f"of type {request.mimetype}" if request.mimetype else "of no stated type"
        raise UnsupportedMediaType(f"the body is {named}; queries are sent as {_FORM}")
    given.update(parameters.of_form(request, limit))
    return given


def _tag(language: str) -> str:
    if not _LANGUAGE.fullmatch(language):
        raise NotFound(f"{language!r} is no language tag such as `fr`")
    return language


def _language_in(given: Parameters, in_path: str) -> str:
    """Return the language that the client names, empty where it names none."""
    language = parameters.single(given, "lang")
    if language and not _LANGUAGE.fullmatch(language):
        raise BadRequest(f"`lang` is {language!r}; it must be a language tag such as `fr`")
    return _tag(in_path) if in_path else language or ""


def _shown_language(named: str) -> str:
    """Return the language of what is answered, and have pages be in it where they can."""
    offers = _catalogue().languages or LANGUAGES
    shown = named or negotiation.language(request, None, offers)
    wanted = shown.partition("-")[0].lower()
    if wanted in LANGUAGES:
        g.language = wanted
    return shown


def _catalogue() -> Catalogue:
    asked = context()
    return equipment().catalogues.of(asked.engine, asked.release, asked.label)


def _sort(name: str) -> Sort:
    try:
        return Sort(name)
    except ValueError:
        listed = ", ".join(sort.value for sort in Sort)
        raise NotFound(f"there are no suggestions of {name!r}; there are of {listed}") from None


def _kind(given: Parameters, catalogue: Catalogue) -> Kind | None:
    name = parameters.single(given, "type")
    return queries.kind_of(name, "type", catalogue) if name else None


def _number(given: Parameters, name: str, default: int, most: int) -> int:
    text = parameters.single(given, name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise BadRequest(f"`{name}` is {text!r}; it must be a whole number, 0 or above")
    return min(int(text), most)


def _identified(given: Parameters, sort: Sort) -> tuple[str, str]:
    identifier = parameters.single(given, "id")
    if identifier is None:
        raise BadRequest(
            f"there is no parameter `id`; put the identifier of the {sort.value} there"
        )
    iri = identified(_catalogue(), sort, identifier)
    if iri is None:
        raise UnknownResource(f"the release knows no {sort.value} {identifier!r}")
    return identifier, iri


def _json(content: Json, given: Parameters) -> Response:
    """Return JSON, or a script that calls the function which `callback` names (JSONP)."""
    callback = parameters.single(given, "callback")
    if callback is None:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        response = Response(text + "\n", mimetype=JSON)
    else:
        if len(callback) > _LONGEST_CALLBACK or not _CALLBACK.fullmatch(callback):
            raise BadRequest("`callback` must be the name of a function in JavaScript")
        # The comment keeps the answer from being taken for a file of another type by its beginning.
        response = Response(f"/**/{callback}({json.dumps(content)});\n", mimetype=_JSONP)
    response.vary.add("Accept-Language")
    if request.method != "POST":
        response.cache_control.public = True
        response.cache_control.max_age = _SECONDS
    return response
