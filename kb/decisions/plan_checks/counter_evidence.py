"""Findings that tell against the effects that a plan counts on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kb.decisions.plan_checks.reading import Mention, Reading
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Strength
from kb.decisions.plan_checks.rules import Rules
from kb.evidence.table import EvidenceTable

ADVERSE = ("negatief", "geen-effect", "gemengd")  # what tells most against an effect first
MOST_FINDINGS = 3
CAUSAL_LANES = 2  # the first lanes: of causes, and of publications that sum others up


def counter_remarks(
    rules: Rules,
    reading: Reading,
    claimed: Mapping[str, Sequence[Mention]],
    table: EvidenceTable,
) -> Iterator[Remark]:
    """A remark for each effect that is claimed and that any finding contradicts."""
    for domain, mentions in claimed.items():
        adverse = _adverse_findings(table, domain)
        if not adverse:
            continue
        is_strong = adverse[0][0] < CAUSAL_LANES
        is_expected = any(each.sentence in reading.expecting for each in mentions)
        yield Remark(
            RemarkKind.COUNTER,
            domain,
            rules.effect(domain),
            (Strength.STRONG if is_strong else Strength.FAIR) if is_expected else Strength.WEAK,
            len({each.sentence for each in mentions}),
            mentions,
            findings=[finding for *_, finding in adverse[:MOST_FINDINGS]],
        )


def _adverse_findings(table: EvidenceTable, domain: str) -> list[tuple[int, int, int, str]]:
    """The findings against an effect: lane, direction, newest year first, and the id of each."""
    pairs = table.pairs("effectDomain", table.every_row)
    if domain not in pairs.values:
        return []
    rows = pairs.rows[pairs.ordinals == pairs.values.index(domain)]
    arrays = table.arrays
    return sorted(
        (lane, ADVERSE.index(direction), -year, table.ids[row])
        for row, lane, direction, year in zip(
            rows.tolist(),
            arrays.lanes[rows].tolist(),
            (arrays.direction_ids[each] for each in arrays.directions[rows].tolist()),
            table.years[rows].tolist(),
            strict=True,
        )
        if direction in ADVERSE
    )
