"""Choosing any value of any facet gives exactly the count that was shown, on every list."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary.terms import scheme_of
from schemas.filters import CASE_FILTERS, EFFECT_FILTERS, PITFALL_FILTERS
from tests.conftest import KnowledgeBase
from tests.strategies import examples

FILTERS = {
    "cases": (*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS),
    "pitfalls": (*CASE_FILTERS, *PITFALL_FILTERS),
    "findings": (*CASE_FILTERS, *EFFECT_FILTERS),
    "studies": (*EFFECT_FILTERS, *PITFALL_FILTERS),
    "questions": ("theme",),
    "search": ("type", *CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS, "theme"),
}
CONTENT = {
    "municipality": ("Utrecht", "Rotterdam", "Nergens"),
    "province": ("Utrecht", "Noord-Holland"),
    "country": ("NL", "SE"),
    "archetype": ("gemengd-wonen-in-een-complex", "klushuizen"),
    "type": ("case", "pitfall", "finding", "study"),
}


def values_of(name: str) -> tuple[str, ...]:
    """Values that a filter takes."""
    return CONTENT[name] if name in CONTENT else tuple(scheme_of(name).terms)


@st.composite
def list_requests(draw: st.DrawFn) -> tuple[str, dict[str, Any], str]:
    """A list, a query with some filters, and a facet to look at."""
    collection = draw(st.sampled_from(sorted(FILTERS)))
    names = draw(st.lists(st.sampled_from(FILTERS[collection]), max_size=3, unique=True))
    query: dict[str, Any] = {
        name: draw(st.lists(st.sampled_from(values_of(name)), min_size=1, max_size=3, unique=True))
        for name in names
    }
    if draw(st.booleans()):
        query["q"] = draw(st.sampled_from(("bewoners", "sociaal beheer", "woningen ouderen hulp")))
    if "ingredient" in FILTERS[collection] and draw(st.booleans()):
        query["ingredientMatch"] = "all"
    return collection, query, draw(st.sampled_from(FILTERS[collection]))


@examples(60)
@given(list_requests(), st.data())
def test_choosing_a_value_gives_the_count_that_was_shown(
    seeded: KnowledgeBase, list_requests: tuple[str, dict[str, Any], str], data: st.DataObject
) -> None:
    collection, query, facet = list_requests
    address = f"/v1/{collection}"
    shown = seeded.client.get(address, query_string={**query, "facets": facet}).json

    values = shown["facets"][facet]["values"]
    counts = [value["count"] for value in values]
    assert counts == sorted(counts, reverse=True)
    if not values:
        return
    value = data.draw(st.sampled_from(values))
    chosen = [value["value"]]
    if facet == "ingredient" and query.get("ingredientMatch") == "all":
        chosen += [each for each in query.get("ingredient", []) if each != value["value"]]
    answer = seeded.client.get(address, query_string={**query, facet: chosen}).json

    assert answer["page"]["totalItems"] == value["count"]
    assert value["selected"] == (value["value"] in query.get(facet, []))
