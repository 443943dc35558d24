"""/zoeken and the overviews: lists to read, with their filters as links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request

from kb.pages.asking import Asked
from kb.pages.http import (
    OURS,
    SHAPES,
    answer,
    as_told,
    count,
    parameters_of,
    understand,
)
from kb.pages.page import page
from kb.search.engine import Type
from kb.search.http import give_as_before
from schemas import lists

blp = Blueprint("lists_to_read", __name__, template_folder="templates", static_folder=None)
blp.before_request(give_as_before)
CASE_FACETS = (
    *("targetGroup", "strategy", "ingredient", "scale", "municipality", "kind", "status"),
    *("archetype", "partyRole", "province", "country"),
)
EFFECT_FACETS = ("effectDomain", "effectDirection", "evidence", "effectLevel")
PITFALL_FACETS = ("pitfallCategory", "phase")
FACETS: Mapping[Type, tuple[str, ...]] = {  # the most useful first
    "case": (*CASE_FACETS, *EFFECT_FACETS, *PITFALL_FACETS),
    "finding": (*EFFECT_FACETS, *CASE_FACETS),
    "pitfall": (*PITFALL_FACETS, *CASE_FACETS),
    "study": (*EFFECT_FACETS, *PITFALL_FACETS),
    "question": ("theme",),
    "ingredient": (),
}
SORTS: Mapping[Type, tuple[str, ...]] = {
    "case": ("-updatedAt", "title", "-startYear"),
    "study": ("-year", "title"),
}


@blp.get("/zoeken")
def search() -> str:
    """Find cases and all that belongs to them."""
    asked = request.args.get("type", "")
    kind: Type = asked if asked in SHAPES else "case"  # type: ignore[assignment]
    return list_page(kind, tabs=True)


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
    asked, parameters, wrong = understand(kind)
    if tabs and kind != "case":
        asked = asked.asking(type=kind)
    if "pageSize" not in asked.given:
        parameters["pageSize"] = size
    found = answer(kind, parameters, FACETS[kind])
    items = [as_told(listed.type, listed) for listed in found.items]
    return page(
        "list.html",
        kind=kind,
        asked=asked,
        wrong=wrong,
        items=items,
        groups=_groups(items, together) if together and "q" not in parameters else None,
        number=found.page,
        query=found.query,
        facets=_facets(found.facets),
        tabs=_tabs(asked, kind, found.page["total_items"]) if tabs else [],
        sorts=_sorts(kind, found.query["sort"], "q" in parameters),
        api_address=_api_address(kind, asked),
    )


def _groups(items: list[dict[str, Any]], key: str) -> list[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        found.setdefault(item[key]["label"], []).append(item)
    return list(found.items())


def _facets(counted: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with something to choose."""
    return {
        name: {**facet, "values": values}
        for name, facet in counted.items()
        if (values := [each for each in facet["values"] if each["count"] or each["selected"]])
    }


def _tabs(asked: Asked, kind: Type, total: int) -> list[dict[str, Any]]:
    """Each kind of thing, and how many of it the same words and filters give."""
    found = []
    for other, shape in SHAPES.items():
        there = asked.only(frozenset(parameters_of(shape)) - OURS - {"sort"})
        if other != "case":
            there = there.asking(type=other)
        number = total if other == kind else count(other, there)
        found.append({"type": other, "asked": there, "count": number, "here": other == kind})
    return found


def _sorts(kind: Type, order: list[str], typed: bool) -> list[tuple[str, bool]]:
    """The orders to choose from, and whether each is the present one."""
    choices = (("relevance",) if typed else ()) + SORTS.get(kind, ("-updatedAt", "title"))
    return [(choice, order == [choice]) for choice in choices]


def _api_address(kind: Type, asked: Asked) -> str:
    """The same list for programs, without a query mark when nothing was asked."""
    there = asked.without("type").without("pageSize")
    return Asked(f"/v1/{lists.COLLECTIONS[kind]}", there.given).address
