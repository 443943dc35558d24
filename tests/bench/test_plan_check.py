"""The numbers of the plan check do not fall: measured on the half that rules are developed with."""

from __future__ import annotations

from bench.plan_check import (
    LEAST_PRECISION,
    LEAST_RECALL,
    Content,
    Tally,
    below_the_bar,
    checked,
    count,
    read_plans,
)
from kb.decisions.plan_checks.remarks import RemarkKind
from kb.services import services_of
from tests.conftest import KnowledgeBase


def test_remarks_on_the_development_half_reach_the_bar(seeded: KnowledgeBase) -> None:
    parts = services_of(seeded.app)
    content = Content(parts.plan_cases.current(), parts.evidence.current())
    plans = read_plans("dev")
    tallies, _ = count(checked(plans, content))

    assert len(plans) == 24
    assert below_the_bar(tallies) == []
    shown = [each.precision for kind, each in tallies.items() if kind != RemarkKind.ABSENCE]
    assert min(shown) >= LEAST_PRECISION + 0.05
    assert min(each.recall for each in tallies.values()) >= LEAST_RECALL + 0.15


def test_what_is_below_the_bar_is_named() -> None:
    tally = Tally(shown=4, shown_right=3, must=2, hits=1)

    assert below_the_bar({RemarkKind.QUESTION: tally}) == [
        "precision of vraag (0.75)",
        "recall of vraag (0.50)",
    ]
