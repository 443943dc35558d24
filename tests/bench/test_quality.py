"""The table of all bars."""

from __future__ import annotations

from bench import quality, relevance
from bench.bars import Bar


def test_what_is_not_met_stands_first_and_nothing_is_left_out_in_silence() -> None:
    bars = [Bar("an answer in 1 s", "0.5 s", True), Bar("a page in 1 s", "2 s", False)]

    page = "\n".join(quality.page(bars, ["tests"]))

    assert page.index("| a page in 1 s | 2 s | **no** |") < page.index("| an answer in 1 s | 0.5 s")
    assert "Left out of this run: tests." in page


def test_every_set_of_judged_queries_has_a_bar() -> None:
    assert quality.RELEVANCE_BARS.keys() >= {*relevance.SETS}


def test_parts_that_read_what_was_measured_have_bars_of_each_sort() -> None:
    bars = [*quality.plan_checks(), *quality.speed()]

    assert len({bar.requirement for bar in bars}) == len(bars) > 10
