"""The words we agreed on, as readers get them, and whether each is fit for use."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from kb.vocabulary import terms
from kb.vocabulary.terms import BROADER_SCHEMES, SCHEMES, every_term, schemes
from schemas.lists import SearchQuery
from tests.conftest import PUBLIC_URL, KnowledgeBase

FOLDER = Path(str(resources.files("seed_data"))) / "terms"
EVERY = [pytest.param(term, id=f"{term.scheme}/{term.id}") for term in every_term()]


def test_all_schemes_are_listed_without_their_terms(client: FlaskClient) -> None:
    answer = client.get("/v1/vocabularies")

    assert [each["id"] for each in answer.json["items"]] == list(SCHEMES)
    assert answer.json["items"][0] == {
        "id": "strategies",
        "type": "vocabulary",
        "label": "Strategieën",
        "parameter": "strategy",
        "_links": {"self": {"href": f"{PUBLIC_URL}/v1/vocabularies/strategies"}},
    }


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_tells_all_of_its_terms_in_order(client: FlaskClient, scheme: str) -> None:
    answer = client.get(f"/v1/vocabularies/{scheme}")

    file = json.loads((FOLDER / f"{scheme}.json").read_text("utf-8"))
    items = answer.json["terms"]
    assert answer.status_code == 200
    current = {"label": None, "deprecated": False, "replacedBy": None}
    assert [{**each, "label": None} for each in items] == [
        {**each, **current} for each in file["terms"]
    ]
    assert [each["label"] for each in items] == [each["labels"]["nl"] for each in file["terms"]]


def test_labels_are_english_on_request(client: FlaskClient) -> None:
    by_parameter = client.get("/v1/vocabularies/evidence-levels?lang=en")
    by_header = client.get("/v1/vocabularies/evidence-levels", headers={"Accept-Language": "en"})

    assert by_parameter.json == by_header.json
    assert by_parameter.headers["Content-Language"] == "en"
    assert by_parameter.json["label"] == schemes()["evidence-levels"].labels["en"]
    for item in by_parameter.json["terms"]:
        assert item["label"] == item["labels"]["en"]


@pytest.mark.parametrize(
    ("scheme", "meant"),
    [("ingredient", "ingredients"), ("status", "statuses"), ("evidence", "evidence-levels")],
)
def test_an_unknown_scheme_is_a_404_with_near_ones(
    client: FlaskClient, scheme: str, meant: str
) -> None:
    answer = client.get(f"/v1/vocabularies/{scheme}")

    assert answer.status_code == 404
    assert meant in answer.json["suggestions"]


def test_an_unknown_term_in_a_filter_leads_to_its_vocabulary(client: FlaskClient) -> None:
    answer = client.get("/v1/cases?effectDomain=leefbaarhied")

    [error] = answer.json["errors"]
    assert answer.status_code == 400
    assert error["code"] == "not-in-vocabulary"
    assert error["suggestion"] == "leefbaarheid"
    assert error["allowed"] == f"{PUBLIC_URL}/v1/vocabularies/effect-domains"
    assert client.get(error["allowed"]).status_code == 200


def test_every_parameter_of_a_scheme_is_a_filter_that_takes_its_terms() -> None:
    filters = SearchQuery().fields
    named = {field.data_key for field in filters.values()}

    for scheme in schemes().values():
        if scheme.parameter:
            assert scheme.parameter in named
            assert terms.scheme_of(scheme.parameter) is scheme
    without = {scheme.id for scheme in schemes().values() if not scheme.parameter}
    assert without == {"ingredient-groups", "source-types", "verdicts"}


def test_an_ingredient_tells_what_its_vocabulary_says_and_in_how_many_cases(
    seeded: KnowledgeBase,
) -> None:
    ingredient: dict[str, Any] = seeded.client.get("/v1/ingredients/buddy-systeem").get_json()

    [term] = [
        each
        for each in seeded.client.get("/v1/vocabularies/ingredients").json["terms"]
        if each["id"] == "buddy-systeem"
    ]
    assert ingredient["title"] == ingredient["label"] == term["label"]
    for key in ("labels", "definition", "synonyms"):
        assert ingredient[key] == term[key]
    assert ingredient["broader"]["id"] == term["broader"]
    listed = seeded.client.get("/v1/cases?ingredient=buddy-systeem").json["page"]["totalItems"]
    assert ingredient["caseCount"] == listed > 1


@pytest.mark.parametrize("term", EVERY)
def test_a_term_has_a_definition_and_names_in_both_languages(term: terms.Term) -> None:
    assert term.labels["nl"].strip()
    assert term.labels["en"].strip()
    assert len(term.definition) > 20
    assert term.definition[-1] == "."
    for name in term.names:
        assert name == name.strip() != ""
    for words in term.synonyms.values():
        folded = [word.casefold() for word in words]
        assert len(folded) == len(set(folded))
    assert len(term.id) <= 80


def test_labels_differ_within_a_scheme() -> None:
    for scheme in schemes().values():
        for language in ("nl", "en"):
            labels = [term.label(language).casefold() for term in scheme.terms.values()]
            assert len(labels) == len(set(labels)), scheme.id


def test_ingredients_and_kinds_of_evidence_have_a_group_and_no_other_term_has() -> None:
    for term in every_term():
        if term.scheme not in BROADER_SCHEMES:
            assert term.broader is None
    for scheme, groups in BROADER_SCHEMES.items():
        assert SCHEMES.index(groups) < SCHEMES.index(scheme)  # rows refer to rows that are there
        assert {term.broader for term in schemes()[scheme].in_order} == set(schemes()[groups].terms)


def test_lanes_stand_in_the_order_of_their_strength() -> None:
    levels = schemes()["evidence-levels"].terms

    assert list(schemes()["evidence-lanes"].terms) == [
        *("oorzakelijk", "samenvattend", "beschrijvend", "ervaring"),
    ]
    assert {term.id: term.broader for term in levels.values()} == {
        "gerandomiseerd": "oorzakelijk",
        "quasi-experimenteel": "oorzakelijk",
        "literatuurreview": "samenvattend",
        "voor-en-nameting": "beschrijvend",
        "beschrijvend-onderzoek": "beschrijvend",
        "eigen-cijfers": "ervaring",
        "praktijkervaring": "ervaring",
    }


def test_terms_are_counted_from_zero_in_the_order_of_their_file() -> None:
    for scheme in schemes().values():
        assert [term.position for term in scheme.in_order] == list(range(len(scheme.terms)))


def test_the_fingerprint_tells_one_set_of_terms_from_another() -> None:
    assert terms.fingerprint() == terms.fingerprint()
    assert len(terms.fingerprint()) == 16


def test_an_unknown_term_or_filter_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        terms.term("kinds", "project")
    with pytest.raises(KeyError):
        terms.scheme_of("municipality")
