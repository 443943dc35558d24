"""/zoeken and the overviews: lists for people, with their filters as links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from flask import request

from kb.cases.changes import changed_at
from kb.kinds import KINDS, KindName
from kb.outage import unless_away
from kb.pages.best_words import BestWords
from kb.pages.content import count_clusters, count_items, item_document, read_list
from kb.pages.facets import shown_facets
from kb.pages.labels import parameter_label
from kb.pages.list_parsing import (
    CHOSEN_BY_PAGES,
    PageQuery,
    list_fields,
    parse_list_query,
    shortened_words,
)
from kb.pages.list_state import ListState
from kb.pages.meant_filters import meant_filters
from kb.pages.near_questions import near_questions
from kb.pages.nearby import Nearby, nearby
from kb.pages.netherlands import map_of
from kb.pages.overviews import pitfall_table, term_rows
from kb.pages.rendering import render_page
from kb.search.engine import IndexState
from kb.search.filters import FACET_LABELS, RANGE_LABELS, RANGE_NAMES
from kb.search.query.parse import parse
from kb.search.service import CLUSTER_FILTER
from kb.services import services, session
from kb.vocabulary.places import places
from kb.vocabulary.terms import Language, language
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from schemas.list_parameters import MissingFilters

blp = PagesBlueprint("list_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
CASE_FACETS = (
    *("targetGroup", "strategy", "ingredient", "outcome", "province", "municipality"),
    *("scale", "urbanity", "kind", "status", "archetype", "partyRole", "country"),
)
EFFECT_FACETS = ("effectDomain", "effectDirection", "lane", "evidence", "effectLevel")
PITFALL_FACETS = ("pitfallCategory", "phase")
FACETS: Mapping[KindName, tuple[str, ...]] = {  # kinds as the tabs have them; most useful first
    "case": (*CASE_FACETS, *EFFECT_FACETS, *PITFALL_FACETS),
    "finding": (*EFFECT_FACETS, *CASE_FACETS),
    "pitfall": (*PITFALL_FACETS, *CASE_FACETS),
    "study": (*EFFECT_FACETS, *PITFALL_FACETS),
    "question": ("theme",),
    "ingredient": (),
}
SORTS: Mapping[KindName, tuple[str, ...]] = {  # to choose from; the first is the default
    "case": (
        "-updatedAt,-startYear",
        "title",
        "-startYear",
        "population",
        "-population",
        "-socialRent",
    ),
    "finding": ("lane,-year", "-year", "-updatedAt"),
    "study": ("-year", "title"),
}
MUNICIPALITY_FIGURES = ("population", "socialRent")  # what their parameters begin with
FILTERS = (  # that a list may have
    *(*CASE_FACETS, *EFFECT_FACETS, *PITFALL_FACETS, "theme"),
    *RANGE_LABELS,
)


@blp.get("/zoeken")
def search() -> str:
    """Find cases and all that belongs to them."""
    type_ = request.args.get("type", "")
    kind: KindName = type_ if type_ in FACETS else "case"  # type: ignore[assignment]
    return list_page(kind, tabs=True)


@blp.get("/casussen")
def cases() -> str:
    """All cases."""
    return list_page("case")


@blp.get("/onderzoeken")
def studies() -> str:
    """All studies."""
    return list_page("study")


@blp.get("/bevindingen")
def findings() -> str:
    """What cases and studies found, claim by claim."""
    return list_page("finding")


@blp.get("/valkuilen")
def pitfalls() -> str:
    """The pitfalls of all cases and studies."""
    return list_page("pitfall")


@blp.get("/bestanddelen")
def ingredients() -> str:
    """The active ingredients, group by group."""
    return list_page("ingredient", group_key="broader", page_size=100)


@blp.get("/vragen")
def questions() -> str:
    """The practitioners' questions, theme by theme."""
    return list_page("question", group_key="theme", page_size=100)


