"""Shelves side by side: all documents of some types in one generation of the index.

Documents are numbered over all shelves. What was worked out for a clause stays as long as the
generation does, within a budget; the shelves themselves stay over generations.
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

from kb.search.index.segment_file import Damaged, Numbers, Strings
from kb.search.index.segment_reader import PLACES, Mask, Shelf

FIELD_WEIGHT = np.array([5.0, 3.5, 2.0, 1.0])
LENGTH_SHARE = np.array([0.3, 0.4, 0.6, 0.75])  # b: how much a long field counts against a word
KEPT = (2**22, 1500)  # bytes of what was worked out, at most: in any case, and per document
EACH = 4000  # bytes that it takes to keep one thing, with the query that is its name, about
WHERE = 32  # bits of a key that say where in its document a term stands
Ranks = NDArray[np.uint32]
Worked = TypeVar("Worked")


class Placed(NamedTuple):
    """A shelf with its living documents, and the number of its first one in the corpus."""

    shelf: Shelf
    alive: Mask
    first: int

    def lives(self, form: str) -> bool:
        """Whether a living document has a word in this form."""
        place = self.shelf.forms.find(form)
        if place is None:
            return False
        found = self.shelf.postings(self.shelf.terms[int(self.shelf.form_terms[place])])
        return found is not None and bool(self.alive[found[0]].any())


class Corpus:
    """All documents of some types."""

    def __init__(self, shelves: Sequence[tuple[Shelf, Mask]]) -> None:
        """Shelves of the same type stand together. Raises Damaged when an id lives twice."""
        self.placed: list[Placed] = []
        self.size = 0
        for shelf, alive in shelves:
            self.placed.append(Placed(shelf, alive, self.size))
            self.size += shelf.size
        self.alive: Mask = _joined([alive for _, alive in shelves], bool)
        self.total = int(np.count_nonzero(self.alive))
        self.id_ranks = self._ranked("ids")
        self._worked: LRUCache[Hashable, Any] = LRUCache(
            KEPT[0] + KEPT[1] * self.size, getsizeof=lambda one: one.nbytes + EACH
        )
        self._lock = threading.Lock()

    def of_type(self) -> Iterator[list[Placed]]:
        """The shelves, type by type."""
        return (list(some) for _, some in groupby(self.placed, lambda placed: placed.shelf.type))

    def kept(self, name: Hashable, work: Callable[[], Worked]) -> Worked:
        """What was worked out under a name before, or now; it tells its size as `nbytes`."""
        with self._lock:
            found: Worked | None = self._worked.get(name)
        if found is None:
            found = work()
            with self._lock:
                if self._worked.getsizeof(found) < self._worked.maxsize:
                    self._worked[name] = found
        return found

    def _ranked(self, which: str) -> Ranks:
        """The place of each id (or title) in the alphabet, one type after the other."""
        found, before = [], 0
        for some in self.of_type():
            ranks = _merged(some, which)
            found.append(ranks + np.uint32(before))
            before += int(ranks.max(initial=0)) + 1
        return _joined(found, np.uint32)

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        """What a word in each field of each document counts: v / (1 − b + b · length / mean)."""
        shares = [np.empty((0, 4))]
        for some in self.of_type():
            lengths = np.concatenate([placed.shelf.lengths for placed in some])
            alive = np.concatenate([placed.alive for placed in some])
            living = lengths[alive] if alive.any() else np.ones((1, 4))
            shares.append(lengths / np.maximum(living.mean(axis=0), 1.0))
        share = np.concatenate(shares)
        norms = FIELD_WEIGHT / (1 - LENGTH_SHARE + LENGTH_SHARE * share)
        return norms.astype(np.float32)

    def ranks(self, key: str) -> tuple[Ranks, Mask]:
        """For each document the place of a value among all its values, and whether it has one."""
        ranks: tuple[Ranks, Mask] = self.kept(("ranks", key), lambda: _Pair(self._rank(key)))
        return ranks

    def _rank(self, key: str) -> tuple[Ranks, Mask]:
        everywhere = np.ones(self.size, bool)
        if key == "title":
            return self._title_ranks(), everywhere
        values = self.column("year" if key == "startYear" else key)
        known = ~np.isnan(values) if values.dtype.kind == "f" else everywhere
        if key in {"startYear", "year"}:
            of_study = self.is_type("study")
            known = (values != 0) & (of_study if key == "year" else ~of_study)
        _, ranks = np.unique(values, return_inverse=True)
        return ranks.astype(np.uint32), known

    def _title_ranks(self) -> Ranks:
        if len(list(self.of_type())) == 1:
            return self._ranked("headings")
        titles = [p.shelf.headings[n] for p in self.placed for n in range(p.shelf.size)]
        place = {title: rank for rank, title in enumerate(sorted(set(titles)))}
        return np.array([place[title] for title in titles], np.uint32)

    def column(self, name: str) -> NDArray[Any]:
        """A value of every document: year (0 when unknown), updatedAt (NaN), position."""
        return _joined([placed.shelf.sortable[name] for placed in self.placed], np.int32)

    def is_type(self, kind: str) -> Mask:
        """The documents of a type."""
        return _joined([np.full(p.shelf.size, p.shelf.type == kind) for p in self.placed], bool)

    def at(self, document: int) -> tuple[Shelf, int]:
        """The shelf that a document stands on, and its number there."""
        for placed in self.placed:
            if document < placed.first + placed.shelf.size:
                return placed.shelf, document - placed.first
        raise IndexError(document)

    def postings(self, term: str) -> tuple[Numbers, NDArray[Any]]:
        """The documents with a term, ascending, and how often it stands in each field.

        Those that were deleted are among them: `alive` tells which.
        """
        documents = [np.empty(0, np.int64)]
        counts: list[NDArray[Any]] = [np.empty((0, 4), np.uint16)]
        for placed in self.placed:
            if (found := placed.shelf.postings(term)) is not None:
                documents.append(found[0].astype(np.int64) + placed.first)
                counts.append(found[1])
        if len(documents) == 2:
            return documents[1], counts[1]
        return np.concatenate(documents), np.concatenate(counts)

    def tagged(self, concept: str) -> Numbers:
        """The documents with a concept, ascending, those that were deleted among them."""
        found = [p.shelf.tags.of(concept).astype(np.int64) + p.first for p in self.placed]
        return _joined(found, np.int64)

    def keys(self, term: str, inside: Mask) -> NDArray[np.int64]:
        """Where a term stands in the documents inside: document · 2³² + place, ascending."""
        found: list[Numbers] = [np.empty(0, np.int64)]
        for placed in self.placed:
            shelf = placed.shelf
            if (postings := shelf.postings(term)) is None:
                continue
            chosen = inside[placed.first : placed.first + shelf.size][postings[0]].nonzero()[0]
            several, places = shelf.places(term, chosen)
            documents = postings[0][chosen].astype(np.int64) + placed.first
            where: Numbers = (documents << WHERE).repeat(several) | places
            found.append(where)
        return found[1] if len(found) == 2 else np.concatenate(found)

    def occurrences(self, term: str) -> int:
        """How often a term stands in the documents, those that were replaced included."""
        return int(
            self.kept(
                ("often", term),
                lambda: np.int64(sum(placed.shelf.occurrences(term) for placed in self.placed)),
            )
        )


def field_of(keys: Numbers) -> Numbers:
    """The field in which each of these keys stands."""
    return (keys & (1 << WHERE) - 1) // PLACES


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


def _merged(placed: Sequence[Placed], which: str) -> Ranks:
    """The place of each text in the alphabet over several shelves.

    The largest shelf knows its own order already; only the texts of the others are looked up in
    it. Raises Damaged when an id lives on two shelves.
    """
    name = {"ids": "id_ranks", "headings": "title_ranks"}[which]
    if len(placed) == 1:
        return placed[0].shelf.sortable[name].astype(np.uint32)
    largest = max(placed, key=lambda each: each.shelf.size)
    texts: Strings = getattr(largest.shelf, which)
    own = largest.shelf.sortable[name].astype(np.int64)
    in_order = np.append(own[texts.order], own.max(initial=-1) + 1)
    others: dict[str, list[bool]] = {}
    for each in placed:
        if each is not largest:
            held: Strings = getattr(each.shelf, which)
            for number, alive in enumerate(each.alive.tolist()):
                others.setdefault(held[number], []).append(alive)
    at: dict[str, tuple[int, int | None]] = {}
    added: list[int] = []
    for text in sorted(others, key=str.encode):
        place = texts.before(text)
        known = place < len(texts) and texts[int(texts.order[place])] == text
        alive = others[text] + ([bool(largest.alive[texts.order[place]])] if known else [])
        if which == "ids" and sum(alive) > 1:
            raise Damaged(f"the id {text} is there twice")
        at[text] = (int(in_order[place]), None if known else len(added))
        if not known:
            added.append(int(in_order[place]))
    shifts = np.array(added, np.int64)

    def place_of(text: str) -> int:
        rank, number = at[text]
        return rank + (int(np.searchsorted(shifts, rank, "right")) if number is None else number)

    found = []
    for each in placed:
        if each is largest:
            found.append(own + np.searchsorted(shifts, own, "right"))
        else:
            held = getattr(each.shelf, which)
            found.append(np.array([place_of(held[n]) for n in range(each.shelf.size)], np.int64))
    return np.concatenate(found).astype(np.uint32)
