"""Whether the server lives, and whether it can answer queries."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, jsonify

from lignee.engines.engine import Request
from lignee.formats import RESULT_FORMATS
from lignee.serve.context import context

_PATIENCE_SECONDS: Final = 5.0


def blueprint() -> Blueprint:
    """Return the routes of both checks."""
    routes = Blueprint("health", __name__, url_prefix="/health")
    routes.add_url_rule("/live", view_func=live)
    routes.add_url_rule("/ready", view_func=ready)
    return routes


def live() -> Response:
    """Answer that the server lives."""
    return _fresh(jsonify(status="live"))


def ready() -> Response:
    """Answer that a query was answered just now; raises EngineError."""
    request = Request(
        query="ASK { ?s ?p ?o }",
        result_format=RESULT_FORMATS[0],
        graph_format=None,
        timeout_seconds=_PATIENCE_SECONDS,
    )
    context().engine.evaluate(request).close()
    return _fresh(jsonify(status="ready", release=context().label))


def _fresh(response: Response) -> Response:
    response.cache_control.no_store = True
    return response
