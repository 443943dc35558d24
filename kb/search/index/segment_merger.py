"""Merging segments aside, while others write and search.

The documents of small segments are written again, as they are stored, into an index of their own
in a folder beside. Its segments then take the place of theirs in one commit, for which alone the
merger is the only writer; what was deleted since it began is deleted in them too. Whoosh's own
`add_reader` would look up every term of a segment, however few documents it has.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path

from filelock import FileLock, Timeout
from whoosh.codec.base import Segment as WhooshSegment

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import IndexBusy
from kb.search.index.index_writer import IndexWriter, documents_of
from kb.search.index.merge_policy import segments_to_merge
from kb.search.index.schema import whoosh_schema
from kb.search.index.snapshot import (
    DocAddress,
    Snapshot,
    SnapshotManager,
    newest_commit_point,
    open_storage,
    read_commit_point,
)

COMMIT_LOCK_SECONDS = 10.0  # to wait for a writer, when a merge is to be committed
log = logging.getLogger("kb.search")


class SegmentMerger:
    """Merges the segments of an index; one merger on a folder does so at a time."""

    def __init__(
        self,
        folder: Path,
        analyzer: Analyzer,
        snapshots: SnapshotManager,
        write_lock: Callable[[float], AbstractContextManager[None]],
    ) -> None:
        """`write_lock` makes it the only writer within so many seconds, or raises IndexBusy."""
        self._folder = folder
        self._aside = folder.with_name(f"{folder.name}-merge")
        self._analyzer = analyzer
        self._snapshots = snapshots
        self._write_lock = write_lock
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Merge in the background, if there is something to merge and no merge is going on."""
        if self._thread is not None and self._thread.is_alive():
            return
        if segments_to_merge(self._snapshots.current().listed):
            self._thread = threading.Thread(target=self._run, name="kb-merge", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            self.merge()
        except IndexBusy as error:
            log.info("no segments are merged now: %s", error)
        except Exception as error:  # a full disk, say; the index is as it was
            log.warning("segments of the search index cannot be merged: %r", error)

    def merge(self) -> None:
        """Merge once. Raises IndexBusy, OSError, and anything when files are damaged."""
        try:
            with FileLock(self._aside.with_suffix(".lock"), timeout=0):
                self._merge()
        except Timeout:
            raise IndexBusy(f"another process merges segments of {self._folder}") from None

    def _merge(self) -> None:
        snapshot = self._snapshots.verified()
        merged = segments_to_merge(snapshot.listed)
        if not merged:
            return
        addresses = self._write_aside(snapshot, merged)
        with self._write_lock(COMMIT_LOCK_SECONDS):
            self._commit({each.segment_id() for each in merged}, addresses)
            self._snapshots.refresh()

    def _write_aside(self, snapshot: Snapshot, merged: Sequence[WhooshSegment]) -> list[DocAddress]:
        """Write the documents of segments in a new index; where each of them was, in its order."""
        shutil.rmtree(self._aside, ignore_errors=True)  # of a merger that did not come to its end
        self._aside.mkdir()
        schema = whoosh_schema(self._analyzer)
        index = open_storage(self._aside).create_index(schema)
        writer = IndexWriter(index, self._analyzer, lock_timeout=0)
        addresses = []
        try:
            for segment in merged:
                for docnum, document, content in documents_of(
                    open_storage(self._folder), schema, segment
                ):
                    writer.add(document, content)
                    addresses.append(DocAddress(segment.segment_id(), docnum))
            writer.add_state(snapshot.state)
            writer.commit(merge=False)
        except BaseException:
            writer.release()
            raise
        return addresses

    def _commit(self, merged: Collection[str], addresses: Sequence[DocAddress]) -> None:
        """Put the new segments in the place of those merged, as far as these are still there."""
        index = open_storage(self._folder).open_index()
        writer = IndexWriter(index, self._analyzer, lock_timeout=COMMIT_LOCK_SECONDS)
        try:
            old = {segment.segment_id(): segment for segment in writer.segments}
            new = self._delete_what_was_deleted(old, merged, addresses)
            for segment in new:
                for path in self._aside.glob(f"{segment.segment_id()}.*"):
                    path.replace(self._folder / path.name)
            others = [segment for name, segment in old.items() if name not in merged]
            segments = [each for each in [*others, *new] if each.doc_count()]
            writer.commit(mergetype=lambda _writer, _segments: segments)
        except BaseException:
            writer.release()
            raise
        shutil.rmtree(self._aside, ignore_errors=True)

    def _delete_what_was_deleted(
        self,
        old: dict[str, WhooshSegment],
        merged: Collection[str],
        addresses: Sequence[DocAddress],
    ) -> list[WhooshSegment]:
        """The new segments, without documents that are deleted in the old ones by now.

        So are those of old ones that are gone: another writer has written them again, if need be.
        The last document is the state of the index: it stays when the present one was merged.
        """
        new: list[WhooshSegment] = read_commit_point(
            self._aside, newest_commit_point(self._aside)
        ).segments
        places = ((each, docnum) for each in new for docnum in range(each.doc_count_all()))
        is_deleted = (name not in old or old[name].is_deleted(docnum) for name, docnum in addresses)
        for (segment, docnum), deleted in zip(
            places, chain(is_deleted, [not self._holds_state(old, merged)]), strict=True
        ):
            if deleted:
                segment.delete_document(docnum)
        return new

    def _holds_state(self, old: dict[str, WhooshSegment], merged: Collection[str]) -> bool:
        """Whether the state of the index stands in one of these segments."""
        return any(
            name in merged and not old[name].is_deleted(docnum)
            for name, docnum in self._snapshots.refresh().state_documents()
        )

    def close(self) -> None:
        """Wait for the merge that is going on."""
        if self._thread is not None:
            self._thread.join()
