"""The inverted index of a segment: for each term its documents, how often and where it stands."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.index.arrays import Arrays, IntArray, ranges
from kb.search.index.string_table import StringTable

CACHED_TERMS = 1 << 14  # whose ordinal is remembered


class Postings(NamedTuple):
    """The documents with a term, ascending, one posting each."""

    doc_ids: NDArray[np.uint32]
    freqs: NDArray[np.unsignedinteger[Any]]  # documents × text fields: how often it stands there


class PostingsReader:
    """The postings of a segment's terms; the ordinal of a term is its number in sort order."""

    def __init__(self, arrays: Arrays) -> None:
        self.terms = StringTable(arrays, "terms")
        self._ordinal = lru_cache(CACHED_TERMS)(self.terms.find)
        self._starts = arrays["postings.starts"]  # of the postings of each term
        self._doc_ids, self._freqs = arrays["postings.doc_ids"], arrays["postings.freqs"]
        self._position_starts = arrays["positions.starts"]  # of the positions of each posting
        self._positions = arrays["positions.values"]

    def _bounds(self, term: str) -> tuple[int, int]:
        """The first and last (excluded) posting of a term; an empty range when it is nowhere."""
        ordinal = self._ordinal(term)
        if ordinal is None:
            return 0, 0
        start, end = self._starts[ordinal : ordinal + 2].tolist()
        return start, end

    def postings(self, term: str) -> Postings:
        """The documents with a term, deleted ones included; empty when it is nowhere."""
        start, end = self._bounds(term)
        return Postings(self._doc_ids[start:end], self._freqs[start:end])

    def total_term_freq(self, term: str) -> int:
        """How often a term stands in all documents, deleted ones included."""
        start, end = self._bounds(term)
        return int(self._position_starts[end]) - int(self._position_starts[start])

    def positions(self, term: str, chosen: IntArray) -> tuple[IntArray, NDArray[np.uint32]]:
        """Where a term stands: positions per chosen posting, and the positions after each other.

        `chosen` are indices of `postings(term)`, ascending. A position is the index of the text
        field · `MAX_POSITION` + the number of the word in it; they ascend.
        """
        start, end = self._bounds(term)
        if len(chosen) == end - start:
            bounds = self._position_starts[start : end + 1]
            return np.diff(bounds).astype(np.int64), self._positions[bounds[0] : bounds[-1]]
        starts = self._position_starts[start + chosen].astype(np.int64)
        counts = self._position_starts[start + chosen + 1] - starts
        return counts, self._positions[ranges(starts, counts)]


def freqs_in_all_fields(freqs: NDArray[Any]) -> IntArray:
    """The sum over the four text fields, per posting; quicker than `freqs.sum(axis=1)`."""
    title, labels, details, body = freqs.T
    total: IntArray = title.astype(np.int64) + labels + details + body
    return total
