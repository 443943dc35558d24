"""The first hits in the order that a request wants."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.search.index.arrays import FloatArray, IntArray, Mask
from kb.search.index.index_reader import IndexReader

LAST = np.uint64(2**32 - 1)  # the sort key of a document without the value


def sort_hits(
    index: IndexReader,
    doc_ids: IntArray,
    scores: FloatArray,
    is_full: Mask,
    sort: Sequence[str],
    limit: int,
) -> IntArray:
    """The first `limit` of these documents; equals by type and id, what has no value last.

    `sort` names keys as a `SearchRequest` does, the first one first; but those that meet the whole
    query (`is_full`) come before the others, unless relevance is to say so.
    """
    if not limit:
        return doc_ids[:0]
    keys = [_sort_key(index, doc_ids, scores, name) for name in sort]
    if sort[0] != "relevance" and not is_full.all():
        keys.insert(0, (~is_full).astype(np.uint64))
    ids = index.id_ordinals[doc_ids].astype(np.uint64)
    if len(keys) > 1:
        return doc_ids[np.lexsort([ids, *reversed(keys)])[:limit]]
    key = keys[0] << np.uint64(32) | ids
    if limit < len(doc_ids):
        best = np.argpartition(key, limit)[:limit]
        return doc_ids[best[np.argsort(key[best])]]
    return doc_ids[np.argsort(key)]


def _sort_key(
    index: IndexReader, doc_ids: IntArray, scores: FloatArray, name: str
) -> NDArray[np.uint64]:
    """Numbers below 2³², of which the least comes first."""
    if name == "relevance":  # the bits of a positive float ascend with it
        return LAST - scores.view(np.uint32).astype(np.uint64)
    ordinals, has_value = index.ordinals(name.lstrip("-"))
    key = ordinals[doc_ids].astype(np.uint64)
    if name.startswith("-"):
        key = LAST - np.uint64(1) - key
    key[~has_value[doc_ids]] = LAST
    return key
