"""The factory of the web application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import StrictUndefined

from lignee.serve import context, health
from lignee.serve.context import Equipment, Lending
from lignee.serve.http import compression, headers, problems
from lignee.serve.http.clients import Proxies
from lignee.serve.http.identity import Identity
from lignee.serve.protocol import descriptions, graph_store, interface, queries, sparql
from lignee.serve.reconciliation import routes as reconciliation
from lignee.serve.site import about, assets, differences, downloads, findable, home, pages, search
from lignee.serve.site.picture import still
from lignee.serve.site.reference import routes as reference
from lignee.serve.site.resource import routes as resource
from lignee.serve.site.sources import routes as sources
from lignee.serve.site.themes import routes as themes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(equipment: Equipment) -> Flask:
    """Return the application that serves these releases; whoever opened them closes them."""
    app = Flask("lignee.serve.site", static_url_path="/static")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    context.install(app, equipment)
    headers.install(app)
    compression.install(app)
    problems.install(app)
    pages.install(app)
    assets.install(app)
    read = (home, search, queries, resource, themes, sources, reference, about)
    taken = (downloads, differences)
    for_programs = (still, findable, sparql, graph_store, descriptions, interface, health)
    for routes in (*read, *taken, reconciliation, *for_programs):
        app.register_blueprint(routes.blueprint())
    return app


def wsgi_of(app: Flask, equipment: Equipment) -> WSGIApplication:
    """Return the application with what comes before it: queries, and who asks from which release.

    See https://flask.palletsprojects.com/en/stable/quickstart/#hooking-in-wsgi-middleware .
    """
    proxies = Proxies.from_setting(equipment.settings.trusted_proxies)
    return Identity(proxies, Lending(equipment, sparql.Endpoint(equipment, app.wsgi_app)))