def list_page(
    kind: KindName, *, tabs: bool = False, group_key: str = "", page_size: int = 20
) -> str:
    """The page of a list; without words its items may stand in groups, by a term that they have."""
    shortened = shortened_words()
    query = parse_list_query(kind, shortened.text if shortened else None)
    state = query.state.with_parameters(type=kind) if tabs and kind != "case" else query.state
    words = query.parameters.get("q", "")
    has_no_word = bool(words) and not parse(words, services().search.analyzer).clauses
    if query.refused or has_no_word or (shortened and not shortened.text):
        return _page_without_list(kind, state, query, shortened, has_no_word=has_no_word)
    parameters = _with_defaults(query.parameters, kind, page_size, state)
    page = read_list(kind, parameters, FACETS[kind] if CLUSTER_FILTER not in parameters else ())
    items = [item_document(item) for item in page.items]
    facets = shown_facets(page.facets, state)
    return render_page(
        "list.html",
        kind=kind,
        state=state,
        errors=query.errors,
        shortened=shortened,
        items=items,
        groups=_group_items(items, group_key) if group_key and "q" not in parameters else None,
        **_overview(kind, state),
        page=page.page,
        clusters=count_clusters(kind, parameters),
        query=page.query,
        facets=facets,
        nearby=None if items else _nearby(kind, state, facets),
        meant_questions=_meant_questions(kind, query, page.page) if tabs else [],
        meant_filters=meant_filters(kind, state, services().search.analyzer)
        if page.page["number"] == 1
        else [],
        country_map=map_of(facets) if "province" in facets else None,
        tabs=_tabs(state, kind, page.page["total_items"]) if tabs else [],
        tabs_without_filters=_tabs_without_filters(state, kind) if tabs else [],
        ignored_filters=_ignored_filters(kind),
        figures_year=places().year,
        without_figures=_without_figures(kind, state),
        as_of=unless_away(lambda: _changed_at(services().search.snapshot_state())),
        facet_labels=_facet_labels(language()),
        sorts=_sorts(kind, page.query["sort"], has_words="q" in parameters),
        api_address=_api_address(kind, state),
    )


def _without_figures(kind: KindName, state: ListState) -> int:
    """How many things the ranges of figures leave out because their place has no such figure."""
    names = [n for n in MUNICIPALITY_FIGURES if {f"{n}From", f"{n}To"} & state.parameters.keys()]
    if not names or CLUSTER_FILTER in state.parameters:
        return 0
    every = state
    for name in names:
        every = every.without(f"{name}From").without(f"{name}To")
    known = every.with_parameters(**{f"{name}From": "0" for name in names})
    return count_items(kind, every) - count_items(kind, known)


def _nearby(kind: KindName, state: ListState, facets: Mapping[str, Any]) -> Nearby:
    """What is near an empty list."""
    chosen = [name for name in state.parameters if name in FILTERS or name == "missing"]
    labels = {name: FACET_LABELS[name][language()] for name in chosen if name in FACET_LABELS}
    return nearby(kind, state, {name: labels.get(name, parameter_label(name)) for name in chosen})


