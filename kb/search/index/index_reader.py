"""All documents of some types in one snapshot of the index, over the segments they stand in.

Documents are numbered over all segments: the `doc_base` of a segment is the number of its first
one. Deleted documents keep their number; `live_docs` is false for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from kb.search.index.arrays import IntArray, Mask, StringTable, joined
from kb.search.index.fields import (
    FIELD_WEIGHT,
    LENGTH_NORMALISATION,
    MAX_POSITION,
    TEXT_FIELDS,
)
from kb.search.index.segment_file import CorruptIndex
from kb.search.index.segment_reader import NO_FIGURE, NO_LANE, NO_YEAR, LeafReader, SegmentReader

Ordinals = NDArray[np.uint32]
COLUMN_OF = {"ids": "id_ordinals", "folded_titles": "title_ordinals"}  # in a segment's `sortable`
ABSENT_NUMBERS = {  # by sort key
    **{"startYear": NO_YEAR, "year": NO_YEAR, "lane": NO_LANE},
    **{"population": NO_FIGURE, "socialRent": NO_FIGURE},
}
CACHE_BYTES = 2**22  # of a reader's cache at most, and
CACHE_BYTES_PER_DOC = 1500  # as many more for each document
CACHE_ENTRY_BYTES = 4000  # of an entry beside its arrays, about: the query that is its key
POSITION_BITS = 32  # of a position key, below the number of the document
NO_FREQS = np.empty((0, len(TEXT_FIELDS)), np.uint16)
Cached = TypeVar("Cached")


class SortOrdinals(NamedTuple):
    """The order of documents by a value."""

    ordinals: Ordinals  # by document; equal values have equal ordinals
    has_value: Mask

    @property
    def nbytes(self) -> int:
        """Of both arrays."""
        return self.ordinals.nbytes + self.has_value.nbytes


def merged_ordinals(leaves: Sequence[LeafReader], texts: str) -> Ordinals:
    """The ordinals of `ids` (or `folded_titles`) over the segments of one type, by document.

    The largest segment is not read: only the texts of the others are looked up in its order.
    Raises CorruptIndex when an id is live twice.
    """
    if len(leaves) == 1:
        return _own_ordinals(leaves[0], texts).astype(np.uint32)
    largest = max(leaves, key=lambda leaf: leaf.reader.max_doc)
    ordinals = _own_ordinals(largest, texts)
    others = sorted(
        {text for leaf in leaves if leaf is not largest for text in _texts(leaf, texts)},
        key=str.encode,
    )
    places, is_new = _look_up(others, getattr(largest.reader, texts), ordinals)
    merged = dict(zip(others, (places + is_new.cumsum() - is_new).tolist(), strict=True))
    shifts = np.searchsorted(places[is_new], ordinals, "right")
    parts = [
        ordinals + shifts
        if leaf is largest
        else np.array([merged[text] for text in _texts(leaf, texts)], np.int64)
        for leaf in leaves
    ]
    if texts == "ids":
        _refuse_twice_live(leaves, np.concatenate(parts))
    return np.concatenate(parts).astype(np.uint32)


def _own_ordinals(leaf: LeafReader, texts: str) -> IntArray:
    return leaf.reader.sortable[COLUMN_OF[texts]].astype(np.int64)


def _texts(leaf: LeafReader, texts: str) -> list[str]:
    table: StringTable = getattr(leaf.reader, texts)
    return [table[doc_id] for doc_id in range(len(table))]


def _look_up(texts: Sequence[str], table: StringTable, ordinals: IntArray) -> tuple[IntArray, Mask]:
    """The ordinal in a table that each text has, or would push up; and whether it is not there."""
    in_order = np.append(ordinals[table.order], ordinals.max(initial=-1) + 1)
    bounds = [table.lower_bound(text) for text in texts]
    is_new = [
        bound == len(table) or table[int(table.order[bound])] != text
        for bound, text in zip(bounds, texts, strict=True)
    ]
    return in_order[np.array(bounds, np.int64)], np.array(is_new, bool)


def _refuse_twice_live(leaves: Sequence[LeafReader], ordinals: IntArray) -> None:
    """Raises CorruptIndex when two live documents have the same ordinal."""
    live = ordinals[np.concatenate([leaf.live_docs for leaf in leaves])]
    if len(live) and np.bincount(live).max() > 1:
        raise CorruptIndex(f"an id of the {leaves[0].reader.type} documents is there twice")


def _has_value(key: str, column: NDArray[Any]) -> Mask:
    """Which numbers of a column are no sign that there is none."""
    has_value = np.ones(len(column), bool)
    if key == "updatedAt":
        has_value = ~np.isnan(column)
    elif key in ABSENT_NUMBERS:
        has_value = column != ABSENT_NUMBERS[key]
    return has_value


class IndexReader:
    """The documents of some types; those of the same type stand together."""

    def __init__(self, segments: Sequence[tuple[SegmentReader, Mask]]) -> None:
        """`segments` with their live documents. Raises CorruptIndex when an id is live twice."""
        self.leaves: list[LeafReader] = []
        self.max_doc = 0  # documents, deleted ones included
        for reader, live_docs in segments:
            self.leaves.append(LeafReader(reader, live_docs, self.max_doc))
            self.max_doc += reader.max_doc
        self.live_docs: Mask = joined([leaf.live_docs for leaf in self.leaves], bool)
        self.num_docs = int(np.count_nonzero(self.live_docs))
        self.id_ordinals = self._merged_by_type("ids")
        self._cache: LRUCache[Hashable, Any] = LRUCache(
            CACHE_BYTES + CACHE_BYTES_PER_DOC * self.max_doc,
            getsizeof=lambda value: value.nbytes + CACHE_ENTRY_BYTES,
        )
        self._lock = threading.Lock()

    def leaves_by_type(self) -> Iterator[list[LeafReader]]:
        """The segments of each type that has any, type by type."""
        return (list(leaves) for _, leaves in groupby(self.leaves, lambda leaf: leaf.reader.type))

    def cached(self, key: Hashable, compute: Callable[[], Cached]) -> Cached:
        """What was computed under a key before, or now; it tells its size as `nbytes`.

        It stays as long as the reader does, least recently used first out. Two threads may
        compute the same.
        """
        with self._lock:
            value: Cached | None = self._cache.get(key)
        if value is None:
            value = compute()
            with self._lock:
                if self._cache.getsizeof(value) < self._cache.maxsize:
                    self._cache[key] = value
        return value

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        """Documents × text fields: what a word counts, v / (1 − b + b · length / mean length).

        The mean is that of the live documents of the type.
        """
        relative = [np.empty((0, len(TEXT_FIELDS)))]
        for leaves in self.leaves_by_type():
            lengths = np.concatenate([leaf.reader.lengths for leaf in leaves])
            live_lengths = lengths[np.concatenate([leaf.live_docs for leaf in leaves])]
            mean = live_lengths.mean(axis=0) if len(live_lengths) else np.ones(len(TEXT_FIELDS))
            relative.append(lengths / np.maximum(mean, 1.0))
        length = np.concatenate(relative)
        b = LENGTH_NORMALISATION
        return (FIELD_WEIGHT / (1 - b + b * length)).astype(np.float32)

    def ordinals(self, key: str) -> SortOrdinals:
        """For each document the ordinal of a value to sort by, and whether it has one.

        `key` is `title`, `updatedAt`, `lane` or a number of `NUMBER_COLUMNS`.
        """
        return self.cached(("ordinals", key), lambda: self._sort_ordinals(key))

    def _sort_ordinals(self, key: str) -> SortOrdinals:
        if key == "title":
            return SortOrdinals(self._title_ordinals(), np.ones(self.max_doc, bool))
        column = self.column("laneRank" if key == "lane" else key)
        _, ordinals = np.unique(column, return_inverse=True)
        return SortOrdinals(ordinals.astype(np.uint32), _has_value(key, column))

    def _title_ordinals(self) -> Ordinals:
        """The order of titles, of all types together."""
        if len(list(self.leaves_by_type())) == 1:
            return self._merged_by_type("folded_titles")
        titles = [
            leaf.reader.folded_titles[doc_id]
            for leaf in self.leaves
            for doc_id in range(leaf.reader.max_doc)
        ]
        ordinals = {title: ordinal for ordinal, title in enumerate(sorted(set(titles)))}
        return np.array([ordinals[title] for title in titles], np.uint32)

    def _merged_by_type(self, texts: str) -> Ordinals:
        """The order of the ids (or titles) of a type; the types one after the other."""
        merged, base = [], 0
        for leaves in self.leaves_by_type():
            ordinals = merged_ordinals(leaves, texts)
            merged.append(ordinals + np.uint32(base))
            base += int(ordinals.max(initial=0)) + 1
        return joined(merged, np.uint32)

    def column(self, name: str) -> NDArray[Any]:
        """A number of every document, by the name that `NUMBER_COLUMNS` has for it.

        `updatedAt` is in seconds since 1970.
        """
        return joined([leaf.reader.sortable[name] for leaf in self.leaves], np.int32)

    def locate(self, doc_id: int) -> tuple[SegmentReader, int]:
        """The segment that a document stands in, and its number there. Raises IndexError."""
        for leaf in self.leaves:
            if doc_id < leaf.doc_base + leaf.reader.max_doc:
                return leaf.reader, doc_id - leaf.doc_base
        raise IndexError(doc_id)

    def has_any(self, terms: Iterable[str]) -> bool:
        """Whether any of these terms stands in any document, deleted ones included."""
        return any(leaf.reader.inverted.doc_freq(term) for term in terms for leaf in self.leaves)

    def docs_with_any(self, terms: Iterable[str]) -> Mask:
        """The documents that have any of these terms, deleted ones included."""
        mask = np.zeros(self.max_doc, bool)
        for leaf in self.leaves:
            part = mask[leaf.doc_range]
            for term in terms:
                part[leaf.reader.inverted.postings(term).doc_ids] = True
        return mask

    def postings(self, term: str) -> tuple[IntArray, NDArray[Any]]:
        """The documents with a term, ascending, and how often it stands in each text field.

        Deleted documents are among them.
        """
        doc_ids, freqs = [], []
        for leaf in self.leaves:
            postings = leaf.reader.inverted.postings(term)
            if len(postings.doc_ids):
                doc_ids.append(postings.doc_ids.astype(np.int64) + leaf.doc_base)
                freqs.append(postings.freqs)
        return joined(doc_ids, np.int64), joined(freqs or [NO_FREQS], np.uint16)

    def concept_postings(self, concept: str) -> IntArray:
        """The documents with a concept (scheme/id), ascending, deleted ones among them."""
        doc_ids = [
            leaf.reader.concepts.doc_ids_with(concept).astype(np.int64) + leaf.doc_base
            for leaf in self.leaves
        ]
        return joined(doc_ids, np.int64)

    def positions(self, term: str, within: Mask) -> IntArray:
        """Where a term stands in the documents of a mask, as position keys, ascending.

        A key is number of the document · 2³² + index of the text field · `MAX_POSITION` +
        position in it, so that neighbours in a text are neighbouring numbers.
        """
        keys = []
        for leaf in self.leaves:
            inverted = leaf.reader.inverted
            doc_ids = inverted.postings(term).doc_ids
            chosen = within[leaf.doc_range][doc_ids].nonzero()[0]
            if len(chosen):
                counts, positions = inverted.positions(term, chosen)
                documents = doc_ids[chosen].astype(np.int64) + leaf.doc_base
                keys.append((documents << POSITION_BITS).repeat(counts) | positions)
        return joined(keys, np.int64)

    def vectors_of(self, doc_ids: IntArray) -> NDArray[np.int8]:
        """The vectors of these documents, which ascend: documents × dimensions."""
        bounds = np.searchsorted(doc_ids, [leaf.doc_base for leaf in self.leaves]).tolist()
        parts = [
            leaf.reader.vectors[doc_ids[low:high] - leaf.doc_base]
            for leaf, low, high in zip(
                self.leaves, bounds, [*bounds[1:], len(doc_ids)], strict=True
            )
        ]
        return joined(parts, np.int8)

    def total_term_freq(self, term: str) -> int:
        """How often a term stands in all documents, deleted ones included."""
        return int(
            self.cached(
                ("total_term_freq", term),
                lambda: np.int64(
                    sum(leaf.reader.inverted.total_term_freq(term) for leaf in self.leaves)
                ),
            )
        )


def field_of(position_keys: IntArray) -> IntArray:
    """The index of the text field that each position key is in."""
    return (position_keys & (1 << POSITION_BITS) - 1) // MAX_POSITION
