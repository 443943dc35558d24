"""The promise of `engine.py` kept with Whoosh.

Whoosh holds the index: documents, postings and commits, with one writer. What is in `execute/`
searches it, over the arrays that `index/` derives from each segment. While those are damaged or
being made again, Whoosh's own searcher answers (`plain_whoosh_engine.py`), and the answer says so.
"""

from __future__ import annotations

import logging
import math
import shutil
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock, Timeout
from whoosh.writing import CLEAR

from kb.kinds import CASE, KIND_NAMES, KindName
from kb.search.analysis.analyzer import DUTCH, Analyzer
from kb.search.engine import (
    DocumentTable,
    Hit,
    HitStream,
    IndexBusy,
    IndexInUse,
    IndexState,
    MoreLikeThis,
    SearchRequest,
    SearchResult,
    SearchUnavailable,
    SimilarHit,
    Suggestion,
)
from kb.search.execute.bm25f import Ranking, match, rank
from kb.search.execute.fetch import fetch
from kb.search.execute.filters_and_facets import Filters
from kb.search.execute.more_like_this import more_like_this
from kb.search.execute.order import rerank, sort_hits
from kb.search.execute.suggest import Correction, spelling_suggestion, suggest
from kb.search.execute.table import IndexTable
from kb.search.index import segment_file
from kb.search.index.array_repair import ArrayRepairer, repair_arrays
from kb.search.index.arrays import FloatArray, IntArray, Mask
from kb.search.index.fingerprint_lock import FingerprintLock
from kb.search.index.index_reader import IndexReader
from kb.search.index.index_writer import IndexWriter, WhooshBatch, merge_policy
from kb.search.index.schema import whoosh_schema
from kb.search.index.segment_file import is_transient
from kb.search.index.segment_merger import SegmentMerger
from kb.search.index.snapshot import Snapshot, SnapshotManager, open_storage
from kb.search.plain_whoosh_engine import PlainWhooshEngine
from kb.search.query.parse import ParsedQuery
from kb.vocabulary.terms import Language

HITS_PER_FETCH = 200  # of all hits that are read one after the other
log = logging.getLogger("kb.search")


class _ListedDocs(NamedTuple):
    """The documents that meet a request, ascending."""

    doc_ids: IntArray
    scores: FloatArray
    is_full: Mask  # which of them meet the whole query
    order: Sequence[str]  # as in a `SearchRequest`

    def first(self, index: IndexReader, limit: int) -> IntArray:
        """The first ones in that order."""
        return sort_hits(index, self.doc_ids, self.scores, self.is_full, self.order, limit)

    def scores_of(self, doc_ids: IntArray) -> FloatArray:
        """The scores of some of them."""
        return self.scores[np.searchsorted(self.doc_ids, doc_ids)]


