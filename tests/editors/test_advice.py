"""Advice while writing: duplicates, missing evidence, ingredients that the text mentions."""

from __future__ import annotations

from typing import Any

import pytest

from kb.editors.advice import Advice, advise, validate
from schemas.cases import CaseDocument
from tests.builders import a_case, a_finding
from tests.conftest import KnowledgeBase


def advice(kb: KnowledgeBase, document: dict[str, Any], code: str) -> list[Advice]:
    with kb.database.reading() as session:
        return [
            each for each in advise(session, CaseDocument().load(document)) if each.code == code
        ]


def judged(kb: KnowledgeBase, document: Any) -> tuple[list[tuple[str, str]], set[str]]:
    """Errors by pointer and code, and the codes of the advice."""
    with kb.database.reading() as session:
        errors, items = validate(session, document)
    return sorted((at, mistake.code) for at, mistake in errors), {each.code for each in items}


def get(kb: KnowledgeBase, path: str) -> Any:
    return kb.client.get(path).get_json()


def mentioned(kb: KnowledgeBase, **texts: Any) -> list[tuple[str, str, str]]:
    items = advice(kb, a_case(**texts), "ingredient-not-tagged")
    return [(each.pointer, each.values["words"], each.related[0].id) for each in items]


IN_UTRECHT = {"country": "NL", "municipality": "Utrecht"}


@pytest.mark.parametrize(
    ("title", "place", "years", "reasons"),
    [
        ("Buurttuin De Akker", None, (None, None), ("title",)),
        ("Buurttuin Akkeren", None, (None, None), None),  # alike is not enough by itself
        ("buurttuin de Ákker", "Zwolle", (1990, None), ("title",)),
        ("De Akker, een buurttuin", "UTRECHT", (None, None), ("title", "place")),
        ("Buurttuin De Akker", None, (2019, None), ("title", "years")),
        ("Buurttuin Akker", "Utrecht", (2015, 2018), ("title", "place", "years")),
        ("Buurttuin Akker", "Utrecht", (2015, 2017), ("title", "place")),
        ("Heel iets anders", "Utrecht", (2018, 2020), None),
    ],
)
def test_a_likely_duplicate_is_reported_with_its_reasons(
    kb: KnowledgeBase, title: str, place: str | None, years: Any, reasons: Any
) -> None:
    there = a_case("akker", title="Buurttuin De Akker", place=IN_UTRECHT, startYear=2018)
    kb.publish(there | {"endYear": 2020, "status": "afgerond"})
    start, end = years

    items = advice(
        kb,
        a_case("x", title=title, place={"municipality": place}, startYear=start, endYear=end),
        "likely-duplicate",
    )

    assert [each.values["reasons"] for each in items] == ([reasons] if reasons else [])
    for each in items:
        assert (each.pointer, each.related[0].id) == ("/title", "akker")
        assert "Buurttuin De Akker" in each.detail % each.values


def test_a_name_before_a_colon_is_enough(seeded: KnowledgeBase) -> None:
    items = advice(seeded, a_case("nieuw", title="Place2BU", place=IN_UTRECHT), "likely-duplicate")

    assert [each.related[0].id for each in items] == ["place2bu-utrecht"]


@pytest.mark.parametrize("title", ["Knarrenhof", "Knarrenhof De Aahof in Zwolle"])
def test_words_around_a_name_before_a_colon_hide_no_duplicate(
    kb: KnowledgeBase, title: str
) -> None:
    kb.publish(a_case("hofje", title="Knarrenhof De Aahof: koop en huur in één hofje"))

    items = advice(kb, a_case("nieuw", title=title), "likely-duplicate")

    assert [each.related[0].id for each in items] == ["hofje"]


def test_a_case_whose_id_is_wanted_is_reported(kb: KnowledgeBase) -> None:
    kb.publish(a_case("le-medi-rotterdam", title="Mediterraan woonblok"))

    with kb.database.reading() as session:
        _, advice_items = validate(session, {"title": "Le Medi, Rotterdam", "kind": "praktijk"})
    of_title = [each for each in advice_items if each.code == "likely-duplicate"]
    numbered = advice(kb, a_case("le-medi-rotterdam-2", title="Iets"), "likely-duplicate")

    for items in (of_title, numbered):
        assert [each.related[0].id for each in items] == ["le-medi-rotterdam"]
        assert [each.values["reasons"] for each in items] == [("id",)]


def test_a_case_is_no_duplicate_of_itself_but_drafts_count(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("akker", title="Buurttuin"))
    any_kb.draft(a_case("akker", title="Buurttuin"))
    any_kb.draft(a_case("ander", title="Buurttuin", place={"municipality": None}))
    any_kb.draft({"id": "leeg"})

    items = advice(any_kb, a_case("akker", title="Buurttuin"), "likely-duplicate")

    assert [each.related[0].id for each in items] == ["ander"]


