"""Shelves side by side: all documents of some types in one generation of the index.

Documents are numbered over all readers. What was worked out for a clause stays as long as the
generation does, within a budget; the readers themselves stay over generations.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from kb.search.index.segment_file import CorruptIndex, IntArray, Strings
from kb.search.index.segment_reader import MAX_POSITION, Mask, SegmentReader

FIELD_WEIGHT = np.array([5.0, 3.5, 2.0, 1.0])
LENGTH_SHARE = np.array([0.3, 0.4, 0.6, 0.75])  # b: how much a long field counts against a word
KEPT = (2**22, 1500)  # bytes of what was worked out, at most: in any case, and per document
EACH = 4000  # bytes that it takes to keep one thing, with the query that is its name, about
POSITION_BITS = 32  # bits of a key that say where in its document a term stands
Ordinals = NDArray[np.uint32]
Worked = TypeVar("Worked")


class LeafReader(NamedTuple):
    """A reader with its living documents, and the number of its first one in the corpus."""

    reader: SegmentReader
    live_docs: Mask
    doc_base: int

    def has_live_form(self, form: str) -> bool:
        """Whether a living document has a word in this form."""
        place = self.reader.forms.find(form)
        if place is None:
            return False
        found = self.reader.postings(self.reader.terms[int(self.reader.form_terms[place])])
        return found is not None and bool(self.live_docs[found[0]].any())


class IndexReader:
    """All documents of some types."""

    def __init__(self, readers: Sequence[tuple[SegmentReader, Mask]]) -> None:
        """Shelves of the same type stand together. Raises CorruptIndex when an id lives twice."""
        self.leaves: list[LeafReader] = []
        self.max_doc = 0
        for reader, live_docs in readers:
            self.leaves.append(LeafReader(reader, live_docs, self.max_doc))
            self.max_doc += reader.max_doc
        self.live_docs: Mask = _joined([live_docs for _, live_docs in readers], bool)
        self.num_docs = int(np.count_nonzero(self.live_docs))
        self.id_ordinals = self._ranked("ids")
        self._worked: LRUCache[Hashable, Any] = LRUCache(
            KEPT[0] + KEPT[1] * self.max_doc, getsizeof=lambda one: one.nbytes + EACH
        )
        self._lock = threading.Lock()

    def leaves_by_type(self) -> Iterator[list[LeafReader]]:
        """The readers, type by type."""
        return (list(some) for _, some in groupby(self.leaves, lambda leaf: leaf.reader.type))

    def cached(self, name: Hashable, work: Callable[[], Worked]) -> Worked:
        """What was worked out under a name before, or now; it tells its size as `nbytes`."""
        with self._lock:
            found: Worked | None = self._worked.get(name)
        if found is None:
            found = work()
            with self._lock:
                if self._worked.getsizeof(found) < self._worked.maxsize:
                    self._worked[name] = found
        return found

    def _ranked(self, which: str) -> Ordinals:
        """The place of each id (or title) in the alphabet, one type after the other."""
        found, before = [], 0
        for some in self.leaves_by_type():
            ranks = _merged(some, which)
            found.append(ranks + np.uint32(before))
            before += int(ranks.max(initial=0)) + 1
        return _joined(found, np.uint32)

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        """What a word in each field of each document counts: v / (1 − b + b · length / mean)."""
        shares = [np.empty((0, 4))]
        for some in self.leaves_by_type():
            lengths = np.concatenate([leaf.reader.lengths for leaf in some])
            live_docs = np.concatenate([leaf.live_docs for leaf in some])
            living = lengths[live_docs] if live_docs.any() else np.ones((1, 4))
            shares.append(lengths / np.maximum(living.mean(axis=0), 1.0))
        share = np.concatenate(shares)
        norms = FIELD_WEIGHT / (1 - LENGTH_SHARE + LENGTH_SHARE * share)
        return norms.astype(np.float32)

    def ordinals(self, key: str) -> tuple[Ordinals, Mask]:
        """For each document the place of a value among all its values, and whether it has one."""
        ranks: tuple[Ordinals, Mask] = self.cached(
            ("ordinals", key), lambda: _Pair(self._rank(key))
        )
        return ranks

    def _rank(self, key: str) -> tuple[Ordinals, Mask]:
        everywhere = np.ones(self.max_doc, bool)
        if key == "title":
            return self._title_ranks(), everywhere
        values = self.column("year" if key == "startYear" else key)
        known = ~np.isnan(values) if values.dtype.kind == "f" else everywhere
        if key in {"startYear", "year"}:
            of_study = self.is_type("study")
            known = (values != 0) & (of_study if key == "year" else ~of_study)
        _, ranks = np.unique(values, return_inverse=True)
        return ranks.astype(np.uint32), known

    def _title_ranks(self) -> Ordinals:
        if len(list(self.leaves_by_type())) == 1:
            return self._ranked("folded_titles")
        titles = [
            leaf.reader.folded_titles[n] for leaf in self.leaves for n in range(leaf.reader.max_doc)
        ]
        place = {title: rank for rank, title in enumerate(sorted(set(titles)))}
        return np.array([place[title] for title in titles], np.uint32)

    def column(self, name: str) -> NDArray[Any]:
        """A value of every document: year (0 when unknown), updatedAt (NaN), position."""
        return _joined([leaf.reader.sortable[name] for leaf in self.leaves], np.int32)

    def is_type(self, kind: str) -> Mask:
        """The documents of a type."""
        return _joined(
            [np.full(leaf.reader.max_doc, leaf.reader.type == kind) for leaf in self.leaves], bool
        )

    def locate(self, document: int) -> tuple[SegmentReader, int]:
        """The reader that a document stands on, and its number there."""
        for leaf in self.leaves:
            if document < leaf.doc_base + leaf.reader.max_doc:
                return leaf.reader, document - leaf.doc_base
        raise IndexError(document)

    def postings(self, term: str) -> tuple[IntArray, NDArray[Any]]:
        """The documents with a term, ascending, and how often it stands in each field.

        Those that were deleted are among them: `live_docs` tells which.
        """
        documents = [np.empty(0, np.int64)]
        counts: list[NDArray[Any]] = [np.empty((0, 4), np.uint16)]
        for leaf in self.leaves:
            if (found := leaf.reader.postings(term)) is not None:
                documents.append(found[0].astype(np.int64) + leaf.doc_base)
                counts.append(found[1])
        if len(documents) == 2:
            return documents[1], counts[1]
        return np.concatenate(documents), np.concatenate(counts)

    def concept_postings(self, concept: str) -> IntArray:
        """The documents with a concept, ascending, those that were deleted among them."""
        found = [
            leaf.reader.concepts.doc_ids_with(concept).astype(np.int64) + leaf.doc_base
            for leaf in self.leaves
        ]
        return _joined(found, np.int64)

    def positions(self, term: str, inside: Mask) -> NDArray[np.int64]:
        """Where a term stands in the documents inside: document · 2³² + place, ascending."""
        found: list[IntArray] = [np.empty(0, np.int64)]
        for leaf in self.leaves:
            reader = leaf.reader
            if (postings := reader.postings(term)) is None:
                continue
            chosen = inside[leaf.doc_base : leaf.doc_base + reader.max_doc][postings[0]].nonzero()[
                0
            ]
            several, places = reader.positions(term, chosen)
            documents = postings[0][chosen].astype(np.int64) + leaf.doc_base
            where: IntArray = (documents << POSITION_BITS).repeat(several) | places
            found.append(where)
        return found[1] if len(found) == 2 else np.concatenate(found)

    def total_term_freq(self, term: str) -> int:
        """How often a term stands in the documents, those that were replaced included."""
        return int(
            self.cached(
                ("often", term),
                lambda: np.int64(sum(leaf.reader.total_term_freq(term) for leaf in self.leaves)),
            )
        )


def field_of(keys: IntArray) -> IntArray:
    """The field in which each of these keys stands."""
    return (keys & (1 << POSITION_BITS) - 1) // MAX_POSITION


class _Pair(tuple[Any, ...]):
    """Arrays that tell their size together."""

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self)


def _joined(arrays: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    """The arrays after each other; a single one as it is."""
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.empty(0, kind)


def _merged(leaf: Sequence[LeafReader], which: str) -> Ordinals:
    """The place of each text in the alphabet over several readers.

    The largest reader knows its own order already; only the texts of the others are looked up in
    it. Raises CorruptIndex when an id lives on two readers.
    """
    name = {"ids": "id_ordinals", "folded_titles": "title_ordinals"}[which]
    if len(leaf) == 1:
        return leaf[0].reader.sortable[name].astype(np.uint32)
    largest = max(leaf, key=lambda each: each.reader.max_doc)
    texts: Strings = getattr(largest.reader, which)
    own = largest.reader.sortable[name].astype(np.int64)
    in_order = np.append(own[texts.order], own.max(initial=-1) + 1)
    others: dict[str, list[bool]] = {}
    for each in leaf:
        if each is not largest:
            held: Strings = getattr(each.reader, which)
            for number, live_docs in enumerate(each.live_docs.tolist()):
                others.setdefault(held[number], []).append(live_docs)
    at: dict[str, tuple[int, int | None]] = {}
    added: list[int] = []
    for text in sorted(others, key=str.encode):
        place = texts.before(text)
        known = place < len(texts) and texts[int(texts.order[place])] == text
        live_docs = others[text] + ([bool(largest.live_docs[texts.order[place]])] if known else [])
        if which == "ids" and sum(live_docs) > 1:
            raise CorruptIndex(f"the id {text} is there twice")
        at[text] = (int(in_order[place]), None if known else len(added))
        if not known:
            added.append(int(in_order[place]))
    shifts = np.array(added, np.int64)

    def place_of(text: str) -> int:
        rank, number = at[text]
        return rank + (int(np.searchsorted(shifts, rank, "right")) if number is None else number)

    found = []
    for each in leaf:
        if each is largest:
            found.append(own + np.searchsorted(shifts, own, "right"))
        else:
            held = getattr(each.reader, which)
            found.append(
                np.array([place_of(held[n]) for n in range(each.reader.max_doc)], np.int64)
            )
    return np.concatenate(found).astype(np.uint32)
