"""A list: its request is parsed and searched, its page is made of stored items and labels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from babel import Locale

from kb.kinds import CASE, FINDING, INGREDIENT, KINDS, Kind, KindName
from kb.search.analysis.analyzer import fold
from kb.search.engine import (
    FacetCounts,
    Hit,
    IndexState,
    Match,
    SearchEngine,
    SearchRequest,
    SearchResult,
)
from kb.search.filters import (
    FACET_LABELS,
    FILTERS,
    NAME_FILTERS,
    RANGE_LABELS,
    RANGES,
    Range,
)
from kb.search.interpretation import Interpretation, search_words
from kb.search.query.parse import Clause
from kb.search.stored_items import with_addresses, with_keys, with_value
from kb.services import services
from kb.vocabulary.terms import Language, language, scheme_of
from kb.web.addresses import public_address

CACHED_TITLES = 256
NEWEST_FIRST = ("-updatedAt",)
CLUSTER_FILTER = "clusterDirection"  # of findings: what their clusters say together
OTHER_FILTERS = {*RANGE_LABELS, "missing", CLUSTER_FILTER}


@dataclass(frozen=True)
class ListRequest:
    """A request for a list: where it stands, of which types, with parsed parameters."""

    base: str  # what stands before the paths in all addresses of an answer
    path: str  # of the list
    types: tuple[KindName, ...]
    parameters: Mapping[str, Any]  # by their names in the API; several values are a tuple
    language: Language  # of labels
    highlight: bool = True  # say where each item meets the words
    whole_items: bool = False  # with all their keys, whatever `fields` says
    ids: tuple[str, ...] | None = None  # of the only things that are listed; None: of all

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The values of each filter that has any, with those that mean the same."""
        filters = {name: tuple(self.parameters.get(name, ())) for name in FILTERS}
        return {
            name: values if name in NAME_FILTERS else scheme_of(name).meant_by(values)
            for name, values in filters.items()
            if values
        }

    @property
    def described_filters(self) -> dict[str, Any]:
        """The filters as answers tell them: a list of values, or a year or word."""
        return {
            name: value if isinstance(value, (str, int)) else list(value)
            for name, value in self.parameters.items()
            if name in FILTERS
            or name in OTHER_FILTERS
            or (name == "ingredientMatch" and value == "all")
        }

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
            filters=self.filters if self.ids is None else {**self.filters, "id": self.ids},
            missing=tuple(self.parameters.get("missing", ())),
            all_ingredients=self.parameters.get("ingredientMatch") == "all",
            ranges=ranges_of(self.parameters),
            sort=self.sort,
            facets=tuple(self.parameters.get("facets", ())),
            offset=offset,
            limit=limit,
            language=self.language,
            highlight=self.highlight,
        )

    def page_link(self, number: int) -> dict[str, str]:
        """The link to a page of this list."""
        pairs: list[tuple[str, str]] = []
        for name, value in {**self.parameters, "page": number}.items():
            if name == "ingredientMatch" and value == "any":
                continue
            if name in {"sort", "facets", "fields", "missing"}:
                value = ",".join(value)
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(name, str(each)) for each in values]
        return {"href": f"{self.base}{self.path}?{urlencode(pairs, quote_via=quote)}"}


def ranges_of(parameters: Mapping[str, Any]) -> dict[str, Range]:
    """The ranges that parameters of a list name, by number; their ends are numbers or digits."""
    ends = {name: [parameters.get(f"{name}{end}") for end in ("From", "To")] for name in RANGES}
    return {
        name: Range(*(None if end is None else int(end) for end in both))
        for name, both in ends.items()
        if both != [None, None]
    }


class ListItem(NamedTuple):
    """A thing in a list."""

    type: KindName
    stored: str  # JSON, but for why it was found
    match: Match | None  # why it was found
    keys: tuple[str, ...]  # of the answer; all when empty
    updated_at: datetime | None  # of it, or of its owner

    @property
    def json(self) -> str:
        """JSON as `schemas.list_pages` describes it."""
        text = with_value(self.stored, "match", self.match) if self.match else self.stored
        return with_keys(text, self.keys) if self.keys else text

    @property
    def document(self) -> dict[str, Any]:
        """What the JSON says."""
        document: dict[str, Any] = json.loads(self.json if self.keys else self.stored)
        if self.match and not self.keys:
            document["match"] = self.match
        return document


@dataclass(frozen=True)
class ItemStream:
    """All items of a list, to be read once, of one snapshot of the index."""

    total: int
    items: Iterator[ListItem]
    state: IndexState  # of the snapshot


@dataclass(frozen=True)
class ListPage:
    """A page of a list; but for its items, `schemas.list_pages.ListPage` dumps it."""

    items: list[ListItem]
    page: dict[str, int]
    query: dict[str, Any]
    facets: dict[str, Any]
    links: dict[str, Any]


def search_all(engine: SearchEngine, list_request: ListRequest) -> ItemStream:
    """All items of a list, whichever page its request names. Raises SearchUnavailable.

    They are read while the stream is, and of one snapshot.
    """
    request = list_request.search_request(0, 0)
    interpretation, _ = search_words(engine, request, list_request.parameters.get("q"))
    query = interpretation.query if interpretation else None
    stream = engine.search_all(replace(request, query=query))
    return ItemStream(stream.total, _list_items(engine, list_request, stream.hits), stream.state)


