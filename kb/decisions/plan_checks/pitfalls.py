"""Pitfalls that a plan walks into by its own words, or that comparable cases ran into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.decisions.plan_checks.case_table import Comparable, Share
from kb.decisions.plan_checks.context import Context
from kb.decisions.plan_checks.reading import Mention, Reading, Status
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Strength
from kb.decisions.plan_checks.rules import Rules

FEWEST_CASES = 2  # that ran into it
SMALLEST_SHARE = 0.1  # of the comparable cases
OF_MONEY = frozenset({"financiering-onzeker", "korte-adem"})  # structural money solves them
SMALLEST_RATIO = 1.5  # to the share of other cases


def pitfall_remarks(
    rules: Rules, reading: Reading, context: Context, comparable: Comparable
) -> Iterator[Remark]:
    """A remark for each category that threatens this plan."""
    shares = comparable.shares("pitfalls")
    for category in rules.document["pitfalls"]:
        reassuring = reading.of("unless", category, Status.AFFIRMED)
        signs = text_signs(reading, category)
        if category in OF_MONEY:
            signs = _without_solved(signs, reading.of("funding", "structural", Status.AFFIRMED))
        share = shares.get(category)
        is_frequent = share is not None and is_more_frequent(share)
        sentences = len({each.sentence for each in signs})
        if signs and sentences > bool(reassuring):
            strength = _strength(share, sentences)
        elif is_frequent and not reassuring and not signs:
            if not _is_of_kind(rules, context, category):
                continue
            signs = reading.of("needs", category, Status.AFFIRMED, Status.INTENDED)
            strength = Strength.WEAK
        else:
            continue
        yield Remark(
            RemarkKind.PITFALL,
            category,
            rules.pitfall(category),
            strength,
            sentences + (min(share.ratio, 5.0) if share is not None and is_frequent else 0.0),
            signs,
            share if share is not None and share.count >= FEWEST_CASES else None,
            comparable.basis,
            share.cases if share else (),
        )


def _strength(share: Share | None, sentences: int) -> Strength:
    """How strong it is that a text walks into a pitfall: by cases, or by several sentences."""
    if sentences > 1 or (share is not None and is_more_frequent(share)):
        return Strength.STRONG
    return Strength.FAIR if share is not None and share.count >= FEWEST_CASES else Strength.WEAK


def is_more_frequent(share: Share) -> bool:
    """Whether comparable cases clearly have something more often than others do."""
    return (
        share.count >= FEWEST_CASES
        and share.share >= SMALLEST_SHARE
        and share.ratio >= SMALLEST_RATIO
    )


def text_signs(reading: Reading, category: str) -> Sequence[Mention]:
    """Where a plan walks into a pitfall: by what it says, or by what it says is not there."""
    signals = reading.of("signals", category, Status.AFFIRMED, Status.INTENDED)
    absent = reading.of("absent", category, Status.DENIED)
    intended = reading.of("absent", category, Status.INTENDED)
    if reading.of("absent", category, Status.AFFIRMED):
        intended = ()
    return [*absent, *signals, *intended]


def _without_solved(signs: Sequence[Mention], funded: Sequence[Mention]) -> Sequence[Mention]:
    """The signs of which neither their sentence nor the next one says who goes on paying."""
    solved = {each.sentence - back for each in funded for back in (0, 1)}
    return [each for each in signs if each.sentence not in solved]


def _is_of_kind(rules: Rules, context: Context, category: str) -> bool:
    """Whether a category of comparable cases can concern a plan with these strategies."""
    strategies = rules.strategies_of(category)
    return not strategies or not set(strategies).isdisjoint(context.strategies)
