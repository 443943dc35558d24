"""What several findings say together."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary.outcomes import (
    DIVIDED,
    NOT_STUDIED,
    UNCLEAR,
    count_by_lane,
    outcome_of,
)
from kb.vocabulary.terms import lane_of, schemes

DIRECTIONS = schemes()["effect-directions"].terms
directions = st.lists(st.sampled_from(sorted(DIRECTIONS)))


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ([], "niet-onderzocht"),
        (["onduidelijk", "onduidelijk"], "onduidelijk"),
        (["positief", "onduidelijk"], "positief"),
        (["gemengd"], "gemengd"),
        (["geen-effect", "geen-effect"], "geen-effect"),
        (["geen-effect", "negatief"], "verdeeld"),
        (["positief", "negatief", "onduidelijk"], "verdeeld"),
    ],
)
def test_what_findings_say_together(ways: list[str], expected: str) -> None:
    assert outcome_of(ways) == expected


@given(directions, st.randoms())
def test_order_and_repetition_change_nothing(ways: list[str], random: Random) -> None:
    again = [*ways, *ways]
    random.shuffle(again)

    assert outcome_of(again) == outcome_of(ways)


@given(directions, st.sampled_from(sorted(DIRECTIONS)))
def test_what_contradicts_never_goes_unsaid(ways: list[str], other: str) -> None:
    before, after = outcome_of(ways), outcome_of([*ways, other])

    if other == UNCLEAR:
        assert after == (UNCLEAR if before == NOT_STUDIED else before)
    elif before in {other, NOT_STUDIED, UNCLEAR}:
        assert after == other
    else:
        assert after == DIVIDED


def test_the_terms_are_all_that_it_can_say_called_as_directions_are() -> None:
    terms = schemes()["outcomes"].terms

    assert set(terms) == {*DIRECTIONS, DIVIDED, NOT_STUDIED}
    for each in DIRECTIONS:
        assert terms[each].labels == DIRECTIONS[each].labels


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(schemes()["evidence-levels"].terms)),
            st.sampled_from(sorted(DIRECTIONS)),
        )
    )
)
def test_every_finding_counts_once_in_its_own_lane(findings: list[tuple[str, str]]) -> None:
    counts = count_by_lane(findings)
    lanes = list(schemes()["evidence-lanes"].terms)

    assert list(counts) == sorted(counts, key=lanes.index)
    for lane, directions in counts.items():
        own = [direction for evidence, direction in findings if lane_of(evidence) == lane]
        assert directions == {each: own.count(each) for each in own}
    assert sum(sum(each.values()) for each in counts.values()) == len(findings)