def test_the_likeliest_duplicates_come_first_and_no_more_than_three(kb: KnowledgeBase) -> None:
    for name, city in (("a", "Zwolle"), ("b", "Utrecht"), ("c", "Ede"), ("d", "Assen")):
        kb.draft(a_case(name, title="Buurttuin", place={"municipality": city}))

    items = advice(kb, a_case("x", title="Buurttuin", place=IN_UTRECHT), "likely-duplicate")

    assert items[0].related[0].id == "b"
    assert len(items) == 3


def test_a_case_without_findings_lacks_evidence(kb: KnowledgeBase) -> None:
    assert [each.pointer for each in advice(kb, a_case(), "missing-evidence")] == ["/findings"]
    with_finding = a_case(findings=[a_finding("tuin")])
    assert advice(kb, with_finding, "missing-evidence") == []


@pytest.mark.parametrize(
    ("text", "words", "ingredient"),
    [
        ("Twee huismeesters houden toezicht.", "huismeesters", "sociaal-beheerder-aanwezig"),
        ("Er zijn gemeenschappelijke ruimten.", "gemeenschappelijke ruimten", "gedeelde-ruimten"),
        ("Elke week SAMEN ETEN in de zaal.", "SAMEN ETEN", "gezamenlijke-activiteiten"),
        ("De verdeling is zeventig-dertig.", "zeventig-dertig", "balans-dragers-vragers"),
    ],
)
def test_an_ingredient_that_the_text_names_is_reported(
    kb: KnowledgeBase, text: str, words: str, ingredient: str
) -> None:
    assert mentioned(kb, approach=text) == [("/approach", words, ingredient)]


@pytest.mark.parametrize(
    "text",
    [
        "Het kwam er zonder huismeester.",
        "Er was nooit een huismeester.",
        "De kinderen gaan naar school.",  # scholing is another word of that stem
        "Vrijwilligers schilderden de hal.",
        "Iedereen krijgt een mentor.",  # a name of what is tagged
    ],
)
def test_what_is_denied_or_only_sounds_alike_is_not_reported(kb: KnowledgeBase, text: str) -> None:
    assert mentioned(kb, approach=text) == []


def test_each_ingredient_is_reported_once_where_it_stands_first(kb: KnowledgeBase) -> None:
    items = mentioned(kb, summary="Met een huismeester.", results="De huismeester hielp.")

    assert [pointer for pointer, *_ in items] == ["/summary"]


def test_what_is_tagged_is_not_reported(kb: KnowledgeBase) -> None:
    tagged = [{"id": "sociaal-beheerder-aanwezig", "how": "Elke dag."}]

    assert mentioned(kb, approach="Met een huismeester.", ingredients=tagged) == []


def test_advice_about_the_first_cases_is_rare(seeded: KnowledgeBase) -> None:
    with seeded.database.reading() as session:
        items = [
            each
            for number in range(1, 5)
            for item in get(seeded, f"/v1/cases?pageSize=20&page={number}")["items"]
            for each in advise(
                session,
                CaseDocument().load(get(seeded, f"/v1/cases/{item['id']}")),
            )
        ]

    assert not [each for each in items if each.code == "likely-duplicate"]
    assert len([each for each in items if each.code == "ingredient-not-tagged"]) < 40


def test_validating_tells_errors_and_advice_together(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))

    assert judged(kb, a_case("x", title="Tuin", findings=[a_finding("x")])) == (
        [],
        {"likely-duplicate"},
    )
    assert judged(kb, {"title": "Tuin", "scale": "wijkk", "startYear": 2020})[0] == [
        ("/scale", "not-in-vocabulary")
    ]
    errors, codes = judged(kb, a_case("x", title="Tuin", scale="wijkk", pitfalls=[{}]))
    assert errors == [("/pitfalls/0/title", "required"), ("/scale", "not-in-vocabulary")]
    assert codes == {"likely-duplicate", "missing-evidence"}


def test_validating_tells_what_publishing_would_miss(kb: KnowledgeBase) -> None:
    errors, _ = judged(kb, a_case("x", archetype="bestaat-niet", summary=None, strategies=[]))

    assert errors == [
        ("/archetype", "unknown-reference"),
        ("/strategies", "too-short"),
        ("/summary", "required"),
    ]


@pytest.mark.parametrize("document", [None, [], "x", 3, {}, {"place": []}, {"ingredients": [None]}])
def test_whatever_is_validated_gets_an_answer(kb: KnowledgeBase, document: Any) -> None:
    errors, codes = judged(kb, document)

    assert errors
    assert codes == {"missing-evidence"}
