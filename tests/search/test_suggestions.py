"""What is suggested: terms by all their names, places, and things by their title; with slips."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from kb.search.execute.suggest import begins_so
from kb.vocabulary.terms import schemes
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.strategies import examples
from tests.work import calls_of


def suggested(kb: KnowledgeBase, typed: str, **more: Any) -> list[dict[str, Any]]:
    """What the API suggests."""
    answer = kb.client.get("/v1/suggestions", query_string={"q": typed, **more})
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def types_and_ids(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["type"], item["id"]) for item in items]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("'s-her", "'s-Hertogenbosch"),
        ("rotterdm", "Rotterdam"),
        ("amsterdm", "Amsterdam"),
        ("rotterd", "Rotterdam"),
    ],
)
def test_a_place_that_begins_so_comes_first(typed: str, place: str, seeded: KnowledgeBase) -> None:
    first = suggested(seeded, typed)[0]

    assert (first["type"], first["text"]) == ("place", place)


def test_after_an_apostrophe_nothing_else_begins_so(seeded: KnowledgeBase) -> None:
    assert {item["text"] for item in suggested(seeded, "'s-her")} == {"'s-Hertogenbosch"}


def test_a_short_stem_is_not_near_another(seeded: KnowledgeBase) -> None:
    assert suggested(seeded, "drugs") == []


@pytest.mark.parametrize(
    ("typed", "type_", "id_"),
    [
        ("schuld", "strategy", "werk-en-inkomen"),
        ("ggz", "targetGroup", "mensen-met-psychische-kwetsbaarheid"),
        ("vve", "partyRole", "bewonersorganisatie"),
        ("dakloos", "targetGroup", "uitstromers-opvang"),
        ("asiel", "targetGroup", "statushouders"),
        ("vergunninghou", "targetGroup", "statushouders"),
        ("segreg", "effectDomain", "bevolkingssamenstelling"),
        ("gentrif", "pitfallCategory", "verdringing"),
        ("maatje", "ingredient", "buddy-systeem"),
        ("'s-h", "place", "'s-Hertogenbosch"),
        ("den bosch", "place", "'s-Hertogenbosch"),
        ("fryslân", "province", "Friesland"),
        ("limb", "province", "Limburg"),
        ("leidt een gemengde", "question", "leidt-mengen-tot-contact"),
        ("goede buren les", "study", "hu-goede-buren-2018"),
        ("statushuo", "targetGroup", "statushouders"),
        ("startblik", "case", "startblok-riekerhaven-amsterdam"),
    ],
)
def test_what_people_type_is_suggested(
    typed: str, type_: str, id_: str, seeded: KnowledgeBase
) -> None:
    assert (type_, id_) in types_and_ids(suggested(seeded, typed))


def test_another_name_stands_beside_the_label(seeded: KnowledgeBase) -> None:
    [first, *_] = suggested(seeded, "schuldhulp")

    assert first["text"] == "Werk en inkomen (schuldhulpverlening)"
    assert first["html"] == "Werk en inkomen (<mark>schuldhulp</mark>verlening)"


@pytest.mark.parametrize("typed", ["jong", "wonen", "over", "sociaal", "wijk", "gem", "be"])
def test_cases_stand_before_pitfalls_and_no_type_takes_all(
    typed: str, seeded: KnowledgeBase
) -> None:
    types = [item["type"] for item in suggested(seeded, typed)]

    assert "case" in types
    assert "pitfall" not in types[: len(types) - 1 - types[::-1].index("case")]
    assert len({each for each in types if each not in {"case", "pitfall", "study"}}) >= 1
    assert len(types) <= 8


@pytest.mark.parametrize(
    "typed", ["wo", "jong", "utr", "regie", "limb", "dakloos", "neemt", "duur"]
)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_suggestion_leads_to_something(typed: str, lang: str, seeded: KnowledgeBase) -> None:
    for item in suggested(seeded, typed, lang=lang, pageSize=40):
        for link in ("self", "html"):
            address = item["_links"][link]["href"].removeprefix(PUBLIC_URL)
            answer = seeded.client.get(address)
            assert answer.status_code == 200, address
            if link == "self" and "?" in address:
                assert answer.json["page"]["totalItems"] > 0, address
        page = urlsplit(item["_links"]["html"]["href"])
        assert page.path.startswith("/")


def test_a_term_that_nothing_has_is_not_suggested(kb: KnowledgeBase) -> None:
    types = {item["type"] for item in suggested(kb, "ouder")}

    assert types <= {"ingredient", "strategy", "effectDomain"}  # they have pages of their own


def test_only_the_types_that_were_chosen(seeded: KnowledgeBase) -> None:
    items = suggested(seeded, "jong", type="case,targetGroup", pageSize=20)

    assert {item["type"] for item in items} == {"case", "targetGroup"}
    assert len(items) > 8


def test_slips_count_only_when_nothing_begins_so(seeded: KnowledgeBase) -> None:
    exact = suggested(seeded, "buddy")

    assert all("buddy" in re.sub("[’']", "", item["text"].lower()) for item in exact)
    assert suggested(seeded, "hui") != suggested(seeded, "hiu")  # too short to have a slip


@pytest.mark.parametrize(
    "typed", ["wo", "ggz", "jong", "statushuo", "dakloos", "xyzzyqq", "overlst"]
)
def test_a_suggestion_is_little_work(typed: str, seeded: KnowledgeBase) -> None:
    suggested(seeded, typed)  # everything is open

    assert calls_of(lambda: suggested(seeded, typed)) < 12_000


@examples(200)
@given(st.text("abcde", min_size=1, max_size=8), st.text("abcde", min_size=1, max_size=10))
def test_one_slip_is_one_letter(prefix: str, word: str) -> None:
    nearest = min(OSA.distance(prefix, word[:end]) for end in range(len(word) + 1))

    assert begins_so(word, prefix, slips=False) == word.startswith(prefix)
    if len(prefix) >= 5:
        assert begins_so(word, prefix, slips=True) == (nearest <= 1)
    else:
        assert begins_so(word, prefix, slips=True) == word.startswith(prefix)


def test_every_filter_on_terms_is_a_type(seeded: KnowledgeBase) -> None:
    operation = seeded.app.extensions["kb"].api_document()["paths"]["/suggestions"]["get"]
    [types] = [each["schema"] for each in operation["parameters"] if each["name"] == "type"]

    assert {each.parameter for each in schemes().values() if each.parameter} <= set(
        types["items"]["enum"]
    )
