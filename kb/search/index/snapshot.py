"""The index as one commit left it, read from the segments that its commit point names.

Whoosh keeps the documents in immutable segments; a commit point names them, and which of their
documents were deleted since, and the checksums of their files. Beside each segment stands our
segment file, written before the commit point that first names it, with a checksum over itself.
The manager holds the snapshot that a process searches, and says when it goes on to a newer one.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from kb.kinds import KIND_NAMES, KINDS, KindName
from kb.search.engine import IndexState, SearchUnavailable
from kb.search.index import segment_file
from kb.search.index.arrays import Mask
from kb.search.index.index_reader import IndexReader
from kb.search.index.segment_file import CorruptIndex, is_transient, missing_is_corrupt
from kb.search.index.segment_maker import segment_checksums
from kb.search.index.segment_reader import LeafReader, SegmentReader

INDEX_NAME = "MAIN"  # what Whoosh calls an index that has no name
FILE_NAME = re.compile(rf"_{INDEX_NAME}_([0-9]+)\.toc")
MAX_LOOKS = 100  # at a commit point that writers replace meanwhile
MAX_TRIES = 5  # to open a snapshot whose files a writer deletes meanwhile
POLL_SECONDS = 0.02  # between two looks for a newer commit
RETRY_SECONDS = 1.0  # after a newer commit could not be read
OWNED_TYPES = tuple(name for name, kind in KINDS.items() if kind.is_owned)
log = logging.getLogger("kb.search")


class FileVersion(NamedTuple):
    """A file at some moment; it was written again when any of these differs."""

    name: str
    size: int  # bytes
    modified: int  # nanoseconds since 1970
    inode: int


def file_version(path: Path) -> FileVersion:
    """The version of a file, which is not opened. Raises OSError."""
    status = path.stat()
    return FileVersion(path.name, status.st_size, status.st_mtime_ns, status.st_ino)


def newest_commit_point(folder: Path) -> FileVersion:
    """The newest commit point in a folder. Raises OSError when there is none."""
    for _ in range(MAX_LOOKS):
        names = [path.name for path in folder.iterdir() if FILE_NAME.fullmatch(path.name)]
        with suppress(FileNotFoundError):  # a writer has put a newer one in its place since
            if names:
                return file_version(folder / max(names, key=generation_of))
    raise FileNotFoundError(f"no index in {folder}")


def generation_of(name: str) -> int:
    """The number in the name of a commit point: Whoosh counts its commits."""
    match = FILE_NAME.fullmatch(name)
    assert match is not None
    return int(match[1])


def open_storage(folder: Path) -> FileStorage:
    """The files of an index; Whoosh would copy what it maps into the memory of every process."""
    return FileStorage(str(folder), supports_mmap=False)


def read_commit_point(folder: Path, commit_point: FileVersion) -> TOC:
    """The schema of the index and its segments. Raises anything when it is damaged."""
    generation = generation_of(commit_point.name)
    return TOC.read(open_storage(folder), INDEX_NAME, gen=generation)


class DocAddress(NamedTuple):
    """Where a document is, deleted or not."""

    segment: str  # the id that Whoosh gave it
    docnum: int  # in that segment


class SegmentChecks:
    """Compares Whoosh's own files of segments with their checksums, each version of them once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._verified: dict[str, tuple[FileVersion, ...]] = {}  # by segment

    def verify(self, segment: WhooshSegment) -> None:
        """Raises CorruptIndex when a file is not as it was written, OSError."""
        name = segment.segment_id()
        checksums = segment_checksums(segment)
        with missing_is_corrupt(name):
            files = tuple(file_version(self._folder / each) for each in checksums)
        if not files:
            raise CorruptIndex(f"{name} has no checksums")
        if self._verified.get(name) == files:
            return
        for each, checksum in checksums.items():
            if segment_file.file_checksum(self._folder / each) != checksum:
                raise CorruptIndex(f"{each} is not as it was written")
        self._verified[name] = files


