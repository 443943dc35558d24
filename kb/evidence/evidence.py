"""The findings that a request is about: those that meet its filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kb.evidence.summaries import Summary, summaries
from kb.evidence.table import EvidenceTable
from kb.evidence.voices import Numbers
from kb.kinds import FINDING
from kb.search.service import ListRequest, list_request
from kb.services import services

PATH = f"/v1/{FINDING.collection}"


@dataclass(frozen=True)
class Evidence:
    """The findings that a request is about: those that meet its filters."""

    table: EvidenceTable
    list_request: ListRequest

    @cached_property
    def rows(self) -> Numbers:
        """Of the findings."""
        return self.table.matches(self.list_request.search_request(0, 0))

    def by_term(self, field: str, rows: Numbers) -> dict[str, Summary]:
        """What these findings say for each value of a field that any of them has."""
        pairs = self.table.pairs(field, rows)
        by_ordinal = summaries(self.table, pairs.rows, pairs.ordinals)
        return {pairs.values[ordinal]: summary for ordinal, summary in by_ordinal.items()}

    def rows_with(self, field: str, value: str) -> Numbers:
        """The findings that have a value of a field."""
        pairs = self.table.pairs(field, self.rows)
        if value not in pairs.values:
            return self.rows[:0]
        rows: Numbers = pairs.rows[pairs.ordinals == pairs.values.index(value)]
        return rows


def evidence_of(parameters: Mapping[str, Any]) -> Evidence:
    """What a request with these parsed parameters is about. Raises SearchUnavailable."""
    requested = list_request(PATH, (FINDING.name,), parameters)
    return Evidence(services().evidence.current(), requested)
