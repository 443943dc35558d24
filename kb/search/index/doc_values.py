"""What the documents of a segment can be filtered by: from value to documents, and back.

Documents are numbered from 0 in their segment, the values of a field in the order of their UTF-8:
the number of a value is its ordinal.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search.index.arrays import Arrays, IntArray, Mask, StringTable
from kb.search.index.fields import NESTED_FIELDS

MAX_BITSET_VALUES = 64  # of a field whose documents are counted by bitsets, which is quicker


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
