"""IRIs that the code must know, as constants: terms of standards and of our own ontology."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
VOID: Final = "http://rdfs.org/ns/void#"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
SH: Final = "http://www.w3.org/ns/shacl#"
PROV: Final = "http://www.w3.org/ns/prov#"
NIF: Final = "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#"
SPDX: Final = "http://spdx.org/rdf/terms#"
SSSOM: Final = "https://w3id.org/sssom/"
SEMAPV: Final = "https://w3id.org/semapv/vocab/"
PAV: Final = "http://purl.org/pav/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
VOID_EXT: Final = "http://ldf.fi/void-ext#"
SCHEMA: Final = "https://schema.org/"
LIG: Final = "https://w3id.org/lignee/ontology#"

RDF_TYPE: Final = NamedNode(RDF + "type")
RDFS_LABEL: Final = NamedNode(RDFS + "label")
SKOS_PREF_LABEL: Final = NamedNode(SKOS + "prefLabel")
OWL_DEPRECATED: Final = NamedNode(OWL + "deprecated")
DCAT_DATASET: Final = NamedNode(DCAT + "Dataset")
DCAT_VERSION: Final = NamedNode(DCAT + "version")
DCTERMS_ISSUED: Final = NamedNode(DCTERMS + "issued")
SH_PREFIX: Final = NamedNode(SH + "prefix")
SH_NAMESPACE: Final = NamedNode(SH + "namespace")
XSD_INTEGER: Final = NamedNode(XSD + "integer")

LIG_SUPERSEDED_BY: Final = NamedNode(LIG + "supersededBy")
