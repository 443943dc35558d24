"""What a query matches in an index, counted first: which documents, and by which weights.

Everything that ranks by rarity needs numbers over all shards, and whether a part of the words is
enough depends on how many documents meet all. So these are counted before anything is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from kb.search.opensearch.cluster_queries import (
    Query,
    all_of,
    any_of,
    clause_score,
    clause_set,
    count_filters,
    expansion_set,
    expansions_of,
    of_types,
)
from kb.search.query.expand import Expansion
from kb.search.query.parse import Clause, ParsedQuery, idf

MAX_SCORED = 700  # terms in a query; the cluster takes about a thousand, with those that match


class Searches(Protocol):
    """An index that can be asked."""

    def search(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer of the cluster. Raises SearchUnavailable."""


@dataclass(frozen=True)
class Matching:
    """The documents that a query matches among those of some types."""

    query: ParsedQuery
    matches: Query  # those documents, without a score
    full: Query  # of them those that meet all required clauses
    score: Query | None  # what they score; None when the query has nothing to score by
    num_docs: int  # of these types
    weights: tuple[int, ...] = ()  # of the required clauses, where a part of them is enough
    dropped: tuple[Clause, ...] = ()
    unmet: tuple[Clause, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether documents that meet a part of the clauses match too."""
        return bool(self.weights)


def match(index: Searches, query: ParsedQuery, types: tuple[str, ...]) -> Matching:
    """Count what a query meets, and decide by that what it matches. Raises SearchUnavailable."""
    scored = expansions_of(query.clauses, query.word_pairs)
    required = query.required
    full = all_of(clause_set(clause) for clause in required)
    answer = index.search(
        {
            "size": 0,
            "track_total_hits": True,
            "query": of_types(types),
            "aggs": count_filters(
                {
                    "full": full,
                    **{f"clause {n}": clause_set(each) for n, each in enumerate(required)},
                    **{f"expansion {n}": expansion_set(each) for n, each in enumerate(scored)},
                }
            ),
        }
    )
    num_docs = answer["hits"]["total"]["value"]
    counts = {name: each["doc_count"] for name, each in answer["aggregations"].items()}
    clause_freqs = [counts[f"clause {n}"] for n in range(len(required))]
    expansion_freqs = {each: counts[f"expansion {n}"] for n, each in enumerate(scored)}
    score = _score(query, expansion_freqs, num_docs)
    unmet = tuple(
        each for each, doc_freq in zip(required, clause_freqs, strict=True) if not doc_freq
    )
    excluded = [clause_set(clause) for clause in query.clauses if clause.excluded]
    weights: tuple[int, ...] = ()
    dropped: tuple[Clause, ...] = ()
    matches = full
    if query.allows_partial(counts["full"]):
        weights = query.clause_weights(clause_freqs, num_docs)
        matches = _partial(query)
        dropped = _dropped(index, query, types, matches, weights)
    within = {"bool": {"filter": [of_types(types), matches], "must_not": excluded}}
    return Matching(query, within, full, score, num_docs, weights, dropped, unmet)


def _partial(query: ParsedQuery) -> Query:
    """Those that meet a clause at least, and every phrase between quotes."""
    phrases = [clause_set(clause) for clause in query.required if clause.is_phrase]
    return all_of([any_of(clause_set(clause) for clause in query.required), *phrases])


def _dropped(
    index: Searches,
    query: ParsedQuery,
    types: tuple[str, ...],
    matches: Query,
    weights: tuple[int, ...],
) -> tuple[Clause, ...]:
    """The required clauses that even the best documents do not meet.

    The score of a document is the sum of the weights of what it meets: whole numbers, which add up
    exactly. So is the number of clauses, when each counts one more.
    """
    within = {"bool": {"filter": [of_types(types), matches]}}
    best = index.search({"size": 1, "_source": False, "query": _summed(within, query, weights)})
    if not best["hits"]["hits"]:
        return query.dropped([0] * len(weights), 0)
    most = best["hits"]["max_score"]
    named = {f"clause {n}": clause_set(each) for n, each in enumerate(query.required)}
    among = index.search(
        {
            "size": 0,
            "query": _summed(within, query, weights),
            "min_score": most,
            "aggs": {
                **count_filters(named),
                **count_filters(
                    {
                        f"most {count}": {
                            "bool": {
                                "should": list(named.values()),
                                "minimum_should_match": count,
                            }
                        }
                        for count in range(1, len(named) + 1)
                    }
                ),
            },
        }
    )["aggregations"]
    documents = [among[name]["doc_count"] for name in named]
    numbers = range(1, len(named) + 1)
    clauses_met = max((n for n in numbers if among[f"most {n}"]["doc_count"]), default=0)
    return query.dropped(documents, clauses_met)


def _summed(within: Query, query: ParsedQuery, weights: tuple[int, ...]) -> Query:
    """The same documents, each with the sum of the weights of the clauses that it meets."""
    clauses = [
        {"constant_score": {"filter": clause_set(clause), "boost": float(weight)}}
        for clause, weight in zip(query.required, weights, strict=True)
    ]
    return {"bool": {"filter": [within], "should": clauses}}


def _score(query: ParsedQuery, doc_freqs: Mapping[Expansion, int], num_docs: int) -> Query | None:
    """What documents score by the words of a query; None when none of them stands anywhere."""
    parts = []
    for clause in query.clauses:
        boosted = [] if clause.excluded else _boosts(clause, doc_freqs, num_docs)
        if boosted:
            parts.append(clause_score(boosted))
    pairs = [
        (pair, pair.weight * idf(doc_freqs[pair], num_docs))
        for pair in query.word_pairs
        if doc_freqs[pair]
    ]
    if sum(map(_terms_in, parts)) < MAX_SCORED:
        parts += [clause_score([pair]) for pair in pairs]
    if sum(map(_terms_in, parts)) > MAX_SCORED:  # of very many names only what was typed
        first = [
            _boosts(clause._replace(expansions=clause.expansions[:1]), doc_freqs, num_docs)
            for clause in query.clauses
            if not clause.excluded
        ]
        parts = [clause_score(each) for each in first if each]
    return {"bool": {"should": parts}} if parts else None


def _boosts(
    clause: Clause, doc_freqs: Mapping[Expansion, int], num_docs: int
) -> list[tuple[Expansion, float]]:
    """The expansions of a clause that stand anywhere; none is rarer than what was typed."""
    max_idf = inf
    boosted = []
    for expansion in clause.expansions:
        if doc_freq := doc_freqs[expansion]:
            rarity = idf(doc_freq, num_docs)
            boosted.append((expansion, expansion.weight * min(rarity, max_idf)))
            if expansion is clause.expansions[0]:
                max_idf = rarity
    return boosted


def _terms_in(query: object) -> int:
    """How many terms a query looks for."""
    if isinstance(query, dict):
        own = sum(key in {"term", "span_term", "terms"} for key in query)
        return own + sum(map(_terms_in, query.values()))
    return sum(map(_terms_in, query)) if isinstance(query, list) else 0
