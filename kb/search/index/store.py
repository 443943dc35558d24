"""Whoosh's segments as writers of arrays: made when a segment is written, opened by every reader.

Only this file and `whoosh_engine.py` know Whoosh. It keeps the documents in immutable segments,
and names in a table of contents which segments make up a generation and which of their documents
were deleted since. Beside each segment stands `<segment>.arrays`, written before the table that
first names it, with a check over itself and one over the segment.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.reading import SegmentReader as WhooshReader
from whoosh.writing import SegmentWriter as WhooshWriter

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import TYPES, IndexState, Type
from kb.search.index import segment_file
from kb.search.index.index_reader import IndexReader, LeafReader
from kb.search.index.segment_file import CorruptIndex, missing_is_corrupt
from kb.search.index.segment_reader import SegmentReader
from kb.search.index.segment_writer import SegmentWriter, StoredDocument

INDEX = "MAIN"  # what Whoosh calls an index that has no name
META = "meta"  # the type of the one document that tells what an index holds
LOOKS = 100  # at the names in a folder, while a writer changes them
SMALL = 64  # documents of a segment that is always written again
TABLE = re.compile(rf"_{INDEX}_([0-9]+)\.toc")


class FileVersion(NamedTuple):
    """A file as it was when it was looked at; it is another one when any of these differs."""

    name: str
    size: int
    changed: int  # nanoseconds
    inode: int


def file_version(path: Path) -> FileVersion:
    """Look at a file, without opening it. Raises OSError."""
    found = path.stat()
    return FileVersion(path.name, found.st_size, found.st_mtime_ns, found.st_ino)


def newest_commit_point(folder: Path) -> FileVersion:
    """The newest table of contents in a folder. Raises OSError when there is none."""
    for _ in range(LOOKS):
        known = [
            (int(match[1]), match[0]) for each in _names(folder) if (match := TABLE.match(each))
        ]
        with suppress(FileNotFoundError):  # a writer has put a newer one in its place since
            if known:
                return file_version(folder / max(known)[1])
    raise FileNotFoundError(f"no index in {folder}")


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def storage(folder: Path) -> FileStorage:
    """The files of an index; Whoosh would copy what it maps into the memory of every process."""
    return FileStorage(str(folder), supports_mmap=False)


class Segment:
    """The writers of one segment."""

    def __init__(self, folder: Path, name: str) -> None:
        """Raises CorruptIndex."""
        path = folder / f"{name}.arrays"
        self.files = _file_versions(folder, name)
        held, notes = segment_file.read(path)
        self.readers = {kind: SegmentReader(kind, held) for kind in notes["types"]}
        self.meta: tuple[int, IndexState] | None = None  # and the document that tells it
        if notes["meta"]:
            number, *told = notes["meta"]
            self.meta = number, IndexState(*told)
        self._check: dict[str, int] = notes["check"]
        self._checked = False

    def check(self, folder: Path) -> None:
        """See whether Whoosh's own files are as they were written. Raises CorruptIndex."""
        if not self._checked:
            for name, check in self._check.items():
                if _check_of(folder / name) != check:
                    raise CorruptIndex(f"{name} is not as it was written")
            self._checked = True


def _file_versions(folder: Path, name: str) -> tuple[FileVersion, ...]:
    with missing_is_corrupt(name):
        return tuple(file_version(folder / f"{name}{ending}") for ending in (".seg", ".arrays"))


def _check_of(path: Path) -> int:
    check = 0
    with missing_is_corrupt(path.name), path.open("rb") as file:
        while piece := file.read(segment_file.STEP):
            check = zlib.crc32(piece, check)
    return check