def list_page(engine: SearchEngine, list_request: ListRequest) -> ListPage:
    """The page: items, totals and facets from one snapshot of the engine.

    Raises SearchUnavailable.
    """
    number, size = list_request.parameters["page"], list_request.parameters["pageSize"]
    request = list_request.search_request((number - 1) * size, size)
    interpretation, result = search_words(engine, request, list_request.parameters.get("q"))
    pages = -(-result.total // size)
    return ListPage(
        items=list(_list_items(engine, list_request, result.hits)),
        page={
            "number": number,
            "size": size,
            "total_items": result.total,
            "total_pages": pages,
        },
        query=_describe_query(list_request, interpretation, result),
        facets={
            key: _describe_facet(engine, key, counts, list_request)
            for key, counts in result.facets.items()
        },
        links=_page_links(list_request, number, pages),
    )


def _list_items(
    engine: SearchEngine, list_request: ListRequest, hits: Iterable[Hit]
) -> Iterator[ListItem]:
    """The hits as lists show them; what an item says of other things is counted now."""
    keys = () if list_request.whole_items else list_request.parameters.get("fields", ())
    case_counts: Mapping[str, int] | None = None
    for hit in hits:
        text = with_addresses(hit.item, list_request.base)
        if hit.type == INGREDIENT.name:
            if case_counts is None:
                case_counts = _case_counts(engine)
            text = with_value(text, "caseCount", case_counts.get(hit.id, 0))
        yield ListItem(hit.type, text, hit.match, tuple(keys), hit.updated_at)


def _case_counts(engine: SearchEngine) -> Mapping[str, int]:
    """In how many cases each ingredient stands."""
    request = SearchRequest((CASE.name,), facets=("ingredient",), limit=0)
    return engine.search(request).facets["ingredient"].counts


def _describe_query(
    list_request: ListRequest, interpretation: Interpretation | None, result: SearchResult
) -> dict[str, Any]:
    parameters = list_request.parameters
    return {
        "q": parameters.get("q"),
        "filters": list_request.described_filters,
        "sort": list(list_request.sort),
        "degraded": result.degraded,
        "interpretation": interpretation
        and {**_describe_interpretation(interpretation), "full": result.total_full},
    }


def _describe_interpretation(interpretation: Interpretation) -> dict[str, Any]:
    clauses = interpretation.query.clauses
    return {
        "terms": [
            {"input": clause.input, "also": _other_texts(clause), "occur": clause.occur}
            for clause in clauses
        ],
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
    engine: SearchEngine, key: str, facet: FacetCounts, list_request: ListRequest
) -> dict[str, Any]:
    """All values, most first; equal counts in the scheme's order, or by label."""
    labels = _value_labels(engine, key, facet, list_request)
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
    engine: SearchEngine, key: str, facet: FacetCounts, list_request: ListRequest
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
        labels_of = titles(engine, CASE, names)
    if key == "country":
        labels_of = Locale(language).territories
    labels = {name: labels_of.get(name, name) for name in names}
    return dict(sorted(labels.items(), key=lambda pair: (fold(pair[1]), pair[0])))


def titles(engine: SearchEngine, kind: Kind, ids: Iterable[str]) -> dict[str, str]:
    """The titles of these things of a kind, by id; those that are not public are left out."""
    items = engine.items([f"{kind.name}:{each}" for each in ids], "nl")
    return dict(map(_id_and_title, items.values()))


@lru_cache(maxsize=CACHED_TITLES)
def _id_and_title(item: str) -> tuple[str, str]:
    """What an item in JSON is called: lists name the same few archetypes again and again."""
    document = json.loads(item)
    return document["id"], document["title"]


def _page_links(list_request: ListRequest, number: int, pages: int) -> dict[str, Any]:
    links = {"self_": list_request.page_link(number)}
    if number < pages:
        links["next"] = list_request.page_link(number + 1)
    if 1 < number <= pages + 1:
        links["prev"] = list_request.page_link(number - 1)
    return links


def list_request(
    path: str, types: tuple[KindName, ...], parameters: Mapping[str, Any]
) -> ListRequest:
    """A list in the language of this request; `parameters` are parsed. Raises SearchUnavailable."""
    requested = ListRequest(public_address(), path, types, parameters, language())
    directions = parameters.get(CLUSTER_FILTER, ())
    if not directions:
        return requested
    table = services().evidence.current()
    return replace(requested, ids=table.ids_in_clusters(requested.search_request(0, 0), directions))


def count_clusters(requested: ListRequest) -> int | None:
    """How many clusters the findings of a list are in; None where words chose them, or it has none.

    Raises SearchUnavailable.
    """
    if requested.types != (FINDING.name,) or requested.parameters.get("q"):
        return None
    return services().evidence.current().count_clusters(requested.search_request(0, 0))


def select_ids(kind: KindName, parameters: Mapping[str, Any]) -> list[str]:
    """The ids of all things in a list with these parsed parameters, in its order.

    Raises SearchUnavailable.
    """
    path = f"/v1/{KINDS[kind].collection}"
    requested = replace(list_request(path, (kind,), parameters), highlight=False)
    stream = search_all(services().search, requested)
    return [json.loads(item.stored)["id"] for item in stream.items]
