"""/zoeken and the overviews: lists to read, with their filters as links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from kb.cases.changes import last_changed
from kb.kinds import KINDS
from kb.pages.http import (
    OURS,
    answer,
    as_told,
    count,
    parameters_of,
    query_schema,
    understand,
)
from kb.pages.list_state import ListState
from kb.pages.rendering import page
from kb.search.engine import Type
from kb.search.labels import FACET_LABELS
from kb.services import session
from kb.vocabulary.terms import language, scheme_of
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint

blp = PagesBlueprint("lists_to_read", __name__, template_folder="templates")
blp.before_request(serve_cached)
CASE_FACETS = (
    *("targetGroup", "strategy", "ingredient", "scale", "municipality", "kind", "status"),
    *("archetype", "partyRole", "province", "country"),
)
EFFECT_FACETS = ("effectDomain", "effectDirection", "evidence", "effectLevel")
PITFALL_FACETS = ("pitfallCategory", "phase")
FACETS: Mapping[Type, tuple[str, ...]] = {  # in the order of the tabs; the most useful first
    "case": (*CASE_FACETS, *EFFECT_FACETS, *PITFALL_FACETS),
    "finding": (*EFFECT_FACETS, *CASE_FACETS),
    "pitfall": (*PITFALL_FACETS, *CASE_FACETS),
    "study": (*EFFECT_FACETS, *PITFALL_FACETS),
    "question": ("theme",),
    "ingredient": (),
}
IN_ORDER = ("evidence", "effectLevel", "effectDirection", "scale", "phase", "status")  # of schemes
SORTS: Mapping[Type, tuple[str, ...]] = {
    "case": ("-updatedAt,-startYear", "title", "-startYear"),
    "study": ("-year", "title"),
}
START = {"nl": "Beginjaar", "en": "Start year"}
FILTERS = (  # that a list may have
    *(*CASE_FACETS, *EFFECT_FACETS, *PITFALL_FACETS, "theme"),
    *("startYearFrom", "startYearTo"),
)


@blp.get("/zoeken")
def search() -> str:
    """Find cases and all that belongs to them."""
    type_ = request.args.get("type", "")
    kind: Type = type_ if type_ in FACETS else "case"  # type: ignore[assignment]
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
    return list_page("ingredient", together="broader", size=100)


@blp.get("/vragen")
def questions() -> str:
    """The practitioners' questions, theme by theme."""
    return list_page("question", together="theme", size=100)


def list_page(kind: Type, *, tabs: bool = False, together: str = "", size: int = 20) -> str:
    """A list to read; without words `together` may put the items of one term in a group."""
    state, parameters, mistakes = understand(kind)
    if tabs and kind != "case":
        state = state.with_parameters(type=kind)
    parameters = _by_default(kind, size, state, parameters)
    found = answer(kind, parameters, FACETS[kind])
    items = [as_told(listed.type, listed) for listed in found.items]
    return page(
        "list.html",
        kind=kind,
        state=state,
        mistakes=mistakes,
        items=items,
        groups=_groups(items, together) if together and "q" not in parameters else None,
        number=found.page,
        query=found.query,
        facets=_facets(found.facets),
        tabs=_tabs(state, kind, found.page["total_items"]) if tabs else [],
        beyond=_beyond(state, kind) if tabs else [],
        passed_over=_passed_over(kind),
        as_of=last_changed(session()),
        sorts=_sorts(kind, found.query["sort"], "q" in parameters),
        api_address=_api_address(kind, state),
    )


def _by_default(
    kind: Type, size: int, state: ListState, parameters: dict[str, Any]
) -> dict[str, Any]:
    """The parameters, with the size of a page and an order where none was chosen."""
    chosen = dict(parameters)
    if "pageSize" not in state.parameters:
        chosen["pageSize"] = size
    if kind == "case" and "q" not in chosen and "sort" not in chosen:
        chosen["sort"] = tuple(SORTS["case"][0].split(","))
    return chosen


def _groups(items: list[dict[str, Any]], key: str) -> list[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        found.setdefault(item[key]["label"], []).append(item)
    return list(found.items())


def _facets(counted: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with something to choose; where order has a meaning, in that of the scheme."""
    facets = {}
    for name, facet in counted.items():
        values = [each for each in facet["values"] if each["count"] or each["selected"]]
        if name in IN_ORDER:
            places = list(scheme_of(name).terms)
            values.sort(key=lambda each: places.index(each["value"]))
        if values:
            scheme = scheme_of(name).id if name in IN_ORDER else None
            facets[name] = {**facet, "values": values, "explained": scheme}
    return facets


def _tabs(state: ListState, kind: Type, total: int) -> list[dict[str, Any]]:
    """Each kind of thing that has these filters, and how many of it they give."""
    return [
        {
            "type": other,
            "state": _for(other, state),
            "count": total if other == kind else count(other, _for(other, state)),
            "here": other == kind,
        }
        for other in FACETS
        if other == kind or not _lacking(other, state)
    ]


def _beyond(state: ListState, kind: Type) -> list[dict[str, Any]]:
    """The kinds that lack a filter that was chosen, and how many there are without it."""
    others = [other for other in FACETS if other != kind and _lacking(other, state)]
    without = [
        {"type": other, "state": _for(other, state), "count": count(other, _for(other, state))}
        for other in others
    ]
    return [each for each in without if each["count"]]


def _for(kind: Type, state: ListState) -> ListState:
    """The same words and filters asked of another kind, as far as it has them."""
    there = state.restricted_to(frozenset(parameters_of(query_schema(kind))) - OURS - {"sort"})
    return there.with_parameters(type=kind) if kind != "case" else there


def _lacking(kind: Type, state: ListState) -> list[str]:
    """The filters that were chosen, and that things of a kind do not have."""
    known = parameters_of(query_schema(kind))
    return [name for name in state.parameters if name in FILTERS and name not in known]


def _passed_over(kind: Type) -> list[str]:
    """The filters in the address that this list does not have, in words."""
    known = parameters_of(query_schema(kind))
    names = [name for name in FILTERS if name not in known and request.args.get(name, "").strip()]
    found = [FACET_LABELS.get(name, START)[language()] for name in names]
    return list(dict.fromkeys(found))


def _sorts(kind: Type, order: list[str], typed: bool) -> list[tuple[str, bool]]:
    """The orders to choose from, and whether each is the present one."""
    choices = (("relevance",) if typed else ()) + SORTS.get(kind, ("-updatedAt", "title"))
    return [(choice, order == choice.split(",")) for choice in choices]


def _api_address(kind: Type, state: ListState) -> str:
    """The same list for programs, without a query mark when there is nothing to ask."""
    there = state.without("type").without("pageSize")
    return ListState(f"/v1/{KINDS[kind].collection}", there.parameters).address
