"""/v1/transfer-checks and /past-het-hier, with the first cases."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import KnowledgeBase

CASE = "place2bu-utrecht"
OWN = (
    f"case={CASE}&municipality=Roosendaal&targetGroup=ouderen&scale=wijk&strategy=sociaal-beheer"
    "&partyRole=gemeente&need=equal&funding=different&phase=uitvoering"
)


def ask(kb: KnowledgeBase, query: str) -> dict[str, Any]:
    answer = kb.client.get(f"/v1/transfer-checks?{query}")
    assert answer.status_code == 200, answer.get_json()
    document: dict[str, Any] = answer.get_json()
    return document


def test_the_side_of_the_case_is_filled_in(seeded: KnowledgeBase) -> None:
    document = ask(seeded, f"case={CASE}")

    assert {each["answer"] for each in document["questions"]} == {"unknown"}
    assert all(each["case"] for each in document["questions"] if each["id"] != "funding")
    assert len(document["findOutFirst"]) == 12
    assert len(document["capacities"]) == 6
    assert not {"score", "total"} & document.keys()


def test_your_own_place_is_compared(seeded: KnowledgeBase) -> None:
    document = ask(seeded, OWN)

    answers = {each["id"]: each["answer"] for each in document["questions"]}
    assert answers["urbanity"] == answers["population"] == answers["scale"] == "different"
    assert answers["need"] == "equal"
    assert answers["motivation"] == "unknown"
    assert document["context"]["figuresYear"] == 2024
    assert all(each["id"] for each in document["pitfalls"])


def test_others_did_it_under_your_condition(seeded: KnowledgeBase) -> None:
    """Each is counted as the lists that its links lead to count it."""
    some = 0
    for each in ask(seeded, OWN)["questions"]:
        if others := each["otherCases"]:
            path = others["_links"]["self"]["href"].partition("/v1/")[2]
            listed = seeded.client.get(f"/v1/{path}&pageSize=100").get_json()["items"]
            assert others["total"] == len(listed)
            assert others["countsThisCase"] == (CASE in {item["id"] for item in listed})
            ids = {item["id"] for item in listed} - {CASE}
            address = others["_links"]["html"]["href"].rpartition("/")[2]
            shown = seeded.client.get(f"/{address}").get_data(as_text=True)
            assert re.search(rf'<h2 id="found"[^>]*>{len(listed)} casus', shown)
            assert {item["id"] for item in others["items"]} <= ids
            assert len(others["items"]) == min(3, len(ids))
            some += len(ids)
    assert some


def test_one_of_three_is_not_equal(seeded: KnowledgeBase) -> None:
    """It says what is shared and what is not."""
    [strategies] = [
        each
        for each in ask(seeded, f"case={CASE}&strategy=sociaal-beheer")["questions"]
        if each["id"] == "strategies"
    ]

    overlap = strategies["overlap"]
    assert len(strategies["case"]) == 3
    assert strategies["answer"] == "different"
    assert "deel" in strategies["follows"]
    assert [each["id"] for each in overlap["shared"]] == ["sociaal-beheer"]
    assert len(overlap["onlyCase"]) == 2
    assert not overlap["onlyOwn"]
    shown = page(seeded, f"case={CASE}&strategy=sociaal-beheer")
    assert "Deels: jij noemt 1 van 3." in shown


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("case=bestaat-niet", 404),
        ("case=Place2BU", 400),
        (f"case={CASE}&need=maybe", 400),
        (f"case={CASE}&scale=wijk&scale=stad", 400),
        (f"case={CASE}&urbanity=", 400),
        (f"case={CASE}&socialRent=101", 400),
        (f"case={CASE}&gemeente=Utrecht", 400),
        (f"case={CASE}&municipality={'x' * 201}", 400),
        (f"case={CASE}&municipality=%F0%9F%8F%98%3Cscript%3E", 200),
        (f"case={CASE}&population=0", 200),
    ],
)
def test_bad_input_is_refused(query: str, status: int, seeded: KnowledgeBase) -> None:
    assert seeded.client.get(f"/v1/transfer-checks?{query}").status_code == status


def test_an_empty_case_is_empty(seeded: KnowledgeBase) -> None:
    [error] = seeded.client.get("/v1/transfer-checks?case=").get_json()["errors"]

    assert (error["name"], error["code"]) == ("case", "empty")


def page(kb: KnowledgeBase, query: str, status: int = 200) -> str:
    answer = kb.client.get(f"/past-het-hier?{query}")
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_the_page_shows_the_twelve_and_keeps_what_was_filled_in(seeded: KnowledgeBase) -> None:
    text = page(seeded, OWN)

    assert text.count('<article class="twelve ') == 12
    assert 'value="Roosendaal"' in text
    assert '<option value="wijk" selected>' in text
    assert 'name="need" value="equal" checked' in text
    assert f'name="case" value="{CASE}"' in text


def test_on_paper_stands_what_was_filled_in(seeded: KnowledgeBase) -> None:
    [paper] = re.findall(r'<dl class="on-paper">(.*?)</dl>', page(seeded, OWN), re.DOTALL)

    assert '<dt>Jouw gemeente</dt><dd dir="auto">Roosendaal</dd>' in paper
    assert re.search(r"<dt>Inwoners</dt><dd[^>]*>[0-9]{2}[.][0-9]{3}</dd>", paper)
    nothing = page(seeded, f"case={CASE}").partition('<dl class="on-paper">')[2]
    assert "niet ingevuld" in nothing.partition("</dl>")[0]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("case=", 200),
        ("case=bestaat-niet", 404),
        ("case=%3Cscript%3E", 404),
        (f"case={CASE}&urbanity=stedelijk&population=veel&x=1&lang=en", 200),
        (f"case={CASE}&municipality=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", 200),
    ],
)
def test_the_page_forgives(query: str, status: int, seeded: KnowledgeBase) -> None:
    assert "<script>alert" not in page(seeded, query, status)


def test_a_slip_leads_to_the_same_case(seeded: KnowledgeBase) -> None:
    assert f"/past-het-hier?case={CASE}&amp;scale=wijk" in page(seeded, f"case={CASE}&scale=wij")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("need", "Hetzelfde probleem"),
        ("motivation", "Willen en kunnen"),
        ("ingredients", "Werkzame bestanddelen"),
        ("funding", "Geld, tijd en beheer"),
    ],
)
def test_a_slip_is_called_by_its_question(seeded: KnowledgeBase, name: str, label: str) -> None:
    assert f"{label}: " in page(seeded, f"case={CASE}&{name}=misschien")


def test_the_page_of_a_case_leads_there(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"/casussen/{CASE}").get_data(as_text=True)

    assert f"/past-het-hier?case={CASE}" in answer
