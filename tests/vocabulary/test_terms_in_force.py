"""The terms of the database count, everywhere and without a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.cases.vocabulary import vocabulary_in
from kb.database import now
from kb.search.consistency import check
from kb.search.follower import Follower
from kb.vocabulary import terms
from tests.builders import a_case, a_finding
from tests.conftest import KnowledgeBase, make
from tests.vocabulary.changed_terms import answers_anew, change_term

BUDDY = "ingredients/buddy-systeem"
SYNONYMS = {"nl": ["wijkmaatje"], "en": []}


def labels(kb: KnowledgeBase, scheme: str) -> dict[str, str]:
    vocabulary = kb.client.get(f"/v1/vocabularies/{scheme}").json
    return {term["id"]: term["label"] for term in vocabulary["terms"]}


def test_a_vocabulary_has_the_labels_of_the_database(kb: KnowledgeBase) -> None:
    change_term(kb, BUDDY, label_nl="Maatjes in de wijk")
    answers_anew(kb)

    assert labels(kb, "ingredients")["buddy-systeem"] == "Maatjes in de wijk"


def test_outside_a_request_the_terms_of_the_release_count(kb: KnowledgeBase) -> None:
    change_term(kb, BUDDY, label_nl="Maatjes in de wijk")
    answers_anew(kb)
    labels(kb, "ingredients")

    assert terms.term("ingredients", "buddy-systeem").label("nl") != "Maatjes in de wijk"


def test_a_new_synonym_is_understood_without_a_new_index(kb: KnowledgeBase) -> None:
    kb.publish(a_case(id="tuin", ingredients=[{"id": "buddy-systeem", "how": "Samen."}]))
    before = kb.client.get("/v1/cases?q=wijkmaatje&lang=nl").json["items"]

    change_term(kb, BUDDY, synonyms=SYNONYMS)
    answers_anew(kb)
    after = kb.client.get("/v1/cases?q=wijkmaatje&lang=nl").json["items"]

    assert (before, [item["id"] for item in after]) == ([], ["tuin"])


def test_items_and_facets_have_the_new_label_after_catching_up(kb: KnowledgeBase) -> None:
    kb.publish(a_case(id="tuin", strategies=["sociaal-beheer"]), a_case(id="plein"))
    change_term(kb, "strategies/sociaal-beheer", label_nl="Beheer door bewoners")
    kb.catch_up()
    answers_anew(kb)

    page = kb.client.get("/v1/cases?strategy=sociaal-beheer&facets=strategy").json

    assert "Beheer door bewoners" in json.dumps(page["items"], ensure_ascii=False)
    values = page["facets"]["strategy"]["values"]
    assert "Beheer door bewoners" in [each["label"] for each in values]
    assert not check(kb.database, kb.engine)


def test_words_of_a_new_label_meet_what_has_the_term(kb: KnowledgeBase) -> None:
    kb.publish(a_case(id="tuin", strategies=["sociaal-beheer"]))
    change_term(kb, "strategies/sociaal-beheer", label_nl="Zandkasteelbeheer")
    kb.catch_up()
    answers_anew(kb)

    items = kb.client.get("/v1/search?q=zandkasteelbeheer&type=case").json["items"]

    assert [item["id"] for item in items] == ["tuin"]


@pytest.mark.parametrize("key", ["evidence-lanes/ervaring", "outcomes/positief"])
def test_labels_that_follow_from_findings_are_made_anew_too(kb: KnowledgeBase, key: str) -> None:
    kb.publish(a_case(id="tuin", findings=[a_finding("tuin", evidence="praktijkervaring")]))
    change_term(kb, key, label_nl="Heel anders genoemd")
    kb.catch_up()
    answers_anew(kb)

    cases, findings = (kb.client.get(f"/v1/{each}").text for each in ("cases", "findings"))

    assert "Heel anders genoemd" in cases + findings


def test_a_credited_ingredient_has_its_new_label_too(kb: KnowledgeBase) -> None:
    kb.publish(a_case(id="tuin", findings=[a_finding("tuin", ingredients=["buddy-systeem"])]))
    change_term(kb, BUDDY, label_nl="Maatjes in de wijk")
    kb.catch_up()
    answers_anew(kb)

    assert "Maatjes in de wijk" in kb.client.get("/v1/findings?lang=nl").text


def test_the_group_of_ingredients_has_its_new_label_in_their_items(kb: KnowledgeBase) -> None:
    group = terms.term("ingredients", "buddy-systeem").broader
    change_term(kb, f"ingredient-groups/{group}", label_nl="Groep met een andere naam")
    kb.catch_up()
    answers_anew(kb)

    assert "Groep met een andere naam" in kb.client.get("/v1/ingredients?pageSize=100").text


def test_a_deprecated_ingredient_is_listed_no_more(kb: KnowledgeBase) -> None:
    change_term(kb, BUDDY, deprecated_at=now())
    kb.catch_up()
    answers_anew(kb)

    listed = kb.client.get("/v1/ingredients?pageSize=100").json["items"]

    assert "buddy-systeem" not in [item["id"] for item in listed]
    assert not check(kb.database, kb.engine)


def test_another_process_answers_with_the_terms_that_it_follows(tmp_path: Path) -> None:
    ours = make(tmp_path)
    theirs = make(tmp_path)
    parts = theirs.app.extensions["kb"]
    follower = Follower(theirs.database, theirs.engine, parts.vocabulary)
    change_term(ours, BUDDY, label_nl="Maatjes in de wijk", synonyms=SYNONYMS)

    follower.poll()

    assert labels(theirs, "ingredients")["buddy-systeem"] == "Maatjes in de wijk"
    ours.close()
    theirs.close()


def test_a_vocabulary_is_read_once_for_each_change(kb: KnowledgeBase) -> None:
    with kb.database.reading() as session:
        first, second = vocabulary_in(session), vocabulary_in(session)
    change_term(kb, BUDDY, label_nl="Maatjes in de wijk")
    with kb.database.reading() as session:
        third = vocabulary_in(session)

    assert first is second
    assert third is not first
    assert third.fingerprint != first.fingerprint


def test_terms_that_programs_count_with_stand_where_the_release_has_them(
    kb: KnowledgeBase,
) -> None:
    change_term(kb, "effect-directions/negatief", position=99, label_nl="Ongunstig")
    answers_anew(kb)

    directions = labels(kb, "effect-directions")

    assert list(directions) == list(terms.schemes()["effect-directions"].terms)
    assert directions["negatief"] == "Ongunstig"
