"""Which documents meet the filters of a request, and how many each value of a facet would give.

Filters on findings (and those on pitfalls) must be met by one and the same nested row. A mask has
one boolean per document of the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial

import numpy as np

from kb.search.engine import FacetCounts, SearchRequest
from kb.search.index.arrays import IntArray, Mask, ranges
from kb.search.index.fields import NESTED_FIELDS
from kb.search.index.index_reader import ABSENT_NUMBERS, IndexReader
from kb.search.index.segment_reader import LeafReader, SegmentReader

DENSE_DOCUMENTS = 24  # more than one in so many, per field that is counted: then value by value
Counts = tuple[dict[str, int], int]  # per value that any of the documents has; and who has none


class DocumentFacetCounter:
    """Counts document by document."""

    def __init__(self, reader: SegmentReader, doc_ids: IntArray) -> None:
        self._doc_values, self._num_docs = reader.doc_values, len(doc_ids)
        starts = self._doc_values.starts[doc_ids]
        lengths = self._doc_values.starts[doc_ids + 1] - starts
        counts = np.bincount(self._doc_values.global_ordinals[ranges(starts, lengths)])
        ordinals = counts.nonzero()[0]
        self._names = self._doc_values.value_names[ordinals].tolist()
        self._counts = counts[ordinals].tolist()
        self._bounds = ordinals.searchsorted(self._doc_values.bounds).tolist()

    def counts(self, field: str) -> Counts:
        """How many of the documents have each value of a field."""
        if field not in self._doc_values.field_rows:
            return {}, self._num_docs
        first, none, end = self._bounds[self._doc_values.field_rows[field]]
        counts = dict(zip(self._names[first:none], self._counts[first:none], strict=True))
        return counts, sum(self._counts[none:end])


class ValueFacetCounter:
    """Counts value by value."""

    def __init__(self, reader: SegmentReader, doc_ids: IntArray) -> None:
        self._postings, self._num_docs = reader.doc_values.postings, len(doc_ids)
        self._mask = reader.mask(doc_ids)

    def counts(self, field: str) -> Counts:
        """How many of the documents have each value of a field."""
        if field not in self._postings:
            return {}, self._num_docs
        postings = self._postings[field]
        counts, missing = postings.counts(self._mask)
        values = zip(postings.ordinals, counts.tolist(), strict=True)
        return {value: count for value, count in values if count}, missing


def facet_counter(
    reader: SegmentReader, doc_ids: IntArray, fields: int
) -> DocumentFacetCounter | ValueFacetCounter:
    """Count documents of a segment, ascending, in the way that is quicker for so many fields."""
    is_dense = len(doc_ids) * DENSE_DOCUMENTS > reader.max_doc * fields
    return (ValueFacetCounter if is_dense else DocumentFacetCounter)(reader, doc_ids)


NESTED_GROUP = {key: group for group, keys in NESTED_FIELDS.items() for key in keys}
Choices = Mapping[str, tuple[str, ...]]  # of each filter the values of which one will do


class Filters:
    """The filters of one request on an index."""

    def __init__(self, index: IndexReader, request: SearchRequest) -> None:
        self._index = index
        self._request = request
        self._masks: dict[str, Mask] = {}
        for key, values in request.filters.items():
            if key == "ingredient" and request.all_ingredients:
                several = [self._with_any(key, (value,)) for value in values]
                self._masks[key] = np.logical_and.reduce(several)
            elif key == "id":
                self._masks[key] = self._with_id(values)
            elif key not in NESTED_GROUP:
                self._masks[key] = self._with_any(key, values)
        for group in NESTED_FIELDS:
            if choices := self._choices_in(group):
                self._masks[group] = self._with_row(group, choices)
        for key in request.missing:
            self._masks[_missing(key)] = ~self._with_value(key)
        for key in request.ranges:
            self._masks[_in_range(key)] = self._within(key)
        self._unmet_counts = np.zeros(index.max_doc, np.uint8)  # filters a document does not meet
        for mask in self._masks.values():
            self._unmet_counts += ~mask
        self.matches: Mask = self._unmet_counts == 0

    def matches_without(self, key: str) -> Mask:
        """What meets every filter but this one, and that it must be missing."""
        group = NESTED_GROUP.get(key)
        choices = self._choices_in(group) if group else {}
        if group and key in choices:
            del choices[key]
            others = self._matches_without_masks(group, _missing(key))
            return others & self._with_row(group, choices) if choices else others
        return self._matches_without_masks(key, _missing(key))

    def _matches_without_masks(self, *names: str) -> Mask:
        skipped = [self._masks[name] for name in names if name in self._masks]
        if not skipped:
            return self.matches
        unmet = self._unmet_counts.copy()
        for mask in skipped:
            unmet -= ~mask
        matches: Mask = unmet == 0
        return matches

    def _choices_in(self, group: str) -> dict[str, tuple[str, ...]]:
        """The filters on findings (or pitfalls)."""
        filters = self._request.filters
        return {key: filters[key] for key in NESTED_FIELDS[group] if key in filters}

    def _with_any(self, key: str, values: tuple[str, ...]) -> Mask:
        """The documents that have one of these values; cached, since many requests ask the same."""
        return self._index.cached(("filter", key, values), lambda: self._look_up(key, values))

    def _look_up(self, key: str, values: tuple[str, ...]) -> Mask:
        matches = np.zeros(self._index.max_doc, bool)
        for leaf in self._index.leaves:
            reader = leaf.reader
            part = matches[leaf.doc_base : leaf.doc_base + reader.max_doc]
            for value in values:
                if key == "type":
                    part |= reader.type == value
                elif (ordinal := reader.doc_values.ordinal(key, value)) is not None:
                    part[reader.doc_values.postings[key].doc_ids_at(ordinal)] = True
        return matches

    def _with_value(self, key: str) -> Mask:
        """The documents that have any value of a filter."""
        matches = np.zeros(self._index.max_doc, bool)
        for leaf in self._index.leaves:
            if key == "type":
                matches[leaf.doc_range] = True
            elif postings := leaf.reader.doc_values.postings.get(key):
                matches[postings.doc_ids.astype(np.int64) + leaf.doc_base] = True
        return matches

    def _with_id(self, ids: Iterable[str]) -> Mask:
        """The documents with one of these ids."""
        matches = np.zeros(self._index.max_doc, bool)
        for leaf in self._index.leaves:
            places = (leaf.reader.ids.find(each) for each in ids)
            matches[[leaf.doc_base + place for place in places if place is not None]] = True
        return matches

    def _with_row(self, group: str, choices: Choices) -> Mask:
        """The documents with a finding (or pitfall) that meets all of these filters."""
        if len(choices) == 1:
            return self._with_any(*next(iter(choices.items())))
        matches = np.zeros(self._index.max_doc, bool)
        for leaf in self._index.leaves:
            owners = leaf.reader.nested[group].owners
            matches[leaf.doc_base + owners[self._matching_rows(leaf, group, choices)]] = True
        return matches

    def _matching_rows(self, leaf: LeafReader, group: str, choices: Choices) -> Mask:
        """The findings (or pitfalls) of a segment that meet all of these filters."""
        rows = leaf.reader.nested[group]
        matches = np.ones(len(rows.owners), bool)
        for key, values in choices.items():
            name = ("rows", leaf.doc_base, key, values)
            matches &= self._index.cached(name, partial(rows.having, key, values))
        return matches

    def _within(self, key: str) -> Mask:
        """What has a number in the range of the request."""
        numbers = self._index.column(key)
        first, last = self._request.ranges[key]
        matches: Mask = numbers != ABSENT_NUMBERS[key]
        if first is not None:
            matches &= numbers >= first
        if last is not None:
            matches &= numbers <= last
        return matches

    def facets(self, keys: Iterable[str], doc_ids: IntArray) -> dict[str, FacetCounts]:
        """Count the values of filters among these documents, each without the filter itself.

        With `all_ingredients` that filter counts too: choosing one more narrows the list.
        """
        bases = {key: self._base(key) for key in keys}
        with_all = sum(base is self.matches for base in bases.values())
        shared = self._by_leaf(doc_ids[self.matches[doc_ids]], with_all)
        return {
            key: self._facet(
                key, shared if base is self.matches else self._by_leaf(doc_ids[base[doc_ids]], 1)
            )
            for key, base in bases.items()
        }

    def _base(self, key: str) -> Mask:
        """What the values of a facet are counted among."""
        counts_itself = key == "ingredient" and self._request.all_ingredients
        return self.matches if counts_itself else self.matches_without(key)

    def _by_leaf(self, doc_ids: IntArray, facets: int) -> list[_LeafDocuments]:
        """These documents, ascending, segment by segment, to count so many facets of."""
        bases = [*(leaf.doc_base for leaf in self._index.leaves), self._index.max_doc]
        bounds = np.searchsorted(doc_ids, bases).tolist()
        return [
            _LeafDocuments(leaf, doc_ids[low:high] - leaf.doc_base, facets)
            for leaf, low, high in zip(self._index.leaves, bounds, bounds[1:], strict=False)
            if low < high
        ]

    def _facet(self, key: str, parts: Iterable[_LeafDocuments]) -> FacetCounts:
        group = NESTED_GROUP.get(key)
        others = self._choices_in(group) if group else {}
        others.pop(key, None)
        counts_by_leaf: list[dict[str, int]] = []
        missing = 0
        for part in parts:
            reader = part.leaf.reader
            if key == "type":
                counts_by_leaf.append({reader.type: len(part.doc_ids)})
                continue
            counts, lacking = part.counter.counts(key)
            if group and others:
                rows = self._matching_rows(part.leaf, group, others)
                counts = reader.nested[group].counts(key, rows, reader.mask(part.doc_ids))
            counts_by_leaf.append(counts)
            missing += lacking
        return FacetCounts(_total_counts(counts_by_leaf), missing)


def _in_range(key: str) -> str:
    """The name of the mask of what has a number in its range."""
    return f"range of {key}"


def _missing(key: str) -> str:
    """The name of the mask of what has no value of a filter."""
    return f"missing {key}"


class _LeafDocuments:
    """Some documents of one segment, by their ids in it."""

    def __init__(self, leaf: LeafReader, doc_ids: IntArray, facets: int) -> None:
        self.leaf, self.doc_ids, self._facets = leaf, doc_ids, facets

    @cached_property
    def counter(self) -> DocumentFacetCounter | ValueFacetCounter:
        """How many of them have each value."""
        return facet_counter(self.leaf.reader, self.doc_ids, self._facets)


def _total_counts(counts_by_leaf: Sequence[dict[str, int]]) -> dict[str, int]:
    """Counts of the same values, together."""
    if len(counts_by_leaf) == 1:
        return counts_by_leaf[0]
    total: dict[str, int] = {}
    for counts in counts_by_leaf:
        for value, count in counts.items():
            total[value] = total.get(value, 0) + count
    return total
