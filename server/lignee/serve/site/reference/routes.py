"""The pages of the ontology, the shapes and the validation report, and the same as RDF.

The IRI of a term leads to the ontology's page, its fragment to the term's place in it
(https://www.w3.org/TR/swbp-vocab-pub/, recipe 3); so with shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, cast

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pyoxigraph import RdfFormat, parse, serialize
from werkzeug.exceptions import NotFound

from lignee import formats
from lignee.engines.engine import Request
from lignee.engines.outlet import with_prefixes
from lignee.errors import DamagedRelease
from lignee.formats import GraphFormat
from lignee.release import OUTSIDE_FILES
from lignee.serve.context import context
from lignee.serve.http import negotiation, parameters
from lignee.serve.http.identity import client_of
from lignee.serve.site.pages import page, visitors_language
from lignee.serve.site.reference import documentation, report, shapes, terms
from lignee.serve.site.reference.documentation import Documenting
from lignee.serve.site.reference.shapes import Shape, ShapesGraph
from lignee.serve.site.resource import addresses
from lignee.serve.site.resource.names import Named, Names
from lignee.serve.site.resource.questions import Questions

_REMEMBERED: Final = 8
_ASKED: Final = "shapes.asked."
_CONSTRUCT: Final = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{}> {{ ?s ?p ?o }} }}"
Render = Callable[[str, str], str]
Serialise = Callable[[str, GraphFormat], bytes]


class Pages:
    """The routes, and what they have told before: a release never changes."""

    def __init__(self) -> None:
        self._ontology = lru_cache(_REMEMBERED)(_ontology)
        self._shapes = lru_cache(_REMEMBERED)(_shapes)
        self._validation = lru_cache(_REMEMBERED)(_validation)
        self._ontology_rdf = lru_cache(_REMEMBERED)(_ontology_rdf)
        self._shapes_rdf = lru_cache(_REMEMBERED)(lambda _, form: _file(shapes.SHAPES_FILE, form))
        self._validation_rdf = lru_cache(_REMEMBERED)(
            lambda _, form: _file(OUTSIDE_FILES["validation"], form)
        )

    def ontology(self) -> Response:
        """Answer with the documentation of the ontology, or the ontology itself."""
        return _answer("ontology", self._ontology, self._ontology_rdf)

    def shapes(self) -> Response:
        """Answer with the documentation of the shapes, or the shapes graph itself."""
        return _answer("shapes", self._shapes, self._shapes_rdf)

    def validation(self) -> Response:
        """Answer with the validation report."""
        return _answer("validation", self._validation, self._validation_rdf)


def blueprint() -> Blueprint:
    """Return the routes of the ontology, the shapes and the validation report."""
    routes = Blueprint("reference", __name__)
    pages = Pages()
    routes.add_url_rule("/ontology", "ontology", view_func=pages.ontology)
    routes.add_url_rule("/ontology/<version>", "versioned", view_func=versioned)
    routes.add_url_rule("/shapes", "shapes", view_func=pages.shapes)
    routes.add_url_rule("/validation", "validation", view_func=pages.validation)
    return routes


def versioned(version: str) -> Response:
    """Send the client from the version IRI of the ontology to the ontology; raises NotFound."""
    here = context()
    ontology = here.release.namespaces.base + terms.ONTOLOGY_GRAPH
    if terms.version_of(_questions()) != f"{ontology}/{version}":
        raise NotFound(f"this release does not hold version {version} of the ontology")
    response = cast(Response, redirect(url_for(".ontology"), 303, Response))
    response.vary.add("Accept")
    return response


def _answer(name: str, render: Render, serialise: Serialise) -> Response:
    given = parameters.of_url(request, context().settings.query_bytes)
    wanted = negotiation.format_in(given)
    if negotiation.prefers_html(request, wanted, is_graph=True):
        return page(
            "reference.html", subject=name, body=render(context().label, visitors_language())
        )
    form = negotiation.graph_format(request, wanted)
    if form is None:
        offers = (*(form.media_type for form in formats.GRAPH_FORMATS), negotiation.HTML)
        raise negotiation.not_acceptable(offers)
    body = serialise(context().label, form)
    response = Response(body, content_type=negotiation.content_type(form.media_type))
    response.vary.add("Accept")
    response.content_location = f"{request.path}?format={form.name}"
    response.add_etag()
    response.make_conditional(request)
    return response


# What is remembered goes by the label of the release that the context names in the same request.


def _ontology(_label: str, language: str) -> str:
    here, questions = context(), _questions()
    vocabulary = terms.read(questions, here.release.manifest.dataset)
    used = documentation.examples(vocabulary, questions)
    graph = shapes.read(here.release)
    prefixes = here.release.prefixes()
    anchors = vocabulary.anchors(prefixes)
    iris = set(vocabulary.about) | vocabulary.used.keys() | _mentioned(vocabulary, used)
    names = _names(language, terms.described(questions, iris), lambda iri: _here(anchors, iri))
    telling = shapes.Telling(graph, names, prefixes)
    guards = {
        iri: [_guard(telling.of(node)) for node in nodes] for iri, nodes in graph.guards().items()
    }
    told = Documenting(vocabulary, names, prefixes, anchors, used, guards).all()
    return _rendered("ontology.html", documentation=told)


def _shapes(_label: str, language: str) -> str:
    told, graph = _told(language)
    return _rendered(
        "shapes.html", shapes=told, number=len(graph.shapes()), graph=graph, known=_asked(language)
    )


def _validation(_label: str, language: str) -> str:
    told, graph = _told(language)
    found = report.read(context().release, language)
    return _rendered("validation.html", report=found, shapes=told, graph=graph)


def _told(language: str) -> tuple[list[Shape], ShapesGraph]:
    here, questions = context(), _questions()
    graph = shapes.read(here.release)
    vocabulary = terms.read(questions, here.release.manifest.dataset)
    anchors = vocabulary.anchors(here.release.prefixes())
    own = {node.value: terms.local_name(node.value) for node in graph.shapes()}

    def path_of(iri: str) -> str:
        if iri in own:
            return f"{url_for('.shapes')}#{own[iri]}"
        return f"{url_for('.ontology')}#{anchors[iri]}" if iri in anchors else ""

    known = terms.described(questions, graph.iris())
    names = _names(language, {**known, **_labels_of(graph)}, path_of)
    return list(shapes.Telling(graph, names, here.release.prefixes()).all()), graph


def _asked(language: str) -> set[str]:
    """Return the parameters of constraints that the texts have words for."""
    texts = context().translations.texts[language]
    return {key.removeprefix(_ASKED) for key in texts if key.startswith(_ASKED)}


def _labels_of(graph: ShapesGraph) -> dict[str, shapes.Said]:
    return {node.value: graph.about[node] for node in graph.shapes()}


def _guard(shape: Shape) -> Named:
    return Named(shape.name or shape.title.text, link=f"{url_for('.shapes')}#{shape.anchor}")


def _here(anchors: dict[str, str], iri: str) -> str:
    if iri in anchors:
        return f"#{anchors[iri]}"
    return addresses.own_page_of(context().release.namespaces, iri)


def _names(language: str, known: Mapping[str, shapes.Said], path_of: Callable[[str], str]) -> Names:
    here = context()
    text = here.translations.text
    return Names(language, known, here.release.prefixes(), path_of, lambda key: text(language, key))


def _mentioned(vocabulary: terms.Vocabulary, used: documentation.Examples) -> set[str]:
    said = (nodes for about in vocabulary.about.values() for nodes in about.values())
    return terms.iris_in(said) | terms.iris_in(used.values())


def _questions() -> Questions:
    here = context()
    return Questions(here.engine, here.release.namespaces, client_of(request.environ))


def _rendered(template: str, **values: object) -> str:
    return render_template(template, **values)


def _ontology_rdf(_label: str, form: GraphFormat) -> bytes:
    graph = context().release.namespaces.graph(terms.ONTOLOGY_GRAPH)
    asked = Request(
        query=_CONSTRUCT.format(graph),
        result_format=None,
        graph_format=form,
        client=client_of(request.environ),
    )
    answer = context().engine.evaluate(asked)
    try:
        return b"".join(answer.body)
    finally:
        answer.close()


def _file(name: str, form: GraphFormat) -> bytes:
    """Return a file of the release in another format; raises DamagedRelease."""
    release = context().release
    file = release.folder / name
    try:
        quads = [quad.triple for quad in parse(path=str(file), format=RdfFormat.TURTLE)]
    except (OSError, SyntaxError) as error:
        raise DamagedRelease(f"{file} cannot be read ({error}); build the release again") from None
    triples, prefixes = with_prefixes(quads, release.prefixes(), form.rdf_format)
    body = serialize(triples, format=form.rdf_format, prefixes=prefixes)
    assert body is not None  # None only where an output is given
    return body
