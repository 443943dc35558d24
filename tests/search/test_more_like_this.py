"""Similar cases: what they share is named, and what few share counts most."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.database import now
from kb.editors import workflow
from schemas.cases import CaseDocument
from tests.builders import a_case, a_pitfall
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.strategies import examples

BARE: dict[str, Any] = {
    "scale": "stad",
    "strategies": ["sociaal-beheer"],
    "targetGroups": ["ouderen"],
    "ingredients": [{"id": "gedeelde-ruimten", "how": "Zo."}],
}


def similar(kb: KnowledgeBase, slug: str, query: str = "") -> list[dict[str, Any]]:
    answer = kb.client.get(f"/v1/cases/{slug}/similar-cases?{query}".rstrip("?"))
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def reasons(item: dict[str, Any]) -> dict[str, list[str]]:
    return {each["field"]: [one["id"] for one in each["shared"]] for each in item["reasons"]}


def with_ingredients(*names: str) -> list[dict[str, str]]:
    return [{"id": name, "how": "Zo."} for name in names]


def test_every_shared_term_is_named(any_kb: KnowledgeBase) -> None:
    soort = a_case("soort", kind="archetype", scale="wijk", **OTHER)
    een = a_case("een", archetype="soort", pitfalls=[a_pitfall("een"), a_pitfall("een", "b")])
    twee = a_case("twee", archetype="soort", pitfalls=[a_pitfall("twee")])
    any_kb.publish(soort, een, twee)

    items = similar(any_kb, "een")

    assert ids(items) == ["twee", "soort"]
    assert reasons(items[0]) == {
        "archetype": ["soort"],
        "ingredients": ["buddy-systeem"],
        "strategies": ["sociaal-beheer"],
        "targetGroups": ["jongeren"],
        "pitfalls": ["korte-adem"],
        "scale": ["buurt"],
    }
    assert reasons(items[1]) == {"archetype": ["soort"]}
    [shared] = items[1]["reasons"][0]["shared"]
    assert shared == {"id": "soort", "label": "Soort"}
    assert ids(similar(any_kb, "soort")) == ["een", "twee"]


OTHER: dict[str, Any] = {
    "strategies": ["gemengd-wonencomplex"],
    "targetGroups": ["ouderen"],
    "ingredients": [{"id": "gedeelde-ruimten", "how": "Zo."}],
}


def test_an_item_is_that_of_a_list(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("twee"))

    [item] = similar(kb, "een")

    listed = kb.client.get("/v1/cases?sort=title&pageSize=2").json["items"][1]
    item_reasons = item.pop("reasons")
    assert item == listed
    assert item_reasons[0]["shared"][0].keys() == {"id", "label"}
    assert item["_links"]["self"]["href"] == f"{PUBLIC_URL}/v1/cases/twee"


def test_a_rare_term_weighs_more_than_a_common_one(any_kb: KnowledgeBase) -> None:
    common, rare = "buddy-systeem", "selectie-op-motivatie"
    any_kb.publish(
        a_case("vraag", **BARE | {"ingredients": with_ingredients(common, rare)}),
        a_case("a-gewoon", **BARE | {"ingredients": with_ingredients(common)}),
        a_case("b-zeldzaam", **BARE | {"ingredients": with_ingredients(rare)}),
        *(a_case(f"c-{n}", **BARE | {"ingredients": with_ingredients(common)}) for n in range(5)),
    )

    items = similar(any_kb, "vraag")

    assert ids(items)[:2] == ["b-zeldzaam", "a-gewoon"]
    assert reasons(items[0])["ingredients"] == [rare]


def test_the_scale_alone_makes_no_case_similar(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("anders", scale="buurt", **OTHER))

    assert similar(kb, "een") == []


def test_labels_are_in_the_language_of_the_answer(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("twee"))

    labels = [
        [
            one["label"]
            for each in similar(kb, "een", f"lang={lang}")[0]["reasons"]
            for one in each["shared"]
        ]
        for lang in ("nl", "en")
    ]

    assert labels[0] != labels[1]


def test_no_more_come_than_fit_the_page(kb: KnowledgeBase) -> None:
    kb.publish(*(a_case(f"tuin-{n}") for n in range(9)))

    assert ids(similar(kb, "tuin-3")) == [
        "tuin-0",
        "tuin-1",
        "tuin-2",
        "tuin-4",
        "tuin-5",
        "tuin-6",
    ]
    assert len(similar(kb, "tuin-3", "pageSize=20")) == 8


def test_a_case_that_goes_is_similar_to_none(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("twee"))
    kb.draft(a_case("drie"))
    kb.withdraw("twee")

    assert similar(kb, "een") == []
    assert kb.client.get("/v1/cases/twee/similar-cases").status_code == 410
    assert kb.client.get("/v1/cases/drie/similar-cases").status_code == 404
    assert kb.client.get("/v1/cases/een/similar-cases?pageSize=21").status_code == 400
    assert kb.client.get("/v1/cases/een/similar-cases?page=2").status_code == 400


def test_without_an_index_nothing_is_compared_but_the_page_is_shown(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("twee"))
    shutil.rmtree(kb.app.extensions["kb"].settings.index_dir)
    kb.engine.close()

    answer = kb.client.get("/v1/cases/een/similar-cases")
    assert answer.status_code == 503
    assert answer.json["type"].endswith("/problems/search-unavailable")
    page = kb.client.get("/casussen/een")
    assert page.status_code == 200
    assert "casussen/twee" not in page.text


def test_a_case_that_the_index_does_not_hold_yet_is_similar_to_none(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"))
    with kb.database.transaction() as session:
        draft = workflow.save_draft(
            session, CaseDocument().load(a_case("twee")), author="a", at=now()
        )
        workflow.publish(session, draft, at=now())

    assert similar(kb, "twee") == []
    assert similar(kb, "een") == []


@pytest.fixture(scope="module")
def all_ids(seeded: KnowledgeBase) -> list[str]:
    """The ids of the first cases."""
    return ids(seeded.client.get("/v1/cases?pageSize=100&fields=id").json["items"])


@examples(8)
@given(data=st.data())
def test_what_is_similar_shares_what_it_says(
    data: st.DataObject, seeded: KnowledgeBase, all_ids: list[str]
) -> None:
    slug = data.draw(st.sampled_from(all_ids))
    case = seeded.client.get(f"/v1/cases/{slug}").json
    own = terms_of(case)

    items = similar(seeded, slug, "pageSize=8")

    assert slug not in ids(items)
    assert len(set(ids(items))) == len(items)
    for item in items:
        theirs = terms_of(seeded.client.get(f"/v1/cases/{item['id']}").json)
        shared = reasons(item)
        assert shared.keys() - {"scale"}
        assert shared == {key: shared[key] for key in shared if shared[key]}
        for field in own:
            assert set(shared.get(field, ())) == own[field] & theirs[field], (slug, item["id"])


def terms_of(case: Any) -> dict[str, set[str]]:
    return {
        "ingredients": {each["id"] for each in case["ingredients"]},
        "strategies": {each["id"] for each in case["strategies"]},
        "targetGroups": {each["id"] for each in case["targetGroups"]},
        "pitfalls": {each["category"]["id"] for each in case["pitfalls"]},
        "scale": {case["scale"]["id"]},
        "archetype": {case["archetype"]["id"]} if case["archetype"] else ({case["id"]}),
    }