def _meant_questions(
    kind: KindName, query: PageQuery, page: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The questions that are meant by what was typed, above the first page of other things."""
    words = query.parameters.get("q", "")
    is_beside = kind == "question" or query.state.filters or page["number"] > 1
    return [] if is_beside else near_questions(services().search, words)


def _page_without_list(
    kind: KindName,
    state: ListState,
    query: PageQuery,
    shortened: BestWords | None,
    *,
    has_no_word: bool,
) -> str:
    """What is shown where a word or filter was refused: what is wrong, and not all things.

    So it is where signs alone were typed, which are no word.
    """
    rest = state.without("q") if has_no_word else state
    return render_page(
        "no_list.html",
        kind=kind,
        state=state,
        errors=query.errors,
        shortened=shortened,
        ignored_filters=_ignored_filters(kind),
        typed=request.args["q"] if shortened or has_no_word else "",
        has_no_word=has_no_word,
        has_wrong_figure=any(name.startswith(MUNICIPALITY_FIGURES) for name in query.refused),
        figures_year=places().year,
        rest_address=rest.address,
        rest=count_items(kind, rest) if rest.parameters.keys() - {"type", "sort"} else None,
    )


@cache
def _facet_labels(code: Language) -> Mapping[str, str]:
    """What each facet is called in a language."""
    return {name: labels[code] for name, labels in FACET_LABELS.items()}


def _overview(kind: KindName, state: ListState) -> dict[str, Any]:
    """What a list begins with while nothing is chosen: counts by term, or by kind and phase."""
    if state.parameters:
        return {}
    if kind == "ingredient":
        return {"term_rows": {row.id: row for row in term_rows("ingredients", "ingredient")}}
    return {"pitfall_rows": pitfall_table()} if kind == "pitfall" else {}


@lru_cache(maxsize=8)
def _changed_at(state: IndexState) -> datetime | None:
    """When the last change of an index was made, which its nonce tells from any other."""
    return changed_at(session(), state.change)


def _with_defaults(
    parameters: dict[str, Any], kind: KindName, page_size: int, state: ListState
) -> dict[str, Any]:
    """The parameters, with the size of a page and an order where none was chosen."""
    completed = dict(parameters)
    if "pageSize" not in state.parameters:
        completed["pageSize"] = page_size
    if kind == "case" and "q" not in parameters and "sort" not in parameters:
        completed["sort"] = tuple(SORTS["case"][0].split(","))
    return completed


def _group_items(items: list[dict[str, Any]], key: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The items by the label of their term under a key, in their own order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        groups.setdefault(item[key]["label"], []).append(item)
    return list(groups.items())


def _tabs(state: ListState, kind: KindName, total: int) -> list[dict[str, Any]]:
    """Each kind of thing that has these filters, and how many of it they give."""
    return [
        _tab(state, other, total if other == kind else None) | {"is_current": other == kind}
        for other in FACETS
        if other == kind or not _lacks_filter(other, state)
    ]


def _tabs_without_filters(state: ListState, kind: KindName) -> list[dict[str, Any]]:
    """The kinds that lack a filter that was chosen, and how many there are without it."""
    others = [other for other in FACETS if other != kind and _lacks_filter(other, state)]
    return [tab for tab in (_tab(state, other) for other in others) if tab["count"]]


def _tab(state: ListState, kind: KindName, total: int | None = None) -> dict[str, Any]:
    """The same words and filters for another kind, as far as it has them."""
    other = state.restricted_to(list_fields(kind).keys() - CHOSEN_BY_PAGES - {"sort"})
    for name in _not_missing_in(kind, state):
        other = other.without("missing", name)
    if kind != "case":
        other = other.with_parameters(type=kind)
    count = count_items(kind, other) if total is None else total
    return {"type": kind, "state": other, "count": count}


def _lacks_filter(kind: KindName, state: ListState) -> bool:
    """Whether things of a kind do not have one of the filters that were chosen."""
    lacked = any(name in FILTERS and name not in list_fields(kind) for name in state.parameters)
    return lacked or bool(_not_missing_in(kind, state))


def _not_missing_in(kind: KindName, state: ListState) -> list[str]:
    """The filters that must be missing, and that the things of a kind do not have at all."""
    field = list_fields(kind).get("missing")
    choices = field.choices if isinstance(field, MissingFilters) else ()
    return [name for name in state.filters.get("missing", ()) if name not in choices]


def _ignored_filters(kind: KindName) -> list[str]:
    """The labels of filters in the address that this list does not have."""
    names = [name for name in FILTERS if name not in list_fields(kind)]
    labels = [
        (FACET_LABELS.get(name) or RANGE_NAMES[re.sub("(From|To)$", "", name)])[language()]
        for name in names
        if request.args.get(name, "").strip()
    ]
    return list(dict.fromkeys(labels))


def _sorts(kind: KindName, current: list[str], *, has_words: bool) -> list[tuple[str, bool]]:
    """The orders to choose from, and whether each is the current one."""
    choices = (("relevance",) if has_words else ()) + SORTS.get(kind, ("-updatedAt", "title"))
    return [(choice, current == choice.split(",")) for choice in choices]


def _api_address(kind: KindName, state: ListState) -> str:
    """The same list for programs, without a query mark when there is nothing to ask."""
    parameters = state.without("type").without("pageSize").parameters
    return ListState(f"/v1/{KINDS[kind].collection}", parameters).address
