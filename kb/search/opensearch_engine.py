"""The promise of `engine.py` kept by a cluster of OpenSearch, which several nodes share.

Our own analysis makes the terms of documents and queries; the cluster finds, counts, filters and
orders them over its shards (`kb/search/opensearch/`). Sets, totals, facets and orders are exactly
those of every engine; relevance is nearly. What a reader may see while somebody writes, and what
comes of a cluster that fails, stands in `docs/decisions/0055-opensearch.md`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import chain
from typing import Any

from cachetools import LRUCache

from kb.kinds import KIND_NAMES, KindName
from kb.search.analysis.analyzer import DUTCH, Analyzer
from kb.search.document_table import TableOfDocuments
from kb.search.engine import (
    EMPTY_INDEX,
    DocumentTable,
    HitStream,
    IndexBatch,
    IndexState,
    MoreLikeThis,
    SearchRequest,
    SearchResult,
    SearchUnavailable,
    SimilarHit,
    Suggestion,
)
from kb.search.index.segment_writer import StoredDocument, from_stored
from kb.search.opensearch import suggest as suggestions
from kb.search.opensearch.cluster import Cluster
from kb.search.opensearch.cluster_queries import MAX_VALUES, all_buckets, of_types
from kb.search.opensearch.search import ChangedMeanwhile, Search
from kb.search.opensearch.similar import more_like_this
from kb.search.opensearch.snapshots import Snapshot, Snapshots
from kb.search.opensearch.weighing import weigh_anew
from kb.search.opensearch.writer import Writer
from kb.vocabulary.terms import Language

CACHED_COUNTS = 16  # of tags: by snapshot and types
ITEMS_AT_ONCE = 1000
SWEEP_SECONDS = 600.0  # between two looks at what is left of old indexes


class OpenSearchEngine:
    """A search index in a cluster; every process that serves has an engine of its own."""

    changes_per_batch = 500

    def __init__(
        self,
        cluster: Cluster,
        alias: str,
        *,
        shards: int = 1,
        replicas: int = 1,
        lock_timeout: float = 10.0,
        analyzer: Analyzer = DUTCH,
    ) -> None:
        """`alias` names the index that answers; `lock_timeout` is a writer's wait, in seconds."""
        self.analyzer = analyzer
        self.cluster = cluster
        self.alias = alias
        self.snapshots = Snapshots(cluster, alias)
        self._writer = Writer(
            cluster,
            alias,
            self.snapshots,
            analyzer,
            shards=shards,
            replicas=replicas,
            lock_timeout=lock_timeout,
        )
        self._swept_at = time.monotonic()
        self._weighed: Hashable = None  # the snapshot whose lengths were looked at last
        self._tag_counts: LRUCache[Hashable, Mapping[str, int]] = LRUCache(CACHED_COUNTS)

    def search(self, request: SearchRequest) -> SearchResult:
        """Best hits first; equal scores by type and id. Raises SearchUnavailable."""
        snapshot = self.snapshots.current().for_page()
        try:
            return self._search(snapshot, request).result(snapshot.state)
        except ChangedMeanwhile:
            raise SearchUnavailable("the index is written to without a pause") from None

    def search_all(self, request: SearchRequest) -> HitStream:
        """All hits in order, as they are now. Raises SearchUnavailable."""
        snapshot = self.snapshots.current()
        search = self._search(snapshot, replace(request, offset=0, facets=()))
        pages = snapshot.walk(search.stream_body())
        first = next(pages)
        others = (search.hit(hit) for page in pages for hit in page["hits"]["hits"])
        hits = chain(search.first_page(first["hits"]["hits"]), others)
        return HitStream(first["hits"]["total"]["value"], hits, snapshot.state)

    def _search(self, snapshot: Snapshot, request: SearchRequest) -> Search:
        return Search(snapshot, request, self.analyzer, lambda: self._tags(snapshot, request.types))

    def _tags(self, snapshot: Snapshot, types: tuple[str, ...]) -> Mapping[str, int]:
        """How many documents of these types have each tag."""
        key = snapshot.index, snapshot.commits, types
        counts = self._tag_counts.get(key)
        if counts is None:
            tags = {"terms": {"field": "tags", "size": MAX_VALUES}}
            answer = snapshot.search({"size": 0, "query": of_types(types), "aggs": {"tags": tags}})
            buckets = all_buckets(answer["aggregations"]["tags"])
            counts = {each["key"]: each["doc_count"] for each in buckets}
            self._tag_counts[key] = counts
        return counts

    def items(self, keys: Iterable[str], language: Language) -> dict[str, str]:
        """The stored items of these documents. Raises SearchUnavailable."""
        snapshot = self.snapshots.current()
        wanted = list(dict.fromkeys(keys))
        items = {}
        for start in range(0, len(wanted), ITEMS_AT_ONCE):
            some = wanted[start : start + ITEMS_AT_ONCE]
            answer = snapshot.search(
                {
                    "size": len(some),
                    "query": {"ids": {"values": some}},
                    "_source": [f"document.items.{language}"],
                }
            )
            for hit in answer["hits"]["hits"]:
                items[hit["_id"]] = hit["_source"]["document"]["items"][language]
        return {key: items[key] for key in wanted if key in items}

    def table(self, kind: KindName) -> DocumentTable:
        """All documents of a type. Raises SearchUnavailable."""
        snapshot = self.snapshots.current()
        body = {"query": of_types([kind]), "sort": [{"id": "asc"}], "_source": ["document"]}
        documents = [
            from_stored(StoredDocument(**hit["_source"]["document"]))
            for page in snapshot.walk(body)
            for hit in page["hits"]["hits"]
        ]
        return TableOfDocuments(documents, self.search_all)

    def suggest(
        self, words: str, types: tuple[str, ...], limit: int, *, slips: bool = False
    ) -> list[Suggestion]:
        """What begins as the words do, best first. Raises SearchUnavailable."""
        snapshot = self.snapshots.current()
        return suggestions.suggest(snapshot, words, types, limit, slips=slips)

    def more_like_this(self, request: MoreLikeThis) -> tuple[SimilarHit, ...]:
        """The cases that share most with one. Raises SearchUnavailable."""
        return more_like_this(self.snapshots.current(), request)

    def spelling_suggestion(self, word: str) -> str | None:
        """The word of the documents that was probably meant. Raises SearchUnavailable."""
        return suggestions.spelling_suggestion(self.snapshots.current(), word)

    def writing(self, *, afresh: bool = False) -> AbstractContextManager[IndexBatch]:
        """Be the only writer; see the promise. Raises IndexBusy, SearchUnavailable."""
        return self._writer.writing(afresh=afresh)

    def start_merging(self) -> None:
        """Weigh documents anew if they have become longer or shorter, and sweep old indexes.

        Raises IndexBusy, SearchUnavailable.
        """
        snapshot = self.snapshots.current()
        if (snapshot.index, snapshot.commits) != self._weighed:
            weigh_anew(snapshot, self._writer)
            self._weighed = snapshot.index, snapshot.commits
        if time.monotonic() - self._swept_at > SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            self._writer.sweep()

    def claim(self) -> None:
        """Every release has an alias of its own: see `docs/operating.md`."""

    def state(self) -> IndexState:
        """What the index holds, as it is saved. Raises OSError when the cluster is away."""
        try:
            newest = self.snapshots.newest()
        except SearchUnavailable as error:
            raise OSError(str(error)) from None
        return newest.state if newest else EMPTY_INDEX

    def snapshot_state(self) -> IndexState:
        """What it answers with. Raises SearchUnavailable."""
        return self.snapshots.confirmed().state

    def change(self) -> int:
        """The number of the last change in the index; 0 when it is new. Raises OSError."""
        return self.state().change

    def fingerprint(self) -> str:
        """Of the terms and analysis it was made with; empty when it is new. Raises OSError."""
        return self.state().fingerprint

    def is_degraded(self, since: float = math.inf) -> bool:
        """A cluster answers as always, or not at all."""
        return False

    def snapshot_id(self) -> Hashable:
        """The index that it answers with, and how often that was written to."""
        snapshot = self.snapshots.current()
        return snapshot.index, snapshot.commits

    def counts(self) -> dict[str, int]:
        """How many documents of each type it holds. Raises SearchUnavailable."""
        types: Any = {"terms": {"field": "type", "size": len(KIND_NAMES)}}
        answer = self.snapshots.current().search({"size": 0, "aggs": {"types": types}})
        return {
            each["key"]: each["doc_count"] for each in all_buckets(answer["aggregations"]["types"])
        }

    def keys(self) -> Iterator[str]:
        """The keys of all documents it holds. Raises SearchUnavailable."""
        body = {
            "query": {"exists": {"field": "key"}},
            "sort": [{"key": "asc"}],
            "_source": False,
        }
        for page in self.snapshots.current().walk(body):
            yield from (hit["_id"] for hit in page["hits"]["hits"])

    def close(self) -> None:
        """Let go of the connections."""
        self.cluster.close()
