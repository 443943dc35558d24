"""What the clusters say is a word from a table, and never an average."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.evidence.verdicts import Directions, LaneVerdict, Word
from kb.vocabulary.terms import schemes
from tests.evidence.records import (
    DIRECTIONS,
    LANES,
    FindingRecord,
    Voices,
    a_record,
    arrays_of,
    cluster_ids,
    many,
    members,
    records,
    verdict_of,
    voices,
    words,
)
from tests.strategies import examples, term

PLUS, MINUS, NONE, UNCLEAR = ["positief"], ["negatief"], ["geen-effect"], ["onduidelijk"]
MIXED, DIVIDED = ["gemengd"], ["positief", "negatief"]
AGREEMENT = {Word.UNANIMOUS: 2, Word.MOSTLY: 1}  # how far a word goes that way; others not at all
ONE_LANE = many(st.just("oorzakelijk"))
OPPOSITE = {"positief": "negatief", "negatief": "positief"}


def lane_of(findings: list[FindingRecord], lane: str = "oorzakelijk") -> LaneVerdict:
    [only] = [each for each in verdict_of(findings).lanes if each.lane == lane]
    return only


@pytest.mark.parametrize(
    ("clusters", "word", "leading"),
    [
        ([], "niet-onderzocht", set()),
        ([PLUS, MINUS], "tegenstrijdig", {"positief", "negatief"}),
        ([PLUS] * 30 + [MINUS], "tegenstrijdig", {"positief"}),
        ([PLUS, MINUS, DIVIDED], "tegenstrijdig", {"positief", "negatief"}),
        ([DIVIDED], "tegenstrijdig", set()),
        ([DIVIDED, ["positief", "geen-effect"], UNCLEAR], "tegenstrijdig", set()),
        ([PLUS], "te-weinig", {"positief"}),
        ([PLUS, PLUS], "te-weinig", {"positief"}),
        ([PLUS, DIVIDED], "te-weinig", {"positief"}),
        ([UNCLEAR] * 5, "te-weinig", set()),
        ([PLUS, PLUS, UNCLEAR], "te-weinig", {"positief"}),
        ([PLUS] * 3, "eensgezind", {"positief"}),
        ([NONE] * 3, "eensgezind", {"geen-effect"}),
        ([PLUS, PLUS, [*PLUS, *UNCLEAR], UNCLEAR], "eensgezind", {"positief"}),
        ([PLUS] * 4 + [NONE], "overwegend", {"positief"}),
        ([PLUS] * 4 + [MIXED, UNCLEAR], "overwegend", {"positief"}),
        ([PLUS] * 8 + [["positief", "geen-effect"]], "overwegend", {"positief"}),
        ([PLUS] * 8 + [DIVIDED], "wisselend", {"positief"}),  # both sides within a cluster
        ([MIXED] * 8 + [DIVIDED], "wisselend", {"gemengd"}),
        ([MIXED] * 8 + [PLUS], "overwegend", {"gemengd"}),
        ([PLUS] * 3 + [NONE], "wisselend", {"positief"}),  # four are not enough for “mostly”
        ([PLUS] * 4 + [NONE] * 2, "wisselend", {"positief"}),
        ([PLUS] * 4 + [NONE] * 4, "wisselend", {"positief", "geen-effect"}),
        ([PLUS, PLUS, DIVIDED], "wisselend", {"positief"}),
        ([DIVIDED] * 4 + [PLUS], "wisselend", {"positief"}),
    ],
)
def test_the_table(clusters: Voices, word: str, leading: set[str]) -> None:
    lane = lane_of(voices(oorzakelijk=clusters))

    assert lane.word == word
    assert lane.leading == leading


@pytest.mark.parametrize(
    ("lanes", "word", "basis"),
    [
        ({}, "niet-onderzocht", None),
        ({"ervaring": [PLUS]}, "te-weinig", None),
        ({"ervaring": [UNCLEAR], "oorzakelijk": [PLUS]}, "te-weinig", None),
        ({"oorzakelijk": [PLUS], "beschrijvend": [PLUS] * 3}, "eensgezind", "beschrijvend"),
        ({"oorzakelijk": [NONE], "beschrijvend": [PLUS] * 3}, "eensgezind", "beschrijvend"),
        ({"samenvattend": [PLUS] * 3, "oorzakelijk": [PLUS] * 4 + [NONE]}, "overwegend",
         "oorzakelijk"),
        ({"oorzakelijk": [NONE] * 2, "ervaring": [PLUS] * 9}, "lopen-uiteen", None),
        ({"oorzakelijk": [PLUS] * 3, "ervaring": [PLUS, MINUS]}, "lopen-uiteen", None),
        ({"oorzakelijk": [PLUS] * 3, "ervaring": [DIVIDED] * 2}, "lopen-uiteen", None),
        ({"oorzakelijk": [PLUS] * 3, "ervaring": [UNCLEAR] * 4}, "eensgezind", "oorzakelijk"),
        ({"oorzakelijk": [PLUS, PLUS, MINUS], "ervaring": [PLUS] * 3}, "tegenstrijdig",
         "oorzakelijk"),
    ],
)  # fmt: skip
def test_what_lanes_say_together(lanes: dict[str, Voices], word: str, basis: str | None) -> None:
    over_lanes = verdict_of(voices(**lanes))

    assert over_lanes.word == word
    assert (over_lanes.basis.lane if over_lanes.basis else None) == basis


def test_a_divided_cluster_counts_for_neither_side_and_is_shown() -> None:
    lane = lane_of(voices(oorzakelijk=[PLUS, DIVIDED, UNCLEAR]))

    assert lane.counts == {"positief": 1, "verdeeld": 1, "onduidelijk": 1}
    assert lane.tally[Directions(DIVIDED)] == 1


def test_a_filter_leaves_clusters_that_others_connect_as_they_are() -> None:
    ends = [
        a_record("a", "ervaring", "positief", publication="x"),
        a_record("b", "ervaring", "positief", publication="y"),
    ]
    between = [
        a_record("c", "beschrijvend", "positief", publication=key, case="tuin") for key in "xy"
    ]

    [*_, filtered] = verdict_of(ends, between).lanes

    assert filtered.clusters == 1


@given(ONE_LANE)
@examples(100)
def test_a_lane_with_both_sides_is_never_called_agreed(findings: list[FindingRecord]) -> None:
    """Stronger than what follows, and why it holds."""
    both = {each.direction for each in findings} >= {"positief", "negatief"}

    assert not both or lane_of(findings).word not in AGREEMENT


@given(many(), st.data())
@examples(100)
def test_a_contradicting_finding_never_moves_its_lane_towards_agreement(
    findings: list[FindingRecord], data: st.DataObject
) -> None:
    """Whatever it shares with others, also when two clusters become one by it."""
    lane = data.draw(term("evidence-lanes"))
    before = lane_of(findings, lane)
    sides = sorted(before.leading & OPPOSITE.keys())
    assume(sides)
    drawn = data.draw(records(st.just(lane)))
    against = replace(drawn, id="zz", direction=OPPOSITE[sides[0]])

    after = lane_of([*findings, against], lane)

    assert AGREEMENT.get(after.word, 0) <= AGREEMENT.get(before.word, 0)


@given(st.dictionaries(term("evidence-lanes"), st.lists(st.lists(
    st.sampled_from(DIRECTIONS), min_size=1, max_size=2), max_size=7)), st.data())  # fmt: skip
@examples(100)
def test_another_programme_that_contradicts_never_moves_the_whole_towards_agreement(
    lanes: dict[str, Voices], data: st.DataObject
) -> None:
    findings = voices(**lanes)
    before = verdict_of(findings)
    leading = {(each.lane, side) for each in before.lanes for side in each.leading}
    opposed = (
        sorted(  # where both sides are level, a finding contradicts one and supports the other
            (lane, side)
            for lane, side in leading
            if side in OPPOSITE and (lane, OPPOSITE[side]) not in leading
        )
    )
    assume(opposed)
    lane, side = data.draw(st.sampled_from(opposed))

    after = verdict_of([*findings, a_record("zz", lane, OPPOSITE[side])])

    assert AGREEMENT.get(after.word, 0) <= AGREEMENT.get(before.word, 0)
    if AGREEMENT.get(after.word, 0):  # only a weaker lane than the one it rests on
        assert after.basis == before.basis
        assert after.basis is not None
        assert after.basis.lane != lane


@given(many(), many())
@examples(80)
def test_an_unclear_finding_of_another_programme_moves_nothing(
    findings: list[FindingRecord], others: list[FindingRecord]
) -> None:
    before = verdict_of(findings)
    assume(before.word != Word.NOT_STUDIED)
    unclear = [a_record(f"z-{each.id}", each.lane, "onduidelijk") for each in others]

    assert verdict_of([*findings, *unclear]).word == before.word


@given(many(), st.randoms(use_true_random=False))
@examples(80)
def test_order_and_repetition_change_nothing(findings: list[FindingRecord], random: Random) -> None:
    shuffled = [*findings, *findings[::2]]
    random.shuffle(shuffled)

    assert verdict_of(shuffled) == verdict_of(findings)


@given(many())
@examples(80)
def test_every_number_counts_the_clusters_of_the_findings_behind_it(
    findings: list[FindingRecord],
) -> None:
    """Grouped here once more, the slow way."""
    clusters = cluster_ids(findings)

    for lane in verdict_of(findings).lanes:
        directions = defaultdict(set)
        for each in findings:
            if each.lane == lane.lane:
                directions[clusters[each.id]].add(each.direction)
        clear = (own - {"onduidelijk"} or own for own in directions.values())
        assert lane.tally == Counter(map(frozenset, clear))
        assert lane.counts.total() == lane.clusters == len(directions)
        assert Counter({key: len(own) for key, own in members(findings, lane.lane).items()}) == (
            lane.counts
        )


@given(st.lists(st.tuples(st.integers(0, 3), records(LANES)), max_size=12))
@examples(80)
def test_cells_are_counted_each_as_if_alone(pairs: list[tuple[int, FindingRecord]]) -> None:
    findings = list({each.id: each for _, each in pairs}.values())
    row_of = {each.id: row for row, each in enumerate(findings)}
    arrays = arrays_of(findings)
    rows = np.array([row_of[each.id] for _, each in pairs], np.int64)
    cells = np.array([cell for cell, _ in pairs], np.int64)

    together = arrays.voices(rows, cells).tallies()

    for cell in set(cells.tolist()):
        assert together[cell] == arrays.voices(rows[cells == cell]).tallies()[0]
    assert together.keys() == set(cells.tolist())


def test_every_lane_has_a_verdict_the_strongest_first() -> None:
    assert list(words(verdict_of([]))) == list(schemes()["evidence-lanes"].terms)
