"""The values of documents → the arrays that `doc_values` reads."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search.index.fields import NESTED_FIELDS
from kb.search.index.string_table import string_arrays


class ValueLists:
    """The documents with each value of one field."""

    def __init__(self) -> None:
        self._doc_ids: dict[str, array[int]] = {}  # ascending

    def add(self, doc_id: int, values: Iterable[str]) -> None:
        """Add the next document; a value that is there twice counts once."""
        for value in dict.fromkeys(values):
            if value not in self._doc_ids:
                self._doc_ids[value] = array("i")
            self._doc_ids[value].append(doc_id)

    def in_order(self) -> list[tuple[str, NDArray[np.int32]]]:
        """The values in the order of their UTF-8, with their documents."""
        return [
            (value, np.frombuffer(self._doc_ids[value], np.int32))
            for value in sorted(self._doc_ids, key=str.encode)
        ]

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays from which `ValuePostings` reads."""
        in_order = self.in_order()
        starts = np.zeros(len(in_order) + 1, np.int64)
        np.cumsum([len(doc_ids) for _, doc_ids in in_order], dtype=np.int64, out=starts[1:])
        return string_arrays(name, [value for value, _ in in_order]) | {
            f"{name}.starts": starts,
            f"{name}.doc_ids": np.concatenate(
                [np.empty(0, np.int32), *(doc_ids for _, doc_ids in in_order)]
            ),
        }


class DocValuesWriter:
    """The fields that documents of a segment are filtered by."""

    def __init__(self) -> None:
        fields = [field for group in NESTED_FIELDS.values() for field in group]
        self._fields = {field: ValueLists() for field in fields}  # and those of documents
        self._rows: dict[str, list[tuple[int, Sequence[str]]]] = {
            group: [] for group in NESTED_FIELDS
        }

    def add(self, doc_id: int, values: Mapping[str, Sequence[str]]) -> None:
        """Add the values of the next document, by field."""
        for field, each in values.items():
            self._fields.setdefault(field, ValueLists()).add(doc_id, each)

    def add_rows(self, doc_id: int, group: str, rows: Sequence[Sequence[str]]) -> None:
        """Add the findings (or pitfalls) of the next document."""
        self._rows[group] += [(doc_id, row) for row in rows]
        for column, field in enumerate(NESTED_FIELDS[group]):
            self._fields[field].add(doc_id, (row[column] for row in rows))

    def arrays(self, max_doc: int) -> dict[str, NDArray[Any]]:
        """The arrays from which `DocValues` and `NestedRows` read."""
        made = _global_ordinals(self._fields, max_doc)
        for field, values in self._fields.items():
            made |= values.arrays(f"value_postings.{field}")
        for group, rows in self._rows.items():
            made[f"{group}.owners"] = np.array([owner for owner, _ in rows], np.int32)
            for column, field in enumerate(NESTED_FIELDS[group]):
                in_order = enumerate(self._fields[field].in_order())
                ordinals = {value: ordinal for ordinal, (value, _) in in_order}
                of_rows = [ordinals[row[column]] for _, row in rows]
                made[f"{group}.{field}"] = np.array(of_rows, np.int32)
        return made


def _global_ordinals(fields: Mapping[str, ValueLists], max_doc: int) -> dict[str, NDArray[Any]]:
    """For each document the global ordinals of its values, numbered as `DocValues` does."""
    doc_ids = [np.empty(0, np.int32)]
    ordinals = [np.empty(0, np.int64)]

    def number(having: NDArray[np.int32]) -> None:
        """Give these documents the next ordinal."""
        ordinals.append(np.full(len(having), len(ordinals) - 1))
        doc_ids.append(having)

    for _, values in sorted(fields.items()):
        has_none = np.ones(max_doc, bool)
        for _, having in values.in_order():
            has_none[having] = False
            number(having)
        number(np.flatnonzero(has_none).astype(np.int32))
    by_doc = np.concatenate(doc_ids)
    starts = np.zeros(max_doc + 1, np.int64)
    np.cumsum(np.bincount(by_doc, minlength=max_doc), out=starts[1:])
    in_order = np.concatenate(ordinals)[np.argsort(by_doc, kind="stable")]
    return {
        "global_ordinals.starts": starts,
        "global_ordinals.values": in_order.astype(np.min_scalar_type(len(ordinals) - 1)),
    }
