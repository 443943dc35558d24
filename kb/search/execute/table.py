"""The promise of `DocumentTable` kept with the arrays of an index."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from kb.search.engine import Column, Rows, SearchRequest
from kb.search.execute.filters_and_facets import Filters
from kb.search.index.arrays import joined
from kb.search.index.index_reader import IndexReader


class IndexTable:
    """The live documents of an index reader, in the order of their numbers."""

    def __init__(self, index: IndexReader) -> None:
        self._index = index
        self._row_of = index.live_docs.cumsum() - 1  # by number of the document

    def __len__(self) -> int:
        return self._index.num_docs

    @cached_property
    def ids(self) -> Sequence[str]:
        """By row."""
        return [
            leaf.reader.ids[doc_id]
            for leaf in self._index.leaves
            for doc_id in np.flatnonzero(leaf.live_docs).tolist()
        ]

    def column(self, field: str) -> Column:
        """The values of one filter, or of what nothing filters by."""
        ordinal_of: dict[str, int] = {}
        rows, ordinals = [], []
        for leaf in self._index.leaves:
            fields = {**leaf.reader.doc_values.postings, **leaf.reader.columns}
            if field not in fields:
                continue
            postings = fields[field]
            if ordinal_of:
                own = [ordinal_of.setdefault(each, len(ordinal_of)) for each in postings.ordinals]
            else:  # of the first and mostly largest segment all are as they are
                ordinal_of, own = dict(postings.ordinals), list(postings.ordinals.values())
            doc_ids, counts = postings.doc_ids, postings.doc_freqs
            is_live = leaf.live_docs[doc_ids]
            rows.append(self._row_of[doc_ids[is_live].astype(np.int64) + leaf.doc_base])
            ordinals.append(np.array(own, np.int64).repeat(counts)[is_live])
        return Column(tuple(ordinal_of), joined(rows, np.int64), joined(ordinals, np.int64))

    def years(self) -> Rows:
        """The year of publication by row."""
        years: Rows = self._index.column("year")[self._index.live_docs].astype(np.int64)
        return years

    def matches(self, request: SearchRequest) -> Rows:
        """The rows of what meets the filters of a request."""
        matches: Rows = self._row_of[Filters(self._index, request).matches & self._index.live_docs]
        return matches
