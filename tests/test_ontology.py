"""The vocabulary: complete in both languages, readable by both parsers, inside OWL 2 RL."""

from __future__ import annotations

import re

import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store

from conftest import ROOT
from lignee.vocabulary import DCTERMS, LIG, OWL, RDF_TYPE, RDFS, SKOS

ONTOLOGY = NamedNode(LIG.removesuffix("#"))
FILES = sorted((ROOT / "ontology").glob("*.ttl"))
ALLOWED = re.compile(
    OWL + r"(Ontology|Class|NamedIndividual|(Annotation|Datatype|Object)Property"
    r"|(Asymmetric|Irreflexive|Symmetric|Transitive)Property|(InverseF|F)unctionalProperty"
    r"|disjointWith|inverseOf|equivalent(Class|Property)|versionI(RI|nfo)|deprecated|imports)"
)
"""What OWL 2 RL takes outside class expressions; https://www.w3.org/TR/owl2-profiles/#OWL_2_RL."""


@pytest.fixture(scope="module")
def ontology() -> Store:
    store = Store()
    for file in FILES:
        store.load(path=str(file), format=RdfFormat.TURTLE)
    return store


def own_terms(ontology: Store) -> list[NamedNode]:
    found = {quad.subject for quad in ontology.quads_for_pattern(None, RDF_TYPE, None, None)}
    return [term for term in found if isinstance(term, NamedNode) and term.value.startswith(LIG)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_both_parsers_read_the_same(file: str) -> None:
    by_rdflib = rdflib.Graph().parse(file, format="turtle")
    store = Store()
    store.load(path=str(file), format=RdfFormat.TURTLE)
    assert len(by_rdflib) == len(store)


def test_every_term_is_explained_in_both_languages(ontology: Store) -> None:
    terms = own_terms(ontology)
    assert len(terms) > 50
    for term in terms:
        for predicate in (RDFS + "label", SKOS + "definition", SKOS + "scopeNote"):
            values = ontology.quads_for_pattern(term, NamedNode(predicate), None, None)
            texts = [quad.object for quad in values if isinstance(quad.object, Literal)]
            assert sorted(text.language or "" for text in texts) == ["en", "fr"], (term, predicate)
        defined = ontology.quads_for_pattern(term, NamedNode(RDFS + "isDefinedBy"), None, None)
        assert [quad.object for quad in defined] == [ONTOLOGY]


def test_head_states_version_licence_and_prefix(ontology: Store) -> None:
    stated = {
        quad.predicate.value for quad in ontology.quads_for_pattern(ONTOLOGY, None, None, None)
    }
    vann = "http://purl.org/vocab/vann/"
    assert stated >= {
        OWL + "versionIRI",
        DCTERMS + "license",
        vann + "preferredNamespacePrefix",
        vann + "preferredNamespaceUri",
    }


def test_nothing_goes_beyond_owl_2_rl(ontology: Store) -> None:
    for quad in ontology:
        assert not isinstance(quad.subject, BlankNode)
        for term in (quad.predicate, quad.object):
            if isinstance(term, NamedNode) and term.value.startswith(OWL):
                assert ALLOWED.fullmatch(term.value), term


def test_transitive_property_carries_no_axiom_that_needs_a_simple_one(ontology: Store) -> None:
    def typed(kind: str) -> set[object]:
        found = ontology.quads_for_pattern(None, RDF_TYPE, NamedNode(OWL + kind), None)
        return {quad.subject for quad in found}

    simple = typed("AsymmetricProperty") | typed("IrreflexiveProperty")
    assert not typed("TransitiveProperty") & simple
