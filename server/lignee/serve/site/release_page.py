"""The page of one release: its files, what changed in it, and how to load it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final, TypeAlias

from flask import Response, request, url_for

from lignee.errors import EngineError
from lignee.release import DATASET_DUMPS, GRAPH_DUMPS, Release
from lignee.serve.context import context
from lignee.serve.http.identity import client_of
from lignee.serve.site import loading, release_list
from lignee.serve.site.imprint import imprint_of
from lignee.serve.site.pages import page, visitors_language
from lignee.serve.site.published import PublishedQueries
from lignee.serve.site.release_list import Difference
from lignee.serve.site.resource import addresses
from lignee.serve.site.resource.names import Named, Names
from lignee.serve.site.resource.questions import Questions

_REMEMBERED: Final = 16
MOST_CHANGES: Final = 30
"""Classes, and graphs, of which a page tells what changed in them."""

Iris: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """One file that can be had."""

    name: str
    url: str
    media_type: str
    size_bytes: int
    sha256: str
    format: str = ""
    """The name of its RDF format, where it has one."""

    @property
    def stem(self) -> str:
        """Its name without what tells that it is compressed."""
        return self.name.removesuffix(".gz")


class NamesOfChanges:
    """Names of what changed, asked for once: a release never changes."""

    def __init__(self) -> None:
        self._names = lru_cache(_REMEMBERED)(_names)

    def of(self, changes: Difference) -> dict[str, Named]:
        """Return the names of what changed, or IRIs where the engine cannot tell names now."""
        graphs, classes = (
            tuple(islice(some, MOST_CHANGES)) for some in (changes.graphs, changes.classes)
        )
        try:
            return self._names(context().label, visitors_language(), graphs, classes)
        except EngineError:
            return {iri: Named(iri) for iri in (*graphs, *classes)}


class ReleasePages:
    """Makes the pages, and remembers which queries are published."""

    def __init__(self) -> None:
        self._published = PublishedQueries()
        self._names = NamesOfChanges()

    def show(
        self,
        release: Release,
        files: list[Download],
        older: Release | None,
        changes: Difference | None,
    ) -> Response:
        """Return the page of a release, which tells what changed since the older one."""
        dumps = {"graph": GRAPH_DUMPS, "dataset": DATASET_DUMPS}
        groups = [
            (name, [file for stem in some for file in files if file.stem == stem])
            for name, some in dumps.items()
        ]
        others = [file for file in files if file.stem not in (*GRAPH_DUMPS, *DATASET_DUMPS)]
        return page(
            "downloads.html",
            shown=release,
            groups=[*groups, ("others", others)],
            licences=imprint_of(release).licences,
            older=older,
            difference=changes,
            names=self._names.of(changes) if changes else {},
            most_changes=MOST_CHANGES,
            tools=loading.tools(
                lambda name: _address(release, name), self._table(), release.manifest.triples
            ),
            dump_url=_address(release, release_list.DUMP),
        )

    def _table(self) -> str:
        """Return where an answer is as CSV: that of a published query, if there is one."""
        try:
            queries = list(self._published.of(context()).queries.values())
        except EngineError:  # the list of files must not fail with it
            queries = []
        for query in queries:
            if query.file.form == "SELECT" and query.kind != "pages":
                return url_for("queries.query", name=f"{query.name}.csv", _external=True)
        text = "SELECT * WHERE { ?thing a ?kind } LIMIT 1000"
        return url_for("sparql.sparql", query=text, format="csv", _external=True)


def _address(release: Release, name: str) -> str:
    return url_for("downloads.file", version=release.version, name=name, _external=True)


def _names(_label: str, language: str, graphs: Iris, classes: Iris) -> dict[str, Named]:
    """Return what changed by name, with where each graph can be read; raises EngineError."""
    here = context()
    questions = Questions(here.engine, here.release.namespaces, client_of(request.environ))
    known = questions.described({*graphs, *classes})

    def path_of(iri: str) -> str:
        if iri in known:
            return addresses.page_of(here.release.namespaces, iri)
        return url_for("graph_store.graphs", graph=iri) if iri in graphs else ""

    text = here.translations.text
    prefixes = here.release.prefixes()
    names = Names(language, known, prefixes, path_of, lambda key: text(language, key))
    return {iri: names.of(iri) for iri in (*graphs, *classes)}
