"""The segment file of a Whoosh segment, made of the documents that Whoosh stores in it.

That needs no database, and can be done again at any time: the arrays are derived.
"""

from __future__ import annotations

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
from kb.search.index.segment_writer import SegmentWriter

CHECKSUMS = "checksums"  # the attribute of a Whoosh segment that holds those of its files


def write_checksums(storage: FileStorage, segment: WhooshSegment) -> None:
    """Let the commit point that names a new segment hold the checksums of its files, by name."""
    paths = [Path(storage.folder) / name for name in segment.list_files(storage)]
    setattr(segment, CHECKSUMS, {path.name: segment_file.file_checksum(path) for path in paths})


def segment_checksums(segment: WhooshSegment) -> dict[str, int]:
    """The checksums of the files of a segment, by name; empty when it has none."""
    checksums: dict[str, int] = getattr(segment, CHECKSUMS, {})
    return checksums


def write_segment_file(storage: FileStorage, segment: WhooshSegment, analyzer: Analyzer) -> None:
    """Write the segment file of a segment, in the place of what may be there. Raises OSError.

    Who reads an older one goes on doing so.
    """
    path = segment_file.path_of(Path(storage.folder), segment.segment_id())
    arrays, state = _read(storage, segment, analyzer)
    notes = {"types": sorted({name.partition(".")[0] for name in arrays}), "state": state}
    unfinished = path.with_suffix(f"{path.suffix}.new")
    segment_file.write(unfinished, arrays, notes)
    unfinished.replace(path)


def _read(
    storage: FileStorage, segment: WhooshSegment, analyzer: Analyzer
) -> tuple[Arrays, tuple[Any, ...] | None]:
    """The arrays of a segment; and its state document, if any: docnum and `IndexState`."""
    writers: dict[str, SegmentWriter] = {}
    state = None
    reader = WhooshReader(storage, whoosh_schema(analyzer), segment)
    try:
        for docnum, stored_fields in reader.iter_docs():
            document = stored_document(stored_fields)
            if isinstance(document, IndexState):
                state = (docnum, *document)
            else:
                writer = writers.setdefault(document.type, SegmentWriter(analyzer))
                writer.add(docnum, document)
    finally:
        reader.close()
    arrays: dict[str, Any] = {}
    for kind in list(writers):  # a writer is let go when its arrays are made
        own = writers.pop(kind).arrays()
        arrays |= {f"{kind}.{name}": array for name, array in own.items()}
    return arrays, state
