"""Pieces of which an OpenAPI description is made, see https://spec.openapis.org/oas/v3.1.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
