"""The pages of the published queries: their list, and each with a form and what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from flask import Response, request, url_for

from lignee import formats
from lignee.engines import query_text
from lignee.engines.engine import Request
from lignee.errors import LigneeError, MalformedQuery
from lignee.query_files import Parameter
from lignee.serve.context import context
from lignee.serve.http.problems import problem_of
from lignee.serve.site import results, snippets
from lignee.serve.site.pages import page, visitors_language
from lignee.serve.site.published import Candidate, PublishedQuery, QueriesOfRelease
from lignee.serve.site.views import order

_INPUTS: Final = {"integer": "number", "date": "date"}
"""Types of HTML's inputs; the others are texts."""
_KNOWN_KINDS: Final = ("competency", "examples", "tensions", "pages")
"""Kinds that have a heading of their own in the texts, in the order of the list."""


@dataclass(frozen=True, slots=True)
class Call:
    """A query with the texts given for its parameters, and what else the URL names."""

    query: PublishedQuery
    values: Mapping[str, str]
    release: str | None
    sort: str
    """The column by which a page is sorted, as `order` has it; empty where none is named."""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter as a form shows it; `meant` is the label of the resource that it names."""

    name: str
    label: str
    type: str
    input: str
    value: str
    meant: str = ""
    offered: tuple[Candidate, ...] = ()
    offers_all: bool = True


@dataclass(frozen=True, slots=True)
class Download:
    """One format in which the answer can be had."""

    name: str
    url: str


def address(call: Call, extension: str = "", *, release: str | None = None) -> str:
    """Return the path of the call, with all values, and the release where one is named."""
    named = {"release": release or call.release or ""}
    return _path(call, f".{extension}" if extension else "", named)


def _sorted(call: Call, sort: str) -> str:
    """Return the path of the call's page in another order, in the language that it is in."""
    named = {"release": call.release or "", "lang": request.args.get("lang", ""), "sort": sort}
    return _path(call, "", named) + "#results"


def _path(call: Call, suffix: str, named: Mapping[str, str]) -> str:
    pairs = [*call.values.items(), *((name, text) for name, text in named.items() if text)]
    path = url_for("queries.query", name=call.query.name + suffix)
    return f"{path}?{urlencode(pairs, safe=':/')}" if pairs else path


def listed(queries: Iterable[PublishedQuery]) -> dict[str, object]:
    """Return the list of the queries for programs."""
    described = {
        query.name: {
            "url": url_for("queries.query", name=query.name),
            "kind": query.kind,
            "form": query.file.form,
            "calls": query.calls,
            "titles": dict(query.file.titles),
            "questions": dict(query.file.questions),
            "parameters": [
                {
                    "name": parameter.name,
                    "type": parameter.type,
                    "default": parameter.default,
                    "labels": dict(parameter.labels),
                }
                for parameter in query.file.parameters
            ],
        }
        for query in queries
    }
    return {"release": context().label, "queries": described}


def list_page(queries: list[PublishedQuery]) -> Response:
    """Return the page that lists the queries by kind."""
    queries = sorted(queries, key=_place_of_kind)  # within a kind, in their published order
    kinds = [(kind, list(found)) for kind, found in groupby(queries, key=lambda one: one.kind)]
    return page("queries.html", kinds=kinds, known_kinds=_KNOWN_KINDS)


def _place_of_kind(query: PublishedQuery) -> tuple[int, str]:
    is_known = query.kind in _KNOWN_KINDS
    return (_KNOWN_KINDS.index(query.kind) if is_known else len(_KNOWN_KINDS), query.kind)


def query_page(of_release: QueriesOfRelease, call: Call, asked: Request) -> Response:
    """Return the page with what the query finds; raises BadParameter, QueryError or EngineError.

    For HEAD the query is not evaluated, nor where it calls endpoints that this server does not:
    then the page shows it as text.
    """
    if uncalled := set(call.query.calls) - set(context().settings.service_allow):
        return headed(_page(of_release, call, sparql=_bound(asked), uncalled=sorted(uncalled)))
    is_head = request.method == "HEAD"
    table = None if is_head else order.ordered(results.table_of(asked), call.sort)
    response = headed(_page(of_release, call, table=table, sparql=_bound(asked)))
    if is_head:
        response.automatically_set_content_length = False  # how long it would be is not known
        del response.headers["Content-Length"]
    return response


def refusal(of_release: QueriesOfRelease, call: Call, error: LigneeError) -> Response:
    """Return the page that says which value is wrong, above the form that holds it."""
    response = _page(
        of_release, call, problem=problem_of(error).detail, sparql=call.query.file.text
    )
    response.status_code = 422
    response.headers["Cache-Control"] = "no-store"
    return response


def headed(response: Response) -> Response:
    """Return the page with the headers that all pages have which are made once and held."""
    response.content_language.add(visitors_language())
    response.vary.update(("Accept", "Accept-Language"))
    response.cache_control.public = True
    response.cache_control.no_cache = True
    return response


def _page(
    of_release: QueriesOfRelease,
    call: Call,
    *,
    sparql: str,
    table: results.Table | None = None,
    problem: str = "",
    uncalled: Sequence[str] = (),
) -> Response:
    query = call.query
    root = request.host_url.rstrip("/")
    forms = formats.GRAPH_FORMATS[:4] if query.gives_graph else formats.RESULT_FORMATS
    return page(
        "published.html",
        query=query,
        questions=query.file.questions,
        fields=[_field(of_release, call, parameter) for parameter in query.file.parameters],
        named_release=call.release,
        table=table,
        heads=order.heads(table, call.sort, partial(_sorted, call)) if table else (),
        sort=call.sort,
        problem=problem,
        uncalled=uncalled,
        sparql=sparql,
        downloads=[Download(form.name, address(call, form.extension)) for form in forms],
        rest=root + address(call, forms[0].extension),
        permanent=root + address(call, release=context().label),
        snippets=snippets.snippets(
            query.file.form, lambda extension: root + address(call, extension)
        ),
    )


def _bound(asked: Request) -> str:
    """Return the query's text with the values in it, for the page where it can be changed."""
    try:
        return query_text.bind(
            asked.query, {name: str(term) for name, term in asked.bindings.items()}
        )
    except MalformedQuery:  # the engine says so, too
        return asked.query


def _field(of_release: QueriesOfRelease, call: Call, parameter: Parameter) -> Field:
    language = visitors_language()
    value = call.values.get(parameter.name, parameter.default)
    label = parameter.labels.get(language) or parameter.labels["en"]
    field = Field(parameter.name, label, parameter.type, _INPUTS.get(parameter.type, "text"), value)
    if parameter.type == "iri":
        return _field_of_resource(of_release, call, parameter, field)
    if parameter.type == "language":
        tags = sorted({*of_release.languages(context().engine), value, parameter.default})
        offered = tuple(Candidate(tag, _name_of_language(tag)) for tag in tags)
        return Field(field.name, label, field.type, field.input, value, offered=offered)
    return field


def _field_of_resource(
    of_release: QueriesOfRelease, call: Call, parameter: Parameter, field: Field
) -> Field:
    found = of_release.candidates(context(), call.query, parameter, visitors_language())
    bare = field.value.removeprefix("<").removesuffix(">")
    named = of_release.prefixes.shorten(bare) or bare
    meant = next((one.label for one in found.offered if one.value in (bare, named)), "")
    value = named if meant else field.value
    return Field(
        field.name, field.label, field.type, "text", value, meant, found.offered, found.is_whole
    )


def _name_of_language(tag: str) -> str:
    texts = context().translations.texts[visitors_language()]
    return texts.get(f"language.{tag}", tag)
