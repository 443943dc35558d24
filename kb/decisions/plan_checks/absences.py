"""Ingredients that comparable cases have clearly more often than others, and a plan not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.decisions.plan_checks.case_table import Comparable
from kb.decisions.plan_checks.context import Context
from kb.decisions.plan_checks.reading import Mention, Reading
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Strength
from kb.decisions.plan_checks.rules import Rules

STRONG_RATIO = 2.5  # to the share of other cases


def absence_remarks(
    rules: Rules, reading: Reading, context: Context, comparable: Comparable
) -> Iterator[Remark]:
    """A remark for each; what is denied or merely intended is mentioned too."""
    bounds = rules.document["absences"]
    signs = strategy_signs(reading, context)
    for ingredient, share in comparable.shares("ingredients").items():
        is_frequent = (
            share.count >= bounds["fewestCases"]
            and share.share >= bounds["smallestShare"]
            and share.ratio >= bounds["smallestRatio"]
        )
        if is_frequent and not reading.of("ingredients", ingredient):
            yield Remark(
                RemarkKind.ABSENCE,
                ingredient,
                rules.absences,
                Strength.STRONG if share.ratio >= STRONG_RATIO else Strength.FAIR,
                share.share * share.ratio,
                signs,
                share,
                comparable.basis,
                share.cases,
            )


def strategy_signs(reading: Reading, context: Context) -> Sequence[Mention]:
    """Where a plan says what it is, which makes cases comparable; the first sentence of each."""
    return [
        mention
        for strategy in context.strategies
        for mention in sorted(
            reading.of("strategies", strategy), key=lambda each: (each.sentence, each.first)
        )[:1]
    ]