class Segment:
    """The readers of one segment, by type; and the document that holds the state of the index."""

    def __init__(self, folder: Path, name: str) -> None:
        """Raises CorruptIndex, and OSError when it cannot be read just now."""
        self.files = segment_files(folder, name)
        arrays, notes = segment_file.read(segment_file.path_of(folder, name))
        self.readers = {kind: SegmentReader(kind, arrays) for kind in notes["types"]}
        self.state_docnum: int | None = None
        self.state = IndexState()
        if notes["state"]:
            self.state_docnum, *state = notes["state"]
            self.state = IndexState(*state)


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
        self._leaves: dict[str, list[tuple[SegmentReader, Mask]]] = {
            kind: [] for kind in KIND_NAMES
        }
        self._index_readers: dict[tuple[KindName, ...], IndexReader] = {}
        states = []
        self.listed: list[WhooshSegment] = read_commit_point(folder, commit_point).segments
        for listed in self.listed:
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
        for kind in KIND_NAMES:
            self.index_reader((kind,))

    def _add_leaves(self, segment: Segment, deleted: NDArray[np.int32]) -> None:
        for kind, reader in segment.readers.items():
            self._leaves[kind].append((reader, ~np.isin(reader.docnums, deleted)))

    def index_reader(self, types: tuple[KindName, ...]) -> IndexReader:
        """The documents of these types, in the order of `KIND_NAMES`; made once."""
        ordered = tuple(kind for kind in KIND_NAMES if kind in types)
        if ordered not in self._index_readers:
            leaves = [leaf for kind in ordered for leaf in self._leaves[kind]]
            self._index_readers[ordered] = IndexReader(leaves)
        return self._index_readers[ordered]

    def leaves(self) -> Iterator[LeafReader]:
        """The segments of all types, each with `doc_base` among those of its type."""
        return (leaf for kind in KIND_NAMES for leaf in self.index_reader((kind,)).leaves)

    def with_key(self, key: str) -> Iterator[DocAddress]:
        """The documents with a key (type:id), deleted ones included."""
        kind, _, slug = key.partition(":")
        for name, segment in self.segments.items():
            reader = segment.readers.get(kind)
            if reader and (doc_id := reader.ids.find(slug)) is not None:
                yield DocAddress(name, int(reader.docnums[doc_id]))

    def live_with_key(self, key: str) -> Iterator[tuple[SegmentReader, int]]:
        """The segment of the document with a key, and its number in it; nothing when it is not."""
        kind, _, slug = key.partition(":")
        for reader, live_docs in self._leaves.get(kind, ()):
            doc_id = reader.ids.find(slug)
            if doc_id is not None and live_docs[doc_id]:
                yield reader, doc_id

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

    def verify(self, checks: SegmentChecks) -> None:
        """Compare Whoosh's own files with their checksums. Raises CorruptIndex, OSError."""
        for segment in self.listed:
            checks.verify(segment)

    def is_current(self, folder: Path) -> bool:
        """Whether it is the newest commit and its files are those that were read."""
        try:
            return newest_commit_point(folder) == self.commit_point and all(
                segment.files == segment_files(folder, name)
                for name, segment in self.segments.items()
            )
        except (OSError, CorruptIndex):
            return False


class SnapshotManager:
    """Holds the current snapshot of the index in a folder, for all threads of a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checks = SegmentChecks(folder)
        self._opening = threading.Lock()  # one thread at a time opens a snapshot
        self._current: Snapshot | None = None
        self._unreadable: FileVersion | None = None  # the last commit that could not be read
        self._refresh_thread: threading.Thread | None = None
        self._next_look = 0.0  # for a newer commit, by the monotonic clock

    def current(self) -> Snapshot:
        """The newest snapshot that is ready; a newer one is opened in the background.

        Raises SearchUnavailable when none can be opened.
        """
        if self._current is None:
            try:
                self._refuse_unreadable()
                self.refresh()
            except Exception as error:
                raise SearchUnavailable(str(self._folder)) from error
        snapshot = self._current
        assert snapshot is not None
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + POLL_SECONDS
            self._refresh_if_behind(snapshot)
        return snapshot

    def _refuse_unreadable(self) -> None:
        """Raises CorruptIndex when the newest commit could not be read a moment ago."""
        is_early = time.monotonic() < self._next_look
        if is_early and newest_commit_point(self._folder) == self._unreadable:
            raise CorruptIndex(f"{self._folder} could not be read")

    def _refresh_if_behind(self, snapshot: Snapshot) -> None:
        try:
            newest = newest_commit_point(self._folder)
        except OSError:
            return  # the index was lost, and is being made again
        if newest not in {snapshot.commit_point, self._unreadable} and not self._opening.locked():
            self._refresh_thread = threading.Thread(target=self._refresh_in_background, daemon=True)
            self._refresh_thread.start()

    def _refresh_in_background(self) -> None:
        try:
            self.refresh()
        except Exception as error:
            self._next_look = time.monotonic() + RETRY_SECONDS
            log.warning("a newer search index cannot be read: %r", error)

    def refresh(self) -> Snapshot:
        """Open the newest commit, if it is not open yet.

        Raises anything when it is damaged: pickles and packed numbers fail in any way. What the
        machine could not read just now is read the next time.
        """
        with self._opening:
            for tries_left in reversed(range(MAX_TRIES)):
                commit_point = None
                try:
                    commit_point = newest_commit_point(self._folder)
                    return self._open(commit_point)
                except Exception as error:
                    if is_transient(error):
                        raise
                    if not tries_left or (commit_point and self._is_newest(commit_point)):
                        self._unreadable = commit_point
                        self._next_look = time.monotonic() + RETRY_SECONDS
                        raise
            raise AssertionError

    def _open(self, commit_point: FileVersion) -> Snapshot:
        current = self._current
        if current is not None and current.is_current(self._folder):
            return current
        snapshot = Snapshot(self._folder, commit_point, current.segments if current else {})
        self._current = snapshot
        return snapshot

    def verified(self) -> Snapshot:
        """The newest snapshot, its files as they were written. Raises anything when damaged."""
        for tries_left in reversed(range(MAX_TRIES)):
            snapshot = self.refresh()
            try:
                snapshot.verify(self._checks)
                return snapshot
            except CorruptIndex:  # or a writer has deleted them since
                if not tries_left or self._is_newest(snapshot.commit_point):
                    raise
        raise AssertionError

    def _is_newest(self, commit_point: FileVersion) -> bool:
        return newest_commit_point(self._folder) == commit_point

    def close(self) -> None:
        """Let go of the snapshot; `current` opens it again."""
        if self._refresh_thread:
            self._refresh_thread.join()
        self._current = None
