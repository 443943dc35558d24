"""The postings of the Whoosh segment that is being written, term by term.

Those of text are read from the arrays of the segment, which have the same terms at the same
positions; the others are lists of documents. So no text is analysed for Whoosh alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from whoosh.fields import Schema

from kb.search.analysis.analyzer import Analyzer
from kb.search.index.arrays import Arrays, IntArray, ranges
from kb.search.index.fields import MAX_POSITION, TEXT_FIELDS
from kb.search.index.segment_maker import SegmentArrays
from kb.search.index.segment_writer import StoredDocument

POSTINGS_AT_ONCE = 1 << 19  # that are read together, of all text fields
DOCUMENT_BITS = 32  # of the number of a document; that of its term stands above it
POSITION_BYTES = 4
ONCE = (1).to_bytes(4, "big")  # as `whoosh.formats.Frequency` encodes that a term stands there once
Posting = tuple[str, bytes, int, float, bytes]  # field, UTF-8, document, weight, value


class TermPostings(NamedTuple):
    """All postings of a term in a field."""

    field: str
    text: bytes  # UTF-8
    docnums: Sequence[int]  # ascending
    weights: Sequence[float]  # of each posting
    values: Sequence[bytes]  # of each posting, in the format of the field


class PostingPool:
    """Takes the place of the pool of a `whoosh.writing.SegmentWriter`."""

    def __init__(
        self, schema: Schema, analyzer: Analyzer, *, postings_at_once: int = POSTINGS_AT_ONCE
    ) -> None:
        self.documents = SegmentArrays(analyzer)
        self._schema = schema
        self._postings_at_once = postings_at_once
        self._docnums: dict[str, dict[bytes, array[int]]] = {}  # by field and term

    def add_document(
        self, docnum: int, document: StoredDocument, values: Mapping[str, Sequence[Any]]
    ) -> list[int]:
        """Add a document, and its values by field; returns how many terms each text field has."""
        for name, each in values.items():
            to_bytes = self._schema[name].to_bytes
            for value in each:
                self._add(name, to_bytes(value), docnum)
        return self.documents.add(docnum, document)

    def add(self, posting: Posting) -> None:
        """Add a posting of a field that holds no text, as Whoosh does it."""
        name, text, docnum, _weight, _value = posting
        self._add(name, text, docnum)

    def _add(self, name: str, text: bytes, docnum: int) -> None:
        docnums = self._docnums.setdefault(name, {})
        if text not in docnums:
            docnums[text] = array("I")
        docnums[text].append(docnum)

    def iter_postings(self) -> Iterator[TermPostings]:
        """All postings, by field and UTF-8; nothing can be added any more."""
        texts = TextPostings(list(self.documents.finish().values()), self._postings_at_once)
        for name in sorted({*self._docnums, *TEXT_FIELDS}):
            if name in TEXT_FIELDS:
                yield from texts.of_field(name)
                continue
            for text, docnums in sorted(self._docnums[name].items()):
                count = len(docnums)
                yield TermPostings(name, text, docnums.tolist(), [1.0] * count, [ONCE] * count)

    def cleanup(self) -> None:
        """Nothing: there are no files."""


class _Slice(NamedTuple):
    """Postings in one field, by term and document."""

    keys: IntArray  # number of the term · number of the document in Whoosh's segment
    counts: IntArray  # how often it stands there
    positions: bytes


class TextPostings:
    """The postings of the terms that arrays of one or more types have."""

    def __init__(self, types: Sequence[Arrays], postings_at_once: int) -> None:
        """About so many postings are read at a time."""
        self._types = types
        terms = [_texts(arrays, "terms") for arrays in types]
        self._terms = sorted({term for each in terms for term in each})
        number_of = {term: number for number, term in enumerate(self._terms)}
        self._numbers = [  # by type: of its terms, ascending
            np.fromiter(map(number_of.__getitem__, each), np.int64, len(each)) for each in terms
        ]
        ends = np.zeros(len(self._terms) + 1, np.int64)
        for numbers, arrays in zip(self._numbers, types, strict=True):
            ends[1 + numbers] += np.diff(arrays["postings.starts"])
        ends = ends.cumsum()
        whole = np.searchsorted(ends, np.arange(0, ends[-1], postings_at_once), "left")
        self._bounds = [*np.unique(whole).tolist(), len(self._terms)]

    def of_field(self, name: str) -> Iterator[TermPostings]:
        """The postings in a text field, by term."""
        field = TEXT_FIELDS.index(name)
        for low, high in pairwise(self._bounds):
            slices = [
                _slice(arrays, numbers, field, low, high)
                for arrays, numbers in zip(self._types, self._numbers, strict=True)
            ]
            yield from self._terms_of(name, slices)

    def _terms_of(self, name: str, slices: Sequence[_Slice]) -> Iterator[TermPostings]:
        keys, counts = (np.concatenate(each) for each in list(zip(*slices, strict=True))[:2])
        positions = b"".join(each.positions for each in slices)
        ends = counts.cumsum() * POSITION_BYTES
        order = np.argsort(keys)
        starts = (ends - counts * POSITION_BYTES)[order].tolist()
        values = [
            positions[start:end] for start, end in zip(starts, ends[order].tolist(), strict=True)
        ]
        keys = keys[order]
        terms = keys >> DOCUMENT_BITS
        docnums = (keys & (1 << DOCUMENT_BITS) - 1).tolist()
        weights = counts[order].astype(np.float64).tolist()
        firsts = np.flatnonzero(np.diff(terms, prepend=-1))
        bounds = pairwise([*firsts.tolist(), len(keys)])
        for term, (first, last) in zip(terms[firsts].tolist(), bounds, strict=True):
            yield TermPostings(
                name,
                self._terms[term],
                docnums[first:last],
                weights[first:last],
                values[first:last],
            )


def _slice(arrays: Arrays, numbers: IntArray, field: int, low: int, high: int) -> _Slice:
    """The postings in a field, of the terms of a type whose numbers are from `low` to `high`."""
    first, last = np.searchsorted(numbers, [low, high]).tolist()
    bounds = arrays["postings.starts"][first : last + 1]
    chosen = slice(bounds[0], bounds[-1])
    freqs = arrays["postings.freqs"][chosen]
    in_field = np.flatnonzero(freqs[:, field])
    counts = freqs[in_field, field].astype(np.int64)
    in_fields_before = freqs[in_field, :field].sum(axis=1, dtype=np.int64)
    starts = arrays["positions.starts"][chosen][in_field] + in_fields_before
    positions = arrays["positions.values"][ranges(starts, counts)] - np.uint32(field * MAX_POSITION)
    docnums = arrays["docnums"][arrays["postings.doc_ids"][chosen][in_field]].astype(np.int64)
    terms = numbers[first:last].repeat(np.diff(bounds))[in_field]
    return _Slice(terms << DOCUMENT_BITS | docnums, counts, positions.astype("<u4").tobytes())


def _texts(arrays: Arrays, name: str) -> list[bytes]:
    """The texts of a `StringTable`, in UTF-8."""
    utf8, ends = arrays[f"{name}.utf8"].tobytes(), arrays[f"{name}.ends"].tolist()
    return [utf8[start:end] for start, end in pairwise(ends)]
