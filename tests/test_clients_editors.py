"""What query editors ask an endpoint to learn about it, as they send it.

The queries and their envelope are those of https://github.com/sib-swiss/sparql-editor (MIT):
`packages/sparql-editor/src/metadata.ts` and `packages/sparql-overview/src/utils.ts`, seen at
commits 2c65b73 and 0fe57a5; only the white space differs.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from lignee.vocabulary import LIG, SCHEMA, SKOS, XSD
from serving import Server

PREFIXES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace
WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix}
ORDER BY ?prefix"""
EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query
WHERE {
  ?sq a sh:SPARQLExecutable ;
    rdfs:comment ?comment ;
    sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?sq"""
HEAD = """PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh:<http://www.w3.org/ns/shacl#>
PREFIX sd:<http://www.w3.org/ns/sparql-service-description#>
PREFIX void:<http://rdfs.org/ns/void#>
PREFIX void-ext:<http://ldf.fi/void-ext#>
"""
EDITOR = f"""{HEAD}
SELECT DISTINCT ?graph ?graphLabel ?subjectClass ?prop ?objectClass ?objectDatatype
?triples ?subjectClassLabel ?objectClassLabel ?subjectClassComment ?objectClassComment
?propLabel ?propComment
WHERE {{
  {{
    OPTIONAL {{
      ?graph sd:graph ?graphDesc .
      OPTIONAL {{ ?graph rdfs:label ?graphLabel }}
      ?graphDesc void:classPartition ?cp .
    }}
    ?cp void:class ?subjectClass ;
      void:propertyPartition ?pp .
    OPTIONAL {{ ?subjectClass rdfs:label ?subjectClassLabel }}
    OPTIONAL {{ ?subjectClass rdfs:comment ?subjectClassComment }}
    ?pp void:property ?prop .
    OPTIONAL {{ ?pp void:triples ?triples }}
    OPTIONAL {{ ?prop rdfs:label ?propLabel }}
    OPTIONAL {{ ?prop rdfs:comment ?propComment }}
    OPTIONAL {{
      {{
        ?pp  void:classPartition [ void:class ?objectClass ] .
        OPTIONAL {{ ?objectClass rdfs:label ?objectClassLabel }}
        OPTIONAL {{ ?objectClass rdfs:comment ?objectClassComment }}
      }} UNION {{
        ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] .
      }}
    }}
  }} UNION {{
    ?linkset void:subjectsTarget [ void:class ?subjectClass ] ;
      void:linkPredicate ?prop ;
      void:objectsTarget [ void:class ?objectClass ] .
  }}
}} ORDER BY ?subjectClass ?objectClass ?objectDatatype ?graph ?triples"""
PARENTS = """
OPTIONAL {
  ?%(class)s rdfs:subClassOf* ?%(class)sTopParent .
  OPTIONAL {?%(class)sTopParent rdfs:label ?%(class)sTopParentLabel}
  FILTER(isIRI(?%(class)sTopParent) && ?%(class)sTopParent != owl:Thing
    && ?%(class)sTopParent != owl:Class)
  MINUS {
    ?%(class)sTopParent rdfs:subClassOf ?intermediateParent .
    FILTER(?intermediateParent != owl:Thing && ?intermediateParent != owl:Class)
  }
}"""
OVERVIEW = f"""{HEAD}
SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype ?triples
?objectClassTopParent ?objectClassTopParentLabel ?subjectClassTopParent ?subjectClassTopParentLabel
?subjectClassLabel ?objectClassLabel ?subjectClassComment ?objectClassComment
?propLabel ?propComment
WHERE {{
  {{
    SELECT * WHERE {{
      {{
        ?s sd:graph ?graph .
        ?graph void:classPartition ?cp .
        ?cp void:class ?subjectClass ;
          void:propertyPartition ?pp .
        OPTIONAL {{?subjectClass rdfs:label ?subjectClassLabel }}
        OPTIONAL {{?subjectClass rdfs:comment ?subjectClassComment }}
        {PARENTS % {"class": "subjectClass"}}
        ?pp void:property ?prop ;
          void:triples ?triples .
        OPTIONAL {{?prop rdfs:label ?propLabel }}
        OPTIONAL {{?prop rdfs:comment ?propComment }}
        OPTIONAL {{
          {{
            ?pp  void:classPartition [ void:class ?objectClass ] .
            OPTIONAL {{?objectClass rdfs:label ?objectClassLabel }}
            OPTIONAL {{?objectClass rdfs:comment ?objectClassComment }}
            {PARENTS % {"class": "objectClass"}}
          }} UNION {{
            ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] .
          }}
        }}
      }} UNION {{
        ?linkset void:subjectsTarget [ void:class ?subjectClass ] ;
          void:linkPredicate ?prop ;
          void:objectsTarget [ void:class ?objectClass ] .
      }}
    }}
  }}
}} ORDER BY ?subjectClass ?objectClass ?objectDatatype ?graph ?triples"""
Solution = dict[str, str]


@pytest.fixture(scope="module")
def client(tiny_server: Server) -> Iterator[httpx.Client]:
    with tiny_server.client() as opened:
        yield opened


def asked(client: httpx.Client, query: str) -> list[Solution]:
    """Ask as the tools do: any endpoint gets `ac=1`, which SIB's own count queries by."""
    headers = {"Accept": "application/sparql-results+json"}
    answer = client.get("/sparql", params={"ac": "1", "query": query}, headers=headers, timeout=5)
    return [
        {name: term["value"] for name, term in solution.items()}
        for solution in answer.json()["results"]["bindings"]
    ]


