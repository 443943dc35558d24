"""The engine ranks; here the answer is told: rows, matches, facets with labels, links."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.search import documents
from kb.search.analysis.analyzer import fold
from kb.search.engine import FacetCounts, Hit, SearchEngine, SearchRequest, SearchResult, Type
from kb.search.execute import highlight
from kb.search.query.parse import Clause, ParsedQuery, parse
from kb.vocabulary.terms import scheme_of

OWN_ORDER: Mapping[str, tuple[str, ...]] = {  # without `q` and `sort`
    "study": ("-year",),
    "question": ("position",),
    "ingredient": ("position",),
}
FILTER_ORDER = (
    *("type", "kind", "strategy", "ingredient", "targetGroup", "municipality", "province"),
    *("country", "scale", "status", "partyRole", "archetype", "effectDomain", "effectLevel"),
    *("effectDirection", "evidence", "pitfallCategory", "phase", "theme"),
)
CONTENT_FILTERS = {"municipality", "province", "country", "archetype", "type"}
LABELS: Mapping[str, Mapping[str, str]] = {  # of the facets
    "type": {"nl": "Soort", "en": "Type"},
    "kind": {"nl": "Soort casus", "en": "Kind of case"},
    "strategy": {"nl": "Strategie", "en": "Strategy"},
    "ingredient": {"nl": "Werkzaam bestanddeel", "en": "Active ingredient"},
    "targetGroup": {"nl": "Doelgroep", "en": "Target group"},
    "scale": {"nl": "Schaal", "en": "Scale"},
    "status": {"nl": "Status", "en": "Status"},
    "partyRole": {"nl": "Rol van een partij", "en": "Role of a party"},
    "effectDomain": {"nl": "Effectgebied", "en": "Effect domain"},
    "effectLevel": {"nl": "Niveau van het effect", "en": "Effect level"},
    "effectDirection": {"nl": "Richting van het effect", "en": "Effect direction"},
    "evidence": {"nl": "Soort bewijs", "en": "Kind of evidence"},
    "pitfallCategory": {"nl": "Soort valkuil", "en": "Pitfall category"},
    "phase": {"nl": "Fase", "en": "Phase"},
    "theme": {"nl": "Thema", "en": "Theme"},
    "municipality": {"nl": "Gemeente", "en": "Municipality"},
    "province": {"nl": "Provincie", "en": "Province"},
    "country": {"nl": "Land", "en": "Country"},
    "archetype": {"nl": "Type interventie", "en": "Archetype"},
}
TYPE_LABELS: Mapping[str, Mapping[str, str]] = {
    "case": {"nl": "Casus", "en": "Case"},
    "pitfall": {"nl": "Valkuil", "en": "Pitfall"},
    "finding": {"nl": "Bevinding", "en": "Finding"},
    "study": {"nl": "Onderzoek", "en": "Study"},
    "question": {"nl": "Kennisvraag", "en": "Question"},
    "ingredient": {"nl": "Werkzaam bestanddeel", "en": "Active ingredient"},
}


@dataclass(frozen=True)
class ListRequest:
    """A list as it was asked for: by its address, in a language, with parsed parameters."""

    address: str  # absolute, without a query
    types: tuple[Type, ...]
    parameters: Mapping[str, Any]  # by the names of the outside world
    language: str

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The filters that were given, by name."""
        given = {name: tuple(self.parameters.get(name, ())) for name in FILTER_ORDER}
        return {name: values for name, values in given.items() if values}

    @property
    def sort(self) -> tuple[str, ...]:
        """The order: what was asked, or what suits the list."""
        if self.parameters.get("sort"):
            return tuple(self.parameters["sort"])
        if self.parameters.get("q"):
            return ("relevance",)
        return (
            OWN_ORDER.get(self.types[0], ("-updatedAt",))
            if len(self.types) == 1
            else ("-updatedAt",)
        )

    def page_link(self, number: int) -> dict[str, str]:
        """The address of another page of this list."""
        pairs: list[tuple[str, str]] = []
        for name, value in {**self.parameters, "page": number}.items():
            if name == "ingredientMatch" and value == "any":
                continue
            if name in {"sort", "facets", "fields"}:
                value = ",".join(value)
            pairs += [
                (name, str(each)) for each in (value if isinstance(value, tuple) else (value,))
            ]
        return {"href": f"{self.address}?{urlencode(pairs, quote_via=quote)}"}


