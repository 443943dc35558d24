"""A list: its request is parsed and searched, its page is made of hits, rows and labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.kinds import KINDS, Kind, KindName
from kb.search import documents
from kb.search.analysis.analyzer import fold
from kb.search.engine import FacetCounts, Hit, SearchEngine, SearchRequest, SearchResult
from kb.search.execute.highlight import Match, highlight
from kb.search.labels import FACET_LABELS, FILTERS, NAME_FILTERS
from kb.search.query.parse import Clause, ParsedQuery, parse
from kb.vocabulary.terms import scheme_of

NEWEST_FIRST = ("-updatedAt",)
OTHER_FILTERS = {"startYearFrom", "startYearTo"}


@dataclass(frozen=True)
class ListRequest:
    """A request for a list: where it stands, of which types, with parsed parameters."""

    url: str  # absolute, without a query
    types: tuple[KindName, ...]
    parameters: Mapping[str, Any]  # by their names in the API; several values are a tuple
    language: str  # of labels: nl or en

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The values of each filter that has any."""
        filters = {name: tuple(self.parameters.get(name, ())) for name in FILTERS}
        return {name: values for name, values in filters.items() if values}

    @property
    def sort(self) -> tuple[str, ...]:
        """The keys to sort by: those of the request, or what suits the list."""
        if self.parameters.get("sort"):
            return tuple(self.parameters["sort"])
        if self.parameters.get("q"):
            return ("relevance",)
        return KINDS[self.types[0]].default_sort if len(self.types) == 1 else NEWEST_FIRST

    def search_request(self, offset: int, limit: int) -> SearchRequest:
        """What the engine has to find, but for the words."""
        return SearchRequest(
            types=self.types,
            filters=self.filters,
            all_ingredients=self.parameters.get("ingredientMatch") == "all",
            first_year=self.parameters.get("startYearFrom"),
            last_year=self.parameters.get("startYearTo"),
            sort=self.sort,
            facets=tuple(self.parameters.get("facets", ())),
            offset=offset,
            limit=limit,
        )

    def page_link(self, number: int) -> dict[str, str]:
        """The link to a page of this list."""
        pairs: list[tuple[str, str]] = []
        for name, value in {**self.parameters, "page": number}.items():
            if name == "ingredientMatch" and value == "any":
                continue
            if name in {"sort", "facets", "fields"}:
                value = ",".join(value)
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(name, str(each)) for each in values]
        return {"href": f"{self.url}?{urlencode(pairs, quote_via=quote)}"}


@dataclass(frozen=True)
class ListItem:
    """A row of a list, and how it meets the query; `schemas.list_pages` dumps it."""

    type: str
    row: Any
    match: Match | None = None


@dataclass(frozen=True)
class ListPage:
    """A page of a list, as `schemas.list_pages.ListPage` dumps it."""

    items: list[ListItem]
    page: dict[str, int]
    query: dict[str, Any]
    facets: dict[str, Any]
    links: dict[str, Any]
    fields: tuple[str, ...] = ()  # keys of the items to dump; all when empty


@dataclass(frozen=True)
class Interpretation:
    """What was searched for what was typed."""

    query: ParsedQuery
    dropped: tuple[str, ...]  # as they were typed
    did_you_mean: str | None
    is_corrected: bool = False  # whether that was searched, in the place of what was typed


def search_words(
    engine: SearchEngine, request: SearchRequest, typed: str | None
) -> tuple[Interpretation | None, SearchResult]:
    """Search for what was typed; at zero hits for what was probably meant, else for part of it.

    Whether to correct or to drop words is decided on the whole list, before any filter. Raises
    SearchUnavailable.
    """
    if typed is None:
        return None, engine.search(request)
    snapshot_id = engine.snapshot_id()
    answer = _search_words(engine, request, typed)
    if engine.snapshot_id() != snapshot_id:  # what was corrected may exist by now
        answer = _search_words(engine, request, typed)
    return answer


def _search_words(
    engine: SearchEngine, request: SearchRequest, typed: str
) -> tuple[Interpretation, SearchResult]:
    query = parse(typed, engine.analyzer)
    result = engine.search(replace(request, query=query))
    correction = _correct(engine, result, typed) if result.unmet else None
    is_corrected = False
    if correction and (result.dropped or not result.matched_before_filters):
        corrected = parse(correction, engine.analyzer)
        other = engine.search(replace(request, query=corrected))
        if other.matched_before_filters and len(other.unmet) < len(result.unmet):
            query, result, is_corrected = corrected, other, True
    dropped = tuple(clause.input for clause in result.dropped)
    return Interpretation(query, dropped, correction, is_corrected), result


def _correct(engine: SearchEngine, result: SearchResult, typed: str) -> str | None:
    """The text with near words for those that nothing meets; None when there are none."""
    corrected = typed
    for clause in result.unmet:
        word = engine.spelling_suggestion(clause.word) if clause.word else None
        if word and word != clause.word:
            corrected = re.sub(rf"(?<!\w){re.escape(clause.input)}(?!\w)", word, corrected)
    return corrected if corrected != typed else None


