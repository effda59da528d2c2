"""The factory of the web application."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from lignee.engines.engine import Engine
from lignee.release import Release
from lignee.serve import context, health
from lignee.serve.context import Context
from lignee.serve.http import headers, problems
from lignee.serve.protocol import descriptions, graph_store, interface, sparql
from lignee.serve.site import downloads, home, languages, pages
from lignee.settings import Settings


def create_app(settings: Settings, engine: Engine, release: Release) -> Flask:
    """Return the application that serves the release; whoever made the engine closes it."""
    app = Flask("lignee.serve.site", static_url_path="/static")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    context.install(app, Context(settings, engine, release, languages.load()))
    headers.install(app)
    problems.install(app)
    pages.install(app)
    for routes in (home, sparql, graph_store, descriptions, interface, downloads, health):
        app.register_blueprint(routes.blueprint())
    return app
