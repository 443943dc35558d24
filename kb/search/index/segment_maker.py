"""The segment file of a Whoosh segment: made of its documents when they are indexed.

It can be made again at any time of what Whoosh stores of them: the arrays are derived.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import SegmentReader as WhooshReader

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import IndexState
from kb.search.index import segment_file
from kb.search.index.arrays import Arrays
from kb.search.index.schema import stored_document, whoosh_schema
from kb.search.index.segment_writer import SegmentWriter, StoredDocument

CHECKSUMS = "checksums"  # the attribute of a Whoosh segment that holds those of its files


def write_checksums(storage: FileStorage, segment: WhooshSegment) -> None:
    """Let the commit point that names a new segment hold the checksums of its files, by name."""
    paths = [Path(storage.folder) / name for name in segment.list_files(storage)]
    setattr(segment, CHECKSUMS, {path.name: segment_file.file_checksum(path) for path in paths})


def segment_checksums(segment: WhooshSegment) -> dict[str, int]:
    """The checksums of the files of a segment, by name; empty when it has none."""
    checksums: dict[str, int] = getattr(segment, CHECKSUMS, {})
    return checksums


class SegmentArrays:
    """The arrays of all documents of a segment, by type."""

    def __init__(self, analyzer: Analyzer) -> None:
        self.state: tuple[Any, ...] | None = None  # docnum of the state document, and `IndexState`
        self._analyzer = analyzer
        self._writers: dict[str, SegmentWriter] = {}
        self._arrays: dict[str, Arrays] = {}

    def add(self, docnum: int, document: StoredDocument) -> list[int]:
        """Add a document; returns how many terms each of its text fields has."""
        if document.type not in self._writers:
            self._writers[document.type] = SegmentWriter(self._analyzer)
        return self._writers[document.type].add(docnum, document)

    def finish(self) -> Mapping[str, Arrays]:
        """The arrays, by type; nothing can be added any more."""
        for kind in list(self._writers):  # a writer is let go when its arrays are made
            self._arrays[kind] = self._writers.pop(kind).arrays()
        return self._arrays


def write_segment_file(
    storage: FileStorage, segment: WhooshSegment, documents: SegmentArrays
) -> None:
    """Write the segment file of a segment, in the place of what may be there. Raises OSError.

    Who reads an older one goes on doing so.
    """
    types = documents.finish()
    arrays = {f"{kind}.{name}": each for kind, own in types.items() for name, each in own.items()}
    path = segment_file.path_of(Path(storage.folder), segment.segment_id())
    unfinished = path.with_suffix(f"{path.suffix}.new")
    segment_file.write(unfinished, arrays, {"types": sorted(types), "state": documents.state})
    unfinished.replace(path)


def make_segment_file(storage: FileStorage, segment: WhooshSegment, analyzer: Analyzer) -> None:
    """Write the segment file again, of what Whoosh stores in the segment. Raises OSError."""
    documents = SegmentArrays(analyzer)
    reader = WhooshReader(storage, whoosh_schema(analyzer), segment)
    try:
        for docnum, stored_fields in reader.iter_docs():
            document = stored_document(stored_fields)
            if isinstance(document, IndexState):
                documents.state = (docnum, *document)
            else:
                documents.add(docnum, document)
    finally:
        reader.close()
    write_segment_file(storage, segment, documents)
