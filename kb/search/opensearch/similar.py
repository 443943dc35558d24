"""The cases that share most with a case: a sum of whole weights, which the cluster orders by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kb.search.engine import (
    FAMILY_FILTER,
    FindingValues,
    MoreLikeThis,
    PitfallValues,
    SimilarHit,
)
from kb.search.execute.more_like_this import WeightedValue, shared_values, weight
from kb.search.index.segment_writer import StoredDocument, from_stored
from kb.search.opensearch.cluster_queries import (
    NESTED_GROUP,
    Query,
    all_of,
    any_of,
    count_filters,
    of_types,
    value_field,
)
from kb.search.opensearch.matching import Searches

CASES = of_types(["case"])


def more_like_this(index: Searches, request: MoreLikeThis) -> tuple[SimilarHit, ...]:
    """The cases that share most with one; none when the index does not hold that one."""
    own = index.search({"size": 1, "query": all_of([CASES, {"term": {"id": request.id}}])})
    if not own["hits"]["hits"]:
        return ()
    compared = list(dict.fromkeys(_compared(own["hits"]["hits"][0], request)))
    queries = [_having(field, value) for field, value in compared]
    values = _weighted(index, request, compared, queries)
    telling = [
        query
        for each, query in zip(values, queries, strict=True)
        if each.field not in request.not_alone
    ]
    answer = index.search(
        {
            "size": request.limit,
            "query": {
                "bool": {
                    "filter": [CASES, any_of(telling)],
                    "must_not": [{"term": {"id": request.id}}],
                    "should": [
                        _scored(query, number, each.weight)
                        for number, (each, query) in enumerate(zip(values, queries, strict=True))
                    ],
                }
            },
            "_source": ["document.id"],
            "sort": [{"_score": "desc"}, {"id": "asc"}],
        }
    )
    return tuple(
        SimilarHit(
            hit["_source"]["document"]["id"],
            shared_values([values[n] for n in sorted(map(int, hit["matched_queries"]))]),
        )
        for hit in answer["hits"]["hits"]
    )


def _weighted(
    index: Searches,
    request: MoreLikeThis,
    compared: Sequence[tuple[str, str]],
    queries: Sequence[Query],
) -> list[WeightedValue]:
    """The values of the case, each with what it counts among all cases."""
    counted = index.search(
        {
            "size": 0,
            "track_total_hits": True,
            "query": CASES,
            "aggs": count_filters({str(number): each for number, each in enumerate(queries)}),
        }
    )
    num_docs = counted["hits"]["total"]["value"]
    weighted = []
    for number, (field, value) in enumerate(compared):
        doc_freq = counted["aggregations"][str(number)]["doc_count"]
        of_one = 1 if field == FAMILY_FILTER else doc_freq
        weighted.append(
            WeightedValue(field, value, weight(request.fields[field], num_docs, of_one))
        )
    return weighted


def _scored(query: Query, number: int, value_weight: int) -> Query:
    """Scores what a value counts, under its number."""
    named = {"bool": {"filter": [query], "_name": str(number)}}
    return {"constant_score": {"filter": named, "boost": float(value_weight)}}


def _having(field: str, value: str) -> Query:
    """Met by the cases with a value; of a family also by its head, unless that is of another."""
    if field in NESTED_GROUP:
        group = NESTED_GROUP[field]
        return {"nested": {"path": group, "query": {"term": {f"{group}.{field}": value}}}}
    having: Query = {"term": {value_field(field): value}}
    if field != FAMILY_FILTER:
        return having
    of_none = {"bool": {"must_not": [{"exists": {"field": value_field(field)}}]}}
    return any_of([having, all_of([{"term": {"id": value}}, of_none])])


def _compared(hit: dict[str, Any], request: MoreLikeThis) -> Iterator[tuple[str, str]]:
    """The values of a case that others are compared by, after their fields."""
    document = from_stored(StoredDocument(**hit["_source"]["document"]))
    for field in request.fields:
        values = list(document.values.get(field, ()))
        rows: Iterable[FindingValues | PitfallValues] = (*document.findings, *document.pitfalls)
        values += [getattr(row, field) for row in rows if field in row._fields]
        if field == FAMILY_FILTER and not values:
            values = [document.id]
        yield from ((field, value) for value in values)
