"""What findings say together, summed up for each cell of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from kb.evidence.table import EvidenceTable
from kb.evidence.verdicts import Verdict, verdict
from kb.evidence.voices import Numbers, counts
from kb.vocabulary.terms import schemes


class Summary(NamedTuple):
    """What some findings say together."""

    verdict: Verdict
    findings: Sequence[int]  # how many, by lane, in the order of the verdict's
    clusters: int  # of all lanes, each counted once
    newest_year: int | None  # of their sources

    @property
    def total_findings(self) -> int:
        """How many, over the lanes."""
        return sum(self.findings)


NOT_STUDIED = Summary(verdict({}), (0,) * len(schemes()["evidence-lanes"].terms), 0, None)


def summaries(
    table: EvidenceTable, rows: Numbers, cells: Numbers | None = None
) -> Mapping[int, Summary]:
    """What the findings of these rows say, for each cell that has any; `cells` as for voices."""
    if cells is None:
        cells = np.zeros(len(rows), np.int64)
    arrays, size = table.arrays, max(1, len(table))
    distinct, _ = counts(cells * size + rows)  # each finding once in a cell
    cells, rows = np.divmod(distinct, size)
    number = int(cells.max(initial=-1)) + 1
    findings = np.bincount(
        cells * len(arrays.lane_ids) + arrays.lanes[rows], minlength=number * len(arrays.lane_ids)
    ).reshape(number, len(arrays.lane_ids))
    in_clusters, _ = counts(cells * size + arrays.clusters[rows])
    clusters = np.bincount(in_clusters // size, minlength=number).tolist()
    newest = np.zeros(number, np.int64)
    np.maximum.at(newest, cells, table.years[rows])
    by_lane, years = findings.tolist(), newest.tolist()
    return {
        cell: Summary(together, by_lane[cell], clusters[cell], years[cell] or None)
        for cell, together in arrays.voices(rows, cells).verdicts().items()
    }
