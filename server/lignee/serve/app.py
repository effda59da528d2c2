"""The factory of the web application."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from lignee.engines.engine import Engine
from lignee.release import Release
from lignee.serve import context, health
from lignee.serve.context import Context
from lignee.serve.http import headers, problems
from lignee.serve.protocol import sparql
from lignee.serve.site import downloads, home, languages, pages
from lignee.settings import Settings


def create_app(settings: Settings, engine: Engine, release: Release, label: str = "") -> Flask:
    """Return the application that serves the release; whoever made the engine closes it.

    The label is the release's version unless the engine has more than the release.
    """
    app = Flask("lignee.serve.site", static_url_path="/static")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    shown = Context(settings, engine, release, languages.load(), label or release.version)
    context.install(app, shown)
    headers.install(app)
    problems.install(app)
    pages.install(app)
    for routes in (home, sparql, downloads, health):
        app.register_blueprint(routes.blueprint())
    return app