class Snapshot:
    """What one table of contents names, for reading by any number of threads."""

    def __init__(
        self, folder: Path, commit_point: FileVersion, known: Mapping[str, Segment]
    ) -> None:
        """Segments that are known and did not change are not opened again.

        Raises CorruptIndex, and whatever the reading of a broken table raises.
        """
        self.commit_point = commit_point
        number = TABLE.match(commit_point.name)
        listed = TOC.read(storage(folder), INDEX, gen=int(number[1]) if number else None).segments
        self.segments: dict[str, Segment] = {}
        self._readers: dict[str, list[tuple[SegmentReader, Any]]] = {kind: [] for kind in TYPES}
        self.meta: IndexState | None = None
        self._index_readers: dict[tuple[Type, ...], IndexReader] = {}
        for each in listed:
            name, deleted = each.segment_id(), np.array(sorted(each.deleted_docs()), np.int32)
            segment = known.get(name)
            if segment is None or segment.files != _file_versions(folder, name):
                segment = Segment(folder, name)
            self.segments[name] = segment
            if segment.meta and segment.meta[0] not in deleted:
                self.meta = segment.meta[1]
            for kind, reader in segment.readers.items():
                self._readers[kind].append((reader, ~np.isin(reader.docnums, deleted)))
        for kind in TYPES:
            self.index_reader((kind,))

    @property
    def state(self) -> IndexState:
        """What it holds."""
        return self.meta or IndexState()

    def index_reader(self, types: tuple[Type, ...]) -> IndexReader:
        """The documents of these types, in the order of `TYPES`."""
        ordered = tuple(kind for kind in TYPES if kind in types)
        if ordered not in self._index_readers:
            self._index_readers[ordered] = IndexReader(
                [reader for kind in ordered for reader in self._readers[kind]]
            )
        return self._index_readers[ordered]

    def leaves(self) -> Iterator[LeafReader]:
        """All writers, with their living documents."""
        return (each for kind in TYPES for each in self.index_reader((kind,)).leaves)

    def docs_with_key(self, key: str) -> Iterator[tuple[str, int]]:
        """The document with a key, if it lives: its segment, and its number there."""
        kind, _, slug = key.partition(":")
        for name, segment in self.segments.items():
            reader = segment.readers.get(kind)
            if reader and (place := reader.ids.find(slug)) is not None:
                yield name, int(reader.docnums[place])

    def docs_owned_by(self, owner: str) -> Iterator[tuple[str, int]]:
        """The pitfalls and findings of a case or study."""
        for name, segment in self.segments.items():
            for kind in ("pitfall", "finding"):
                if reader := segment.readers.get(kind):
                    low, high = reader.ids.prefix_range(f"{owner}--")
                    for place in reader.ids.order[low:high].tolist():
                        yield name, int(reader.docnums[place])

    def state_docs(self) -> Iterator[tuple[str, int]]:
        """The documents that told what the index holds."""
        return ((name, segment.meta[0]) for name, segment in self.segments.items() if segment.meta)

    def check(self, folder: Path) -> None:
        """See whether Whoosh's own files are as they were written. Raises CorruptIndex."""
        for segment in self.segments.values():
            segment.check(folder)

    def is_as_it_was(self, folder: Path) -> bool:
        """Whether the files are those that were read."""
        try:
            return newest_commit_point(folder) == self.commit_point and all(
                segment.files == _file_versions(folder, name)
                for name, segment in self.segments.items()
            )
        except (OSError, CorruptIndex):
            return False


class IndexWriter(WhooshWriter):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's writer, which writes the arrays of each new segment before it is named."""

    def __init__(self, index: Any, analyzer: Analyzer, **options: Any) -> None:
        """`options` are those of Whoosh's writer."""
        self._analyzer = analyzer
        try:
            super().__init__(index, **options)
        except BaseException:  # too many open files, say; Whoosh would keep its lock for ever
            with suppress(Exception):
                self.writelock.release()
            raise

    def delete_documents(self, documents: Iterable[tuple[str, int]]) -> None:
        """Delete documents, each told by its segment and its number there."""
        named = {segment.segment_id(): segment for segment in self.segments}
        for name, number in documents:
            named[name].delete_document(number)

    def _commit_toc(self, segments: list[Any]) -> None:
        for segment in segments:
            new = segment is self.newsegment
            if new or not self.storage.file_exists(f"{segment.segment_id()}.arrays"):
                _write_segment_file(self.storage, self.schema, segment, self._analyzer)
        super()._commit_toc(segments)


def _write_segment_file(held: FileStorage, schema: Any, segment: Any, analyzer: Analyzer) -> None:
    """Write the arrays of a segment."""
    folder, name = Path(held.folder), segment.segment_id()
    writers: dict[str, SegmentWriter] = {}
    meta = None
    reader = WhooshReader(held, schema, segment)
    try:
        for number, fields in reader.iter_docs():
            stored = fields["stored"]
            if stored[0] == META:
                meta = (number, *stored[1:])
            else:
                document = StoredDocument(*stored)
                writers.setdefault(document.type, SegmentWriter(analyzer)).add(number, document)
    finally:
        reader.close()
    made: dict[str, Any] = {}
    for kind in list(writers):
        made |= {f"{kind}.{key}": array for key, array in writers.pop(kind).arrays().items()}
    own = [each for each in segment.list_files(held) if not each.endswith(".arrays")]
    notes = {
        "types": sorted({key.partition(".")[0] for key in made}),
        "meta": meta,
        "check": {each: _check_of(folder / each) for each in own},
    }
    segment_file.write(folder / f"{name}.arrays", made, notes)


def merge(writer: IndexWriter, segments: list[Any]) -> list[Any]:
    """Write some segments again, and give those that stay: so that there are always few.

    A segment goes when it is small, when it is mostly deleted, or when those that go have grown
    to half its size; so a document is written again as often as the index doubles.
    """
    total, staying = 0, []
    for segment in sorted(segments, key=lambda each: each.doc_count()):
        mostly_deleted = segment.deleted_count() * 2 > segment.doc_count_all()
        if mostly_deleted or segment.doc_count() < max(SMALL, total * 2):
            total += segment.doc_count()
            reader = WhooshReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
        else:
            staying.append(segment)
    return staying