def search_part(
    engine: SearchEngine, list_request: ListRequest, offset: int, limit: int
) -> tuple[Interpretation | None, SearchResult]:
    """The hits of a part of a list, whichever page its request names. Raises SearchUnavailable."""
    request = list_request.search_request(offset, limit)
    return search_words(engine, request, list_request.parameters.get("q"))


def list_page(engine: SearchEngine, session: Session, list_request: ListRequest) -> ListPage:
    """The page: ids, totals and facets from the engine, rows from the database.

    Raises SearchUnavailable.
    """
    number, size = list_request.parameters["page"], list_request.parameters["pageSize"]
    interpretation, result = search_part(engine, list_request, (number - 1) * size, size)
    pages = -(-result.total // size)
    return ListPage(
        items=list_items(session, result.hits, interpretation.query if interpretation else None),
        page={
            "number": number,
            "size": size,
            "total_items": result.total,
            "total_pages": pages,
        },
        query=_describe_query(list_request, interpretation),
        facets={
            key: _describe_facet(session, key, counts, list_request)
            for key, counts in result.facets.items()
        },
        links=_page_links(list_request, number, pages),
        fields=tuple(list_request.parameters.get("fields", ())),
    )


def list_items(session: Session, hits: Iterable[Hit], query: ParsedQuery | None) -> list[ListItem]:
    """The rows of the hits, in their order, highlighted; what was withdrawn since is left out."""
    slugs: dict[KindName, list[str]] = {}
    for hit in hits:
        slugs.setdefault(hit.type, []).append(hit.id)
    rows = {name: queries.many_of_kind(session, KINDS[name], some) for name, some in slugs.items()}
    return [
        ListItem(hit.type, row, _match(KINDS[hit.type], row, query) if query else None)
        for hit in hits
        if (row := rows[hit.type].get(hit.id)) is not None
    ]


def _match(kind: Kind, row: Any, query: ParsedQuery) -> Match:
    """Where a row met the query."""
    return highlight(next(documents.of_row(kind, row)), query)


def _describe_query(
    list_request: ListRequest, interpretation: Interpretation | None
) -> dict[str, Any]:
    parameters = list_request.parameters
    return {
        "q": parameters.get("q"),
        "filters": {
            name: value if isinstance(value, (str, int)) else list(value)
            for name, value in parameters.items()
            if name in FILTERS
            or name in OTHER_FILTERS
            or (name == "ingredientMatch" and value == "all")
        },
        "sort": list(list_request.sort),
        "interpretation": interpretation and _describe_interpretation(interpretation),
    }


def _describe_interpretation(interpretation: Interpretation) -> dict[str, Any]:
    clauses = interpretation.query.clauses
    return {
        "terms": [{"input": clause.input, "also": _other_texts(clause)} for clause in clauses],
        "dropped": list(interpretation.dropped),
        "did_you_mean": interpretation.did_you_mean,
        "corrected": interpretation.is_corrected,
    }


def _other_texts(clause: Clause) -> list[str]:
    """What meets a clause beside what was typed, as people write it; without parts of words."""
    texts = {fold(expansion.text): expansion.text for expansion in clause.expansions[1:]}
    texts.pop(fold(clause.input), None)
    return [text for text in texts.values() if text and "…" not in text]


def _describe_facet(
    session: Session, key: str, facet: FacetCounts, list_request: ListRequest
) -> dict[str, Any]:
    """All values, most first; equal counts in the scheme's order, or by label."""
    labels = _value_labels(session, key, facet, list_request)
    selected = list_request.filters.get(key, ())
    values = [
        {
            "value": value,
            "label": labels[value],
            "count": facet.counts.get(value, 0),
            "selected": value in selected,
        }
        for value in sorted(labels, key=lambda value: -facet.counts.get(value, 0))
    ]
    label = FACET_LABELS[key][list_request.language]
    return {"label": label, "missing": facet.missing, "values": values}


def _value_labels(
    session: Session, key: str, facet: FacetCounts, list_request: ListRequest
) -> dict[str, str]:
    """The labels of a facet's values, in the scheme's order or else by label."""
    language = list_request.language
    if key == "type":
        return {name: KINDS[name].label[language] for name in list_request.types}
    if key not in NAME_FILTERS:
        return {term.id: term.label(language) for term in scheme_of(key).terms.values()}
    names = dict.fromkeys((*facet.counts, *list_request.filters.get(key, ())))
    labels_of: Mapping[str, str] = {}
    if key == "archetype":
        labels_of = queries.titles(session, list(names))
    if key == "country":
        labels_of = Locale(language).territories
    labels = {name: labels_of.get(name, name) for name in names}
    return dict(sorted(labels.items(), key=lambda pair: (fold(pair[1]), pair[0])))


def _page_links(list_request: ListRequest, number: int, pages: int) -> dict[str, Any]:
    links = {"self_": list_request.page_link(number)}
    if number < pages:
        links["next"] = list_request.page_link(number + 1)
    if 1 < number <= pages + 1:
        links["prev"] = list_request.page_link(number - 1)
    return links
