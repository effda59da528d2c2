"""A release made by hand, for tests of engines that need certain quads and no build."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store

from lignee import settings
from lignee.engines.engine import Answer, Cancellation, Engine, Request
from lignee.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from lignee.release import Manifest, Release
from lignee.settings import Settings

BASE = "https://example.org/"
VERSION = "1.0.0-0123456789ab"
THINGS = 300


def iri(name: str) -> NamedNode:
    """Return an IRI of the example's."""
    return NamedNode(BASE + name)


def quads() -> list[Quad]:
    """Return the named graphs: two share a triple, one holds many."""
    shared = (iri("id/ada"), iri("knows"), iri("id/charles"))
    return [
        Quad(*shared, iri("graph/letters")),
        Quad(*shared, iri("graph/notes")),
        Quad(iri("id/ada"), iri("wrote"), Literal("note\r\nG", language="en"), iri("graph/notes")),
        *(
            Quad(iri(f"id/thing/{index}"), iri("number"), Literal(index), iri("graph/things"))
            for index in range(THINGS)
        ),
    ]


def releases(folder: Path, more: Sequence[Quad] = ()) -> Path:
    """Write a release that is the current one below the folder, which is returned."""
    (folder / VERSION).mkdir()
    release(folder / VERSION, more)
    (folder / "current").symlink_to(VERSION)
    return folder


def release(folder: Path, more: Sequence[Quad] = ()) -> Release:
    """Write the release, with more quads if any are given, into the folder and return it."""
    named = [*quads(), *more]
    store = Store(str(folder / "store"))
    store.bulk_extend(named)
    store.dump(str(folder / "dataset.nq"), format=RdfFormat.N_QUADS)
    store.bulk_extend([Quad(quad.subject, quad.predicate, quad.object) for quad in named])
    store.dump(str(folder / "graph.nt"), format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    store.flush()
    for name in ("validation", "dcat"):
        (folder / f"{name}.ttl").touch()
    prefixes = {"ex": BASE, "about": BASE + "about/", "unused": "http://unused.example/"}
    (folder / "prefixes.json").write_text(json.dumps(prefixes), encoding="utf-8")
    manifest = Manifest(
        version=folder.name,
        dataset=BASE + "dataset",
        issued="2026-11-22",
        digest="0" * 64,
        quads=len(store),
        triples=len(store) // 2,
        validated=True,
        tools={},
        files={},
    )
    (folder / "manifest.json").write_bytes(manifest.to_json())
    return Release(folder, manifest)


def chosen(**values: float | str | Path) -> Settings:
    """Return settings with these values, whatever the environment says."""
    return settings.read({name: str(value) for name, value in values.items()}, {})


class Asked(TypedDict, total=False):
    """What a test may choose of a request, by the names of its fields."""

    result_format: ResultFormat | None
    graph_format: GraphFormat | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    base_iri: str | None
    bindings: Mapping[str, NamedNode | Literal]
    timeout_seconds: float | None
    client: str
    cancellation: Cancellation | None


def request(query: str, **more: Unpack[Asked]) -> Request:
    """Return a request that takes JSON and Turtle unless told otherwise."""
    asked: Asked = {"result_format": RESULT_FORMATS[0], "graph_format": GRAPH_FORMATS[0]}
    asked.update(more)
    return Request(query=query, **asked)


def whole(answer: Answer) -> bytes:
    """Return the answer's body and close it."""
    try:
        return b"".join(answer.body)
    finally:
        answer.close()


def ask(engine: Engine, query: str, **more: Unpack[Asked]) -> bytes:
    """Return the whole body of the answer to a query."""
    return whole(engine.evaluate(request(query, **more)))


def count(engine: Engine, pattern: str, **more: Unpack[Asked]) -> int:
    """Return how many solutions a pattern has."""
    content = json.loads(ask(engine, f"SELECT (COUNT(*) AS ?n) {pattern}", **more))
    return int(content["results"]["bindings"][0]["n"]["value"])
