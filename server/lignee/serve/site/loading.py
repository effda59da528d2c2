"""How to load a release in tools that people have, as commands to copy.

Those for rdflib, Oxigraph and a spreadsheet are run by tests; those for Jena and R follow
https://jena.apache.org/documentation/tdb2/tdb2_cmds.html and https://docs.ropensci.org/rdflib/ .
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import Template
from typing import Final

_COUNT: Final = "SELECT (COUNT(*) AS ?statements) WHERE { ?s ?p ?o }"
_TEMPLATES: Final = {
    "rdflib": Template("""\
# pip install rdflib
from rdflib import Graph

graph = Graph()
graph.parse("$ttl", format="turtle")
for row in graph.query("$count"):
    print(row.statements)  # $statements
"""),
    "oxigraph": Template("""\
# pip install oxigraph
curl -sO $nt
oxigraph load --location store --file graph.nt
oxigraph query --location store --results-format csv --query '$count'
"""),
    "jena": Template("""\
curl -sO $nt
tdb2.tdbloader --loc store graph.nt
tdb2.tdbquery --loc store '$count'
"""),
    "r": Template("""\
# install.packages("rdflib")
library(rdflib)

download.file("$nt", "graph.nt")
graph <- rdf_parse("graph.nt", format = "ntriples")
rdf_query(graph, "$count")
"""),
    "spreadsheet": Template("""\
curl -s -o answer.csv '$csv'
libreoffice --convert-to xlsx answer.csv

# in Google Sheets: =IMPORTDATA("$csv")
"""),
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and what to type; its name is that of the texts about it."""

    name: str
    text: str


def tools(address: Callable[[str], str], table: str, statements: int) -> list[Tool]:
    """Return the commands for a release with that many statements in its default graph.

    `address` returns where a file of the release is; `table` is where an answer is as CSV.
    """
    values = {
        "ttl": address("graph.ttl"),
        "nt": address("graph.nt"),
        "csv": table,
        "count": _COUNT,
        "statements": str(statements),
    }
    return [Tool(name, template.substitute(values)) for name, template in _TEMPLATES.items()]
