"""The promise of `engine.py` kept with Whoosh.

Whoosh keeps the index: the documents, their commits and generations, with one writer. It does not
search: what is in `execute/` does, over arrays that are made beside each segment when it is written
(`index/store.py`). A reader opens only the segments that it does not have yet, and it does so
aside: the generation that it has answers until the next one is ready.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from whoosh import fields
from whoosh.writing import CLEAR

from kb.search.analysis.analyzer import DUTCH, Analyzer
from kb.search.engine import (
    TYPES,
    Hit,
    IndexBusy,
    IndexOfAnother,
    IndexState,
    SearchDocument,
    SearchRequest,
    SearchResult,
    SearchUnavailable,
    Suggestion,
)
from kb.search.execute.bm25f import rank
from kb.search.execute.filters_and_facets import Filters
from kb.search.execute.sort import sort_hits
from kb.search.execute.suggest import spelling_suggestion, suggest
from kb.search.index import store
from kb.search.index.segment_file import CorruptIndex, is_transient
from kb.search.index.segment_writer import to_stored
from kb.search.index.store import META, FileVersion, IndexWriter, Snapshot
from kb.search.index.users import FingerprintLock
from kb.search.query.parse import ParsedQuery

LOOK_AGAIN = 0.02  # seconds between two looks for a newer generation
REST = 1.0  # seconds, after a newer generation could not be read
TRIES = 5  # to open a generation whose files a writer clears away meanwhile
log = logging.getLogger("kb.search")


def _schema() -> fields.Schema:
    return fields.Schema(stored=fields.STORED())


class WhooshBatch:
    """A series of changes to the index, written when the block ends."""

    def __init__(
        self, writer: IndexWriter, held: Snapshot | None, fingerprint: str, *, afresh: bool
    ) -> None:
        """`held` is what the index holds; made afresh it loses that, and is given each key once.

        `fingerprint` is that of the analysis, for an index that has none yet.
        """
        self.before = held.meta if held and held.meta else IndexState()
        begun = IndexState() if afresh else self.before
        self.change, self.mark = begun.change, begun.mark
        self._fingerprint = begun.fingerprint or fingerprint
        self._writer = writer
        self._held = None if afresh else held
        self._afresh = afresh
        self._documents: dict[str, SearchDocument | None] = {}
        self._owned: dict[str, list[str]] = {}  # keys of what was put, by owner

    def put(self, document: SearchDocument) -> None:
        """Add a document, or take the place of the one with its key."""
        if self._afresh:
            self._write(document)
        else:
            self._documents[document.key] = document
            if document.owner:
                self._owned.setdefault(document.owner, []).append(document.key)

    def remove(self, key: str) -> None:
        """Take a document out."""
        self._documents[key] = None

    def remove_owned(self, owner: str) -> None:
        """Take out the pitfalls and findings of a case or study."""
        if self._held:
            self._writer.delete_documents(self._held.docs_owned_by(owner))
        for key in self._owned.pop(owner, ()):
            self._documents[key] = None

    def finish(self) -> None:
        """Write what was collected: Whoosh keeps both copies of a key that is put twice."""
        for key, document in self._documents.items():
            if self._held:
                self._writer.delete_documents(self._held.docs_with_key(key))
            if document is not None:
                self._write(document)
        if self._held:
            self._writer.delete_documents(self._held.state_docs())
        state = IndexState(self.change, self._fingerprint, self.mark)
        self._writer.add_document(stored=(META, *state))

    def _write(self, document: SearchDocument) -> None:
        self._writer.add_document(stored=tuple(to_stored(document)))


class WhooshEngine:
    """A search index in a folder; every process that serves has an engine of its own."""

    def __init__(self, folder: Path, *, wait: float = 10.0, analyzer: Analyzer = DUTCH) -> None:
        """`wait` is how long a writer waits for another one, in seconds."""
        self.analyzer = analyzer
        self._folder = folder
        self._wait = wait
        self._loading = threading.Lock()  # one thread at a time opens a generation
        self._current: Snapshot | None = None
        self._refused: FileVersion | None = (
            None  # the last table of contents that could not be read
        )
        self._aside: threading.Thread | None = None
        self._looked = 0.0  # for a newer generation
        self._fingerprint_lock = FingerprintLock(folder)

    def search(self, request: SearchRequest) -> SearchResult:
        """Best hits first; equal scores by type and id. Raises SearchUnavailable."""
        snapshot = self._reading()
        index = snapshot.index_reader(request.types)
        ranking = rank(index, request.query or ParsedQuery())
        filters = Filters(index, request)
        doc_ids = ranking.doc_ids.astype(np.int64)
        is_match = filters.matches[doc_ids]
        matches, scores = doc_ids[is_match], ranking.scores[is_match]
        order, end = request.sort or ("relevance",), request.offset + request.limit
        page = sort_hits(index, matches, scores, order, end)[request.offset :]
        page_scores = scores[np.searchsorted(matches, page)].tolist()
        return SearchResult(
            hits=tuple(
                Hit(reader.type, reader.ids[number], score)
                for doc_id, score in zip(page.tolist(), page_scores, strict=True)
                for reader, number in [index.locate(doc_id)]
            ),
            total=len(matches),
            facets=filters.facets(request.facets, doc_ids),
            matched_before_filters=len(doc_ids),
            dropped=ranking.dropped,
            unmet=ranking.unmet,
            state=snapshot.state,
        )

    def spelling_suggestion(self, word: str) -> str | None:
        """The word of the documents that was probably meant. Raises SearchUnavailable."""
        return spelling_suggestion(list(self._reading().leaves()), word)

    def suggest(self, words: str, types: tuple[str, ...], limit: int) -> list[Suggestion]:
        """What begins as the words do, best first. Raises SearchUnavailable."""
        return suggest(self._reading().index_reader(TYPES), words, types, limit)

    @contextmanager
    def writing(self, *, afresh: bool = False) -> Iterator[WhooshBatch]:
        """Be the only writer; see the promise. Raises IndexBusy, IndexOfAnother, OSError."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._folder.with_suffix(".lock"), timeout=self._wait)
        try:
            lock.acquire()
        except Timeout:
            raise IndexBusy(f"another writer held {self._folder} for {self._wait} s") from None
        try:
            if afresh:
                self._refuse_to_others()
            held = self._open_or_create()
            index = store.storage(self._folder).open_index()
            writer = IndexWriter(index, self.analyzer, timeout=self._wait, limitmb=128)
            if afresh:
                writer.schema = _schema()  # the index may be of an older release
            try:
                batch = WhooshBatch(writer, held, self.analyzer.fingerprint(), afresh=afresh)
                yield batch
                batch.finish()
                writer.commit(mergetype=CLEAR if afresh else store.merge)
            except BaseException:
                _let_go(writer)
                raise
            self._load()
        finally:
            lock.release()

    def claim(self) -> None:
        """Be known to use the index with these terms and analysis. Raises OSError."""
        self._fingerprint_lock.join(self.analyzer.fingerprint())

    def _refuse_to_others(self) -> None:
        """Raises IndexOfAnother while a process with other terms or analysis uses the index."""
        others = list(self._fingerprint_lock.others(self.analyzer.fingerprint()))
        if others:
            raise IndexOfAnother(
                f"a process of another release uses {self._folder} ({', '.join(others)}); "
                "let both have a data folder of their own, or stop the other one"
            )

    def state(self) -> IndexState:
        """What the index holds, as far as it can be read; see the promise. Raises OSError."""
        try:
            return self._checked().state
        except Exception as error:  # pickles and packed numbers fail in any way when damaged
            if is_transient(error):
                raise
            if self._folder.exists():
                log.warning("the search index cannot be read: %r", error)
            return IndexState()

    def snapshot_state(self) -> IndexState:
        """What it answers with. Raises SearchUnavailable."""
        return self._reading().state

    def change(self) -> int:
        """The number of the last change in the index; 0 when there is none that can be read."""
        return self.state().change

    def fingerprint(self) -> str:
        """Of the terms and analysis it was made with; empty when none can be read."""
        return self.state().fingerprint

    def snapshot_id(self) -> Hashable:
        """The table of contents that it answers with. Raises SearchUnavailable."""
        return self._reading().commit_point

    def counts(self) -> dict[str, int]:
        """How many documents of each type it holds. Raises SearchUnavailable."""
        snapshot = self._reading()
        counts = {kind: snapshot.index_reader((kind,)).num_docs for kind in TYPES}
        return {kind: count for kind, count in counts.items() if count}

    def keys(self) -> set[str]:
        """The keys of all documents it holds. Raises SearchUnavailable."""
        return {
            f"{leaf.reader.type}:{leaf.reader.ids[number]}"
            for leaf in self._reading().leaves()
            for number in np.flatnonzero(leaf.live_docs).tolist()
        }

    def close(self) -> None:
        """Let go of the files."""
        if self._aside:
            self._aside.join()
        self._current = None
        self._fingerprint_lock.leave()

    def _reading(self) -> Snapshot:
        """The newest generation that is ready; a newer one is made ready aside."""
        if self._current is None:
            try:
                self._load()
            except Exception as error:
                raise SearchUnavailable(str(self._folder)) from error
        snapshot = self._current
        assert snapshot is not None
        if time.monotonic() < self._looked + LOOK_AGAIN:
            return snapshot
        self._looked = time.monotonic()
        try:
            newest = store.newest_commit_point(self._folder)
        except OSError:
            return snapshot  # the index was lost, and is being made again
        if newest not in {snapshot.commit_point, self._refused} and not self._loading.locked():
            self._aside = threading.Thread(target=self._load_aside, daemon=True)
            self._aside.start()
        return snapshot

    def _load_aside(self) -> None:
        try:
            self._load()
        except Exception as error:
            self._looked = time.monotonic() + REST
            log.warning("a newer search index cannot be read: %r", error)

    def _load(self) -> Snapshot:
        """Open the newest generation, if it is not open yet. Raises anything when damaged.

        What the machine could not read just now is read the next time.
        """
        with self._loading:
            for left in reversed(range(TRIES)):
                commit_point = None
                try:
                    commit_point = store.newest_commit_point(self._folder)
                    return self._opened(commit_point)
                except Exception as error:
                    if is_transient(error):
                        raise
                    if not left or (
                        commit_point and store.newest_commit_point(self._folder) == commit_point
                    ):
                        self._refused = commit_point
                        raise
            raise AssertionError

    def _opened(self, commit_point: FileVersion) -> Snapshot:
        current = self._current
        if current is not None and current.is_as_it_was(self._folder):
            return current
        snapshot = Snapshot(self._folder, commit_point, current.segments if current else {})
        if snapshot.meta is None:
            raise SearchUnavailable(f"{self._folder} holds nothing yet")
        self._current = snapshot
        return snapshot

    def _checked(self) -> Snapshot:
        """The newest generation, its files as they were written. Raises anything when damaged."""
        for left in reversed(range(TRIES)):
            snapshot = self._load()
            try:
                snapshot.check(self._folder)
                return snapshot
            except CorruptIndex:  # or a writer has cleared them away since
                if not left or store.newest_commit_point(self._folder) == snapshot.commit_point:
                    raise
        raise AssertionError

    def _open_or_create(self) -> Snapshot | None:
        """The index to write to, unless it is new; a damaged one is set aside, never wiped.

        Raises OSError when it cannot be read just now: then it is left as it is.
        """
        if self._folder.exists():
            try:
                return self._checked()
            except Exception as error:
                if is_transient(error):
                    raise
                aside = self._folder.with_name(f"{self._folder.name}-damaged")
                log.warning("set the damaged index aside as %s: %r", aside, error)
                shutil.rmtree(aside, ignore_errors=True)
                self._folder.rename(aside)
        self._folder.mkdir(parents=True)
        store.storage(self._folder).create_index(_schema())
        return None


def _let_go(writer: IndexWriter) -> None:
    """Cancel; a writer that failed halfway through saving cannot, and would keep its lock."""
    if not writer.is_closed:
        with suppress(Exception):
            writer.cancel()
        if not writer.is_closed:
            writer.writelock.release()
