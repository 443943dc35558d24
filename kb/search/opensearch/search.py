"""One request on one snapshot of the cluster's index → its page, totals and facets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt
from typing import Any

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import Hit, IndexState, SearchRequest, SearchResult
from kb.search.execute.highlight import AnalyzedText, highlight
from kb.search.execute.order import CANDIDATES
from kb.search.index.segment_writer import StoredDocument, from_stored
from kb.search.opensearch.cluster_queries import (
    MATCH_ALL,
    Query,
    all_of,
    clause_set,
    facet_aggregation,
    facet_counts,
    filter_queries,
    order,
)
from kb.search.opensearch.matching import Matching, Searches, match
from kb.search.opensearch.rerank import Candidate, TagCounts, rerank
from kb.search.query.parse import ParsedQuery

ATTEMPTS = 3  # to read a page that is written to meanwhile


WITH_CANDIDATES = {"docvalue_fields": ["tags", "vector"], "track_scores": True}


class ChangedMeanwhile(Exception):
    """A document was written between the two requests of one search."""


@dataclass(frozen=True)
class PageOfHits:
    """The hits of a page as the cluster has them, and what it counted."""

    hits: Sequence[dict[str, Any]]
    scores: Sequence[float]
    total: int
    aggregations: dict[str, Any]


class Search:
    """A request, its matches already decided."""

    def __init__(
        self, index: Searches, request: SearchRequest, analyzer: Analyzer, tags: TagCounts
    ) -> None:
        self._index, self._request = index, request
        self._analyzer, self._tags = analyzer, tags
        self.matching: Matching = match(index, request.query or ParsedQuery(), request.types)
        self._sort = request.sort or ("relevance",)

    def result(self, state: IndexState) -> SearchResult:
        """The page, totals and facets; `state` is that of the index. Raises SearchUnavailable."""
        for attempt in range(ATTEMPTS):
            try:
                page = self._page()
                break
            except ChangedMeanwhile:
                if attempt == ATTEMPTS - 1:
                    raise
        counted, request = page.aggregations, self._request
        hits = zip(page.hits, page.scores, strict=True)
        return SearchResult(
            hits=tuple(self.hit(hit, score) for hit, score in hits),
            total=page.total,
            total_full=counted["full"]["doc_count"],
            facets={key: facet_counts(key, counted[f"facet {key}"]) for key in request.facets},
            matched_before_filters=counted["matched"]["doc_count"],
            dropped=self.matching.dropped,
            unmet=self.matching.unmet,
            state=state,
        )

    def stream_body(self) -> dict[str, Any]:
        """The request to the cluster for all hits with their documents."""
        extra = WITH_CANDIDATES if self._is_reranked else {}
        return self._body() | {"_source": self.source} | extra

    def first_page(self, hits: Sequence[dict[str, Any]]) -> list[Hit]:
        """The first hits of a stream, at least as many as there are candidates, in order."""
        if not self._is_reranked:
            return [self.hit(each) for each in hits]
        ordered, scores = self._in_better_order(hits)
        return [self.hit(hits[place], scores[place]) for place in ordered]

    @property
    def _is_reranked(self) -> bool:
        """Whether the best candidates are ordered anew."""
        query = self._request.query
        return "relevance" in self._sort and query is not None and bool(query.required)

    def _body(self) -> dict[str, Any]:
        """The request to the cluster, without its page and facets."""
        return {
            "query": self._query(),
            "post_filter": all_of(filter_queries(self._request)),
            "sort": order(self._sort, full_first=self._is_full_first),
            "track_total_hits": True,
        }

    def hit(self, cluster_hit: dict[str, Any], score: float = 1.0) -> Hit:
        """A hit, its texts analysed once more to show where it meets the query."""
        request, match_ = self._request, None
        stored = cluster_hit["_source"]["document"]
        if request.query and request.highlight:
            document = from_stored(StoredDocument(**stored))
            match_ = highlight(AnalyzedText(document, request.query, self._analyzer), request.query)
        at = stored["updated_at"]
        return Hit(
            stored["type"],
            stored["id"],
            score,
            stored.get("items", {}).get(request.language, "{}"),
            None if at is None else datetime.fromtimestamp(at, UTC),
            match_,
        )

    @property
    def source(self) -> list[str]:
        """What is read of each hit."""
        if self._request.query and self._request.highlight:
            return ["document"]
        item = f"document.items.{self._request.language}"
        return ["document.type", "document.id", "document.updated_at", item]

    @property
    def _is_full_first(self) -> bool:
        """Whether what meets the whole query comes first, whatever the order is."""
        return self.matching.is_partial and self._sort[0] != "relevance"

    def _query(self) -> Query:
        """What matches, with the score that the order needs."""
        matching = self.matching
        if self._is_full_first:
            full = {"constant_score": {"filter": matching.full}}
            return {"bool": {"filter": [matching.matches], "should": [full]}}
        if "relevance" not in self._sort or matching.score is None:
            return {"bool": {"filter": [matching.matches]}}
        scored = {"bool": {"filter": [matching.matches], "must": [], "should": [matching.score]}}
        if not matching.is_partial:
            return scored
        whole = sum(matching.weights)
        functions = [
            {"filter": _named(clause_set(clause), number), "weight": weight / whole}
            for number, (clause, weight) in enumerate(
                zip(matching.query.required, matching.weights, strict=True)
            )
        ]
        return {
            "function_score": {
                "query": scored,
                "functions": functions,
                "score_mode": "sum",
                "boost_mode": "multiply",
            }
        }

    def _page(self) -> PageOfHits:
        request, body = self._request, self._body()
        body["aggs"] = {
            "matched": {"filter": MATCH_ALL},
            "full": {"filter": all_of([self.matching.full, *filter_queries(request)])},
            **{f"facet {key}": facet_aggregation(key, request) for key in request.facets},
        }
        if request.limit and self._is_reranked:
            return self._reranked(body)
        answer = self._index.search(
            body | {"from": request.offset, "size": request.limit, "_source": self.source}
        )
        hits = answer["hits"]["hits"]
        scores = [each.get("_score") or 1.0 for each in hits]
        return PageOfHits(hits, scores, answer["hits"]["total"]["value"], answer["aggregations"])

    def _reranked(self, body: dict[str, Any]) -> PageOfHits:
        """The best candidates in a better order, and of those on the page the documents."""
        request = self._request
        end = request.offset + request.limit
        light = {"from": 0, "size": max(CANDIDATES, end), "_source": False}
        answer = self._index.search(body | light | WITH_CANDIDATES | {"seq_no_primary_term": True})
        hits = answer["hits"]["hits"]
        ordered, scores = self._in_better_order(hits)
        page = ordered[request.offset : end]
        return PageOfHits(
            self._documents([hits[place] for place in page]),
            [scores[place] for place in page],
            answer["hits"]["total"]["value"],
            answer["aggregations"],
        )

    def _in_better_order(self, hits: Sequence[dict[str, Any]]) -> tuple[list[int], list[float]]:
        """The places of the first hits in a better order, and the score of each place."""
        lexical = [self._lexical(each) for each in hits]
        candidates = [
            Candidate.of(each, score)
            for each, score in zip(hits[:CANDIDATES], lexical[:CANDIDATES], strict=True)
        ]
        assert self._request.query is not None
        scores = rerank(
            candidates, self._request.query, self._analyzer, self._tags, self.matching.num_docs
        )
        scores += lexical[CANDIDATES:]
        best = range(len(candidates))
        if self._sort[0] == "relevance":
            best = sorted(best, key=lambda place: -scores[place])  # type: ignore[assignment]
        return [*best, *range(len(candidates), len(hits))], scores

    def _lexical(self, hit: dict[str, Any]) -> float:
        """The score by words; the cluster multiplies by the share of the clauses, we by its root.

        A share s was multiplied by; the root of s is s divided by it.
        """
        score = hit.get("_score") or 0.0
        names = hit.get("matched_queries")
        if not self.matching.is_partial or not names or self._is_full_first:
            return float(score)
        met = sum(self.matching.weights[int(name)] for name in names)
        return float(score) / sqrt(met / sum(self.matching.weights))

    def _documents(self, hits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """These hits with their documents, as they were when they were ranked."""
        if not hits:
            return []
        answer = self._index.search(
            {
                "query": {"ids": {"values": [each["_id"] for each in hits]}},
                "size": len(hits),
                "_source": self.source,
                "seq_no_primary_term": True,
            }
        )
        by_id = {each["_id"]: each for each in answer["hits"]["hits"]}
        for each in hits:
            if by_id.get(each["_id"], {}).get("_seq_no") != each["_seq_no"]:
                raise ChangedMeanwhile
        return [by_id[each["_id"]] for each in hits]


def _named(query: Query, number: int) -> Query:
    return {"bool": {"filter": [query], "_name": str(number)}}
