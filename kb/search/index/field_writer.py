"""Whoosh's files of postings, written a term at a time.

Whoosh's own writer takes postings one by one, with four calls for each. The files are the same as
those that it writes: blocks of postings in one, not compressed, since most are too short to be
worth it; in another for each term what is to be known of all its postings, and where they begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter, sub
from pickle import dumps
from struct import pack
from typing import Any

from whoosh.codec.base import FieldWriter as WhooshFieldWriter
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3TermInfo
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import OrderedHashWriter

from kb.search.index.posting_pool import TermPostings

BLOCK_POSTINGS = 128  # in a block at most
PICKLE_PROTOCOL = 2  # of Whoosh
NOT_COMPRESSED = NO_LENGTH = 0


class FieldWriter(WhooshFieldWriter):  # type: ignore[misc]  # Whoosh has no types
    """Writes the postings of all fields of a segment."""

    def __init__(self, storage: FileStorage, segment: WhooshSegment) -> None:
        """Raises OSError."""
        self._terms = OrderedHashWriter(segment.create_file(storage, W3Codec.TERMS_EXT))
        self._field_numbers: dict[str, int] = {}  # which the file of terms ends with
        self._terms.extras["fieldmap"] = self._field_numbers
        self._postings = segment.create_file(storage, W3Codec.POSTS_EXT)
        self._size = 0  # of the file of postings, in bytes
        self.is_closed = False

    def add_postings(self, schema: Schema, _lengths: Any, terms: Iterable[TermPostings]) -> None:
        """Write all postings, which come by field and UTF-8. Raises OSError."""
        for name, of_field in groupby(terms, attrgetter("field")):
            number = self._field_numbers[name] = len(self._field_numbers)
            value_size = schema[name].format.fixed_value_size()
            for each in of_field:
                content = b"".join(_blocks(each, value_size))
                self._postings.write(content)
                summary = _summary(each, self._size, len(content))
                self._terms.add(pack("!H", number) + each.text, summary)
                self._size += len(content)

    def close(self) -> None:
        """Write the tables of terms, and close the files."""
        self._terms.close()
        self._postings.close()
        self.is_closed = True


def _summary(term: TermPostings, start: int, size: int) -> bytes:
    """What is to be known of all postings of a term, and where they stand in their file."""
    summary = W3TermInfo(
        weight=sum(term.weights),
        df=len(term.docnums),
        maxweight=max(term.weights),
        minid=term.docnums[0],
        maxid=term.docnums[-1],
    )
    summary.set_extent(start, size)
    content: bytes = summary.to_bytes()
    return content


def _blocks(term: TermPostings, value_size: int | None) -> Iterator[bytes]:
    """A header, then the blocks; the length of the last one is negative."""
    yield WHOOSH3_HEADER_MAGIC
    count = len(term.docnums)
    for first in range(0, count, BLOCK_POSTINGS):
        chosen = slice(first, first + BLOCK_POSTINGS)
        docnums, weights = term.docnums[chosen], term.weights[chosen]
        heaviest = max(weights)
        content = dumps(
            (
                (docnums[0], *map(sub, docnums[1:], docnums)),
                _shared_weight(heaviest) if min(weights) == heaviest else tuple(weights),
                _values(term.values[chosen], value_size),
            ),
            PICKLE_PROTOCOL,
        )
        header = dumps(
            (len(docnums), docnums[-1], heaviest, NOT_COMPRESSED, NO_LENGTH, NO_LENGTH),
            PICKLE_PROTOCOL,
        )
        size = len(header) + len(content)
        yield pack("!i", -size if first + BLOCK_POSTINGS >= count else size)
        yield header
        yield content


def _shared_weight(weight: float) -> float | None:
    """The weight that all postings of a block have, as it is written."""
    return None if weight == 1 else weight


def _values(values: Sequence[bytes], size: int | None) -> bytes | tuple[bytes, ...] | None:
    """Values as they are written: none without a size, joined when all have the same."""
    if size == 0:
        return None
    return tuple(values) if size is None else b"".join(values)
