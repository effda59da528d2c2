"""Whether the server lives, whether it can answer queries, and what it has counted."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, jsonify, request

from lignee.engines.engine import Request
from lignee.formats import RESULT_FORMATS
from lignee.serve.context import context, equipment
from lignee.serve.http import identity

_PATIENCE_SECONDS: Final = 5.0


def blueprint() -> Blueprint:
    """Return the routes of the checks and the metrics."""
    routes = Blueprint("health", __name__)
    routes.add_url_rule("/health/live", view_func=live)
    routes.add_url_rule("/health/ready", view_func=ready)
    routes.add_url_rule("/metrics", view_func=metrics)
    return routes


def live() -> Response:
    """Answer that the server lives."""
    return _fresh(jsonify(status="live"))


def ready() -> Response:
    """Answer that a query was answered just now; raises EngineError."""
    asked = Request(
        query="ASK { ?s ?p ?o }",
        result_format=RESULT_FORMATS[0],
        graph_format=None,
        timeout_seconds=_PATIENCE_SECONDS,
        client=identity.client_of(request.environ),
    )
    context().engine.evaluate(asked).close()
    return _fresh(jsonify(status="ready", release=context().label))


def metrics() -> Response:
    """Answer with what was counted, for Prometheus."""
    text, media_type = equipment().metrics.exposition(request.headers.get("Accept", ""))
    return _fresh(Response(text, content_type=media_type))


def _fresh(response: Response) -> Response:
    response.cache_control.no_store = True
    return response
