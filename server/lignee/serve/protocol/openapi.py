"""Pieces of which an OpenAPI description is made, see https://spec.openapis.org/oas/v3.1.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from lignee.serve.http.negotiation import HTML, PROBLEM

Json: TypeAlias = str | int | bool | Sequence["Json"] | Mapping[str, "Json"] | None
Object: TypeAlias = dict[str, Json]


def parameter(name: str, description: str, schema: Object | None = None) -> Object:
    """Return a parameter of the URL's query, a text unless a schema says otherwise."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": schema or {"type": "string"},
    }


def in_path(name: str) -> Object:
    """Return a parameter of the path."""
    schema: Object = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def operation(
    name: str,
    summary: str,
    media_types: Iterable[str],
    parameters: Sequence[Json] = (),
    problems: Sequence[str] = (),
    more: Mapping[str, Json] | None = None,
) -> Object:
    """Return an operation that answers in these media types or with these problems."""
    return {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {**responses(media_types, problems), **(more or {})},
    }


def responses(media_types: Iterable[str], problems: Iterable[str]) -> Object:
    """Return the answer in these media types, and the problems by their statuses."""
    refusals: Object = {
        status: {"$ref": f"#/components/responses/{status}"} for status in sorted(problems)
    }
    return {"200": content("The answer", media_types), **refusals}


def content(description: str, media_types: Iterable[str]) -> Object:
    """Return a response in these media types."""
    return {"description": description, "content": {name: {} for name in media_types}}


def problem(description: str) -> Object:
    """Return the response that tells of a problem."""
    schema: Object = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {PROBLEM: {"schema": schema}, HTML: {}}}


def problem_schema() -> Object:
    """Return the schema of RFC 9457 as it is used here."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What was wrong and what to do"},
            "error": {"type": "string", "description": "The name of the error"},
            "line": {"type": "integer", "minimum": 1},
            "column": {"type": "integer", "minimum": 1},
            "pointer": {"type": "string", "description": "The place in the JSON that was sent"},
        },
    }
