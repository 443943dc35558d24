"""The first content: complete, checked, and as it was collected."""

from __future__ import annotations

import json
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from kb.editors import seed_files
from kb.vocabulary.terms import every_term, schemes
from tests.conftest import KnowledgeBase

SEED = Path(str(resources.files("seed_data")))
Json = dict[str, Any]


def read(name: str) -> Any:
    return json.loads((SEED / f"{name}.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def cases() -> list[Json]:
    return [read(f"cases/{path.stem}") for path in sorted((SEED / "cases").glob("*.json"))]


@pytest.fixture(scope="module")
def studies() -> list[Json]:
    return [read(f"studies/{path.stem}") for path in sorted((SEED / "studies").glob("*.json"))]


@pytest.fixture(scope="module")
def questions() -> list[Json]:
    body: list[Json] = read("questions")
    return body


def test_nothing_is_wrong_with_any_file() -> None:
    files = seed_files.read_folder(SEED)

    assert (len(files.cases), len(files.studies), len(files.questions)) == (157, 93, 14)


def test_all_that_was_collected_is_there(
    cases: list[Json], studies: list[Json], questions: list[Json]
) -> None:
    assert Counter(case["kind"] for case in cases) == {"praktijk": 117, "archetype": 40}
    assert sum(len(case["pitfalls"]) for case in cases) == 382
    assert sum(len(case["findings"]) for case in cases) == 349
    assert sum(len(case["sources"]) for case in cases) == 923
    assert sum(len(study["pitfalls"]) for study in studies) == 77
    assert sum(len(study["findings"]) for study in studies) == 211
    assert Counter(question["theme"] for question in questions).keys() == {
        term.id for term in schemes()["themes"].terms.values()
    }


def test_all_terms_are_there() -> None:
    assert {scheme.id: len(scheme.terms) for scheme in schemes().values()} == {
        "strategies": 22,
        "ingredient-groups": 7,
        "ingredients": 40,
        "pitfall-categories": 23,
        "phases": 5,
        "effect-domains": 13,
        "effect-levels": 5,
        "effect-directions": 5,
        "evidence-lanes": 4,
        "outcomes": 7,
        "verdicts": 7,
        "evidence-levels": 7,
        "kinds": 2,
        "scales": 7,
        "urbanity-levels": 5,
        "statuses": 5,
        "target-groups": 19,
        "party-roles": 14,
        "themes": 3,
        "source-types": len(schemes()["source-types"].terms),
    }


def test_ids_are_assigned_once(
    cases: list[Json], studies: list[Json], questions: list[Json]
) -> None:
    owners = [each["id"] for each in (*cases, *studies)]
    owned = [
        (kind, each["id"])
        for owner in (*cases, *studies)
        for kind in ("pitfalls", "findings")
        for each in owner[kind]
    ]

    for ids in (owners, owned, [each["id"] for each in questions]):
        assert [each for each, count in Counter(ids).items() if count > 1] == []


def test_every_term_is_used_or_meant_to_be(cases: list[Json]) -> None:
    used = {each["id"] for case in cases for each in case["ingredients"]}
    strategies = {each for case in cases for each in case["strategies"]}

    assert used == set(schemes()["ingredients"].terms)
    assert strategies == set(schemes()["strategies"].terms)


def test_place2bu_is_described_as_its_sources_have_it(seeded: KnowledgeBase) -> None:
    body = seeded.client.get("/v1/cases/place2bu-utrecht").get_json()

    assert body["archetype"]["id"] == "gemengd-wonen-in-een-complex"
    assert body["place"]["municipality"] == "Utrecht"
    assert (body["startYear"], body["endYear"], body["dwellings"]) == (2017, 2029, 490)
    assert {each["name"] for each in body["parties"]} >= {"Portaal", "Mitros", "Gemeente Utrecht"}
    assert body["findings"][0]["source"]["title"] == "Place2BU brengt werelden samen"
    assert body["unverified"] == ["pitfalls.avoidance"]


@pytest.mark.parametrize(
    ("case", "ingredient"),
    [
        ("wenen-bautraegerwettbewerb", "gelijke-uitstraling"),
        ("wenen-bautraegerwettbewerb", "grond-in-publieke-hand"),
        ("helsinki-woningmengbeleid", "grond-in-publieke-hand"),
        ("vauban-freiburg", "grond-in-publieke-hand"),
        ("singapore-etnische-integratie", "grond-in-publieke-hand"),
    ],
)
def test_terms_that_came_late_were_added(case: str, ingredient: str) -> None:
    assert ingredient in [each["id"] for each in read(f"cases/{case}")["ingredients"]]


def test_other_late_terms_were_added_too() -> None:
    assert "quota-op-samenstelling" in read("cases/singapore-etnische-integratie")["strategies"]
    assert "asielzoekers" in read("cases/plan-einstein-utrecht")["targetGroups"]
    hope = read("cases/hope-vi-verenigde-staten")
    assert "verlies-betaalbare-voorraad" in [each["category"] for each in hope["pitfalls"]]


def test_what_stopped_is_not_running_and_what_runs_has_not_ended(cases: list[Json]) -> None:
    flanders = read("cases/vlaanderen-bindend-sociaal-objectief")
    assert flanders["status"] != "lopend" or flanders["endYear"] is None
    for case in cases:
        if case["startYear"] and case["endYear"]:
            assert case["startYear"] <= case["endYear"], case["id"]


def test_one_party_is_one_organisation_with_one_spelling(cases: list[Json]) -> None:
    names = Counter(party["name"] for case in cases for party in case["parties"])

    folded = Counter(name.casefold().replace(" ", "") for name in names)
    assert [name for name, count in folded.items() if count > 1] == []
    with_commas = {name for name in names if ", " in name}
    assert with_commas == {"Ministerie voor Wonen, Wijken en Integratie"}


def test_an_archetype_that_a_case_names_is_one(cases: list[Json]) -> None:
    kinds = {case["id"]: case["kind"] for case in cases}

    named = {case["archetype"] for case in cases if case["archetype"]}
    assert named
    assert {kinds[each] for each in named} == {"archetype"}


def test_a_question_leads_to_something(seeded: KnowledgeBase, questions: list[Json]) -> None:
    for question in questions:
        body = seeded.client.get(f"/v1/questions/{question['id']}").get_json()
        assert [each["id"] for each in body["studies"]] == question["studies"]
        leads = ("strategies", "ingredients", "pitfallCategories", "effectDomains", "studies")
        assert any(body[key] for key in leads), question["id"]


def test_files_are_written_as_export_writes_them() -> None:
    for path in (SEED / "questions.json", *SEED.glob("*/*.json")):
        stored = path.read_text("utf-8")
        assert stored == json.dumps(json.loads(stored), ensure_ascii=False, indent=2) + "\n", (
            path.name
        )


def test_contradicting_findings_stand_side_by_side(seeded: KnowledgeBase) -> None:
    directions = {
        direction: seeded.client.get(
            f"/v1/findings?effectDomain=leefbaarheid&effectDirection={direction}"
        ).json["page"]["totalItems"]
        for direction in ("positief", "negatief", "geen-effect")
    }

    assert all(directions.values()), directions


def test_every_term_can_be_read_by_its_id() -> None:
    assert len({(term.scheme, term.id) for term in every_term()}) == sum(
        len(scheme.terms) for scheme in schemes().values()
    )
