"""A table of documents that are at hand, for engines that have no columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kb.search.engine import (
    Column,
    FindingValues,
    HitStream,
    PitfallValues,
    Rows,
    SearchDocument,
    SearchRequest,
)


@dataclass(frozen=True)
class TableOfDocuments:
    """The promise of `DocumentTable` kept by reading every document."""

    documents: Sequence[SearchDocument]
    search_all: Callable[[SearchRequest], HitStream]

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def ids(self) -> Sequence[str]:
        """By row."""
        return [document.id for document in self.documents]

    def column(self, field: str) -> Column:
        """The values of one filter, or of what nothing filters by."""
        pairs = [
            (row, value)
            for row, document in enumerate(self.documents)
            for value in dict.fromkeys(_values(document, field))
        ]
        values = tuple(sorted({value for _, value in pairs}))
        ordinal = {value: index for index, value in enumerate(values)}
        return Column(
            values,
            np.array([row for row, _ in pairs], np.int64),
            np.array([ordinal[value] for _, value in pairs], np.int64),
        )

    def years(self) -> Rows:
        """The year of publication by row."""
        return np.array([document.year or 0 for document in self.documents], np.int64)

    def matches(self, request: SearchRequest) -> Rows:
        """The rows of what the engine finds."""
        hits = self.search_all(replace(request, query=None, highlight=False)).hits
        ids = {hit.id for hit in hits}
        return np.array([row for row, each in enumerate(self.ids) if each in ids], np.int64)


def _values(document: SearchDocument, field: str) -> Sequence[str]:
    groups: dict[type[Any], Sequence[Any]] = {
        FindingValues: document.findings,
        PitfallValues: document.pitfalls,
    }
    for row_type, rows in groups.items():
        if field in row_type._fields:
            return [getattr(row, field) for row in rows]
    return document.values.get(field) or document.columns.get(field, ())
