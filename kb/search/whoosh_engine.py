"""The promise of `engine.py` kept with Whoosh, the only place that imports it.

Whoosh keeps the index and ranks the words (BM25F over four fields); `columns.py` filters, counts
and sorts. What Whoosh does not say itself: files are not mapped into memory (a mapped index is
copied to the heap of every process), one searcher is never used by two threads at once, and an
index is opened after the fork. `docs/decisions/` has the reasons.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from whoosh import fields, query, scoring
from whoosh.analysis import Analyzer, Token
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.searching import Searcher
from whoosh.writing import CLEAR

from kb.search import dutch
from kb.search.columns import Columns
from kb.search.engine import (
    Hit,
    IndexBusy,
    SearchDocument,
    SearchRequest,
    SearchResult,
    SearchUnavailable,
    Suggestion,
)
from kb.search.query import Clause, Query, Wording

WEIGHTS = {"title": 4.0, "labels": 2.5, "details": 1.5, "body": 1.0}  # of a word in each field
GAP = 100  # word positions between two passages, so that no phrase runs from one into the next
META = "meta:index"
log = logging.getLogger("kb.search")


class PassageAnalyzer(Analyzer):
    """Passages of text → terms with their positions."""

    def __call__(self, passages: Sequence[str], **_options: Any) -> Iterator[Token]:
        token = Token(positions=True)
        position = 0
        for passage in passages:
            for term in dutch.terms(passage):
                token.text, token.pos = term, position
                token.boost, token.stopped = 1.0, False
                yield token
                position += 1
            position += GAP


def _schema() -> fields.Schema:
    return fields.Schema(
        key=fields.ID(unique=True),
        owner=fields.ID(),
        concepts=fields.KEYWORD(),
        stored=fields.STORED(),
        **{name: fields.TEXT(analyzer=PassageAnalyzer(), phrase=True) for name in WEIGHTS},
    )


class Snapshot:
    """One generation of the index, opened for reading."""

    def __init__(self, index: FileIndex) -> None:
        self.searcher: Searcher = index.searcher(weighting=scoring.BM25F())
        reader = self.searcher.reader()
        documents = [(number, kept["stored"]) for number, kept in reader.iter_docs()]
        meta = [stored for _, stored in documents if stored["type"] == "meta"]
        self.change: int = meta[0]["change"] if meta else 0
        self.fingerprint: str = meta[0]["fingerprint"] if meta else ""
        things = [(number, stored) for number, stored in documents if stored["type"] != "meta"]
        self.columns = Columns(things, reader.doc_count_all())

    def close(self) -> None:
        """Let go of the files."""
        self.searcher.close()

    def matching(self, asked: Query | None) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which documents meet the words, and their scores, by document number."""
        found = np.zeros(self.columns.size, dtype=bool)
        scores = np.zeros(self.columns.size, dtype=np.float64)
        if asked is None:
            return ~found, scores
        for score, number in self.searcher.search(_translated(asked), limit=None).top_n:
            found[number], scores[number] = True, score
        return found, scores


class WhooshBatch:
    """A series of changes to the index, written when the block ends."""

    def __init__(self, writer: Any, *, change: int, afresh: bool) -> None:
        self.change = change
        self._writer = writer
        self._afresh = afresh
        self._documents: dict[str, SearchDocument | None] = {}

    def put(self, document: SearchDocument) -> None:
        """Add a document, or take the place of the one with its key."""
        if self._afresh:
            self._write(document)
        else:
            self._documents[document.key] = document

    def remove(self, key: str) -> None:
        """Take a document out."""
        self._documents[key] = None

    def remove_owned(self, owner: str) -> None:
        """Take out the pitfalls and findings of a case or study."""
        self._writer.delete_by_term("owner", owner)
        for key, document in list(self._documents.items()):
            if document is not None and _owner(document) == owner:
                self._documents[key] = None

    def finish(self) -> None:
        """Write what was collected: Whoosh keeps both copies of a key that is put twice."""
        for key, document in self._documents.items():
            self._writer.delete_by_term("key", key)
            if document is not None:
                self._write(document)
        self._writer.delete_by_term("key", META)
        meta = {
            "type": "meta",
            "change": self.change,
            "fingerprint": dutch.index_fingerprint(),
        }
        self._writer.add_document(key=META, stored=meta)

    def _write(self, document: SearchDocument) -> None:
        texts = {
            name: [passage.text for passage in document.passages if passage.weight == name]
            for name in WEIGHTS
        }
        self._writer.add_document(
            key=document.key,
            owner=_owner(document),
            concepts=" ".join(document.concepts),
            stored=_stored(document),
            **{name: passages for name, passages in texts.items() if passages},
        )


