"""Cases that are like a plan, by what both have and by their words."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from kb.decisions.plan_checks.absences import strategy_signs
from kb.decisions.plan_checks.case_table import CaseTable, CaseTags, Comparable, Tagged
from kb.decisions.plan_checks.claims import MEANT
from kb.decisions.plan_checks.context import Context
from kb.decisions.plan_checks.reading import Reading
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Strength
from kb.decisions.plan_checks.rules import Rules
from kb.decisions.plan_checks.text import without_endless_words
from kb.search.analysis.analyzer import DUTCH
from kb.search.analysis.vectors import UNIT

MOST = 10  # remarks of this kind, of which …
MOST_SHOWN = 3  # … may be shown
WORDS_WEIGHT = 20.0  # of the likeness of words, beside that of tags
SCALE_WEIGHT = 1.0


class _Compared(NamedTuple):
    tagged: Tagged
    scheme: str
    importance: float


COMPARED = (
    _Compared("strategies", "strategies", 1.0),
    _Compared("target_groups", "target-groups", 0.8),
    _Compared("ingredients", "ingredients", 0.3),
    _Compared("pitfalls", "pitfall-categories", 0.2),
)


def similar_remarks(
    rules: Rules,
    reading: Reading,
    context: Context,
    comparable: Comparable,
    table: CaseTable,
    pitfalls: Collection[str],
) -> Iterator[Remark]:
    """A remark for each of the cases most like a plan that share a strategy; equals by id."""
    own: Mapping[Tagged, Collection[str]] = {
        "strategies": context.strategies,
        "target_groups": context.target_groups,
        "ingredients": [key.about for key in reading.mentions if key.role == "ingredients"],
        "pitfalls": pitfalls,
    }
    weights = {each.tagged: _weights(table, each) for each in COMPARED}
    vector = DUTCH.vector([without_endless_words(reading.text)]).astype(np.int64)
    scored = []
    for case in comparable.cases:
        score = sum(
            weights[tagged][value]
            for tagged in own
            for value in set(own[tagged]) & getattr(case, tagged)
        )
        score += SCALE_WEIGHT * (case.scale is not None and case.scale == context.scale)
        score += WORDS_WEIGHT * float(vector @ case.vector.astype(np.int64)) / UNIT**2
        scored.append((-score, case.id, case))
    meant = [each for each in own["ingredients"] if reading.of("ingredients", each, *MEANT)]
    signs = strategy_signs(reading, context)
    for place, (score, _, case) in enumerate(sorted(scored)[:MOST]):
        yield Remark(
            RemarkKind.SIMILAR,
            case.id,
            rules.cases,
            _strength(place),
            -score,
            signs,
            cases=(case.id,),
            basis=comparable.basis,
            shared=tuple(_shared(case, {**own, "ingredients": meant}, context)),
        )


def _weights(table: CaseTable, compared: _Compared) -> Mapping[str, float]:
    """What a shared term weighs: more when fewer cases have it, as in “similar cases”."""
    size = len(table.cases)
    return {
        value: compared.importance * math.log(1 + size / number)
        for value, number in table.frequency(compared.tagged).items()
    }


def _shared(
    case: CaseTags, own: Mapping[Tagged, Collection[str]], context: Context
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a case and a plan have in common, by scheme."""
    for tagged, scheme, _ in COMPARED:
        if common := [each for each in own[tagged] if each in getattr(case, tagged)]:
            yield scheme, tuple(common)
    if case.scale is not None and case.scale == context.scale:
        yield "scales", (case.scale,)


def _strength(place: int) -> Strength:
    """That of the case at a place, counted from 0: the best one is always shown."""
    if place == 0:
        return Strength.STRONG
    return Strength.FAIR if place < MOST_SHOWN else Strength.WEAK
