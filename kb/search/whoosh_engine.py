"""The promise of `engine.py` kept with Whoosh, the only place that imports it.

Whoosh keeps the index: documents, terms and positions, in immutable segments with one writer.
It does not search: `ranking.py` scores postings that are read from it once and then stay, and
`columns.py` filters, counts and sorts. What Whoosh does not say itself: files are not mapped into
memory (a mapped index is copied to the heap of every process), a reader is never used by two
threads at once, and an index is opened after the fork. `docs/decisions/` has the reasons.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from rapidfuzz import process
from rapidfuzz.distance import OSA
from whoosh import fields
from whoosh.analysis import Analyzer, Token
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import IndexReader, TermNotFound
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
from kb.search.query import Query
from kb.search.ranking import FIELDS, GAP, SPAN, Numbers, Ranking

BETWEEN = "\x1d"  # a separator of passages that is in no word
META = "meta:index"
log = logging.getLogger("kb.search")


class PassageAnalyzer(Analyzer):
    """Passages of text → terms with their positions; the parts of a compound stand with it."""

    def __call__(self, joined: str, **_options: Any) -> Iterator[Token]:
        """Whoosh's own token object is given again and again, as its analyzers do."""
        token = Token(positions=True, boost=1.0, stopped=False)
        position = 0
        for passage in joined.split(BETWEEN):
            for word in dutch.tokens(passage):
                for term in (word.term, *word.parts):
                    token.text, token.pos = term, position
                    yield token
                position += 1
            position += GAP


def _schema() -> fields.Schema:
    return fields.Schema(
        key=fields.ID(unique=True),
        owner=fields.ID(),
        concepts=fields.KEYWORD(),
        forms=fields.KEYWORD(),
        stored=fields.STORED(),
        **{name: fields.TEXT(analyzer=PassageAnalyzer(), phrase=True) for name in FIELDS},
    )


class Snapshot:
    """One generation of the index, opened for reading."""

    def __init__(self, index: FileIndex) -> None:
        self._reader: IndexReader = index.reader()
        documents = [(number, kept["stored"]) for number, kept in self._reader.iter_docs()]
        meta = [stored for _, stored in documents if stored["type"] == "meta"]
        self.change: int = meta[0]["change"] if meta else 0
        self.fingerprint: str = meta[0]["fingerprint"] if meta else ""
        things = [(number, stored) for number, stored in documents if stored["type"] != "meta"]
        size = self._reader.doc_count_all()
        self.columns = Columns(things, size)
        lengths = np.array(
            [
                [self._reader.doc_field_length(number, name) or 0 for name in FIELDS]
                for number in range(size)
            ],
            dtype=np.int64,
        ).reshape(size, len(FIELDS))
        self._postings: dict[str, Numbers] = {}
        self.ranking = Ranking(lengths, self.columns.types, self._occurrences, self._tagged)
        self._forms: list[str] | None = None

    def close(self) -> None:
        """Let go of the files."""
        self._reader.close()

    def _occurrences(self, term: str) -> Numbers:
        """Where a term stands, as `Ranking` wants it; read once."""
        if term not in self._postings:
            found: list[int] = []
            for field, name in enumerate(FIELDS):
                for number, positions in self._read(name, term, "positions"):
                    slot = (number * len(FIELDS) + field) * SPAN
                    found.extend(slot + position for position in positions)
            self._postings[term] = np.array(sorted(found), dtype=np.int64)
        return self._postings[term]

    def _tagged(self, concept: str) -> Numbers:
        """The documents with a concept."""
        if concept not in self._postings:
            found = [number for number, _ in self._read("concepts", concept, "frequency")]
            self._postings[concept] = np.array(sorted(found), dtype=np.int64)
        return self._postings[concept]

    def _read(self, name: str, term: str, what: str) -> Iterator[tuple[int, Any]]:
        """The documents that have a term in a field, each with a value of its posting."""
        try:
            matcher = self._reader.postings(name, term)
        except TermNotFound:
            return
        while matcher.is_active():
            yield matcher.id(), matcher.value_as(what)
            matcher.next()

    def nearest_word(self, word: str) -> str | None:
        """The word of the documents that was probably meant: near, and then often used."""
        if self._forms is None:
            self._forms = [form.decode() for form in self._reader.lexicon("forms")]
        most = 2 if len(word) >= 8 else 1
        near = process.extract(word, self._forms, scorer=OSA.distance, score_cutoff=most, limit=20)
        ranked = [
            (distance, form[:1] != word[:1], -self._reader.doc_frequency("forms", form), form)
            for form, distance, _ in near
            if len(form) > 3
        ]
        return min(ranked)[-1] if ranked else None


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
            name: BETWEEN.join(each.text for each in document.passages if each.weight == name)
            for name in FIELDS
        }
        forms = {word.form for each in document.passages for word in dutch.tokens(each.text)}
        self._writer.add_document(
            key=document.key,
            owner=_owner(document),
            concepts=" ".join(document.concepts),
            forms=" ".join(forms),
            stored=_stored(document),
            **{name: text for name, text in texts.items() if text},
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
            listed = columns.of_types(request.types)
            ranked = snapshot.ranking.rank(request.query or Query(), listed)
            found = np.zeros(columns.size, dtype=bool)
            found[ranked.documents] = True
            kept = columns.meeting(request)[ranked.documents]
            ordered = columns.ordered(
                ranked.documents[kept], ranked.scores[kept], request.sort or ("relevance",)
            )
            scores = dict(zip(ranked.documents.tolist(), ranked.scores.tolist(), strict=True))
            page = ordered[request.offset : request.offset + request.limit].tolist()
            return SearchResult(
                hits=tuple(
                    Hit(columns.types[n].item(), str(columns.ids[n]), scores[n]) for n in page
                ),
                total=len(ordered),
                facets={key: columns.facet(key, found, request) for key in request.facets},
                whole=len(ranked.documents),
                dropped=ranked.dropped,
                unmet=ranked.unmet,
            )

    def nearest_word(self, word: str) -> str | None:
        """The word of the documents that was probably meant. Raises SearchUnavailable."""
        with self._reading() as snapshot:
            return snapshot.nearest_word(word)

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
            if afresh:
                writer.schema = _schema()  # the index may be of an older release
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
