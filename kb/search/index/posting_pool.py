"""The postings of the Whoosh segment that is being written, sorted by term, in bounded memory.

Whoosh's own pool sorts a tuple for each posting, writes them to files object by object, and merges
those one by one. Here a run of postings is sorted as numbers

    number of the term (32 bits) · number of the document (32)

and put aside in a file; in the end all runs are read together, some terms at a time.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kb.search.index.arrays import IntArray, joined

RUN_POSTINGS = 1 << 20  # that are sorted at a time, and read at a time in the end
DOCUMENT_BITS = np.uint64(32)
DOCUMENT_MASK = np.uint64(0xFFFF_FFFF)
Keys = NDArray[np.uint64]
Term = tuple[str, bytes]  # field, UTF-8
Posting = tuple[str, bytes, int, float, bytes | None]  # field, UTF-8, document, weight, value


class _Terms(dict[Term, int]):
    """Gives each new term the next number, from 0."""

    def __missing__(self, term: Term) -> int:
        number = self[term] = len(self)
        return number


class _Run:
    """Some postings in a file, in the order of their terms and documents."""

    def __init__(
        self, keys: Keys, weights: NDArray[np.float32], values: Sequence[bytes], folder: str
    ) -> None:
        """`keys` have the number of a term; its postings stand together."""
        self._size = len(keys)
        lengths = np.fromiter(map(len, values), np.uint32, self._size)
        starts = np.flatnonzero(np.diff(keys >> DOCUMENT_BITS, prepend=np.uint64(2**32)))
        self.terms = (keys[starts] >> DOCUMENT_BITS).astype(np.int64)
        self._starts = np.append(starts, self._size)  # of the postings of each of these terms
        value_starts = np.zeros(self._size + 1, np.int64)
        np.cumsum(lengths, out=value_starts[1:])
        self._value_starts = value_starts[self._starts]
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed by `close`
        for column in (keys, weights, lengths):
            self._file.write(column.tobytes())
        self._file.write(b"".join(values))

    @property
    def counts(self) -> IntArray:
        """How many postings each of its terms has."""
        return np.diff(self._starts)

    def read(self, low: int, high: int) -> tuple[Keys, NDArray[np.float32], list[bytes]]:
        """The keys, weights and values of the postings of `terms[low:high]`."""
        first, last = self._starts[[low, high]].tolist()
        keys = self._column(np.uint64, 0, first, last)
        weights = self._column(np.float32, 8, first, last)
        lengths = self._column(np.uint32, 12, first, last).astype(np.int64)
        begin, end = self._value_starts[[low, high]].tolist()
        self._file.seek(16 * self._size + begin)
        content, ends = self._file.read(end - begin), lengths.cumsum()
        bounds = zip((ends - lengths).tolist(), ends.tolist(), strict=True)
        return keys, weights, [content[start:stop] for start, stop in bounds]

    def _column(self, dtype: Any, bytes_before: int, first: int, last: int) -> NDArray[Any]:
        size = np.dtype(dtype).itemsize
        self._file.seek(bytes_before * self._size + first * size)
        return np.frombuffer(self._file.read((last - first) * size), dtype)

    def close(self) -> None:
        """Delete the file."""
        self._file.close()


class PostingPool:
    """Takes the place of the pool of a `whoosh.writing.SegmentWriter`."""

    def __init__(self, folder: str, *, run_postings: int = RUN_POSTINGS) -> None:
        """Runs go into files without a name in `folder`."""
        self._folder = folder
        self._run_postings = run_postings
        self._terms = _Terms()
        self._runs: list[_Run] = []
        self._begin_run()

    def _begin_run(self) -> None:
        self._keys, self._weights = array("Q"), array("f")
        self._values: list[bytes] = []

    def add(self, posting: Posting) -> None:
        """Add a posting; those of a term may come in any order of documents. Raises OSError."""
        field, text, document, weight, value = posting
        self._keys.append(self._terms[field, text] << 32 | document)
        self._weights.append(weight)
        self._values.append(value or b"")  # None when a merged segment has none
        if len(self._values) >= self._run_postings:
            self._end_run()

    def _end_run(self) -> None:
        keys = np.frombuffer(self._keys, np.uint64)
        weights = np.frombuffer(self._weights, np.float32)
        in_order = np.argsort(_with_ranks(keys, self._ranks()))
        values = [self._values[place] for place in in_order.tolist()]
        self._runs.append(_Run(keys[in_order], weights[in_order], values, self._folder))
        self._begin_run()

    def _ranks(self) -> IntArray:
        """By the number of a term, how many of all terms come before it."""
        ranks = np.empty(len(self._terms), np.int64)
        ranks[[self._terms[term] for term in sorted(self._terms)]] = np.arange(len(ranks))
        return ranks

    def iter_postings(self) -> Iterator[Posting]:
        """All postings, by field, UTF-8 and document; nothing can be added any more."""
        self._end_run()
        terms, ranks = sorted(self._terms), self._ranks()
        counts = np.zeros(len(terms) + 1, np.int64)
        for run in self._runs:
            counts[1 + ranks[run.terms]] += run.counts
        ends = counts.cumsum()
        whole = np.searchsorted(ends, np.arange(0, ends[-1], self._run_postings), "left")
        for low, high in pairwise([*np.unique(whole).tolist(), len(terms)]):
            for key, weight, value in self._read(ranks, low, high):
                field, text = terms[key >> 32]
                yield field, text, key & 0xFFFF_FFFF, weight, value

    def _read(self, ranks: IntArray, low: int, high: int) -> Iterator[tuple[int, float, bytes]]:
        """The postings of the terms of these ranks, from all runs, with the rank in their key."""
        keys, weights, values = [], [], []
        for run in self._runs:
            of_run = np.searchsorted(ranks[run.terms], [low, high]).tolist()
            own_keys, own_weights, own_values = run.read(*of_run)
            keys.append(_with_ranks(own_keys, ranks))
            weights.append(own_weights)
            values += own_values
        all_keys = joined(keys, np.uint64)
        order = np.argsort(all_keys)
        return zip(
            all_keys[order].tolist(),
            joined(weights, np.float32)[order].tolist(),
            [values[place] for place in order.tolist()],
            strict=True,
        )

    def cleanup(self) -> None:
        """Delete the files."""
        while self._runs:
            self._runs.pop().close()


def _with_ranks(keys: Keys, ranks: IntArray) -> Keys:
    """The same keys, with the rank of the term in the place of its number."""
    in_order = ranks.astype(np.uint64)[(keys >> DOCUMENT_BITS).astype(np.int64)]
    return in_order << DOCUMENT_BITS | keys & DOCUMENT_MASK
