"""The order of documents by a text, over several segments.

An ordinal is the number of different texts before a text in the order of their UTF-8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.index.arrays import IntArray, Mask
from kb.search.index.corrupt_index import CorruptIndex
from kb.search.index.leaf_reader import LeafReader
from kb.search.index.string_table import StringTable

Ordinals = NDArray[np.uint32]
COLUMN_OF = {"ids": "id_ordinals", "folded_titles": "title_ordinals"}  # in a segment's `sortable`


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