class WhooshEngine:
    """A search index in a folder; every process that serves has an engine of its own."""

    def __init__(self, folder: Path, *, wait: float = 10.0) -> None:
        """`wait` is how long a writer waits for another one, in seconds."""
        self._folder = folder
        self._wait = wait
        self._lock = threading.Lock()
        self._opened: tuple[int, Snapshot] | None = None

    def search(self, request: SearchRequest) -> SearchResult:
        """Best hits first; equal scores by id. Raises SearchUnavailable."""
        with self._reading() as snapshot:
            columns = snapshot.columns
            found, scores = snapshot.matching(request.query)
            hits = np.flatnonzero(found & columns.meeting(request))
            ordered = columns.ordered(hits, scores[hits], request.sort or ("relevance",))
            page = ordered[request.offset : request.offset + request.limit]
            return SearchResult(
                hits=tuple(
                    Hit(columns.types[n].item(), str(columns.ids[n]), float(scores[n]))
                    for n in page
                ),
                total=len(hits),
                facets={key: columns.facet(key, found, request) for key in request.facets},
            )

    def suggest(self, words: str, types: tuple[str, ...], limit: int) -> list[Suggestion]:
        """What begins as the words do, best first. Raises SearchUnavailable."""
        with self._reading() as snapshot:
            return snapshot.columns.suggest(words, types, limit)

    @contextmanager
    def writing(self, *, afresh: bool = False) -> Iterator[WhooshBatch]:
        """Be the only writer; see the promise. Raises IndexBusy."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._folder.with_suffix(".lock"), timeout=self._wait)
        try:
            lock.acquire()
        except Timeout:
            raise IndexBusy(f"another writer held {self._folder} for {self._wait} s") from None
        try:
            index = self._open_or_create()
            with self._lock:
                change = self._snapshot(index).change
            writer = index.writer(timeout=self._wait, limitmb=128)
            try:
                batch = WhooshBatch(writer, change=0 if afresh else change, afresh=afresh)
                yield batch
                batch.finish()
                writer.commit(mergetype=CLEAR) if afresh else writer.commit()
            except BaseException:
                if not writer.is_closed:
                    writer.cancel()
                raise
        finally:
            lock.release()

    def change(self) -> int:
        """The number of the last change in the index; 0 when there is none that can be read."""
        return int(self._told("change", 0))

    def fingerprint(self) -> str:
        """Of the terms and analysis it was made with; empty when none can be read."""
        return str(self._told("fingerprint", ""))

    def counts(self) -> dict[str, int]:
        """How many documents of each type it holds. Raises SearchUnavailable."""
        with self._reading() as snapshot:
            masks = snapshot.columns.values["type"]
            return {name: int(mask.sum()) for name, mask in masks.items()}

    def keys(self) -> set[str]:
        """The keys of all documents it holds. Raises SearchUnavailable."""
        with self._reading() as snapshot:
            columns = snapshot.columns
            numbers = np.flatnonzero(columns.ids != "")
            return {f"{columns.types[number]}:{columns.ids[number]}" for number in numbers}

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None

    def _told(self, name: str, otherwise: Any) -> Any:
        try:
            with self._reading() as snapshot:
                return getattr(snapshot, name)
        except SearchUnavailable:
            return otherwise

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        """The newest generation, for one thread at a time."""
        with self._lock:
            try:
                snapshot = self._snapshot(_open(self._folder))
            except Exception as error:  # pickles and packed numbers fail in any way when damaged
                self._forget()
                if self._folder.exists():
                    log.warning("the search index cannot be read: %r", error)
                raise SearchUnavailable(str(self._folder)) from error
            yield snapshot

    def _snapshot(self, index: FileIndex) -> Snapshot:
        generation = index.latest_generation()
        if self._opened is None or self._opened[0] != generation:
            self._forget()
            self._opened = (generation, Snapshot(index))
        return self._opened[1]

    def _open_or_create(self) -> FileIndex:
        """The index to write to; one that cannot be read is set aside, never wiped."""
        if self._folder.exists():
            try:
                index = _open(self._folder)
                with self._lock:
                    self._snapshot(index)
                return index
            except Exception as error:
                aside = self._folder.with_name(f"{self._folder.name}-damaged")
                log.warning("set the damaged index aside as %s: %r", aside, error)
                shutil.rmtree(aside, ignore_errors=True)
                self._folder.rename(aside)
                with self._lock:
                    self._forget()
        self._folder.mkdir(parents=True)
        return FileStorage(str(self._folder), supports_mmap=False).create_index(_schema())


def _open(folder: Path) -> FileIndex:
    return FileStorage(str(folder), supports_mmap=False).open_index()


def _translated(asked: Query) -> query.Query:
    """Clauses → Whoosh's query, built node by node: nothing typed is ever parsed by Whoosh."""
    wanted = [_met(clause) for clause in asked.clauses if not clause.excluded]
    refused = [_met(clause) for clause in asked.clauses if clause.excluded]
    if not wanted:
        wanted = [query.Every()]
    return query.And([*wanted, *(query.Not(clause) for clause in refused)])


def _met(clause: Clause) -> query.Query:
    return query.Or([part for wording in clause.wordings for part in _said(wording)])


def _said(wording: Wording) -> Iterator[query.Query]:
    if wording.concept is not None:
        yield query.Term("concepts", wording.concept, boost=wording.weight * WEIGHTS["labels"])
        return
    for name, weight in WEIGHTS.items():
        boost = weight * wording.weight
        if len(wording.terms) == 1:
            yield query.Term(name, wording.terms[0], boost=boost)
        else:
            yield query.Phrase(name, list(wording.terms), boost=boost)


def _owner(document: SearchDocument) -> str:
    return document.id.partition("--")[0] if document.type in {"pitfall", "finding"} else ""


def _stored(document: SearchDocument) -> dict[str, Any]:
    """What `Columns` needs of a document."""
    updated: datetime | None = document.updated_at
    return {
        "type": document.type,
        "id": document.id,
        "title": document.title,
        "year": document.year,
        "updated_at": updated.astimezone(UTC).timestamp() if updated else None,
        "position": document.position,
        "values": {key: list(values) for key, values in document.values.items()},
        "findings": [list(facts) for facts in document.findings],
        "pitfalls": [list(facts) for facts in document.pitfalls],
    }
