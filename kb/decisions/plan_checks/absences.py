"""Ingredients that comparable cases have clearly more often than others, and a plan not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kb.decisions.plan_checks.case_table import Comparable, Share
from kb.decisions.plan_checks.context import Context
from kb.decisions.plan_checks.reading import Mention, Reading, Status
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Strength
from kb.decisions.plan_checks.rules import Rules


def absence_remarks(
    rules: Rules, reading: Reading, context: Context, comparable: Comparable
) -> Iterator[Remark]:
    """A remark for the most telling ones; what is denied or merely intended is mentioned too.

    Always a hint: too few of them are right to be shown with the others (docs/plan-check.md).
    """
    signs = strategy_signs(reading, context)
    absent = [
        (share.share * share.ratio, ingredient, share)
        for ingredient, share in frequent_ingredients(rules, comparable).items()
        if not reading.of("ingredients", ingredient)
    ]
    absent.sort(key=lambda each: (-each[0], each[1]))
    for score, ingredient, share in absent[: rules.document["absences"]["mostOfAPlan"]]:
        yield Remark(
            RemarkKind.ABSENCE,
            ingredient,
            rules.absences,
            Strength.WEAK,
            score,
            signs,
            share,
            comparable.basis,
            share.cases,
        )


def frequent_ingredients(rules: Rules, comparable: Comparable) -> Mapping[str, Share]:
    """The ingredients that comparable cases have clearly more often than others."""
    bounds = rules.document["absences"]
    return {
        ingredient: share
        for ingredient, share in comparable.shares("ingredients").items()
        if share.count >= bounds["fewestCases"]
        and share.share >= bounds["smallestShare"]
        and share.ratio >= bounds["smallestRatio"]
    }


def only_not_meant(
    rules: Rules, reading: Reading, comparable: Comparable
) -> Iterator[tuple[str, Mention]]:
    """The frequent ingredients that a plan mentions only to reject, intend or doubt them."""
    for ingredient in frequent_ingredients(rules, comparable):
        mentions = reading.of("ingredients", ingredient)
        if mentions and all(each.status != Status.AFFIRMED for each in mentions):
            yield ingredient, mentions[0]


def strategy_signs(reading: Reading, context: Context) -> Sequence[Mention]:
    """Where a plan says what it is, which makes cases comparable; the first sentence of each."""
    return [
        mention
        for strategy in context.strategies
        for mention in sorted(
            reading.of("strategies", strategy), key=lambda each: (each.sentence, each.first)
        )[:1]
    ]