class WhooshEngine:
    """A search index in a folder; every process that serves has an engine of its own."""

    changes_per_batch = 5000

    def __init__(
        self, folder: Path, *, lock_timeout: float = 10.0, analyzer: Analyzer = DUTCH
    ) -> None:
        """`lock_timeout` is how long a writer waits for another one, in seconds."""
        self.analyzer = analyzer
        self.folder = folder
        self._lock_timeout = lock_timeout
        self._snapshots = SnapshotManager(folder)
        self._plain = PlainWhooshEngine(folder, analyzer)
        self._repairer = ArrayRepairer(folder, analyzer, self._repair_lock, self._snapshots.refresh)
        self._merger = SegmentMerger(folder, analyzer, self._snapshots, self._write_lock)
        self._fingerprint_lock = FingerprintLock(folder)
        self._last_degraded = -math.inf  # when it last went without arrays, by the monotonic clock

    def search(self, request: SearchRequest) -> SearchResult:
        """Best hits first; equal scores by type and id. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            return self._plain.search(request)
        index = snapshot.index_reader(request.types)
        query, filters = request.query or ParsedQuery(), Filters(index, request)
        hits: tuple[Hit, ...] = ()
        if request.limit:
            ranking = rank(index, query)
            matches, listed = ranking.matches, self._listed(index, request, ranking, filters)
            page = listed.first(index, request.offset + request.limit)[request.offset :]
            hits = fetch(index, page, listed.scores_of(page), request)
        else:
            matches = match(index, query)
        is_listed = filters.matches[matches.doc_ids]
        return SearchResult(
            hits=hits,
            total=int(np.count_nonzero(is_listed)),
            total_full=int(np.count_nonzero(matches.is_full & is_listed)),
            facets=filters.facets(request.facets, matches.doc_ids.astype(np.int64)),
            matched_before_filters=len(matches.doc_ids),
            dropped=matches.dropped,
            unmet=matches.unmet,
            state=snapshot.state,
        )

    def search_all(self, request: SearchRequest) -> HitStream:
        """All hits in order. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            return self._plain.search_all(request)
        index = snapshot.index_reader(request.types)
        ranking = rank(index, request.query or ParsedQuery())
        listed = self._listed(index, request, ranking, Filters(index, request))
        ordered = listed.first(index, len(listed.doc_ids))
        hits = (
            hit
            for start in range(0, len(ordered), HITS_PER_FETCH)
            for page in [ordered[start : start + HITS_PER_FETCH]]
            for hit in fetch(index, page, listed.scores_of(page), request)
        )
        return HitStream(len(ordered), hits, snapshot.state)

    def _listed(
        self, index: IndexReader, request: SearchRequest, ranking: Ranking, filters: Filters
    ) -> _ListedDocs:
        """What meets the query and the filters of a request, with scores for its order."""
        matches = ranking.matches
        is_listed = filters.matches[matches.doc_ids]
        doc_ids, scores = matches.doc_ids[is_listed].astype(np.int64), ranking.scores[is_listed]
        order = request.sort or ("relevance",)
        if request.query and "relevance" in order:
            scores = rerank(index, request.query, self.analyzer, doc_ids, scores)
        return _ListedDocs(doc_ids, scores, matches.is_full[is_listed], order)

    def items(self, keys: Iterable[str], language: Language) -> dict[str, str]:
        """The stored items of these documents. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            return self._plain.items(keys, language)
        items = {}
        for key in keys:
            for reader, doc_id in snapshot.live_with_key(key):
                items[key] = reader.stored_fields.items[language][doc_id]
        return items

    def table(self, kind: KindName) -> DocumentTable:
        """All documents of a type. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            return self._plain.table(kind)
        return IndexTable(snapshot.index_reader((kind,)))

    def more_like_this(self, request: MoreLikeThis) -> tuple[SimilarHit, ...]:
        """The cases that share most with one. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            return self._plain.more_like_this(request)
        return more_like_this(snapshot.index_reader((CASE.name,)), request)

    def spelling_suggestion(self, word: str) -> str | None:
        """The word of the documents that was probably meant. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            return self._plain.spelling_suggestion(word)
        cases = snapshot.index_reader((CASE.name,))  # which are there in every snapshot
        correction = cases.cached(
            ("correction", word),
            lambda: Correction(spelling_suggestion(list(snapshot.leaves()), word)),
        )
        return correction.word

    def suggest(
        self, words: str, types: tuple[str, ...], limit: int, *, slips: bool = False
    ) -> list[Suggestion]:
        """What begins as the words do, best first. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            return self._plain.suggest(words, types, limit, slips=slips)
        return suggest(snapshot.index_reader(KIND_NAMES), words, types, limit, slips=slips)

    def _snapshot(self) -> Snapshot | None:
        """What is searched; None while at most Whoosh's own files can be read.

        Its arrays are then made again in the background.
        """
        try:
            return self._snapshots.current()
        except SearchUnavailable:
            self._last_degraded = time.monotonic()
            self._repairer.start()
            return None

    def is_degraded(self, since: float = math.inf) -> bool:
        """Whether Whoosh's own searcher answers for now, or did; see the promise."""
        if self._snapshot():
            return self._last_degraded >= since
        return self._plain.can_answer()

    @contextmanager
    def writing(self, *, afresh: bool = False) -> Iterator[WhooshBatch]:
        """Be the only writer; see the promise. Raises IndexBusy, IndexInUse, OSError."""
        with self._write_lock(self._lock_timeout):
            if afresh:
                self._refuse_to_others()
            snapshot = self._open_or_create()
            index = open_storage(self.folder).open_index()
            writer = IndexWriter(
                index,
                self.analyzer,
                lock_timeout=self._lock_timeout,
                schema=whoosh_schema(self.analyzer) if afresh else None,  # it may be an older one
            )
            try:
                batch = WhooshBatch(writer, snapshot, self.analyzer.fingerprint(), afresh=afresh)
                yield batch
                batch.finish()
                writer.commit(mergetype=CLEAR if afresh else merge_policy)
            except BaseException:
                writer.release()
                raise
            self._snapshots.refresh()

    @contextmanager
    def only_writer(self) -> Iterator[None]:
        """Keep writers and other releases out, to copy the files. Raises IndexBusy, IndexInUse."""
        with self._write_lock(self._lock_timeout):
            self._refuse_to_others()
            yield

    def start_merging(self) -> None:
        """Merge small segments in the background. Raises SearchUnavailable."""
        self._merger.start()

    @contextmanager
    def _write_lock(self, timeout: float) -> Iterator[None]:
        """Keep other writers out. Raises IndexBusy after so many seconds."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder.with_suffix(".lock"), timeout=timeout)
        try:
            lock.acquire()
        except Timeout:
            raise IndexBusy(f"another writer held {self.folder} for {timeout} s") from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _repair_lock(self) -> Iterator[None]:
        """Be the only writer, if that can be had at once. Raises IndexBusy, IndexInUse."""
        with self._write_lock(0):
            self._refuse_to_others()
            yield

    def _refuse_to_others(self) -> None:
        """Raises IndexInUse while a process with other terms or analysis uses the index."""
        others = list(self._fingerprint_lock.others(self.release()))
        if others:
            raise IndexInUse(
                f"a process of another release uses {self.folder} ({', '.join(others)}); "
                "let both have a data folder of their own, or stop the other one"
            )

    def _open_or_create(self) -> Snapshot | None:
        """The index to write to, unless it is new; a damaged one is set aside, never wiped.

        Raises OSError when it cannot be read just now, and IndexInUse when another release can:
        then it is left as it is.
        """
        if self.folder.exists():
            try:
                return self._verified_or_repaired()
            except IndexInUse:
                raise
            except Exception as error:
                if is_transient(error):
                    raise
                aside = self.folder.with_name(f"{self.folder.name}-damaged")
                log.warning("set the index aside as %s, since it cannot be read: %r", aside, error)
                shutil.rmtree(aside, ignore_errors=True)
                self.folder.rename(aside)
        self.folder.mkdir(parents=True)
        open_storage(self.folder).create_index(whoosh_schema(self.analyzer))
        return None

    def _verified_or_repaired(self) -> Snapshot:
        """The newest snapshot, its arrays made again if need be; for the only writer.

        Raises anything when Whoosh's own files are damaged.
        """
        try:
            return self._snapshots.verified()
        except Exception as error:
            if is_transient(error):
                raise
            self._refuse_to_others()  # theirs may be of another format, and damaged to us alone
            repair_arrays(self.folder, self.analyzer)
            return self._snapshots.verified()

    def claim(self) -> None:
        """Be known to use the index with these terms and analysis. Raises OSError."""
        self._fingerprint_lock.acquire(self.release())

    def release(self) -> str:
        """Equal for processes that can use the same index: its format, terms and analysis."""
        return f"{segment_file.FORMAT}-{self.analyzer.fingerprint()}"

    def state(self) -> IndexState:
        """What the index holds, as far as it can be read; see the promise. Raises OSError."""
        try:
            return self._snapshots.verified().state
        except Exception as error:  # pickles and packed numbers fail in any way when damaged
            if is_transient(error):
                raise
            if state := self._state_without_arrays():
                return state
            if self.folder.exists():
                log.warning("the search index cannot be read: %r", error)
            return IndexState()

    def _state_without_arrays(self) -> IndexState | None:
        """What Whoosh's own files hold, if the arrays can be made again of them.

        Not of an index that a process of another release uses, whose arrays they may be.
        """
        if any(self._fingerprint_lock.others(self.release())):
            return None
        self._repairer.start()
        if self._repairer.is_hopeless() or not self._plain.can_answer():
            return None
        return self._plain.state()

    def snapshot_state(self) -> IndexState:
        """What it answers with. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        return snapshot.state if snapshot else self._plain.state()

    def change(self) -> int:
        """The number of the last change in the index; 0 when there is none that can be read."""
        return self.state().change

    def fingerprint(self) -> str:
        """Of the terms and analysis it was made with; empty when none can be read."""
        return self.state().fingerprint

    def snapshot_id(self) -> Hashable:
        """The commit point that it answers with. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        return snapshot.commit_point if snapshot else self._plain.snapshot_id()

    def counts(self) -> dict[str, int]:
        """How many documents of each type it holds. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            return self._plain.counts()
        counts = {kind: snapshot.index_reader((kind,)).num_docs for kind in KIND_NAMES}
        return {kind: count for kind, count in counts.items() if count}

    def keys(self) -> Iterator[str]:
        """The keys of all documents it holds. Raises SearchUnavailable."""
        snapshot = self._snapshot()
        if snapshot is None:
            yield from self._plain.keys()
            return
        for leaf in snapshot.leaves():
            for doc_id in np.flatnonzero(leaf.live_docs).tolist():
                yield f"{leaf.reader.type}:{leaf.reader.ids[doc_id]}"

    def close(self) -> None:
        """Let go of the files."""
        self._repairer.close()
        self._merger.close()
        self._snapshots.close()
        self._fingerprint_lock.release()
