"""Catalogues of open data find what can be taken over, as DCAT-AP-NL 3 wants it described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import rdflib
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

from kb.app import create_app
from tests.conftest import PUBLIC_URL, KnowledgeBase

VCARD = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
EU = "http://publications.europa.eu/resource/authority"
MANDATORY = {  # by class, at least one of each; from chapter “Klassen” of the profile
    DCAT.Catalog: {
        *(DCTERMS.title, DCTERMS.description, DCTERMS.publisher),
        *(DCAT.contactPoint, DCAT.dataset),
    },
    DCAT.Dataset: {
        *(DCTERMS.title, DCTERMS.description, DCTERMS.identifier, DCTERMS.accessRights),
        *(DCTERMS.creator, DCTERMS.publisher, DCAT.contactPoint, DCAT.theme),
    },
    DCAT.Distribution: {DCAT.accessURL, DCTERMS.license},
    DCAT.DataService: {
        *(DCTERMS.title, DCTERMS.description, DCTERMS.identifier, DCTERMS.accessRights),
        *(DCTERMS.license, DCTERMS.publisher, DCAT.contactPoint, DCAT.theme),
        *(DCAT.endpointURL, DCAT.endpointDescription),
    },
    FOAF.Agent: {FOAF.name},
    VCARD.Kind: {VCARD.fn},
}
AT_MOST_ONE = {
    *(DCTERMS.identifier, DCTERMS.publisher, DCAT.contactPoint, DCAT.accessURL, DCAT.downloadURL),
    *(DCTERMS.license, DCTERMS.accessRights, DCTERMS.modified, DCAT.mediaType, DCTERMS.format),
    *(DCAT.endpointURL, DCAT.endpointDescription, DCTERMS.accrualPeriodicity),
}
LISTED = {  # values that must come from a register
    DCTERMS.accessRights: f"{EU}/access-right/",
    DCTERMS.language: f"{EU}/language/",
    DCAT.theme: f"{EU}/data-theme/",
    DCTERMS.accrualPeriodicity: f"{EU}/frequency/",
    DCTERMS["format"]: f"{EU}/file-type/",
    DCAT.mediaType: "https://www.iana.org/assignments/media-types/",
    DCTERMS.license: "https://creativecommons.org/",
}


def read(kb: KnowledgeBase, address: str = "/dcat", **headers: str) -> rdflib.Graph:
    answer = kb.client.get(address, headers=headers)
    assert answer.status_code == 200
    name = {"text/turtle": "turtle", "application/ld+json": "json-ld"}[answer.mimetype]
    return rdflib.Graph().parse(data=answer.text, format=name)


def test_every_mandatory_property_is_there(kb: KnowledgeBase) -> None:
    graph = read(kb)

    for kind, wanted in MANDATORY.items():
        things = list(graph.subjects(RDF.type, kind))
        assert things, kind
        for thing in things:
            assert wanted <= set(graph.predicates(thing)), (thing, wanted)
            for name in AT_MOST_ONE:
                assert len(list(graph.objects(thing, name))) <= 1, (thing, name)
    for name, register in LISTED.items():
        values = set(graph.objects(None, name))
        assert values, name
        assert all(str(value).startswith(register) for value in values), name


def test_all_that_is_described_can_be_taken_over(seeded: KnowledgeBase) -> None:
    graph = read(seeded)

    [catalogue] = graph.subjects(RDF.type, DCAT.Catalog)
    sets = set(graph.objects(catalogue, DCAT.dataset))
    assert sets == set(graph.subjects(RDF.type, DCAT.Dataset))
    assert sets == set(graph.objects(None, DCAT.servesDataset))
    for file in graph.subjects(RDF.type, DCAT.Distribution):
        address = str(graph.value(file, DCAT.downloadURL)).removeprefix(PUBLIC_URL)
        answer = seeded.client.get(address, buffered=True)
        assert answer.status_code == 200
        assert str(graph.value(file, DCAT.mediaType)).endswith(f"/{answer.mimetype}")
    for page in (
        *graph.objects(None, DCAT.landingPage),
        *graph.objects(None, DCAT.endpointDescription),
    ):
        assert seeded.client.get(str(page).removeprefix(PUBLIC_URL)).status_code == 200


def test_each_reader_gets_the_same_in_its_own_form(kb: KnowledgeBase) -> None:
    turtle = read(kb, "/dcat.ttl")

    assert isomorphic(turtle, read(kb, "/dcat.jsonld"))
    assert isomorphic(turtle, read(kb, Accept="application/ld+json"))
    assert isomorphic(turtle, read(kb, Accept="text/turtle, text/html;q=0.5"))
    assert kb.client.get("/dcat", headers={"Accept": "text/html"}).mimetype == "text/turtle"
    answer = kb.client.get("/dcat")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    tag = answer.headers["ETag"]
    assert kb.client.get("/dcat", headers={"If-None-Match": tag}).status_code == 304


def test_what_changed_last_is_when_it_was_modified(kb: KnowledgeBase) -> None:
    last: Any = kb.client.get("/v1/changes?pageSize=1000").json["items"][-1]

    moment = rdflib.Literal(last["changedAt"], datatype=XSD.dateTime)
    assert set(read(kb).objects(None, DCTERMS.modified)) == {moment}


@pytest.mark.parametrize("uri", ["", "https://identifier.overheid.nl/tooi/id/gemeente/gm0344"])
def test_the_operator_says_who_publishes(
    kb: KnowledgeBase, uri: str, changed: Callable[..., KnowledgeBase]
) -> None:
    other = changed(
        publisher_name="Gemeente Utrecht", publisher_uri=uri, contact_email="data@utrecht.nl"
    )

    graph = read(other)

    [agent] = set(graph.objects(None, DCTERMS.publisher))
    assert [str(name) for name in graph.objects(agent, FOAF.name)] == ["Gemeente Utrecht"]
    assert str(agent) == (uri or f"{PUBLIC_URL}/dcat#publisher")
    [contact] = set(graph.objects(None, DCAT.contactPoint))
    assert graph.value(contact, VCARD.hasEmail) == rdflib.URIRef("mailto:data@utrecht.nl")


@pytest.fixture
def changed(kb: KnowledgeBase) -> Callable[..., KnowledgeBase]:
    """The same knowledge base with other settings."""

    def start(**changes: str) -> KnowledgeBase:
        settings = replace(kb.app.extensions["kb"].settings, **changes)
        return replace(kb, app=create_app(settings, serving=False))

    return start
