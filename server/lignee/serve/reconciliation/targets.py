"""Targets: the vocabularies to which a release maps its entities, and those mappings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import NamedNode

from lignee.engines.engine import Engine
from lignee.iris import PrefixTable
from lignee.linking.vocabulary import namespace
from lignee.matching.texts import Label
from lignee.serve.reconciliation.catalogue import MAPPING_RELATIONS, Link
from lignee.serve.reconciliation.facts import ask

_TARGETS: Final = """\
SELECT DISTINCT ?target ?graph ?label WHERE {
  ?target a void:Linkset .
  OPTIONAL { ?target dcterms:isPartOf ?graph }
  OPTIONAL { ?target dcterms:title ?label }
}"""
_LINKS: Final = """\
SELECT DISTINCT ?thing ?relation ?object ?graph WHERE {{
  VALUES ?relation {{ {relations} }}
  GRAPH ?graph {{ ?thing ?relation ?object }} FILTER(ISIRI(?object))
}}"""


@dataclass(frozen=True, slots=True)
class Target:
    """A linkset: the graph that holds it, empty where it is not told, and what it leads to."""

    iri: str
    graph: str
    titles: tuple[Label, ...]


def targets(engine: Engine) -> list[Target]:
    """Return the linksets that the release describes (https://www.w3.org/TR/void/#linkset)."""
    found: dict[str, Target] = {}
    for one in ask(engine, _TARGETS):
        iri, graph = one["target"]["value"], one.get("graph", {"value": ""})["value"]
        known = found.setdefault(iri, Target(iri, graph, ()))
        if title := one.get("label"):
            label = Label(iri, title["value"], title.get("xml:lang", ""))
            found[iri] = replace(known, titles=(*known.titles, label))
    return list(found.values())


def links_of(
    engine: Engine, entities: set[str], linksets: Iterable[Target], prefixes: PrefixTable
) -> dict[str, tuple[Link, ...]]:
    """Return the mappings of each entity: what no linkset holds is told apart by its namespace."""
    by_graph = {target.graph: target.iri for target in linksets if target.graph}
    spaces = sorted(prefixes.namespaces.values(), key=len, reverse=True)
    query = _LINKS.format(relations=" ".join(map(str, map(NamedNode, sorted(MAPPING_RELATIONS)))))
    found: defaultdict[str, list[Link]] = defaultdict(list)
    for one in ask(engine, query):
        thing, relation, leads_to, graph = (
            one[name]["value"] for name in ("thing", "relation", "object", "graph")
        )
        if thing not in entities or (leads_to in entities and graph not in by_graph):
            continue  # between two entities, as within one vocabulary
        space = next((space for space in spaces if leads_to.startswith(space)), None)
        target = by_graph.get(graph) or space or namespace(leads_to)
        found[thing].append(Link(relation, leads_to, target))
    return {thing: tuple(sorted(links, key=str)) for thing, links in found.items()}
