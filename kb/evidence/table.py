"""The published findings of one snapshot of the index, to be counted by clusters."""

from __future__ import annotations

import threading
from collections.abc import Collection, Hashable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from kb.evidence.voices import FindingArrays, Numbers
from kb.kinds import FINDING
from kb.search.engine import Column, DocumentTable, SearchEngine, SearchRequest
from kb.vocabulary.outcomes import outcome_of


class Pairs(NamedTuple):
    """Findings with their values of a field: a pair for each value."""

    rows: Numbers
    ordinals: Numbers  # of the values
    values: tuple[str, ...]


class EvidenceTable:
    """All findings with their values; a row is a finding."""

    def __init__(self, table: DocumentTable) -> None:
        self._table = table
        self._columns: dict[str, Column] = {}
        self.years: Numbers = table.years()  # of the sources; 0 when nobody knows
        self.arrays = FindingArrays(table)

    def __len__(self) -> int:
        return len(self._table)

    @property
    def ids(self) -> Sequence[str]:
        """By row."""
        return self._table.ids

    @property
    def every_row(self) -> Numbers:
        """The rows of all findings."""
        return np.arange(len(self), dtype=np.int64)

    def matches(self, request: SearchRequest) -> Numbers:
        """The rows of the findings that meet the filters of a request, ascending."""
        return self._table.matches(request)

    def ids_in_clusters(
        self, request: SearchRequest, directions: Collection[str]
    ) -> tuple[str, ...]:
        """The matches whose cluster says one of these, `verdeeld` too, among all of its lane."""
        rows = self.matches(request)
        of_clusters = map(outcome_of, self.arrays.voices(rows).directions())
        chosen = zip(rows.tolist(), of_clusters, strict=True)
        return tuple(self.ids[row] for row, direction in chosen if direction in directions)

    def count_clusters(self, request: SearchRequest) -> int:
        """How many clusters the matches are in; one that speaks in two lanes counts once."""
        return len(np.unique(self.arrays.clusters[self.matches(request)]))

    def pairs(self, field: str, rows: Numbers) -> Pairs:
        """The values of a field that these findings have."""
        column = self._column(field)
        is_chosen = np.zeros(len(self), bool)
        is_chosen[rows] = True
        pairs = is_chosen[column.rows]
        return Pairs(column.rows[pairs], column.ordinals[pairs], column.values)

    def strengths(
        self, rows: Numbers, directions: Sequence[str]
    ) -> Iterator[tuple[int, int, int, str]]:
        """Of these findings those with one of these directions; the least tells most.

        Each is its lane, the place of its direction among these, its year below 0, and its id.
        """
        arrays = self.arrays
        return (
            (lane, directions.index(direction), -year, self.ids[row])
            for row, lane, direction, year in zip(
                rows.tolist(),
                arrays.lanes[rows].tolist(),
                (arrays.direction_ids[each] for each in arrays.directions[rows].tolist()),
                self.years[rows].tolist(),
                strict=True,
            )
            if direction in directions
        )

    def _column(self, field: str) -> Column:
        if field not in self._columns:
            self._columns[field] = self._table.column(field)
        return self._columns[field]


class EvidenceTables:
    """The table of the snapshot that is answered with now, made once."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._current: tuple[Hashable, EvidenceTable] | None = None

    def current(self) -> EvidenceTable:
        """Raises SearchUnavailable."""
        snapshot_id = self._engine.snapshot_id()
        with self._lock:
            if self._current is None or self._current[0] != snapshot_id:
                table = EvidenceTable(self._engine.table(FINDING.name))
                self._current = snapshot_id, table
            return self._current[1]
