"""The documents of one type in one segment of the index, read from its arrays.

Documents are numbered from 0. Of each document the arrays hold

    lengths              4 × 4 bytes    terms in each text field (title, labels, details, body)
    numbers to sort by   56 bytes       both years, lane, updatedAt, position, figures, ids, titles
    ids, titles          both texts
    vectors              256 bytes      what it means (`analysis/vectors.py`)
    stored fields        its item in each language, its passages and words

of each different term in a document, parts of compounds among them,

    postings.doc_ids     4 bytes        the number of the document
    postings.freqs       4 × 2 bytes    how often the term stands in each text field
    positions.starts     4 bytes        where its positions begin
    positions.values     4 bytes each   where: index of the field · MAX_POSITION + position

so that a case of 500 words costs some 10 kB; and its doc values, by which it can be filtered: the
values of a field in the order of their UTF-8, in which the number of a value is its ordinal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.kinds import KindName
from kb.search.index.arrays import Arrays, IntArray, Mask, StringTable, TextColumn, ranges
from kb.search.index.fields import NESTED_FIELDS
from kb.vocabulary.terms import LANGUAGES

MAX_BITSET_VALUES = 64  # of a field whose documents are counted by bitsets, which is quicker
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


class ValuePostings:
    """The documents with each value of a field, ascending; a document may have several values."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        self.values = StringTable(arrays, name)
        self._starts: IntArray = arrays[f"{name}.starts"]
        self.doc_ids: NDArray[np.int32] = arrays[f"{name}.doc_ids"]  # value after value
        self._without_value: Mask | None = None
        self._bitsets: NDArray[np.uint64] | None = None

    @cached_property
    def ordinals(self) -> dict[str, int]:
        """The ordinal of each value, in their order."""
        return {self.values[ordinal]: ordinal for ordinal in range(len(self.values))}

    @property
    def doc_freqs(self) -> IntArray:
        """How many documents have each value, deleted ones included, by ordinal."""
        return np.diff(self._starts)

    def doc_ids_with(self, value: str) -> NDArray[np.int32]:
        """The documents with a value; none when no document has it."""
        ordinal = self.values.find(value)
        return self.doc_ids_at(ordinal) if ordinal is not None else self.doc_ids[:0]

    def doc_ids_at(self, ordinal: int) -> NDArray[np.int32]:
        """The documents with the value of this ordinal."""
        return self.doc_ids[self._starts[ordinal] : self._starts[ordinal + 1]]

    def counts(
        self, mask: Mask, *, max_bitset_values: int = MAX_BITSET_VALUES
    ) -> tuple[IntArray, int]:
        """How many documents of a mask have each value, by ordinal; and how many have none."""
        if len(self.values) <= max_bitset_values:
            in_both = self._value_bitsets(len(mask)) & _bitset(mask)
            counts = np.bitwise_count(in_both).sum(axis=1, dtype=np.int64)
        else:
            counts = np.add.reduceat(mask[self.doc_ids], self._starts[:-1], dtype=np.int64)
        return counts, int(np.count_nonzero(mask & self._docs_without_value(len(mask))))

    def _docs_without_value(self, max_doc: int) -> Mask:
        if self._without_value is None:
            without_value = np.ones(max_doc, bool)
            without_value[self.doc_ids] = False
            self._without_value = without_value  # only when ready, since other threads look too
        return self._without_value

    def _value_bitsets(self, max_doc: int) -> NDArray[np.uint64]:
        """For each value a bit per document."""
        if self._bitsets is None:
            masks = np.zeros((len(self.values), max_doc), bool)
            ordinals = np.repeat(np.arange(len(self.values)), self.doc_freqs)
            masks[ordinals, self.doc_ids] = True
            self._bitsets = _bitset(masks)
        return self._bitsets


