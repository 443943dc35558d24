"""Whoosh's writer, with our segment file beside each segment, and the batch that it writes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import SegmentReader as WhooshReader
from whoosh.writing import SegmentWriter as WhooshWriter

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import IndexState, SearchDocument
from kb.search.index import segment_file
from kb.search.index.posting_pool import PostingPool
from kb.search.index.schema import state_fields, stored_document, whoosh_fields
from kb.search.index.segment_writer import SegmentWriter
from kb.search.index.snapshot import DocAddress, Snapshot

MIN_SEGMENT_DOCUMENTS = 64  # a smaller segment is merged by every commit


class IndexWriter(WhooshWriter):  # type: ignore[misc]  # Whoosh has no types
    """The only writer of an index, until `commit` or `cancel`."""

    def __init__(self, index: Any, analyzer: Analyzer, *, lock_timeout: float) -> None:
        """`lock_timeout` is in seconds. Raises whoosh.index.LockError, OSError."""
        self._analyzer = analyzer
        try:
            super().__init__(index, timeout=lock_timeout, codec=_codec())
            self.pool = PostingPool(self.temp_storage().folder)
        except BaseException:  # too many open files, say; Whoosh would keep its lock for ever
            with suppress(Exception):
                self.writelock.release()
            raise

    def add(self, document: SearchDocument) -> None:
        """Add a document; one with the same key stays until it is deleted."""
        self.add_document(**whoosh_fields(document))

    def add_state(self, state: IndexState) -> None:
        """Add the document that holds the state of the index."""
        self.add_document(**state_fields(state))

    def delete_documents(self, addresses: Iterable[DocAddress]) -> None:
        """Delete documents of segments that were there before; again is no mistake."""
        segments = {segment.segment_id(): segment for segment in self.segments}
        for name, docnum in addresses:
            segments[name].delete_document(docnum)

    def release(self) -> None:
        """Cancel, unless it is closed; a writer that failed in `commit` only unlocks."""
        if not self.is_closed:
            with suppress(Exception):
                self.cancel()
            if not self.is_closed:
                self.writelock.release()

    def _commit_toc(self, segments: list[Any]) -> None:
        """Write the segment files that are missing, then the commit point that names them."""
        for segment in segments:
            name = f"{segment.segment_id()}{segment_file.SUFFIX}"
            if segment is self.newsegment or not self.storage.file_exists(name):
                self._write_segment_file(segment, Path(self.storage.folder) / name)
        super()._commit_toc(segments)

    def _write_segment_file(self, segment: Any, path: Path) -> None:
        arrays, state = self._arrays_of(segment)
        names = [name for name in segment.list_files(self.storage) if name != path.name]
        notes = {
            "types": sorted({name.partition(".")[0] for name in arrays}),
            "state": state,
            "checksums": {name: segment_file.file_checksum(path.with_name(name)) for name in names},
        }
        segment_file.write(path, arrays, notes)

    def _arrays_of(self, segment: Any) -> tuple[dict[str, Any], tuple[Any, ...] | None]:
        """The arrays of a segment; and its state document, if any: docnum and `IndexState`."""
        writers: dict[str, SegmentWriter] = {}
        state = None
        reader = WhooshReader(self.storage, self.schema, segment)
        try:
            for docnum, stored_fields in reader.iter_docs():
                document = stored_document(stored_fields)
                if isinstance(document, IndexState):
                    state = (docnum, *document)
                else:
                    kind = document.type
                    writers.setdefault(kind, SegmentWriter(self._analyzer)).add(docnum, document)
        finally:
            reader.close()
        arrays: dict[str, Any] = {}
        for kind in list(writers):  # a writer is let go when its arrays are made
            own = writers.pop(kind).arrays()
            arrays |= {f"{kind}.{name}": array for name, array in own.items()}
        return arrays, state


def _codec() -> W3Codec:
    """Whoosh's own format, its postings as they are, and without the shortest text of each block.

    Most blocks are too short to be worth compressing, and to know the lengths of texts would cost
    a look for each posting; only Whoosh's own ranking would have a use for it.
    """
    codec = W3Codec(compression=0)
    codec.length_stats = False
    return codec


def merge_policy(writer: IndexWriter, segments: list[Any]) -> list[Any]:
    """Merge some segments into the one that is being written; tells which stay.

    A segment is merged when it is small, when more than half of it is deleted, or when those that
    are merged have grown to half its size; so a document is written again as often as the index
    doubles, and there are always few segments.
    """
    merged_documents, staying = 0, []
    for segment in sorted(segments, key=lambda each: each.doc_count()):
        is_mostly_deleted = segment.deleted_count() * 2 > segment.doc_count_all()
        is_small = segment.doc_count() < max(MIN_SEGMENT_DOCUMENTS, merged_documents * 2)
        if is_mostly_deleted or is_small:
            merged_documents += segment.doc_count()
            reader = WhooshReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
        else:
            staying.append(segment)
    return staying


class WhooshBatch:
    """The `IndexBatch` of Whoosh: it writes a key once, since Whoosh would keep both documents."""

    def __init__(
        self,
        writer: IndexWriter,
        snapshot: Snapshot | None,
        fingerprint: str,
        *,
        afresh: bool,
    ) -> None:
        """`snapshot` is what the index holds; None when it is new.

        `fingerprint` is that of the analysis, for an index that has none yet. With `afresh` the
        index loses what it holds, and each key may be put only once.
        """
        self.before = snapshot.state if snapshot else IndexState()
        start = IndexState() if afresh else self.before
        self.change, self.nonce = start.change, start.nonce
        self._fingerprint = start.fingerprint or fingerprint
        self._writer = writer
        self._snapshot = None if afresh else snapshot
        self._afresh = afresh
        self._documents: dict[str, SearchDocument | None] = {}  # by key; None: removed
        self._owned_keys: dict[str, list[str]] = {}  # of what was put, by owner

    def put(self, document: SearchDocument) -> None:
        """Add a document, or take the place of the one with its key."""
        if self._afresh:
            self._writer.add(document)
            return
        self._documents[document.key] = document
        if document.owner:
            self._owned_keys.setdefault(document.owner, []).append(document.key)

    def remove(self, key: str) -> None:
        """Take a document out."""
        self._documents[key] = None

    def remove_owned(self, owner: str) -> None:
        """Take out the pitfalls and findings of a case or study."""
        if self._snapshot:
            self._writer.delete_documents(self._snapshot.owned_by(owner))
        for key in self._owned_keys.pop(owner, ()):
            self._documents[key] = None

    def finish(self) -> None:
        """Write what was collected, and the state of the index; nothing is committed yet."""
        for key, document in self._documents.items():
            if self._snapshot:
                self._writer.delete_documents(self._snapshot.with_key(key))
            if document is not None:
                self._writer.add(document)
        if self._snapshot:
            self._writer.delete_documents(self._snapshot.state_documents())
        self._writer.add_state(IndexState(self.change, self._fingerprint, self.nonce))
