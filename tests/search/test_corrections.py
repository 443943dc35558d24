"""What is searched and asked when nothing has a word that was typed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_case
from tests.conftest import KnowledgeBase


@pytest.fixture
def kb_of_flats(kb: KnowledgeBase) -> KnowledgeBase:
    kb.publish(a_case(id="flat", title="Gemengd wonen in een band van buurtteams in Rotterdam"))
    return kb


def interpretation(kb: KnowledgeBase, q: str) -> dict[str, Any]:
    answer = kb.client.get("/v1/cases", query_string={"q": q}).json
    described: dict[str, Any] = answer["query"]["interpretation"]
    return {**described, "total": answer["page"]["totalItems"]}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gemengt", "gemengd"),
        ("gemengt wonen roterdam", "gemengd wonen rotterdam"),
        ("Roterdam", "Rotterdam"),
        ("ROTERDAM", "ROTTERDAM"),
        ("buurteems?", "buurtteams?"),
    ],
)
def test_typing_errors_are_corrected_as_they_were_typed(
    kb_of_flats: KnowledgeBase, typed: str, meant: str
) -> None:
    answer = interpretation(kb_of_flats, typed)

    assert (answer["didYouMean"], answer["corrected"], answer["total"]) == (meant, True, 1)


def test_all_that_is_read_otherwise_is_in_the_correction(kb_of_flats: KnowledgeBase) -> None:
    kb_of_flats.publish(
        *(a_case(id=f"b{n}", title="Sociaal beheer in Riekerhaven") for n in range(2))
    )

    read_as = {
        typed: interpretation(kb_of_flats, typed)
        for typed in ("sociaal beheeer", "Riekerhaaven", "sociaal beheeer roterdam")
    }

    assert {typed: (each["didYouMean"], each["corrected"]) for typed, each in read_as.items()} == {
        "sociaal beheeer": ("sociaal beheer", True),
        "Riekerhaaven": ("Riekerhaven", True),
        "sociaal beheeer roterdam": ("sociaal beheer rotterdam", True),
    }
    assert read_as["Riekerhaaven"]["total"] == 2


@pytest.mark.parametrize("typed", ["sociaal beheer", "beheerde", "buurtteam's"])
def test_another_ending_is_no_correction(typed: str, kb_of_flats: KnowledgeBase) -> None:
    kb_of_flats.publish(a_case(id="beheer", title="Sociaal beheer in Riekerhaven"))

    answer = interpretation(kb_of_flats, typed)

    assert (answer["didYouMean"], answer["corrected"]) == (None, False)
    assert answer["total"]


def test_a_word_that_exists_stays_and_a_much_used_one_is_a_question(
    kb_of_flats: KnowledgeBase,
) -> None:
    kb_of_flats.publish(*(a_case(id=f"t{n}", title="Wat woningen kosten") for n in range(5)))

    answer = interpretation(kb_of_flats, "koningen")

    assert (answer["didYouMean"], answer["corrected"], answer["total"]) == ("woningen", False, 0)


def test_for_a_compound_that_nothing_has_its_parts_are_a_question(
    kb_of_flats: KnowledgeBase,
) -> None:
    titles = ["Beleid", "Woning", "Toewijzing", "Toewijzing en beleid", "Woning en beleid"]
    kb_of_flats.publish(*(a_case(id=f"t{n}", title=each) for n, each in enumerate(titles)))

    answer = interpretation(kb_of_flats, "Woningtoewijzingsbeleid")

    expected = ("Woning toewijzing beleid", False, 0)
    assert (answer["didYouMean"], answer["corrected"], answer["total"]) == expected
    assert interpretation(kb_of_flats, answer["didYouMean"])["total"] == 5


@pytest.mark.parametrize("typed", ["bank", "women", "huurteams", "gewonen", "rotterdammer"])
def test_a_word_that_exists_is_not_doubted_for_little(
    typed: str, kb_of_flats: KnowledgeBase
) -> None:
    answer = interpretation(kb_of_flats, typed)

    assert (answer["didYouMean"], answer["corrected"]) == (None, False)


@pytest.mark.parametrize("typed", ["xyzzyq", "inn", "2019", "bink-band"])
def test_what_is_near_nothing_stays(kb_of_flats: KnowledgeBase, typed: str) -> None:
    assert interpretation(kb_of_flats, typed)["didYouMean"] is None


def test_signs_around_a_word_are_no_part_of_it(kb_of_flats: KnowledgeBase) -> None:
    answer = interpretation(kb_of_flats, "(gemengd) wonen?")

    assert (answer["didYouMean"], answer["total"]) == (None, 1)
    assert [term["input"] for term in answer["terms"]] == ["gemengd", "wonen"]
