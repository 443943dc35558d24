"""Whether a case fits another place: twelve questions, and no answer without both sides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.decisions.transfer_check import (
    FILTER_OF,
    SCHEMES,
    Context,
    answered_by_user,
    capacities,
    check,
    condition_of,
    context_of,
    first_steps,
    groups,
    questions,
    suggestions,
)
from kb.search.filters import Range
from kb.vocabulary.terms import LANGUAGES, in_language, schemes
from schemas.transfer_checks import ANSWERS, OwnPlaceQuery


def some_terms(scheme: str) -> st.SearchStrategy[list[str]]:
    ids = sorted(schemes()[scheme].terms)[:4]
    return st.lists(st.sampled_from(ids), max_size=3, unique=True)


def labelled(ids: list[str]) -> list[dict[str, str]]:
    return [{"id": each, "label": each} for each in ids]


texts = st.none() | st.just("") | st.text(min_size=1, max_size=5)
maybe = st.none() | st.integers(0, 100)
cases = st.builds(
    lambda groups, strategies, scale, roles, text, urbanity, numbers: {
        "targetGroups": labelled(groups),
        "strategies": labelled(strategies),
        "scale": labelled(scale)[0] if scale else None,
        "parties": [{"name": "x", "role": each} for each in labelled(roles)],
        "context": text,
        "approach": text,
        "collaboration": text,
        "ingredients": labelled(groups) if text else [],
        "findings": [],
        "pitfalls": [],
        "place": {
            "urbanity": labelled(urbanity)[0] if urbanity else None,
            "population": numbers[0],
            "socialRent": numbers[1],
        },
    },
    some_terms("target-groups"),
    some_terms("strategies"),
    some_terms("scales"),
    some_terms("party-roles"),
    texts,
    some_terms("urbanity-levels"),
    st.tuples(maybe, maybe),
)
contexts = st.builds(
    Context,
    terms=st.fixed_dictionaries(
        {}, optional={name: some_terms(scheme).map(tuple) for name, scheme in SCHEMES.items()}
    ),
    numbers=st.dictionaries(st.sampled_from(("population", "socialRent")), st.integers(0, 100)),
    answers=st.dictionaries(st.sampled_from(answered_by_user()), st.sampled_from(ANSWERS)),
)


def test_the_questions_are_twelve_in_four_groups_and_in_both_languages() -> None:
    assert len(questions()) == len({each.id for each in questions()}) == 12
    for code in LANGUAGES:
        with in_language(code):
            assert [each.group for each in questions()] == [
                each.id for each in groups() for _ in range(3)
            ]
            assert len(capacities()) == 6
            assert all(each.question for each in capacities())
            for each in questions():
                assert each.question[code]
                assert each.question["nl"] != each.question["en"]
                assert all((each.equal[code], each.different[code], each.unknown[code]))


def test_every_question_has_a_parameter() -> None:
    names = {each.data_key for each in OwnPlaceQuery().fields.values()}

    assert {*FILTER_OF.values(), *answered_by_user(), "population", "socialRent"} <= names


@given(cases, contexts)
def test_nothing_is_equal_or_different_unless_both_sides_are_known(
    case: dict[str, Any], context: Context
) -> None:
    for each in check(case, context):
        if each.answer != "unknown":
            assert each.case
            assert each.own


@given(cases)
def test_who_says_nothing_of_their_place_learns_nothing_of_it(case: dict[str, Any]) -> None:
    checked = check(case, Context())

    assert {each.answer for each in checked} == {"unknown"}
    assert len(list(first_steps(checked))) == 12
    assert all(condition_of(each, case) is None for each in checked)


@given(cases, contexts)
def test_what_is_open_comes_first_once(case: dict[str, Any], context: Context) -> None:
    checked = check(case, context)

    steps = [each.question.id for each in first_steps(checked)]

    assert sorted(steps) == sorted(each.question.id for each in checked if each.answer == "unknown")


@given(cases, contexts)
def test_terms_are_equal_only_when_both_name_the_same(
    case: dict[str, Any], context: Context
) -> None:
    for each in check(case, context):
        if each.overlap and each.question.id != "parties":
            assert (each.answer == "equal") == (not each.overlap.only_case + each.overlap.only_own)


@given(cases, st.integers(0, 100))
def test_the_same_number_is_always_equal(case: dict[str, Any], number: int) -> None:
    case["place"] |= {"population": number, "socialRent": number}
    context = Context(numbers={"population": number, "socialRent": number})

    answers = {each.question.id: each.answer for each in check(case, context)}

    assert answers["population"] == answers["socialRent"] == "equal"


@given(cases, contexts)
def test_others_are_looked_for_in_what_counts_as_equal(
    case: dict[str, Any], context: Context
) -> None:
    for each in check(case, context):
        condition = condition_of(each, case)
        for name, (first, last) in condition.ranges.items() if condition else ():
            assert first is not None
            assert last is not None
            assert first <= context.numbers[name] <= last
            if each.case:
                assert (first <= each.case[0] <= last) == (each.answer == "equal")


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ((), "unknown"),
        (("wijk",), "equal"),
        (("stad",), "different"),
        (("wijk", "stad"), "different"),
    ],
)
def test_a_term_of_yours_that_the_case_lacks_is_a_difference(
    own: tuple[str, ...], expected: str
) -> None:
    case = {"scale": {"id": "wijk"}, "strategies": labelled(["flexwonen"]), "targetGroups": []}
    [scale] = [
        each
        for each in check({**EMPTY, **case}, Context(terms={"scale": own}))
        if each.question.id == "scale"
    ]

    assert scale.answer == expected


EMPTY: dict[str, Any] = {
    "targetGroups": [],
    "strategies": [],
    "parties": [],
    "pitfalls": [],
    "place": {},
}


def test_a_municipality_gives_what_one_does_not_give_oneself() -> None:
    context = context_of({"municipality": "Roosendaal", "population": 5})

    assert context.numbers["population"] == 5
    assert context.numbers["socialRent"] > 0
    assert context.terms["urbanity"]


@pytest.mark.parametrize(
    "name", ["utrecht", "den haag", "s-Hertogenbosch", "’s-hertogenbosch", "Sudwest-Fryslan"]
)
def test_a_municipality_is_known_however_it_is_typed(name: str) -> None:
    assert context_of({"municipality": name}).numbers["population"] > 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("roosendael", "Roosendaal"),
        ("Bergen", "Bergen (L.)"),
        ("bergen", "Bergen (NH.)"),
    ],
)
def test_a_name_that_none_has_gets_suggestions(name: str, expected: str) -> None:
    assert expected in suggestions(Context(name))


@pytest.mark.parametrize("name", ["", "Utrecht", "😘", "x" * 200])
def test_some_names_suggest_nothing(name: str) -> None:
    assert suggestions(Context(name)) == []


def test_a_range_never_leaves_what_is_possible() -> None:
    case = {**EMPTY, "place": {"socialRent": 3, "population": 1}}
    checked = check(case, Context(numbers={"socialRent": 97, "population": 0}))
    conditions = [condition for each in checked if (condition := condition_of(each, case))]

    assert [each.ranges for each in conditions] == [
        {"population": Range(0, 0)},
        {"socialRent": Range(87, 100)},
    ]
