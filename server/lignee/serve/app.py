"""The factory of the web application."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from lignee.serve import context, health
from lignee.serve.context import Equipment
from lignee.serve.http import compression, headers, identity, problems
from lignee.serve.http.clients import Proxies
from lignee.serve.protocol import sparql
from lignee.serve.site import downloads, home, pages


def create_app(equipment: Equipment) -> Flask:
    """Return the application that serves these releases; whoever opened them closes them."""
    app = Flask("lignee.serve.site", static_url_path="/static")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    context.install(app, equipment)
    identity.install(app, Proxies.from_setting(equipment.settings.trusted_proxies))
    headers.install(app)
    compression.install(app)
    problems.install(app)
    pages.install(app)
    for routes in (home, sparql, downloads, health):
        app.register_blueprint(routes.blueprint())
    return app
