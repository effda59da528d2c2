"""What tests of the build's steps share: a dataset read from a copy of the miniature."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions

from lignee import dataset, kg_folder
from lignee.dataset import Dataset

PREFIXES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX eurovoc: <http://eurovoc.europa.eu/>
PREFIX graph: <https://example.org/tiny/graph/>
PREFIX lig: <https://w3id.org/lignee/ontology#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX session: <https://example.org/tiny/id/session/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX sssom: <https://w3id.org/sssom/>
PREFIX theme: <https://example.org/tiny/id/theme/>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <https://example.org/tiny/>
"""


Named = NamedNode | Literal | BlankNode


class Silent:
    """Progress that nobody watches."""

    def step(self, name: str, total: int | None = None) -> None: ...

    def advance(self, count: int = 1) -> None: ...

    def done(self, **counts: int) -> None: ...


def read(kg: Path) -> Dataset:
    """Return the folder's dataset with its default graph."""
    return dataset.read(kg_folder.find(kg))


def says(found: Dataset, pattern: str) -> bool:
    """Tell whether the dataset matches the pattern, written with the prefixes above."""
    answer = found.store.query(f"{PREFIXES} ASK {{ {pattern} }}")
    assert isinstance(answer, QueryBoolean)
    return bool(answer)


def answers(found: Dataset, query: str) -> list[tuple[str, ...]]:
    """Return the values of each solution, an unbound one as the empty text."""
    solutions = found.store.query(PREFIXES + query)
    assert isinstance(solutions, QuerySolutions)
    return [
        tuple(term.value if isinstance(term, Named) else "" for term in solution)
        for solution in solutions
    ]


def count(found: Dataset, pattern: str) -> int:
    """Return the number of solutions of the pattern."""
    return len(answers(found, f"SELECT * {{ {pattern} }}"))


def written(kg: Path, name: str, text: str) -> Path:
    """Write a file of the folder and return it."""
    file = kg / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
