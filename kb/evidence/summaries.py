"""What findings say together, summed up for each cell of a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kb.evidence.table import EvidenceTable
from kb.evidence.verdicts import Verdict, verdict
from kb.evidence.voices import Numbers


@dataclass(frozen=True)
class Summary:
    """What some findings say together."""

    verdict: Verdict = field(default_factory=lambda: verdict({}))
    findings: Mapping[str, int] = field(default_factory=dict)  # how many, by lane
    clusters: int = 0  # of all lanes, each counted once
    newest_year: int | None = None  # of their sources

    @property
    def total_findings(self) -> int:
        """How many, over the lanes."""
        return sum(self.findings.values())


NOT_STUDIED = Summary()


def summaries(
    table: EvidenceTable, rows: Numbers, cells: Numbers | None = None
) -> Mapping[int, Summary]:
    """What the findings of these rows say, for each cell that has any; `cells` as for voices."""
    if cells is None:
        cells = np.zeros(len(rows), np.int64)
    arrays, size = table.arrays, max(1, len(table.ids))
    cells, rows = np.divmod(_distinct(cells * size + rows), size)  # each finding once in a cell
    findings: dict[int, dict[str, int]] = defaultdict(dict)
    lanes = len(arrays.lane_ids)
    for place, number in _counts(cells * lanes + arrays.lanes[rows]):
        cell, lane = divmod(place, lanes)
        findings[cell][arrays.lane_ids[lane]] = number
    clusters = dict(_counts(_distinct(cells * size + arrays.clusters[rows]) // size))
    years = np.zeros(int(cells.max(initial=-1)) + 1, np.int64)
    np.maximum.at(years, cells, table.years[rows])
    return {
        cell: Summary(together, findings[cell], clusters[cell], int(years[cell]) or None)
        for cell, together in arrays.voices(rows, cells).verdicts().items()
    }


def _distinct(numbers: Numbers) -> Numbers:
    """Each number once, ascending; sorting takes a tenth of what `np.unique` does."""
    ordered = np.sort(numbers)
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def _counts(numbers: Numbers) -> list[tuple[int, int]]:
    """How often each number is there."""
    unique, counts = np.unique(numbers, return_counts=True)
    return list(zip(unique.tolist(), counts.tolist(), strict=True))
