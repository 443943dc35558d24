"""A request as queries of the cluster: its clauses, its filters, its order, its facets.

Sets are exact: a document meets a clause here when it does in every engine. Scores are BM25F's for
single words and tags; words together score as the mean of what each of them does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from kb.search.engine import FacetCounts, SearchRequest
from kb.search.execute.bm25f import TIE_BREAKER
from kb.search.index.fields import NESTED_FIELDS
from kb.search.opensearch.mapping import piece, tag_piece
from kb.search.query.expand import PROXIMITY_WINDOW, Expansion
from kb.search.query.parse import Clause

Query = dict[str, Any]
NESTED_GROUP = {key: group for group, keys in NESTED_FIELDS.items() for key in keys}
FIELD_OF_SORT = {"title": "titleOrder", "lane": "laneRank"}  # other keys are the names of fields
MAX_VALUES = 20_000  # of a facet
MATCH_ALL: Query = {"match_all": {}}
MATCH_NONE: Query = {"match_none": {}}


def all_of(queries: Iterable[Query]) -> Query:
    """Met by what meets every one of them, without a score."""
    several = list(queries)
    return {"bool": {"filter": several}} if several else MATCH_ALL


def any_of(queries: Iterable[Query]) -> Query:
    """Met by what meets one of them."""
    several = list(queries)
    if len(several) == 1:
        return several[0]
    return {"bool": {"should": several, "minimum_should_match": 1}} if several else MATCH_NONE


def of_types(types: Sequence[str]) -> Query:
    """Met by the documents of these types."""
    return {"terms": {"type": list(types)}}


def clause_set(clause: Clause) -> Query:
    """Met by what meets a clause in any expansion."""
    terms = [piece(t) or "_" for each in clause.expansions if each.only_term for t in each.terms[0]]
    concepts = [each.concept for each in clause.expansions if each.kind == "concept"]
    others = [each for each in clause.expansions if each.kind != "concept" and not each.only_term]
    return any_of(
        [
            *([{"terms": {"imp": list(dict.fromkeys(terms))}}] if terms else []),
            *([{"terms": {"concepts": concepts}}] if concepts else []),
            *(expansion_set(each) for each in others),
        ]
    )


def expansion_set(expansion: Expansion) -> Query:
    """Met by what meets a clause in this expansion."""
    if expansion.kind == "concept":
        return {"term": {"concepts": expansion.concept}}
    return all_of(_words_together(each) for each in expansion.pairs())


def _words_together(expansion: Expansion) -> Query:
    """Met where the words of a phrase, or the two of a pair, stand in one passage."""
    if not expansion.terms:
        return MATCH_NONE
    if len(expansion.terms) == 1:
        return {"terms": {"imp": [piece(term) or "_" for term in expansion.terms[0]]}}
    is_near = expansion.kind == "near"
    return {
        "span_near": {
            "clauses": [_any_term(terms) for terms in expansion.terms],
            "slop": PROXIMITY_WINDOW - 1 if is_near else 0,  # words between, not steps
            "in_order": not is_near,
        }
    }


def _any_term(terms: Sequence[str]) -> Query:
    spans = [{"span_term": {"pos": piece(term) or "_"}} for term in terms]
    return spans[0] if len(spans) == 1 else {"span_or": {"clauses": spans}}


def expansion_score(expansion: Expansion, boost: float) -> Query:
    """What an expansion scores where it is met."""
    if expansion.kind == "concept":
        return _weighed(tag_piece(expansion.concept), boost)
    share = boost / len(expansion.terms)
    words = [
        _best([_weighed(piece(term) or "_", share) for term in terms], 0.0)
        for terms in expansion.terms
    ]
    if len(words) == 1:
        return words[0]
    return {"bool": {"filter": [expansion_set(expansion)], "should": words}}


def clause_score(expansions: Sequence[tuple[Expansion, float]]) -> Query:
    """What a clause scores: its best expansion, and a share of the others."""
    return _best([expansion_score(each, boost) for each, boost in expansions], TIE_BREAKER)


def _best(queries: Sequence[Query], share: float) -> Query:
    if len(queries) == 1:
        return queries[0]
    return {"dis_max": {"queries": list(queries), "tie_breaker": share}}


def _weighed(term: str, boost: float) -> Query:
    return {"term": {"imp": {"value": term, "boost": boost}}}


def filter_queries(request: SearchRequest, skip: str = "") -> list[Query]:
    """The filters of a request, but for the one that is skipped; those on one row as one."""
    filters = {key: chosen for key, chosen in request.filters.items() if key != skip}
    queries = [
        _value_query(key, chosen, every=key == "ingredient" and request.all_ingredients)
        for key, chosen in filters.items()
        if key not in NESTED_GROUP
    ]
    for group in NESTED_FIELDS:
        if rows := row_filters(group, filters):
            queries.append({"nested": {"path": group, "query": all_of(rows)}})
    for key in request.missing:
        if key != skip:
            queries.append({"bool": {"must_not": [_has_value(key)]}})
    for key, (first, last) in request.ranges.items():
        ends = {"gte": first, "lte": last}
        limits = {name: end for name, end in ends.items() if end is not None}
        queries.append({"range": {key: limits}} if limits else {"exists": {"field": key}})
    return queries


def row_filters(group: str, filters: Mapping[str, Sequence[str]]) -> list[Query]:
    """The filters on the rows of a group, each on one and the same row."""
    return [
        {"terms": {f"{group}.{key}": list(chosen)}}
        for key, chosen in filters.items()
        if NESTED_GROUP.get(key) == group
    ]


def value_field(key: str) -> str:
    """The field that holds the values of a filter on the document itself."""
    return key if key in {"type", "id"} else f"values.{key}"


def _value_query(key: str, chosen: Sequence[str], *, every: bool) -> Query:
    field = value_field(key)
    if every:
        return all_of({"term": {field: value}} for value in chosen)
    return {"terms": {field: list(chosen)}}


def _has_value(key: str) -> Query:
    if key in NESTED_GROUP:
        return {"term": {"has": NESTED_GROUP[key]}}
    return {"exists": {"field": value_field(key)}}


def facet_aggregation(key: str, request: SearchRequest) -> Query:
    """The counts of the values of a filter, without that filter; with its other rows."""
    itself = key == "ingredient" and request.all_ingredients
    base = all_of(filter_queries(request, "" if itself else key))
    missing = {"filter": {"bool": {"must_not": [_has_value(key)]}}}
    group = NESTED_GROUP.get(key)
    if group is None:
        values: Query = {"terms": {"field": value_field(key), "size": MAX_VALUES}}
        return {"filter": base, "aggs": {"values": values, "missing": missing}}
    others = {name: chosen for name, chosen in request.filters.items() if name != key}
    values = {
        "terms": {"field": f"{group}.{key}", "size": MAX_VALUES},
        "aggs": {"documents": {"reverse_nested": {}}},
    }
    rows = {"filter": all_of(row_filters(group, others)), "aggs": {"values": values}}
    nested = {"nested": {"path": group}, "aggs": {"meeting": rows}}
    return {"filter": base, "aggs": {"rows": nested, "missing": missing}}


def facet_counts(key: str, answer: Mapping[str, Any]) -> FacetCounts:
    """What `facet_aggregation` counted."""
    of_rows = key in NESTED_GROUP
    values = answer["rows"]["meeting"]["values"] if of_rows else answer["values"]
    counts = {
        each["key"]: each["documents"]["doc_count"] if of_rows else each["doc_count"]
        for each in all_buckets(values)
    }
    return FacetCounts(counts, answer["missing"]["doc_count"])


def all_buckets(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The buckets of values, which must be all and exact."""
    if values["sum_other_doc_count"] or values.get("doc_count_error_upper_bound"):
        raise OverflowError(f"a facet has more than {MAX_VALUES} values")
    buckets: list[dict[str, Any]] = values["buckets"]
    return buckets


def order(sort: Sequence[str], *, full_first: bool) -> list[Any]:
    """The order of a request; equals by type and id, what has no value last.

    With `full_first` the score says which documents meet the whole query.
    """
    keys: list[Any] = [{"_score": "desc"}] if full_first else []
    for name in sort:
        if name == "relevance":
            if not full_first:
                keys.append({"_score": "desc"})
            continue
        field = FIELD_OF_SORT.get(name.lstrip("-"), name.lstrip("-"))
        direction = "desc" if name.startswith("-") else "asc"
        keys.append({field: {"order": direction, "missing": "_last"}})
    return [*keys, {"typeRank": "asc"}, {"id": "asc"}]


def expansions_of(clauses: Iterable[Clause], pairs: Collection[Expansion]) -> list[Expansion]:
    """All expansions that score, each once."""
    of_clauses = (each for clause in clauses if not clause.excluded for each in clause.expansions)
    return list(dict.fromkeys([*of_clauses, *pairs]))


def count_filters(queries: Mapping[str, Query]) -> Query:
    """Aggregations that count each of these by itself."""
    return {name: {"filter": query} for name, query in queries.items()}