@dataclass(frozen=True)
class Listed:
    """A row of a list, and why it stands there."""

    type: str
    row: Any
    match: highlight.Match | None = None


@dataclass(frozen=True)
class ListAnswer:
    """A page of a list, as `schemas.list_pages.ListPage` tells it."""

    items: list[Listed]
    page: dict[str, int]
    query: dict[str, Any]
    facets: dict[str, Any]
    links: dict[str, Any]
    keys: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Understood:
    """The words of a query as they were searched, and what was made of them."""

    query: ParsedQuery
    dropped: tuple[str, ...] = ()
    suggestion: str | None = None  # what was probably meant
    corrected: bool = False  # and that was searched


def answer_words(
    engine: SearchEngine, asked: SearchRequest, typed: str | None
) -> tuple[Understood | None, SearchResult]:
    """Search for what was typed; at zero hits for what was probably meant, else for part of it.

    Whether to correct or to leave out words is decided on the whole list, before any filter.
    """
    if typed is None:
        return None, engine.search(asked)
    generation = engine.snapshot_id()
    answer = _answer_words(engine, asked, typed)
    if engine.snapshot_id() != generation:  # what was corrected may exist by now
        answer = _answer_words(engine, asked, typed)
    return answer


def _answer_words(
    engine: SearchEngine, asked: SearchRequest, typed: str
) -> tuple[Understood, SearchResult]:
    words = parse(typed, engine.analyzer)
    result = engine.search(replace(asked, query=words))
    nothing = bool(result.dropped) or not result.matched_before_filters
    suggestion = _corrected(engine, result, typed) if result.unmet else None
    if suggestion and nothing:
        meant = parse(suggestion, engine.analyzer)
        other = engine.search(replace(asked, query=meant))
        if other.matched_before_filters and len(other.unmet) < len(result.unmet):
            words, result = meant, other
            return Understood(words, _said(result), suggestion, corrected=True), result
    return Understood(words, _said(result), suggestion), result


def _said(result: SearchResult) -> tuple[str, ...]:
    return tuple(clause.input for clause in result.dropped)


def _corrected(engine: SearchEngine, result: SearchResult, typed: str) -> str | None:
    """The text with the words that nothing meets replaced by words that are near."""
    meant = typed
    for clause in result.unmet:
        near = engine.spelling_suggestion(clause.word) if clause.word else None
        if near and near != clause.word:
            meant = re.sub(rf"(?<!\w){re.escape(clause.input)}(?!\w)", near, meant)
    return meant if meant != typed else None


