"""A reader: the documents of one type in one segment of the index, as arrays.

Documents of a reader are numbered from 0. Of each document the arrays hold

    lengths       4 × 4 bytes     terms in each field (title, labels, details, body)
    year, updatedAt, position, number and the order of ids and titles: about 40 bytes; both texts

and of each different term in a document, parts of compounds among them,

    documents     4 bytes         its number
    counts        4 × 2 bytes     how often the term stands in each field
    position_starts  4 bytes         where its places begin
    places        4 bytes each    where: field · MAX_POSITION + position, ascending

so that a case of 500 words costs some 10 kB. A facet holds, for each of its values, the documents
that have it, and all facets together for each document its values; findings and pitfalls are rows
as well, so that several filters on them can be met by one and the same row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis.analyzer import fold, tokenize
from kb.search.engine import FindingFacts, PitfallFacts, Type
from kb.search.index.segment_file import Arrays, IntArray, Strings

FIELDS = ("title", "labels", "details", "body")
MAX_POSITION = 1 << 22  # positions in a field of a document, at most
POSITION_GAP = 100  # positions between two passages, so that nothing runs from one into the next
NESTED_FIELDS = {"findings": FindingFacts._fields, "pitfalls": PitfallFacts._fields}
REMEMBERED = 1 << 14  # terms whose place is remembered
FEW_VALUES = 64  # of a postings, whose bits are quickly counted
MANY = 24  # more than one in so many documents, a facet: then they are counted value by value
Mask = NDArray[np.bool_]


def folded_title(title: str) -> str:
    """The folded words of a title, by which titles are sorted and suggested."""
    return " ".join(fold(word) for word in tokenize(title))


class ValuePostings:
    """For each of some values the documents (or rows) that have it, ascending."""

    def __init__(self, held: Arrays, name: str) -> None:
        self.values = Strings(held, name)
        self.starts: IntArray = held[f"{name}.starts"]
        self.doc_ids: NDArray[np.int32] = held[f"{name}.doc_ids"]
        self._lacking: Mask | None = None
        self._bits: NDArray[np.uint64] | None = None

    @cached_property
    def names(self) -> dict[str, int]:
        """The place of each value."""
        return {self.values[place]: place for place in range(len(self.values))}

    def doc_ids_with(self, value: str) -> NDArray[np.int32]:
        """The documents with a value."""
        place = self.values.find(value)
        return self.doc_ids_at(place) if place is not None else self.doc_ids[:0]

    def doc_ids_at(self, place: int) -> NDArray[np.int32]:
        """The documents with the value that stands at a place."""
        return self.doc_ids[self.starts[place] : self.starts[place + 1]]

    def counts(self, mask: Mask, *, few: int = FEW_VALUES) -> IntArray:
        """How many documents of a mask have each value; and last, how many have none.

        Of at most `few` values the bits are counted.
        """
        counts: IntArray = np.zeros(len(self.values) + 1, np.int64)
        if len(self.values) <= few:
            bits = self._bits_of(len(mask))
            counts[:-1] = np.bitwise_count(bits & _packed(mask)).sum(axis=1, dtype=np.int64)
        else:
            counts[:-1] = np.add.reduceat(mask[self.doc_ids], self.starts[:-1], dtype=np.int64)
        counts[-1] = np.count_nonzero(mask & self._lacking_of(len(mask)))
        return counts

    def _lacking_of(self, size: int) -> Mask:
        """The documents of a reader of this size that have none of the values."""
        if self._lacking is None:
            lacking = np.ones(size, bool)
            lacking[self.doc_ids] = False
            self._lacking = lacking  # whole, since other threads look too
        return self._lacking

    def _bits_of(self, size: int) -> NDArray[np.uint64]:
        """For each value a bit per document."""
        if self._bits is None:
            having = np.zeros((len(self.values), size), bool)
            values = np.repeat(np.arange(len(self.values)), np.diff(self.starts))
            having[values, self.doc_ids] = True
            self._bits = _packed(having)
        return self._bits


def _packed(mask: Mask) -> NDArray[np.uint64]:
    """Masks with a bit for each boolean, 64 together."""
    bits = np.packbits(mask, axis=-1)
    packed = np.zeros((*bits.shape[:-1], -(-bits.shape[-1] // 8) * 8), np.uint8)
    packed[..., : bits.shape[-1]] = bits
    return packed.view(np.uint64)


Counts = tuple[dict[str, int], int]  # of each value that any document has; and who has none


class DocValues:
    """What the documents of a reader can be filtered by.

    Values are numbered over all facets, in the order of their names; the last number of a facet
    stands for none of its values.
    """

    def __init__(self, own: Arrays) -> None:
        names = sorted({name.split(".")[1] for name in own if name.startswith("value_postings.")})
        self.postings = {name: ValuePostings(own, f"value_postings.{name}") for name in names}
        self.starts: IntArray = own["value_ordinals.starts"]  # of the values of each document
        self.values: NDArray[np.unsignedinteger[Any]] = own["value_ordinals.ordinals"]
        ends = np.cumsum([len(each.values) + 1 for each in self.postings.values()], dtype=np.int64)
        firsts = np.concatenate([[0], ends[:-1]]) if names else ends
        self.bounds = np.stack([firsts, ends - 1, ends], 1)  # values, none, the next facet
        self.rows = {name: row for row, name in enumerate(names)}  # of the bounds

    @cached_property
    def names(self) -> NDArray[np.object_]:
        """The values by their number."""
        return np.array([n for each in self.postings.values() for n in (*each.names, "")], object)

    def ordinal(self, key: str, value: str) -> int | None:
        """The place of a value in the postings of a facet."""
        postings = self.postings.get(key)
        return postings.names.get(value) if postings else None


class DocumentFacetCounter:
    """The facets of few documents of a reader, counted document by document, all at once."""

    def __init__(self, reader: SegmentReader, documents: IntArray) -> None:
        self._doc_values, self._number = reader.doc_values, len(documents)
        starts = self._doc_values.starts[documents]
        several = self._doc_values.starts[documents + 1] - starts
        ends = several.cumsum()
        places = (starts - ends + several).repeat(several) + _upto(ends)
        counts = np.bincount(self._doc_values.values[places])
        some = counts.nonzero()[0]
        self._names = self._doc_values.names[some].tolist()
        self._counts = counts[some].tolist()
        self._bounds = some.searchsorted(self._doc_values.bounds).tolist()

    def counts(self, key: str) -> Counts:
        """The counts of a facet."""
        if key not in self._doc_values.rows:
            return {}, self._number
        first, none, end = self._bounds[self._doc_values.rows[key]]
        told = dict(zip(self._names[first:none], self._counts[first:none], strict=True))
        return told, sum(self._counts[none:end])


class ValueFacetCounter:
    """The facets of many documents of a reader, counted value by value."""

    def __init__(self, reader: SegmentReader, documents: IntArray) -> None:
        self._doc_values, self._number = reader.doc_values, len(documents)
        self._mask = reader.mask(documents)

    def counts(self, key: str) -> Counts:
        """The counts of a facet."""
        if key not in self._doc_values.postings:
            return {}, self._number
        postings = self._doc_values.postings[key]
        *counts, none = postings.counts(self._mask).tolist()
        return {v: count for v, count in zip(postings.names, counts, strict=True) if count}, none


def facet_counter(
    reader: SegmentReader, documents: IntArray, facets: int
) -> DocumentFacetCounter | ValueFacetCounter:
    """Some documents, in the way that is quicker for so many facets."""
    many = len(documents) * MANY > reader.max_doc * facets
    return ValueFacetCounter(reader, documents) if many else DocumentFacetCounter(reader, documents)


class SegmentReader:
    """The documents of one type in one segment."""

    def __init__(self, kind: Type, held: Arrays) -> None:
        own = {
            name.removeprefix(f"{kind}."): array
            for name, array in held.items()
            if name.startswith(f"{kind}.")
        }
        self.type: Type = kind
        self.docnums: NDArray[np.int32] = own["docnums"]  # by which Whoosh knows them
        self.max_doc = len(self.docnums)
        self.ids = Strings(own, "ids")
        self.titles = Strings(own, "titles")
        self.folded_titles = Strings(own, "folded_titles")
        self.lengths: NDArray[np.int32] = own["lengths"]
        self.sortable: dict[str, NDArray[Any]] = {
            name: own[name]
            for name in ("year", "updatedAt", "position", "id_ordinals", "title_ordinals")
        }
        self.title_words = ValuePostings(own, "title_words")  # for suggestions
        self.concepts = ValuePostings(own, "concepts")
        self.doc_values = DocValues(own)
        self.nested = {group: NestedRows(own, group) for group in NESTED_FIELDS}
        self.terms = Strings(own, "terms")
        self.forms = Strings(own, "forms")
        self.form_terms: NDArray[np.int32] = own["forms.terms"]
        self.form_doc_freqs: NDArray[np.int32] = own["forms.doc_freqs"]
        self._looked_up: dict[str, int | None] = {}
        self._forms: dict[int, dict[int, str]] = {}
        self._term_starts, self._doc_ids = own["term_starts"], own["doc_ids"]
        self._freqs, self._positions = own["freqs"], own["positions"]
        self._position_starts = own["position_starts"]

    def mask(self, documents: IntArray) -> Mask:
        """These documents among all."""
        mask = np.zeros(self.max_doc, bool)
        mask[documents] = True
        return mask

    def forms_with_lengths(self, lengths: Iterable[int]) -> dict[int, str]:
        """The words with so many letters, by their place among the forms."""
        if not self._forms:
            forms: dict[int, dict[int, str]] = {}
            for place, length in enumerate(self.forms.lengths.tolist()):
                forms.setdefault(length, {})[place] = self.forms[place]
            self._forms = forms  # whole, since other threads look too
        return {p: form for n in lengths for p, form in self._forms.get(n, {}).items()}

    def _place(self, term: str) -> int | None:
        """Where a term is among all terms; what was looked up is remembered."""
        known = self._looked_up  # another thread may begin a new one meanwhile
        if term in known:
            return known[term]
        place = self.terms.find(term)
        if len(known) > REMEMBERED:
            known = self._looked_up = {}
        known[term] = place
        return place

    def postings(self, term: str) -> tuple[NDArray[np.uint32], NDArray[Any]] | None:
        """The documents with a term, and how often it stands in each of their fields."""
        at = self._place(term)
        if at is None:
            return None
        low, high = self._term_starts[at : at + 2]
        return self._doc_ids[low:high], self._freqs[low:high]

    def total_term_freq(self, term: str) -> int:
        """How often a term stands in all documents."""
        at = self._place(term)
        if at is None:
            return 0
        low, high = self._position_starts[self._term_starts[at : at + 2]].tolist()
        return int(high - low)

    def positions(self, term: str, chosen: IntArray) -> tuple[IntArray, NDArray[np.uint32]]:
        """How often a term stands in each of the chosen of its postings, and where, in a row."""
        at = self._place(term)
        assert at is not None
        low, high = self._term_starts[at : at + 2].tolist()
        if len(chosen) == high - low:
            bounds = self._position_starts[low : high + 1]
            return np.diff(bounds).astype(np.int64), self._positions[bounds[0] : bounds[-1]]
        starts = self._position_starts[low + chosen].astype(np.int64)
        several = self._position_starts[low + chosen + 1] - starts
        ends = several.cumsum()
        return several, self._positions[(starts - ends + several).repeat(several) + _upto(ends)]


class NestedRows:
    """The findings (or pitfalls) of a reader: of which document, and with which values."""

    def __init__(self, own: Arrays, group: str) -> None:
        self.owners: NDArray[np.int32] = own[f"{group}.owners"]
        self._values = {key: Strings(own, f"value_postings.{key}") for key in NESTED_FIELDS[group]}
        self._codes = {key: own[f"{group}.{key}"] for key in NESTED_FIELDS[group]}

    def having(self, key: str, chosen: Sequence[str]) -> Mask:
        """The rows that have one of these values."""
        wanted = np.zeros(len(self._values[key]), bool)
        places = [self._values[key].find(value) for value in chosen]
        wanted[[place for place in places if place is not None]] = True
        having: Mask = wanted[self._codes[key]]
        return having

    def counts(self, key: str, rows: Mask, mask: Mask) -> dict[str, int]:
        """How many documents of a mask have each value of a key in one of these rows."""
        rows = rows & mask[self.owners]
        values = self._values[key]
        seen = np.zeros((len(values), len(mask)), bool)
        seen[self._codes[key][rows], self.owners[rows]] = True
        counted = np.count_nonzero(seen, axis=1)
        return {values[n]: int(counted[n]) for n in np.flatnonzero(counted).tolist()}


def in_all_fields(counts: NDArray[Any]) -> IntArray:
    """How often something stands in all fields together; quicker than a sum over so few."""
    title, labels, details, body = counts.T
    total: IntArray = title.astype(np.int64) + labels + details + body
    return total


def _upto(ends: IntArray) -> IntArray:
    """0, 1, 2, … as many as all of these come to, given where each of them ends."""
    return np.arange(ends[-1] if len(ends) else 0)
