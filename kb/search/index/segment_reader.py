"""The documents of one type in one segment of the index, and their postings, read from arrays.

Documents are numbered from 0. Of each document the arrays hold

    lengths              4 × 4 bytes    terms in each text field (title, labels, details, body)
    numbers to sort by   56 bytes       both years, lane, updatedAt, position, figures, ids, titles
    ids, titles          both texts
    vectors              256 bytes      what it means (`analysis/vectors.py`)
    stored fields        its item in each language, its passages and words (`stored_fields`)

of each different term in a document, parts of compounds among them,

    postings.doc_ids     4 bytes        the number of the document
    postings.freqs       4 × 2 bytes    how often the term stands in each text field
    positions.starts     4 bytes        where its positions begin
    positions.values     4 bytes each   where: index of the field · MAX_POSITION + position

so that a case of 500 words costs some 10 kB; and the values it can be filtered by (`doc_values`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.kinds import KindName
from kb.search.analysis.analyzer import fold, tokenize
from kb.search.index.arrays import Arrays, IntArray, Mask, StringTable, ranges
from kb.search.index.doc_values import DocValues, NestedRows, ValuePostings
from kb.search.index.fields import NESTED_FIELDS
from kb.search.index.stored_fields import StoredFieldsReader

CACHED_TERMS = 1 << 14  # of which is remembered where their postings are
NO_YEAR, NO_LANE, NO_FIGURE = 0, -1, -1  # in the columns of numbers; of `updatedAt` NaN
NUMBER_COLUMNS = {
    "startYear": np.int32,
    "year": np.int32,
    "laneRank": np.int32,
    "updatedAt": np.float64,
    "position": np.int32,
    "population": np.int32,
    "socialRent": np.int32,
}
SORT_COLUMNS = (*NUMBER_COLUMNS, "id_ordinals", "title_ordinals")


class Postings(NamedTuple):
    """The documents with a term, ascending, one posting each."""

    doc_ids: NDArray[np.uint32]
    freqs: NDArray[np.unsignedinteger[Any]]  # documents × text fields: how often it stands there


class PostingsReader:
    """The postings of a segment's terms; the ordinal of a term is its number in sort order."""

    def __init__(self, arrays: Arrays) -> None:
        self.terms = StringTable(arrays, "terms")
        self._bounds = lru_cache(CACHED_TERMS)(self._find_bounds)
        self._starts = arrays["postings.starts"]  # of the postings of each term
        self._doc_ids, self._freqs = arrays["postings.doc_ids"], arrays["postings.freqs"]
        self._position_starts = arrays["positions.starts"]  # of the positions of each posting
        self._positions = arrays["positions.values"]

    def _find_bounds(self, term: str) -> tuple[int, int]:
        """The first and last (excluded) posting of a term; an empty range when it is nowhere."""
        ordinal = self.terms.find(term)
        if ordinal is None:
            return 0, 0
        start, end = self._starts[ordinal : ordinal + 2].tolist()
        return start, end

    def doc_freq(self, term: str) -> int:
        """How many documents have a term, deleted ones included."""
        start, end = self._bounds(term)
        return end - start

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


def folded_title(title: str) -> str:
    """The folded words of a title, by which titles are sorted and suggested."""
    return " ".join(fold(word) for word in tokenize(title))


class SegmentReader:
    """The documents of one type in one segment."""

    def __init__(self, kind: KindName, arrays: Arrays) -> None:
        """`arrays` are those of the whole segment: the names of ours begin with the type."""
        prefix = f"{kind}."
        own = {
            name.removeprefix(prefix): array
            for name, array in arrays.items()
            if name.startswith(prefix)
        }
        self.type: KindName = kind
        self.docnums: NDArray[np.int32] = own["docnums"]  # in Whoosh's segment
        self.max_doc = len(self.docnums)  # documents, deleted ones included
        self.ids = StringTable(own, "ids")
        self.titles = StringTable(own, "titles")
        self.folded_titles = StringTable(own, "folded_titles")
        self.title_words = ValuePostings(own, "title_words")  # folded; for suggestions
        self.vectors: NDArray[np.int8] = own["vectors"]  # documents × dimensions
        self.lengths: NDArray[np.int32] = own["lengths"]  # documents × text fields, in terms
        self.sortable: dict[str, NDArray[Any]] = {name: own[name] for name in SORT_COLUMNS}
        self.concepts = ValuePostings(own, "concepts")  # scheme/id of its tags
        self.doc_values = DocValues(own)
        self.columns = {  # what nothing filters by, by name
            name: ValuePostings(own, f"columns.{name}") for name in _column_names(own)
        }
        self.nested = {group: NestedRows(own, group) for group in NESTED_FIELDS}
        self.inverted = PostingsReader(own)
        self.stored_fields = StoredFieldsReader(own)
        self.forms = StringTable(own, "forms")  # words as they are spelled, for suggestions
        self.form_terms: NDArray[np.int32] = own["forms.terms"]  # the ordinal of each form's term
        self.form_doc_freqs: NDArray[np.int32] = own["forms.doc_freqs"]
        self._forms_by_length: dict[int, dict[int, str]] = {}

    def mask(self, doc_ids: IntArray) -> Mask:
        """A mask over the documents that is true for these."""
        mask = np.zeros(self.max_doc, bool)
        mask[doc_ids] = True
        return mask

    def forms_of_length(self, length: int) -> Mapping[int, str]:
        """The forms of so many characters, by their index in `forms`."""
        if not self._forms_by_length:
            by_length: dict[int, dict[int, str]] = {}
            for index, own_length in enumerate(self.forms.lengths.tolist()):
                by_length.setdefault(own_length, {})[index] = self.forms[index]
            self._forms_by_length = by_length  # only when ready, since other threads look too
        return self._forms_by_length.get(length, {})

    def form_doc_ids(self, form: str) -> NDArray[np.uint32]:
        """The documents with the term of a form, deleted ones included."""
        index = self.forms.find(form)
        if index is None:
            return np.empty(0, np.uint32)
        term = self.inverted.terms[int(self.form_terms[index])]
        return self.inverted.postings(term).doc_ids


def _column_names(arrays: Arrays) -> list[str]:
    names = (name.split(".") for name in arrays)
    return sorted(part[1] for part in names if part[0] == "columns" and part[-1] == "starts")


class LeafReader(NamedTuple):
    """A segment with its live documents, and the number of its first one in the index reader."""

    reader: SegmentReader
    live_docs: Mask  # over the documents of the segment
    doc_base: int

    @property
    def doc_range(self) -> slice:
        """Where its documents stand among those of the index reader."""
        return slice(self.doc_base, self.doc_base + self.reader.max_doc)

    def has_live_form(self, form: str) -> bool:
        """Whether a live document has the term of a word that is spelled so."""
        return bool(self.live_docs[self.reader.form_doc_ids(form)].any())