def find(engine: SearchEngine, session: Session, asked: ListRequest) -> ListAnswer:
    """Answer a list: ids, totals and facets from the engine, rows from the database."""
    given = asked.parameters
    number, size = given["page"], given["pageSize"]
    words, result = _ask(engine, asked, (number - 1) * size, size)
    pages = -(-result.total // size)
    return ListAnswer(
        items=rows(session, result.hits, words.query if words else None),
        page={
            "number": number,
            "size": size,
            "total_items": result.total,
            "total_pages": pages,
        },
        query=_told_query(asked, words),
        facets=_told_facets(session, asked, result),
        links=_page_links(asked, number, pages),
        keys=tuple(given.get("fields", ())),
    )


def ask(
    engine: SearchEngine, asked: ListRequest, offset: int, limit: int
) -> tuple[ParsedQuery | None, SearchResult]:
    """The hits of a part of a list, whichever page was asked for, and the words as understood."""
    words, result = _ask(engine, asked, offset, limit)
    return words.query if words else None, result


def _ask(
    engine: SearchEngine, asked: ListRequest, offset: int, limit: int
) -> tuple[Understood | None, SearchResult]:
    given = asked.parameters
    request = SearchRequest(
        types=asked.types,
        filters=asked.filters,
        all_ingredients=given.get("ingredientMatch") == "all",
        first_year=given.get("startYearFrom"),
        last_year=given.get("startYearTo"),
        sort=asked.sort,
        facets=tuple(given.get("facets", ())),
        offset=offset,
        limit=limit,
    )
    return answer_words(engine, request, given.get("q"))


def rows(session: Session, hits: Sequence[Hit], words: ParsedQuery | None) -> list[Listed]:
    """The rows of the hits, in their order; what was withdrawn meanwhile is left out."""
    rows: dict[tuple[str, str], Any] = {}
    for kind in dict.fromkeys(hit.type for hit in hits):
        slugs = [hit.id for hit in hits if hit.type == kind]
        if kind == "ingredient":
            found: Mapping[str, Any] = queries.ingredients(session, slugs)
        else:
            found = queries.many(session, kind, slugs)
        rows |= {(kind, slug): row for slug, row in found.items()}
    listed = []
    for hit in hits:
        row = rows.get((hit.type, hit.id))
        if row is not None:
            told = highlight.highlight(documents.OF[hit.type](row), words) if words else None
            listed.append(Listed(hit.type, row, told))
    return listed


def _told_query(asked: ListRequest, words: Understood | None) -> dict[str, Any]:
    """The query as it was understood."""
    interpretation = words and {
        "terms": [{"input": clause.input, "also": _also(clause)} for clause in words.query.clauses],
        "dropped": list(words.dropped),
        "did_you_mean": words.suggestion,
        "corrected": words.corrected,
    }
    return {
        "q": asked.parameters.get("q"),
        "filters": {
            name: value if isinstance(value, (str, int)) else list(value)
            for name, value in asked.parameters.items()
            if name in FILTER_ORDER
            or name in {"startYearFrom", "startYearTo"}
            or (name == "ingredientMatch" and value == "all")
        },
        "sort": list(asked.sort),
        "interpretation": interpretation,
    }


def _also(clause: Clause) -> list[str]:
    """What is found for a clause beside the word itself, as people write it."""
    said = {fold(expansion.text): expansion.text for expansion in clause.expansions[1:]}
    said.pop(fold(clause.input), None)
    return [each for each in said.values() if each and "…" not in each]


def _told_facets(session: Session, asked: ListRequest, result: SearchResult) -> dict[str, Any]:
    return {
        key: {
            "label": LABELS[key][asked.language],
            "missing": counted.missing,
            "values": _facet_values(session, key, counted, asked),
        }
        for key, counted in result.facets.items()
    }


def _facet_values(
    session: Session, key: str, counted: FacetCounts, asked: ListRequest
) -> list[dict[str, Any]]:
    """All values, most first; equal counts in the scheme's order, or by label."""
    labels = _value_labels(session, key, counted, asked)
    selected = asked.filters.get(key, ())
    order = {value: place for place, value in enumerate(labels)}
    values = [
        {
            "value": value,
            "label": label,
            "count": counted.counts.get(value, 0),
            "selected": value in selected,
        }
        for value, label in labels.items()
    ]
    return sorted(values, key=lambda each: (-each["count"], order[each["value"]]))


def _value_labels(
    session: Session, key: str, counted: FacetCounts, asked: ListRequest
) -> dict[str, str]:
    if key == "type":
        return {name: TYPE_LABELS[name][asked.language] for name in asked.types}
    if key not in CONTENT_FILTERS:
        return {term.id: term.label(asked.language) for term in scheme_of(key).terms.values()}
    names = dict.fromkeys((*counted.counts, *asked.filters.get(key, ())))
    titles = queries.titles(session, list(names)) if key == "archetype" else {}
    if key == "country":
        titles = dict(Locale(asked.language).territories)
    labels = {name: titles.get(name, name) for name in names}
    return dict(sorted(labels.items(), key=lambda pair: (fold(pair[1]), pair[0])))


def _page_links(asked: ListRequest, number: int, pages: int) -> dict[str, Any]:
    links = {"self_": asked.page_link(number)}
    if number < pages:
        links["next"] = asked.page_link(number + 1)
    if 1 < number <= pages + 1:
        links["prev"] = asked.page_link(number - 1)
    return links
