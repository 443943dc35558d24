"""Filters, facets, orders and suggestions over the segments of an index reader.

A mask has one boolean per document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from kb.search.engine import FacetCounts, SearchRequest, Suggestion
from kb.search.index.index_reader import IndexReader, LeafReader
from kb.search.index.segment_file import FloatArray, IntArray
from kb.search.index.segment_reader import (
    NESTED_FIELDS,
    DocumentFacetCounter,
    Mask,
    ValueFacetCounter,
    facet_counter,
    folded_title,
)

GROUP = {key: group for group, keys in NESTED_FIELDS.items() for key in keys}
SUGGESTED = ("case", "ingredient", "pitfall")


class Filters:
    """Which documents meet the filters of a request, and which would if one were left out."""

    def __init__(self, index: IndexReader, request: SearchRequest) -> None:
        self._index = index
        self._request = request
        self._masks: dict[str, Mask] = {}
        for key, chosen in request.filters.items():
            if key == "ingredient" and request.all_ingredients:
                several = [self._having(key, (value,)) for value in chosen]
                self._masks[key] = np.logical_and.reduce(several)
            elif key not in GROUP:
                self._masks[key] = self._having(key, chosen)
        for group in NESTED_FIELDS:
            if asked := self._of_group(group):
                self._masks[group] = self._owning(group, asked)
        if request.first_year is not None or request.last_year is not None:
            self._masks["years"] = self._in_years()
        self._unmet = np.zeros(index.max_doc, np.uint8)
        for mask in self._masks.values():
            self._unmet += ~mask
        self.met: Mask = self._unmet == 0

    def without(self, key: str) -> Mask:
        """What meets every filter but this one."""
        group = GROUP.get(key)
        asked = self._of_group(group) if group else {}
        if group and key in asked:
            del asked[key]
            others = self._but(group)
            return others & self._owning(group, asked) if asked else others
        return self._but(key)

    def _but(self, name: str) -> Mask:
        if name not in self._masks:
            return self.met
        met: Mask = self._unmet <= ~self._masks[name]
        return met

    def _of_group(self, group: str) -> dict[str, tuple[str, ...]]:
        """The filters on findings (or pitfalls)."""
        filters = self._request.filters
        return {key: filters[key] for key in NESTED_FIELDS[group] if key in filters}

    def _having(self, key: str, chosen: tuple[str, ...]) -> Mask:
        """The documents that have one of these values; kept, since many ask the same."""
        return self._index.cached(("having", key, chosen), lambda: self._look_up(key, chosen))

    def _look_up(self, key: str, chosen: tuple[str, ...]) -> Mask:
        found = np.zeros(self._index.max_doc, bool)
        for leaf in self._index.leaves:
            part = found[leaf.doc_base : leaf.doc_base + leaf.reader.max_doc]
            for value in chosen:
                if key == "type":
                    part |= leaf.reader.type == value
                elif (place := leaf.reader.doc_values.ordinal(key, value)) is not None:
                    part[leaf.reader.doc_values.postings[key].doc_ids_at(place)] = True
        return found

    def _owning(self, group: str, asked: Mapping[str, tuple[str, ...]]) -> Mask:
        """The documents with a finding (or pitfall) that meets all of these filters."""
        if len(asked) == 1:
            return self._having(*next(iter(asked.items())))
        found = np.zeros(self._index.max_doc, bool)
        for leaf in self._index.leaves:
            owners = leaf.reader.nested[group].owners
            found[leaf.doc_base + owners[self._rows_meeting(leaf, group, asked)]] = True
        return found

    def _rows_meeting(
        self, leaf: LeafReader, group: str, asked: Mapping[str, tuple[str, ...]]
    ) -> Mask:
        """The findings (or pitfalls) of a reader that have one of the values of each filter."""
        rows = leaf.reader.nested[group]
        met = np.ones(len(rows.owners), bool)
        for key, chosen in asked.items():
            name = ("row", leaf.doc_base, key, chosen)
            met &= self._index.cached(name, partial(rows.having, key, chosen))
        return met

    def _in_years(self) -> Mask:
        """What began in the years that were asked; the year of a study is another thing."""
        years = self._index.column("year")
        first, last = self._request.first_year, self._request.last_year
        found: Mask = (years != 0) & ~self._index.is_type("study")
        if first is not None:
            found &= years >= first
        if last is not None:
            found &= years <= last
        return found

    def facets(self, keys: Iterable[str], found: IntArray) -> dict[str, FacetCounts]:
        """Count the values of filters among the documents found, each without the filter itself.

        With `all_ingredients` that filter counts too: choosing one more narrows the list.
        """
        bases = {key: self._base(key) for key in keys}
        alike = [key for key, base in bases.items() if base is self.met]
        met = self._by_leaf(found[self.met[found]], len(alike))
        return {
            key: self._facet(key, met if base is self.met else self._by_leaf(found[base[found]], 1))
            for key, base in bases.items()
        }

    def _base(self, key: str) -> Mask:
        """What the values of a facet are counted among."""
        own = key == "ingredient" and self._request.all_ingredients
        return self.met if own else self.without(key)

    def _by_leaf(self, documents: IntArray, facets: int) -> list[_Part]:
        """Some documents, ascending, reader by reader, for so many facets."""
        firsts = [*(leaf.doc_base for leaf in self._index.leaves), self._index.max_doc]
        bounds = np.searchsorted(documents, firsts).tolist()
        return [
            _Part(leaf, documents[low:high] - leaf.doc_base, facets)
            for leaf, low, high in zip(self._index.leaves, bounds, bounds[1:], strict=False)
            if low < high
        ]

    def _facet(self, key: str, among: Iterable[_Part]) -> FacetCounts:
        group = GROUP.get(key)
        others = self._of_group(group) if group else {}
        others.pop(key, None)
        told: list[tuple[dict[str, int], int]] = []
        for part in among:
            if key == "type":
                told.append(({part.reader.type: len(part.documents)}, 0))
                continue
            counts, missing = part.counter.counts(key)
            if group and others:
                rows, mask = part.reader.nested[group], part.reader.mask(part.documents)
                counts = rows.counts(key, self._rows_meeting(part.leaf, group, others), mask)
            told.append((counts, missing))
        return FacetCounts(_added([counts for counts, _ in told]), sum(each for _, each in told))


def _added(several: Sequence[dict[str, int]]) -> dict[str, int]:
    """Counts of the same values, together."""
    if len(several) == 1:
        return several[0]
    total: dict[str, int] = {}
    for counts in several:
        for value, count in counts.items():
            total[value] = total.get(value, 0) + count
    return total


class _Part:
    """Some documents of one reader."""

    def __init__(self, leaf: LeafReader, documents: IntArray, facets: int) -> None:
        self.leaf, self.reader = leaf, leaf.reader
        self.documents, self._number = documents, facets

    @cached_property
    def counter(self) -> DocumentFacetCounter | ValueFacetCounter:
        """How many of them have each value."""
        return facet_counter(self.reader, self.documents, self._number)


def ordered(
    index: IndexReader, found: IntArray, scores: FloatArray, sort: Sequence[str], many: int
) -> IntArray:
    """The first `many` of the found documents in the order asked; what has no value comes last."""
    keys = [_key(index, found, scores, name) for name in sort]
    ids = index.id_ordinals[found].astype(np.uint64)
    if len(keys) > 1:
        return found[np.lexsort([ids, *reversed(keys)])[:many]]
    both = keys[0] << np.uint64(32) | ids
    if many < len(found):
        best = np.argpartition(both, many)[:many]
        return found[best[np.argsort(both[best])]]
    return found[np.argsort(both)]


def _key(index: IndexReader, found: IntArray, scores: FloatArray, name: str) -> NDArray[np.uint64]:
    """IntArray under 2³² that ascend in an order."""
    last = np.uint64(2**32 - 1)
    if name == "relevance":  # the bits of a positive number ascend with it
        return last - scores.view(np.uint32).astype(np.uint64)
    ordinals, known = index.ordinals(name.lstrip("-"))
    key = ordinals[found].astype(np.uint64)
    if name.startswith("-"):
        key = last - np.uint64(1) - key
    key[~known[found]] = last
    return key


def suggest(index: IndexReader, typed: str, types: Iterable[str], limit: int) -> list[Suggestion]:
    """What has a word for each typed word that begins so; whole beginnings come first."""
    start = folded_title(typed)
    if len(start.replace(" ", "")) < 2:
        return []
    wanted = set(types)
    found = [
        each
        for leaf in index.leaves
        if leaf.reader.type in wanted.intersection(SUGGESTED)
        for each in _titles(leaf, start, limit)
    ]
    if "place" in wanted:
        found += _places(index, start)
    return [suggestion for _, _, suggestion in sorted(found)[:limit]]


Ordered = tuple[bool, int, Suggestion]


def _titles(leaf: LeafReader, start: str, limit: int) -> list[Ordered]:
    """The best titles of a reader."""
    reader, met = leaf.reader, leaf.live_docs.copy()
    for word in start.split():
        low, high = reader.title_words.values.prefix_range(word)
        having = np.zeros(reader.max_doc, bool)
        for place in reader.title_words.values.order[low:high].tolist():
            having[reader.title_words.doc_ids_at(place)] = True
        met &= having
    found = np.flatnonzero(met)
    low, high = reader.folded_titles.prefix_range(start)
    whole = np.zeros(reader.max_doc, bool)
    whole[reader.folded_titles.order[low:high]] = True
    lengths = reader.titles.lengths[found]
    order = np.lexsort([reader.sortable["id_ordinals"][found], lengths, ~whole[found]])[:limit]
    return [
        (
            not whole[number],
            len(reader.titles[number]),
            Suggestion(reader.type, reader.ids[number], reader.titles[number]),
        )
        for number in found[order].tolist()
    ]


def _places(index: IndexReader, start: str) -> list[Ordered]:
    """The municipalities of living cases."""
    places = {
        value
        for leaf in index.leaves
        if leaf.reader.type == "case"
        for value in facet_counter(leaf.reader, np.flatnonzero(leaf.live_docs), 1).counts(
            "municipality"
        )[0]
    }
    return [
        (not folded_title(place).startswith(start), len(place), Suggestion("place", place, place))
        for place in places
        if all(
            any(have.startswith(word) for have in folded_title(place).split())
            for word in start.split()
        )
    ]
