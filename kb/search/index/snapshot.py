"""The index as one commit left it, read from the segments that its commit point names.

Whoosh keeps the documents in immutable segments; a commit point names them, and which of their
documents were deleted since. Beside each segment stands our segment file, written before the
commit point that first names it, with a checksum over itself and one over each file of Whoosh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.index import TOC

from kb.search.engine import TYPES, IndexState, Type
from kb.search.index import segment_file
from kb.search.index.arrays import Mask
from kb.search.index.commit_point import (
    INDEX_NAME,
    FileVersion,
    file_version,
    generation_of,
    newest_commit_point,
    open_storage,
)
from kb.search.index.corrupt_index import CorruptIndex, missing_is_corrupt
from kb.search.index.index_reader import IndexReader
from kb.search.index.leaf_reader import LeafReader
from kb.search.index.segment_reader import SegmentReader

OWNED_TYPES = ("pitfall", "finding")  # whose id begins with that of their case or study


class DocAddress(NamedTuple):
    """Where a document is, deleted or not."""

    segment: str  # the id that Whoosh gave it
    docnum: int  # in that segment


class Segment:
    """The readers of one segment, by type; and the document that holds the state of the index."""

    def __init__(self, folder: Path, name: str) -> None:
        """Raises CorruptIndex, and OSError when it cannot be read just now."""
        self.files = segment_files(folder, name)
        arrays, notes = segment_file.read(folder / f"{name}{segment_file.SUFFIX}")
        self.readers = {kind: SegmentReader(kind, arrays) for kind in notes["types"]}
        self.state_docnum: int | None = None
        self.state = IndexState()
        if notes["state"]:
            self.state_docnum, *state = notes["state"]
            self.state = IndexState(*state)
        self._checksums: dict[str, int] = notes["checksums"]  # of Whoosh's files, by name
        self._is_verified = False

    def verify(self, folder: Path) -> None:
        """Compare Whoosh's own files with their checksums, once. Raises CorruptIndex, OSError."""
        if not self._is_verified:
            for name, checksum in self._checksums.items():
                if segment_file.file_checksum(folder / name) != checksum:
                    raise CorruptIndex(f"{name} is not as it was written")
            self._is_verified = True


def segment_files(folder: Path, name: str) -> tuple[FileVersion, ...]:
    """The versions of a segment's files, by which a changed one is known. Raises CorruptIndex."""
    with missing_is_corrupt(name):
        suffixes = (".seg", segment_file.SUFFIX)
        return tuple(file_version(folder / f"{name}{suffix}") for suffix in suffixes)


class Snapshot:
    """The index at one commit, for reading by any number of threads."""

    def __init__(
        self, folder: Path, commit_point: FileVersion, opened: Mapping[str, Segment]
    ) -> None:
        """Segments that are `opened` and did not change are not opened again.

        Raises CorruptIndex, and whatever the reading of a broken commit point raises.
        """
        self.commit_point = commit_point
        self.segments: dict[str, Segment] = {}
        self._leaves: dict[str, list[tuple[SegmentReader, Mask]]] = {kind: [] for kind in TYPES}
        self._index_readers: dict[tuple[Type, ...], IndexReader] = {}
        states = []
        generation = generation_of(commit_point.name)
        for listed in TOC.read(open_storage(folder), INDEX_NAME, gen=generation).segments:
            name = listed.segment_id()
            deleted = np.array(sorted(listed.deleted_docs()), np.int32)  # an iterator
            segment = opened.get(name)
            if segment is None or segment.files != segment_files(folder, name):
                segment = Segment(folder, name)
            self.segments[name] = segment
            if segment.state_docnum is not None and segment.state_docnum not in deleted:
                states.append(segment.state)
            self._add_leaves(segment, deleted)
        if not states:
            raise CorruptIndex(f"{commit_point.name} names no document that holds the state")
        self.state = states[-1]
        for kind in TYPES:
            self.index_reader((kind,))

    def _add_leaves(self, segment: Segment, deleted: NDArray[np.int32]) -> None:
        for kind, reader in segment.readers.items():
            self._leaves[kind].append((reader, ~np.isin(reader.docnums, deleted)))

    def index_reader(self, types: tuple[Type, ...]) -> IndexReader:
        """The documents of these types, in the order of `TYPES`; made once."""
        ordered = tuple(kind for kind in TYPES if kind in types)
        if ordered not in self._index_readers:
            leaves = [leaf for kind in ordered for leaf in self._leaves[kind]]
            self._index_readers[ordered] = IndexReader(leaves)
        return self._index_readers[ordered]

    def leaves(self) -> Iterator[LeafReader]:
        """The segments of all types, each with `doc_base` among those of its type."""
        return (leaf for kind in TYPES for leaf in self.index_reader((kind,)).leaves)

    def with_key(self, key: str) -> Iterator[DocAddress]:
        """The documents with a key (type:id), deleted ones included."""
        kind, _, slug = key.partition(":")
        for name, segment in self.segments.items():
            reader = segment.readers.get(kind)
            if reader and (doc_id := reader.ids.find(slug)) is not None:
                yield DocAddress(name, int(reader.docnums[doc_id]))

    def owned_by(self, owner: str) -> Iterator[DocAddress]:
        """The pitfalls and findings of a case or study, by its id; deleted ones included."""
        for name, segment in self.segments.items():
            for kind in OWNED_TYPES:
                if reader := segment.readers.get(kind):
                    low, high = reader.ids.prefix_range(f"{owner}--")
                    for docnum in reader.docnums[reader.ids.order[low:high]].tolist():
                        yield DocAddress(name, docnum)

    def state_documents(self) -> Iterator[DocAddress]:
        """The documents that hold a state, deleted ones included."""
        for name, segment in self.segments.items():
            if segment.state_docnum is not None:
                yield DocAddress(name, segment.state_docnum)

    def verify(self, folder: Path) -> None:
        """Compare Whoosh's own files with their checksums. Raises CorruptIndex, OSError."""
        for segment in self.segments.values():
            segment.verify(folder)

    def is_current(self, folder: Path) -> bool:
        """Whether it is the newest commit and its files are those that were read."""
        try:
            return newest_commit_point(folder) == self.commit_point and all(
                segment.files == segment_files(folder, name)
                for name, segment in self.segments.items()
            )
        except (OSError, CorruptIndex):
            return False
