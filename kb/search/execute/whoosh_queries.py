"""A request as queries of Whoosh: its clauses, its filters, its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import total_ordering
from itertools import product
from typing import Any

from whoosh import query, sorting
from whoosh.query import spans

from kb.kinds import KIND_NAMES
from kb.search.engine import SearchRequest
from kb.search.index.fields import FIELD_WEIGHT, NESTED_FIELDS, TEXT_FIELDS
from kb.search.index.schema import ROW_SEPARATOR
from kb.search.query.expand import PROXIMITY_WINDOW, Expansion
from kb.search.query.parse import Clause, ParsedQuery

NESTED_GROUP = {key: group for group, keys in NESTED_FIELDS.items() for key in keys}
FIELD_OF_SORT = {"title": "titleOrder", "lane": "laneRank"}  # other keys are the names of fields


def clause_query(clause: Clause) -> query.Query:
    """Met by what meets a clause in any expansion."""
    return query.Or([_expansion(each) for each in clause.expansions])


def _expansion(expansion: Expansion) -> query.Query:
    if expansion.kind == "concept":
        return query.Term("concepts", expansion.concept, boost=expansion.weight)
    return query.And([_in_any_field(each) for each in expansion.pairs()])


def _in_any_field(expansion: Expansion) -> query.Query:
    """Met where the words of a phrase, or the two of a pair, stand in one text field."""
    queries = []
    for name, field_weight in zip(TEXT_FIELDS, FIELD_WEIGHT.tolist(), strict=True):
        boost = expansion.weight * field_weight
        words = [_any_term(name, terms, boost) for terms in expansion.terms]
        if len(words) == 1:
            queries.append(words[0])
        elif expansion.kind == "near":
            near = NearPair(*words, slop=PROXIMITY_WINDOW, ordered=False, mindist=0)
            queries.append(near)
        else:
            in_order = [term for terms in expansion.terms for term in terms]
            queries.append(query.Phrase(name, in_order, boost=boost))
    return query.Or(queries)


def _any_term(name: str, terms: Sequence[str], boost: float) -> query.Query:
    """One of these terms in a text field; its matcher knows the positions."""
    either = query.Or([query.Term(name, term, boost=boost) for term in terms])
    either.matcher_type = query.Or.DEFAULT_MATCHER
    return either


class NearPair(spans.SpanNear):  # type: ignore[misc]  # Whoosh has no types
    """Met where two words stand within so many positions; it can stand in a disjunction."""

    def estimate_size(self, reader: Any) -> int:
        """How many documents it has at most, which Whoosh's own does not say."""
        size: int = self.q.estimate_size(reader)
        return size


def filter_queries(request: SearchRequest, skip: str = "") -> dict[str, query.Query]:
    """The filters of a request, but for the one that is skipped; those on one row as one."""
    filters = {key: chosen for key, chosen in request.filters.items() if key != skip}
    queries: dict[str, query.Query] = {}
    for key, chosen in filters.items():
        if key in NESTED_GROUP:
            group = NESTED_GROUP[key]
            queries[group] = _row_query(group, filters)
        else:
            needed = query.Or
            if key == "ingredient" and request.all_ingredients:
                needed = query.And
            queries[key] = needed([query.Term(key, value) for value in chosen])
    for key in request.missing:
        if key != skip:
            having = query.Every(NESTED_GROUP.get(key, key))
            queries[f"missing {key}"] = query.AndNot(query.Every(), having)
    for key, (first, last) in request.ranges.items():
        queries[f"range of {key}"] = query.NumericRange(key, first, last)
    return queries


def _row_query(group: str, filters: Mapping[str, tuple[str, ...]]) -> query.Query:
    """Met by what has a row that meets all of the filters on such rows."""
    rows = product(*(filters.get(key, ("*",)) for key in NESTED_FIELDS[group]))
    return query.Or([query.Wildcard(group, ROW_SEPARATOR.join(row)) for row in rows])


def row_meets(row: str, group: str, filters: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The values of a row, by the names of their filters; empty when it does not meet these."""
    values = dict(zip(NESTED_FIELDS[group], row.split(ROW_SEPARATOR), strict=True))
    meets = all(values[key] in chosen for key, chosen in filters.items() if key in values)
    return values if meets else {}


def order(sort: Sequence[str], parsed: ParsedQuery) -> sorting.MultiFacet:
    """The order of a request; equals by type and id, what has no value last.

    What meets the whole query comes first, unless relevance is to say so.
    """
    facets: list[Any] = []
    if parsed.required and sort and sort[0] != "relevance":
        whole = query.And([clause_query(clause) for clause in parsed.required])
        facets.append(sorting.QueryFacet({0: whole}, other=1))
    for name in sort or ("relevance",):
        if name == "relevance":
            facets.append(sorting.ScoreFacet())
            continue
        key = name.removeprefix("-")
        field = FIELD_OF_SORT.get(key, key)
        facets.append(sorting.QueryFacet({0: query.Every(field)}, other=1))
        value = sorting.FieldFacet(field)
        if name.startswith("-"):
            value = sorting.TranslateFacet(Descending, value)
        facets.append(value)
    types = {number: query.Term("type", kind) for number, kind in enumerate(KIND_NAMES)}
    return sorting.MultiFacet([*facets, sorting.QueryFacet(types), sorting.FieldFacet("id")])


@total_ordering
class Descending:
    """A value that comes after the greater ones; Whoosh turns only numbers round."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and bool(self._value == other._value)

    def __lt__(self, other: Descending) -> bool:
        return bool(other._value < self._value)

    def __hash__(self) -> int:
        return hash(self._value)
