"""Whoosh's writer, with our segment file beside each segment, and the batch that it writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from whoosh.codec.base import Segment as WhooshSegment
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import clean_files
from whoosh.reading import SegmentReader as WhooshReader
from whoosh.writing import SegmentWriter as WhooshWriter

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import IndexState, SearchDocument
from kb.search.index.field_writer import FieldWriter
from kb.search.index.fields import TEXT_FIELDS
from kb.search.index.merge_policy import URGENT_COUNT, segments_to_merge
from kb.search.index.posting_pool import PostingPool
from kb.search.index.schema import indexed_values, state_fields, stored_document, to_json
from kb.search.index.segment_maker import write_checksums, write_segment_file
from kb.search.index.segment_writer import StoredDocument, to_stored
from kb.search.index.snapshot import DocAddress, Snapshot

SEGMENT_DOCUMENTS = 20_000  # in one segment at most: what is written of it stands in memory


class IndexWriter(WhooshWriter):  # type: ignore[misc]  # Whoosh has no types
    """The only writer of an index, until `commit` or `cancel`."""

    newsegment: WhooshSegment  # that is being written
    schema: Schema

    def __init__(
        self,
        index: Any,
        analyzer: Analyzer,
        *,
        lock_timeout: float,
        schema: Schema | None = None,
        segment_documents: int = SEGMENT_DOCUMENTS,
    ) -> None:
        """`lock_timeout` is in seconds. Raises whoosh.index.LockError, OSError.

        With a `schema` the index gets that one, and must be written afresh.
        A commit makes more than one segment when there are more than `segment_documents`. What
        a writer left that did not come to its commit is deleted first: a full disk may need it.
        """
        self._analyzer = analyzer
        self._segment_documents = segment_documents
        self._full_segments: list[WhooshSegment] = []
        try:
            super().__init__(index, timeout=lock_timeout, codec=Codec())
            self.schema = schema or self.schema
            self.pool = PostingPool(self.schema, analyzer)
            self._columns = [
                (name, field) for name, field in self.schema.items() if field.column_type
            ]
            used = [*self.segments, self.newsegment]
            clean_files(self.storage, self.indexname, self.generation - 1, used)
        except BaseException:  # too many open files, say; Whoosh would keep its lock for ever
            with suppress(Exception):
                self.writelock.release()
            raise

    def add(self, document: StoredDocument, content: str) -> None:
        """Add a document; one with the same key stays until it is deleted. Raises OSError.

        `content` is what is stored of it. It does what Whoosh's `add_document` does, but for texts
        that are analysed by the pool, for Whoosh and for the arrays.
        """
        if self.doc_count() >= self._segment_documents:
            self._begin_segment()
        values = indexed_values(document)
        lengths = self.pool.add_document(self.docnum, document, values)
        writer = self.perdocwriter
        writer.start_doc(self.docnum)
        writer.add_field("document", self.schema["document"], content, 0)
        for name, length in zip(TEXT_FIELDS, lengths, strict=True):
            writer.add_field(name, self.schema[name], None, length)
        for name, field in self._columns:
            for value in values.get(name, ()):
                writer.add_column_value(name, field.column_type, field.to_column_value(value))
        writer.finish_doc()
        self.docnum += 1

    def add_state(self, state: IndexState) -> None:
        """Add the document that holds the state of the index; a commit needs one."""
        self.pool.documents.state = (self.docnum, *state)
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

    def _begin_segment(self) -> None:
        """End the segment that is being written, and begin another one of the same commit.

        `_finalize_segment` is what `commit` ends a segment with, and what Whoosh's writers of
        several processes call for each of theirs; then it is begun as `__init__` begins the first.
        """
        self._full_segments.append(self._finalize_segment())
        self._write_files(self.newsegment)
        self.newsegment = self.codec.new_segment(self.storage, self.indexname)
        self.docnum = self.docbase
        self.pool = PostingPool(self.schema, self._analyzer)
        self.perdocwriter = self.codec.per_document_writer(self.storage, self.newsegment)
        self.fieldwriter = self.codec.field_writer(self.storage, self.newsegment)

    def _write_files(self, segment: WhooshSegment) -> None:
        write_checksums(self.storage, segment)
        write_segment_file(self.storage, segment, self.pool.documents)

    def _commit_toc(self, segments: list[WhooshSegment]) -> None:
        """Write what belongs to the last segment, then the commit point that names all.

        Whoosh has no public place between the two: here the files of the segment are complete,
        and nobody can see them yet.
        """
        if self.newsegment in segments:
            self._write_files(self.newsegment)
        super()._commit_toc(self._full_segments + segments)


class Codec(W3Codec):  # type: ignore[misc]  # Whoosh has no types
    """Writes the format of Whoosh's own codec, postings a term at a time.

    Without the shortest text of each block: to know the lengths of texts would cost a look for each
    posting, and only Whoosh's own ranking would have a use for it.
    """

    length_stats = False

    def new_segment(self, _storage: FileStorage, indexname: str) -> WhooshSegment:
        """A segment that is read by Whoosh's own codec: it is pickled with the commit point."""
        return W3Segment(W3Codec(), indexname)

    def field_writer(self, storage: FileStorage, segment: WhooshSegment) -> FieldWriter:
        """What writes the postings of a segment."""
        return FieldWriter(storage, segment)


def documents_of(
    storage: FileStorage, schema: Schema, segment: WhooshSegment
) -> Iterator[tuple[int, StoredDocument, str]]:
    """The documents of a segment: number, document, and what is stored of it. Without the state."""
    reader = WhooshReader(storage, schema, segment)
    try:
        for docnum, stored_fields in reader.iter_docs():
            document = stored_document(stored_fields)
            if isinstance(document, StoredDocument):
                yield docnum, document, stored_fields["document"]
    finally:
        reader.close()


def merge_policy(writer: IndexWriter, segments: list[WhooshSegment]) -> list[WhooshSegment]:
    """Leave merging to the merger, and tell which segments stay: those that hold a document.

    When there are very many, since no process follows the index, they are merged all the same.
    """
    is_urgent = len(segments) >= URGENT_COUNT
    merged = segments_to_merge(segments) if is_urgent else []
    for segment in merged:
        for _, document, content in documents_of(writer.storage, writer.schema, segment):
            writer.add(document, content)
    return [segment for segment in segments if segment not in merged and segment.doc_count()]


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
            self._write(document)
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
                self._write(document)
        if self._snapshot:
            self._writer.delete_documents(self._snapshot.state_documents())
        self._writer.add_state(IndexState(self.change, self._fingerprint, self.nonce))

    def _write(self, document: SearchDocument) -> None:
        stored = to_stored(document)
        self._writer.add(stored, to_json(stored))