def _bitset(mask: Mask) -> NDArray[np.uint64]:
    """A mask (or several, as rows) with a bit for each boolean, 64 to a number."""
    octets = np.packbits(mask, axis=-1)
    padded = np.zeros((*octets.shape[:-1], -(-octets.shape[-1] // 8) * 8), np.uint8)
    padded[..., : octets.shape[-1]] = octets
    return padded.view(np.uint64)


class DocValues:
    """All fields that documents are filtered by: from value to documents, from document to values.

    For the latter the values are numbered over all fields, in the order of the fields' names: a
    global ordinal. After the values of each field comes one more that stands for "no value".
    """

    def __init__(self, arrays: Arrays) -> None:
        names = sorted(
            name.split(".")[1]
            for name in arrays
            if name.startswith("value_postings.") and name.endswith(".starts")
        )
        self.postings = {name: ValuePostings(arrays, f"value_postings.{name}") for name in names}
        self.starts: IntArray = arrays["global_ordinals.starts"]  # per document
        self.global_ordinals: NDArray[np.unsignedinteger[Any]] = arrays["global_ordinals.values"]
        sizes = np.array([len(each.values) + 1 for each in self.postings.values()], np.int64)
        ends = sizes.cumsum()
        self.bounds = np.stack([ends - sizes, ends - 1, ends], 1)  # first value, no value, end
        self.field_rows = {name: row for row, name in enumerate(names)}  # of the bounds

    @cached_property
    def value_names(self) -> NDArray[np.object_]:
        """The values by their global ordinal; empty for "no value"."""
        names = [name for each in self.postings.values() for name in (*each.ordinals, "")]
        return np.array(names, object)

    def ordinal(self, field: str, value: str) -> int | None:
        """The ordinal of a value in its field; None when no document has it."""
        postings = self.postings.get(field)
        return postings.ordinals.get(value) if postings else None


class NestedRows:
    """The findings (or pitfalls) of the documents of a segment: rows with one value per field.

    With them several filters can be met by one and the same row. Rows stand in the order of the
    documents that own them.
    """

    def __init__(self, arrays: Arrays, group: str) -> None:
        """`group` is a key of `NESTED_FIELDS`."""
        self.owners: NDArray[np.int32] = arrays[f"{group}.owners"]  # the document of each row
        fields = NESTED_FIELDS[group]
        self._values = {field: StringTable(arrays, f"value_postings.{field}") for field in fields}
        self._ordinals = {field: arrays[f"{group}.{field}"] for field in fields}  # by row

    def having(self, field: str, values: Sequence[str]) -> Mask:
        """The rows that have one of these values."""
        is_one_of = np.zeros(len(self._values[field]), bool)
        ordinals = [self._values[field].find(value) for value in values]
        is_one_of[[ordinal for ordinal in ordinals if ordinal is not None]] = True
        rows: Mask = is_one_of[self._ordinals[field]]
        return rows

    def counts(self, field: str, rows: Mask, mask: Mask) -> dict[str, int]:
        """How many documents of a mask have each value of a field in one of these rows."""
        rows = rows & mask[self.owners]
        values = self._values[field]
        has_value = np.zeros((len(values), len(mask)), bool)
        has_value[self._ordinals[field][rows], self.owners[rows]] = True
        counts = np.count_nonzero(has_value, axis=1).tolist()
        return {values[ordinal]: count for ordinal, count in enumerate(counts) if count}


class StoredFieldsReader:
    """The items and passages of the documents of one type in one segment."""

    def __init__(self, arrays: Arrays) -> None:
        self.items = {language: TextColumn(arrays, f"items.{language}") for language in LANGUAGES}
        self.texts = TextColumn(arrays, "passages")
        self.passage_starts: IntArray = arrays["passages.starts"]  # by document: of its first one
        self.positions: NDArray[np.uint32] = arrays["passages.positions"]  # of their first words
        self._fields: NDArray[np.uint8] = arrays["passages.fields"]
        names = StringTable(arrays, "passages.names")
        self._names = [names[number] for number in range(len(names))]
        self._word_starts = arrays["words.starts"].data  # by passage: of its first word
        self._spans = arrays["words.spans"].data  # words × 2

    def fields(self, doc_id: int) -> list[str]:
        """The field of each passage of a document."""
        first, end = self.passage_starts.item(doc_id), self.passage_starts.item(doc_id + 1)
        return [self._names[name] for name in self._fields[first:end].tolist()]

    def span(self, passage: int, first: int, last: int) -> tuple[int, int]:
        """The characters of a passage from one of its words to another, both from 0."""
        start = self._word_starts[passage]
        return self._spans[start + first, 0], self._spans[start + last, 1]


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
