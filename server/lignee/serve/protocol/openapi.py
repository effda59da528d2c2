"""Pieces of which an OpenAPI description is made, see https://spec.openapis.org/oas/v3.1.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from lignee.serve.http.negotiation import HTML, JSON, PROBLEM

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


def operation(
    name: str,
    summary: str,
    media_types: Iterable[str],
    parameters: Sequence[Json] = (),
    problems: Sequence[str] = (),
    more: Mapping[str, Json] | None = None,
) -> Object:
    """Return what can be asked of a path; `more` are responses beside the answer and refusals."""
    return {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {**responses(media_types, problems), **(more or {})},
    }


def responses(media_types: Iterable[str], problems: Iterable[str]) -> Object:
    """Return the answer and the refusals."""
    refusals: Object = {
        status: {"$ref": f"#/components/responses/{status}"} for status in sorted(problems)
    }
    return {"200": content("The answer", media_types), **refusals}


def content(description: str, media_types: Iterable[str]) -> Object:
    """Return a response of any of the media types."""
    return {"description": description, "content": {name: {} for name in media_types}}


def only_text(description: str) -> Object:
    """Return a response that holds nothing."""
    return {"description": description}


def language() -> Object:
    """Return the parameter of the language."""
    return parameter("lang", "The language of a page; wins over `Accept-Language`")


def dataset_parameters() -> list[Json]:
    """Return the parameters that name the RDF dataset of a query."""
    schema: Object = {"type": "array", "items": {"type": "string", "format": "iri"}}
    return [
        parameter("default-graph-uri", "Graphs to merge as the default graph", schema),
        parameter("named-graph-uri", "Named graphs to see", schema),
    ]


def query_form() -> Object:
    """Return the schema of a query that is posted as a form."""
    graphs: Object = {"type": "array", "items": {"type": "string", "format": "iri"}}
    return {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": {"type": "string"},
            "default-graph-uri": graphs,
            "named-graph-uri": graphs,
            "format": {"type": "string"},
            "release": {"type": "string"},
            "timeout": {"type": "number"},
        },
    }


def listing(
    name: str, summary: str, parameters: Sequence[Json] = (), problems: Sequence[str] = ()
) -> Object:
    """Return the description of a list, as a page and as JSON."""
    return operation(name, summary, (JSON, HTML), [*parameters, language()], ["406", *problems])
