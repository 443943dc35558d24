"""Documents that are like a document: sums of weights over the postings of the values it has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from kb.search.engine import FAMILY_FILTER, WEIGHT_UNIT, MoreLikeThis, SharedValues, SimilarHit
from kb.search.execute.filters_and_facets import DocumentFacetCounter
from kb.search.execute.order import LAST
from kb.search.index.arrays import IntArray, joined
from kb.search.index.index_reader import IndexReader


class WeightedValue(NamedTuple):
    """A value that two documents share."""

    field: str
    value: str
    weight: int


class _Value(NamedTuple):
    """A value that the document has."""

    field: str
    value: str
    doc_ids: IntArray  # the live documents that have it, ascending
    weight: int

    def of(self, doc_ids: IntArray) -> list[bool]:
        """Which of these documents have it."""
        places = np.minimum(self.doc_ids.searchsorted(doc_ids), len(self.doc_ids) - 1)
        has_it: list[bool] = (self.doc_ids[places] == doc_ids).tolist()
        return has_it


def more_like_this(index: IndexReader, request: MoreLikeThis) -> tuple[SimilarHit, ...]:
    """The documents of a reader that share most with one; none when it does not have that one."""
    doc_id = _find(index, request.id)
    if doc_id is None:
        return ()
    values = list(_values(index, doc_id, request))
    scores, is_similar = np.zeros(index.max_doc, np.int64), np.zeros(index.max_doc, bool)
    for each in values:
        scores[each.doc_ids] += each.weight
        if each.field not in request.not_alone:
            is_similar[each.doc_ids] = True
    is_similar[doc_id] = False
    best = _best(index, is_similar.nonzero()[0], scores, request.limit)
    has_values = zip(*(each.of(best) for each in values), strict=True)
    return tuple(
        SimilarHit(
            _id(index, each),
            shared_values(
                [
                    WeightedValue(value.field, value.value, value.weight)
                    for value, has in zip(values, row, strict=True)
                    if has
                ]
            ),
        )
        for each, row in zip(best.tolist(), has_values, strict=True)
    )


def _find(index: IndexReader, id_: str) -> int | None:
    """The live document with this id."""
    for leaf in index.leaves:
        doc_id = leaf.reader.ids.find(id_)
        if doc_id is not None and leaf.live_docs[doc_id]:
            return leaf.doc_base + doc_id
    return None


def _id(index: IndexReader, doc_id: int) -> str:
    reader, number = index.locate(doc_id)
    return reader.ids[number]


def _values(index: IndexReader, doc_id: int, request: MoreLikeThis) -> Iterator[_Value]:
    """The values of the document, field by field."""
    own = _counter(index, doc_id)
    for field, importance in request.fields.items():
        values = list(own.counts(field)[0])
        for value in values or ([request.id] if field == FAMILY_FILTER else []):
            doc_ids = _doc_ids_with(index, field, value)
            doc_freq = len(doc_ids)
            if field == FAMILY_FILTER:
                doc_ids, doc_freq = _with_head(index, doc_ids, value), 1
            yield _Value(field, value, doc_ids, weight(importance, index.num_docs, doc_freq))


def _with_head(index: IndexReader, doc_ids: IntArray, id_: str) -> IntArray:
    """The documents of a family, and its head when that is of no other family, ascending."""
    head = _find(index, id_)
    if head is None or _counter(index, head).counts(FAMILY_FILTER)[0]:
        return doc_ids
    return np.unique([*doc_ids.tolist(), head])


def _counter(index: IndexReader, doc_id: int) -> DocumentFacetCounter:
    """The values of one document."""
    reader, number = index.locate(doc_id)
    return DocumentFacetCounter(reader, np.array([number]))


def _doc_ids_with(index: IndexReader, field: str, value: str) -> IntArray:
    """The live documents with a value, ascending."""
    doc_ids = [np.empty(0, np.int64)]
    for leaf in index.leaves:
        if postings := leaf.reader.doc_values.postings.get(field):
            having = postings.doc_ids_with(value)
            doc_ids.append(having[leaf.live_docs[having]].astype(np.int64) + leaf.doc_base)
    return joined(doc_ids, np.int64)


def weight(importance: float, num_docs: int, doc_freq: int) -> int:
    """What a value counts that `doc_freq` of the documents have."""
    return max(1, round(WEIGHT_UNIT * importance * math.log(1 + num_docs / doc_freq)))


def _best(index: IndexReader, doc_ids: IntArray, scores: IntArray, limit: int) -> IntArray:
    """The first `limit` of these documents: highest score first, equals by id."""
    key = LAST - scores[doc_ids].astype(np.uint64) << np.uint64(32) | index.id_ordinals[doc_ids]
    if limit < len(doc_ids):
        nearest = np.argpartition(key, limit)[:limit]
        doc_ids, key = doc_ids[nearest], key[nearest]
    return doc_ids[np.argsort(key)]


def shared_values(values: Sequence[WeightedValue]) -> tuple[SharedValues, ...]:
    """The values by field: the field that weighs most first, and within it the value that does."""
    by_field: dict[str, list[WeightedValue]] = {}
    for each in values:
        by_field.setdefault(each.field, []).append(each)
    ordered = sorted(by_field.items(), key=lambda pair: -sum(each.weight for each in pair[1]))
    return tuple(
        SharedValues(
            field,
            tuple(each.value for each in sorted(own, key=lambda each: (-each.weight, each.value))),
        )
        for field, own in ordered
    )
