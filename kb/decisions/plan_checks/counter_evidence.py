"""Findings that tell against the effects that a plan counts on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from kb.decisions.plan_checks.context import Context
from kb.decisions.plan_checks.reading import Mention, Reading
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Strength
from kb.decisions.plan_checks.rules import Rules
from kb.evidence.summaries import summaries
from kb.evidence.table import EvidenceTable
from kb.evidence.voices import Numbers

ADVERSE = ("negatief", "geen-effect", "gemengd")  # what tells most against an effect first
MOST_FINDINGS = 3
CAUSAL_LANES = 2  # the first lanes: of causes, and of publications that sum others up


def counter_remarks(
    rules: Rules,
    reading: Reading,
    claimed: Mapping[str, Sequence[Mention]],
    table: EvidenceTable,
    context: Context,
) -> Iterator[Remark]:
    """A remark for each effect that is claimed and that any finding contradicts.

    Of the findings that are named, those of cases that share a strategy or target group come first.
    """
    near = _near_rows(table, context)
    for domain, mentions in claimed.items():
        rows = _rows(table, domain)
        adverse = sorted(table.strengths(rows, ADVERSE))
        if not adverse:
            continue
        own = [each for each in adverse if each[-1] in near]
        ordered = [*own, *(each for each in adverse if each[-1] not in near)]
        is_strong = adverse[0][0] < CAUSAL_LANES
        is_expected = any(each.sentence in reading.expecting for each in mentions)
        yield Remark(
            RemarkKind.COUNTER,
            domain,
            rules.effect(domain),
            (Strength.STRONG if is_strong else Strength.FAIR) if is_expected else Strength.WEAK,
            len({each.sentence for each in mentions}),
            mentions,
            findings=[finding for *_, finding in ordered[:MOST_FINDINGS]],
            is_of_other_kind=not own and bool(context.strategies or context.target_groups),
            verdict=summaries(table, rows)[0].verdict.word,
            adverse=len(adverse),
            all_findings=len(rows),
        )


def _near_rows(table: EvidenceTable, context: Context) -> frozenset[str]:
    """The ids of the findings of cases that share a strategy or a target group with the plan."""
    near: set[str] = set()
    for field, values in (("strategy", context.strategies), ("targetGroup", context.target_groups)):
        pairs = table.pairs(field, table.every_row)
        ordinals = [pairs.values.index(each) for each in values if each in pairs.values]
        near.update(table.ids[row] for row in pairs.rows[np.isin(pairs.ordinals, ordinals)])
    return frozenset(near)


def _rows(table: EvidenceTable, domain: str) -> Numbers:
    """The findings about an effect."""
    pairs = table.pairs("effectDomain", table.every_row)
    ordinal = pairs.values.index(domain) if domain in pairs.values else -1
    rows: Numbers = pairs.rows[pairs.ordinals == ordinal]
    return rows