def leads_to(found: list[Solution]) -> set[tuple[str, str, str]]:
    return {
        (one["subjectClass"], one["prop"], one.get("objectClass", one.get("objectDatatype", "")))
        for one in found
    }


def test_editor_learns_the_prefixes(client: httpx.Client) -> None:
    found = {one["prefix"]: one["namespace"] for one in asked(client, PREFIXES)}
    assert (found["lig"], found["skos"]) == (LIG, SKOS)


def test_editor_learns_the_examples_which_all_answer(client: httpx.Client) -> None:
    found = asked(client, EXAMPLES)
    assert {one["sq"].rpartition("/")[2] for one in found} >= {"lineage", "who-says-so"}
    for one in found:
        answer = client.get("/sparql", params={"query": one["query"]})
        assert answer.status_code == 200, one["sq"]


@pytest.fixture(scope="module")
def overview(client: httpx.Client) -> list[Solution]:
    """Return the overview's answer; pyoxigraph takes a second for it, so it is asked once."""
    return asked(client, OVERVIEW)


LEADS = {
    (LIG + "Session", SCHEMA + "about", SKOS + "Concept"),
    (LIG + "Session", SCHEMA + "startDate", XSD + "date"),
}


def test_editor_learns_what_properties_lead_to(client: httpx.Client) -> None:
    assert leads_to(asked(client, EDITOR)) >= LEADS


def test_overview_learns_what_properties_lead_to(overview: list[Solution]) -> None:
    assert leads_to(overview) >= LEADS


def test_overview_learns_how_often_a_property_leads_there(
    client: httpx.Client, overview: list[Solution]
) -> None:
    (count,) = {
        one["triples"]
        for one in overview
        if (one["subjectClass"], one["prop"]) == (LIG + "Session", SCHEMA + "about")
    }
    question = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{LIG}Session> ; <{SCHEMA}about> ?o }}"
    assert asked(client, question) == [{"n": count}]


def test_editor_is_told_the_graph_that_the_counts_are_of(client: httpx.Client) -> None:
    graphs = {one.get("graph") for one in asked(client, EDITOR) if "triples" in one}
    assert graphs == {"https://example.org/tiny/graph/description#default-graph"}
