"""Words that lead to others one way: kinds of what was typed, and what people mean by it."""

from __future__ import annotations

from typing import Any

import pytest

from kb.search.analysis.analyzer import Analyzer
from kb.search.query.parse import parse
from tests.builders import a_case
from tests.conftest import KnowledgeBase


def ids(kb: KnowledgeBase, typed: str) -> list[str]:
    """The cases that a query finds, the best first."""
    answer: Any = kb.client.get("/v1/cases", query_string={"q": typed}).json
    return [each["id"] for each in answer["items"]]


def also(kb: KnowledgeBase, typed: str) -> list[list[str]]:
    """For each word of a query what it was taken to mean as well."""
    answer: Any = kb.client.get("/v1/cases", query_string={"q": typed}).json
    return [each["also"] for each in answer["query"]["interpretation"]["terms"]]


def test_a_wide_word_finds_its_kinds_and_a_kind_does_not_find_the_wide_word(
    kb: KnowledgeBase,
) -> None:
    kb.publish(
        a_case("flat", approach="Er was een inbraak."),
        a_case("tuin", approach="De criminaliteit nam af."),
    )

    assert ids(kb, "criminaliteit") == ["tuin", "flat"]
    assert ids(kb, "inbraak") == ["flat"]
    assert "vandalisme" in also(kb, "criminaliteit")[0]


@pytest.mark.parametrize(
    ("typed", "written"),
    [("junk", "verslaving"), ("junks", "verslaving"), ("niet durven", "onveilig")],
)
def test_a_plain_word_finds_what_professionals_write_and_they_do_not_find_it(
    kb: KnowledgeBase, typed: str, written: str
) -> None:
    kb.publish(
        a_case("flat", approach=f"Men schrijft: {written}."),
        a_case("tuin", approach=f"Men zegt: {typed}."),
    )

    assert ids(kb, typed) == ["tuin", "flat"]
    assert ids(kb, written) == ["flat"]


@pytest.mark.parametrize("typed", ["in de war", "met gekke buren"])
def test_a_plain_phrase_finds_what_has_the_term(kb: KnowledgeBase, typed: str) -> None:
    group = "mensen-met-psychische-kwetsbaarheid"
    kb.publish(a_case("flat", targetGroups=[group]), a_case("tuin"))

    assert ids(kb, typed)[0] == "flat"
    assert "Mensen met een psychische kwetsbaarheid" in also(kb, typed)[0]


def test_words_between_which_stop_words_stand_mean_nothing_without_them(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", targetGroups=["mensen-met-psychische-kwetsbaarheid"]))

    assert ids(kb, "oorlog en war") == []
    assert also(kb, '"in de war"') == [[]]


def test_names_with_stop_words_are_understood_wherever_they_stand_in_a_query(
    kb: KnowledgeBase,
) -> None:
    kb.publish(a_case("flat", approach="Een aanbellende buur."), a_case("tuin"))

    assert "huisbezoek" in also(kb, "langs de deuren")[0]
    assert "huisbezoek" in also(kb, "gaan we langs de deuren of niet")[1]


def test_without_synonyms_nothing_is_related() -> None:
    [clause] = parse("junks", Analyzer(without=["synonyms"])).clauses

    assert {each.text.strip("…") for each in clause.expansions} == {"junks"}
