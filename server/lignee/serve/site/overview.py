"""What a release holds, in numbers and names, for the home page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Final

from pyoxigraph import Literal, NamedNode

from lignee.engines.engine import Engine
from lignee.release import Release
from lignee.serve.site.asking import solutions
from lignee.serve.site.languages import LANGUAGES
from lignee.serve.site.picture import reading
from lignee.serve.site.picture.reading import Subject
from lignee.serve.site.picture.things import Thing, accents_of
from lignee.vocabulary import (
    DCAT,
    DCTERMS,
    LIG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SD,
    SH,
    SKOS,
    SPDX,
    SSSOM,
    VOID,
)

_QUERY_TO_TRY: Final = Template("""\
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

# $question
SELECT ?kind (SAMPLE(?name) AS ?label) (COUNT(DISTINCT ?thing) AS ?number) WHERE {
  ?thing a ?kind .
  OPTIONAL { ?kind rdfs:label ?name . FILTER(LANG(?name) = "$language") }
}
GROUP BY ?kind
ORDER BY DESC(?number) ?kind
""")

_KINDS: Final = Template(f"""\
PREFIX rdfs: <{RDFS}>
SELECT ?kind (SAMPLE(?name) AS ?label) ?number WHERE {{
  {{ SELECT ?kind (COUNT(*) AS ?number) WHERE {{
       ?thing a ?kind . FILTER(ISIRI(?kind) && STRSTARTS(STR(?thing), $resources))
     }}
     GROUP BY ?kind }}
  OPTIONAL {{ ?kind rdfs:label ?name . FILTER(LANG(?name) = ?language) }}
}}
GROUP BY ?kind ?number
ORDER BY DESC(?number) ?kind
LIMIT 100
""")
"""Names are looked for once a kind, not once a thing."""
_MOST_KINDS: Final = 12
_BOOKKEEPING: Final = (
    *(DCAT, DCTERMS, OWL, PROV, RDF, RDFS, SD, SH, SPDX, SSSOM, VOID),
    *(LIG + kind for kind in ("Inference", "Interpretation", "Rule")),
)
"""How classes begin whose members tell how the graph is made, not what it is about."""
_THINGS: Final = Template(f"""\
PREFIX rdfs: <{RDFS}>
PREFIX skos: <{SKOS}>

SELECT ?thing ?label WHERE {{
  ?thing a <$kind> .
  OPTIONAL {{ ?thing rdfs:label|skos:prefLabel ?label . FILTER(LANG(?label) = "$language") }}
}}
ORDER BY ?label ?thing
""")

_HEAD: Final = """\
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?title ?description WHERE {
  ?dataset dcterms:title ?title . FILTER(LANG(?title) = ?language)
  OPTIONAL { ?dataset dcterms:description ?description . FILTER(LANG(?description) = ?language) }
}
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of the release, its label where it has one, and how many belong to it."""

    label: str
    iri: str
    number: int
    query: str
    """Finds them all."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What a dataset says of itself in one language; its IRI stands for a title it lacks."""

    title: str
    description: str
    kinds: tuple[Kind, ...]
    subject: Subject | None = None
    """What there is to draw."""

    @property
    def accents(self) -> Mapping[str, int]:
        """The colours of main themes, by their IRIs: the same in the picture and on pages."""
        return accents_of(self.subject.things) if self.subject else {}

    def thing(self, iri: str) -> Thing | None:
        """Return what the picture shows under that IRI, None where it shows none."""
        things = self.subject.things if self.subject else ()
        return next((thing for thing in things if thing.iri == iri), None)


def query_to_try(question: str, language: str) -> str:
    """Return a query that any release answers, its question as a comment."""
    return _QUERY_TO_TRY.substitute(question=question, language=language)


def overview(engine: Engine, release: Release, language: str) -> Overview:
    """Return the overview of a release in a language; raises EngineError."""
    dataset = release.manifest.dataset
    wanted = {"language": Literal(language)}
    heads = solutions(engine, _HEAD, wanted | {"dataset": NamedNode(dataset)})
    head = heads[0] if heads else {}
    kinds = _kinds(engine, release.namespaces.resources, language)
    return Overview(
        head.get("title", dataset),
        head.get("description", ""),
        tuple(kinds or _kinds(engine, "", language)),  # a vocabulary of others has names of theirs
        reading.read(engine, release, language),
    )


def _kinds(engine: Engine, resources: str, language: str) -> list[Kind]:
    query = _KINDS.substitute(resources=Literal(resources))
    found = [
        (kind["kind"], kind.get("label", ""), int(kind["number"]))
        for kind in solutions(engine, query, {"language": Literal(language)})
        if "kind" in kind and not kind["kind"].startswith(_BOOKKEEPING)
    ]
    return [
        Kind(label, iri, number, _THINGS.substitute(kind=iri, language=language))
        for iri, label, number in found[:_MOST_KINDS]
    ]


class Overviews:
    """Overviews that were asked for once: a release never changes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Overview] = {}

    def of(self, engine: Engine, release: Release, language: str) -> Overview:
        """Return the overview of a release in a language; raises EngineError."""
        key = (release.version, language)
        if key not in self._known:
            self._known[key] = overview(engine, release, language)
        return self._known[key]

    def prepare(self, engine: Engine, release: Release) -> None:
        """Ask for all of a release, in place of those of others; raises EngineError."""
        known = {
            (release.version, language): overview(engine, release, language)
            for language in LANGUAGES
        }
        self._known = known
