"""Linked data: the same in both forms, sound SKOS, and nothing licensed that is not ours."""

from __future__ import annotations

from typing import Any

import pytest
import rdflib
import skosify
from rdflib.compare import isomorphic
from rdflib.namespace import SKOS

from kb.sharing import rdf
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import EVERY_LIST
from tests.sharing.representations import CASE, SCHEMA, STUDY, graph


@pytest.mark.parametrize("address", [STUDY, "/v1/studies?pageSize=100", "/v1/search?type=study"])
def test_a_publication_is_not_ours_to_license(address: str, seeded: KnowledgeBase) -> None:
    parsed = graph(seeded, address, "turtle")

    studies = list(parsed.subjects(rdflib.RDF.type, SCHEMA.Report))
    assert studies
    for study in studies:
        assert parsed.value(study, SCHEMA.license) is None
        assert parsed.value(study, SCHEMA.inLanguage) is None
        assert parsed.value(study, SCHEMA.name).language is None  # many are English
        assert parsed.value(study, SCHEMA.sdLicense) == rdflib.URIRef(rdf.LICENCE)
        assert (
            list(parsed.objects(study, SCHEMA.hasPart)) == []
        )  # what we say of it is no part of it
    for claim in parsed.subjects(rdflib.RDF.type, SCHEMA.Claim):
        assert parsed.value(claim, SCHEMA.license) == rdflib.URIRef(rdf.LICENCE)


def test_sources_of_a_case_are_not_ours_to_license(seeded: KnowledgeBase) -> None:
    parsed = graph(seeded, CASE, "jsonld")

    for source in parsed.objects(None, SCHEMA.citation):
        assert parsed.value(source, SCHEMA.license) is None
        assert parsed.value(source, SCHEMA.inLanguage) is None
        assert parsed.value(source, SCHEMA.name).language is None


@pytest.mark.parametrize("address", [f"{STUDY}", STUDY.replace("/v1/studies", "/onderzoeken")])
def test_no_link_gives_a_publication_our_licence(address: str, seeded: KnowledgeBase) -> None:
    links = seeded.client.get(address).headers.getlist("Link")

    assert any('rel="type"' in link for link in links)
    assert not any('rel="license"' in link for link in links)


@pytest.mark.parametrize("address", [f"{each}?pageSize=12" for each in EVERY_LIST] + [CASE, STUDY])
def test_linked_data_say_the_same_in_both_forms(address: str, seeded: KnowledgeBase) -> None:
    parsed, again = graph(seeded, address, "jsonld"), graph(seeded, address, "turtle")

    for triples in (parsed, again):  # their own address differs by `format`
        for s, p, o in list(triples):
            if "format=" in s:
                triples.remove((s, p, o))
                triples.add((rdflib.URIRef("urn:list"), p, o))
    assert len(parsed) > 10
    assert isomorphic(parsed, again)


def test_linked_data_of_a_case_say_what_it_is(seeded: KnowledgeBase) -> None:
    case: Any = seeded.client.get(CASE).json
    parsed = graph(seeded, CASE, "jsonld")
    me = rdflib.URIRef(case["_links"]["self"]["href"])

    assert parsed.value(me, rdflib.RDF.type) == SCHEMA.Article
    assert parsed.value(me, SCHEMA.name) == rdflib.Literal(case["title"], lang="nl")
    assert len(list(parsed.objects(me, SCHEMA.citation))) == len(case["sources"])
    assert len(list(parsed.objects(me, SCHEMA.hasPart))) == len(case["pitfalls"] + case["findings"])


@pytest.mark.parametrize("representation", ["jsonld", "turtle"])
def test_vocabularies_are_sound_skos(representation: str, seeded: KnowledgeBase) -> None:
    parsed = graph(seeded, "/v1/vocabularies", representation)
    before = len(parsed)

    skosify.check.hierarchy_cycles(parsed, fix=True)
    skosify.check.disjoint_relations(parsed, fix=True)
    skosify.check.hierarchical_redundancy(parsed, fix=True)
    skosify.check.label_overlap(parsed, fix=True)
    skosify.check.preflabel_uniqueness(parsed)
    assert len(parsed) == before  # there was nothing to mend

    terms: Any = seeded.client.get("/v1/vocabularies/ingredients").json["terms"]
    for term in terms:
        concept = rdflib.URIRef(f"{PUBLIC_URL}/v1/vocabularies/ingredients#{term['id']}")
        labels = {str(each.language): str(each) for each in parsed.objects(concept, SKOS.prefLabel)}
        assert labels == term["labels"]
    for concept in parsed.subjects(rdflib.RDF.type, SKOS.Concept):
        languages = [each.language for each in parsed.objects(concept, SKOS.prefLabel)]
        assert sorted(languages) == ["en", "nl"]  # one in each (S14)
        names = set(parsed.objects(concept, SKOS.prefLabel))
        assert not names & set(parsed.objects(concept, SKOS.altLabel))  # disjoint (S13)
        assert parsed.value(concept, SKOS.inScheme) is not None
        for broader in parsed.objects(concept, SKOS.broader):
            assert (broader, SKOS.narrower, concept) in parsed  # inverse (S25)
            assert (broader, rdflib.RDF.type, SKOS.Concept) in parsed
    for scheme, top in parsed.subject_objects(SKOS.hasTopConcept):
        assert (top, SKOS.topConceptOf, scheme) in parsed  # inverse (S8)
    assert graph(seeded, "/v1/vocabularies/scales", representation)
