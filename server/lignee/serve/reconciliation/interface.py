"""The reconciliation service described for programs, as part of the OpenAPI description."""

from __future__ import annotations

from typing import Final

from lignee.serve.http.negotiation import HTML, JSON
from lignee.serve.protocol.openapi import Json, Object, in_path, operation, parameter
from lignee.serve.reconciliation.catalogue import Sort

_ANSWERS: Final = (JSON, "text/javascript")
_FORM: Final = "application/x-www-form-urlencoded"
_PROBLEMS: Final = ("400", "414", "429", "500", "503")


def paths() -> Object:
    """Return the description of every path of the service."""
    here = "/reconcile/{language}"
    return {
        "/reconcile": _service("", []),
        here: _service("InLanguage", [_language()]),
        f"{here}/suggest/{{sort}}": {
            "get": _part(
                "suggest",
                "What is called by a name that begins so",
                [_sort(), parameter("prefix", "The beginning"), *_window(), _type()],
            )
        },
        f"{here}/flyout/{{sort}}": {
            "get": _part("flyout", "A few words of HTML about a suggestion", [_sort(), _id()])
        },
        f"{here}/properties": {
            "get": _part(
                "proposeProperties",
                "What may be asked of entities of a type",
                [_type(), parameter("limit", "The most to name", {"type": "integer"})],
            )
        },
        f"{here}/preview": {"get": _page("preview", "A small page about an entity, for a frame")},
        f"{here}/feature": {"get": _page("feature", "What a part of a score means")},
    }


def _service(suffix: str, path: list[Json]) -> Object:
    asked = [
        *path,
        parameter("queries", "A batch of queries, as JSON"),
        parameter("query", "One query, as JSON or the name alone"),
        parameter("extend", "What is wanted to be known of which entities, as JSON"),
        parameter("lang", "The language of the names, and of what is answered"),
        _callback(),
    ]
    statuses = [*_PROBLEMS, "404", "413"] if path else [*_PROBLEMS, "413"]
    summary = "Answer queries, or what entities have; without either, the manifest"
    fields: Object = {name: {"type": "string"} for name in ("queries", "query", "extend", "lang")}
    form: Object = {_FORM: {"schema": {"type": "object", "properties": fields}}}
    posted = operation(
        f"postReconcile{suffix}", "The same by POST", _ANSWERS, path, [*statuses, "415"]
    )
    return {
        "get": operation(f"reconcile{suffix}", summary, _ANSWERS, asked, statuses),
        "post": {**posted, "requestBody": {"required": True, "content": form}},
    }


def _part(name: str, summary: str, parameters: list[Json]) -> Object:
    asked = [_language(), *parameters, _callback()]
    return operation(f"{name}ForReconciliation", summary, _ANSWERS, asked, [*_PROBLEMS, "404"])


def _page(name: str, summary: str) -> Object:
    asked = [_language(), _id()]
    return operation(f"{name}ForReconciliation", summary, (HTML,), asked, [*_PROBLEMS, "404"])


def _window() -> list[Json]:
    return [
        parameter("cursor", "How many to leave out", {"type": "integer"}),
        parameter("limit", "The most to name", {"type": "integer"}),
    ]


def _language() -> Object:
    return in_path("language")


def _sort() -> Object:
    return {**in_path("sort"), "schema": {"enum": [sort.value for sort in Sort]}}


def _id() -> Object:
    return parameter("id", "The identifier")


def _type() -> Object:
    return parameter("type", "The type that entities are of")


def _callback() -> Object:
    return parameter("callback", "The function that a script calls with the answer (JSONP)")
