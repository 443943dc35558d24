"""Filters of lists: one of these, all of those, and what they meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import KnowledgeBase
from tests.contract.addresses import EVERY_LIST
from tests.contract.lists import (
    CASE_FILTERS,
    FILTERS,
    RANGES,
    ask,
    choices,
    keys_of,
    parameters_of,
    walk,
)


@pytest.mark.parametrize("address", EVERY_LIST)
def test_a_list_takes_the_filters_of_its_things_and_no_others(
    address: str, seeded: KnowledgeBase
) -> None:
    own = {"q", "lang", "page", "pageSize", "sort", "facets", "fields", "ingredientMatch"}
    own |= {"format", "csvSeparator", "clusterDirection", "missing"}

    filters = set(parameters_of(seeded, address)) - own - RANGES

    assert filters == FILTERS[address]
    assert set(choices(seeded, address, "facets")) == FILTERS[address]
    assert (set(parameters_of(seeded, address)) >= RANGES) == (filters >= CASE_FILTERS)


@pytest.mark.parametrize("address", ["/v1/cases", "/v1/pitfalls", "/v1/findings"])
def test_a_repeated_filter_means_one_of_these(address: str, seeded: KnowledgeBase) -> None:
    for key in sorted(FILTERS[address] - {"type", "theme"}):
        facet = ask(seeded, address, f"facets={key}", "pageSize=1")["facets"][key]["values"]
        one, two = (each["value"] for each in facet[:2])

        both = {*keys_of(walk(seeded, address, f"{key}={one}", f"{key}={two}", "fields=id"))}

        apart = [set(keys_of(walk(seeded, address, f"{key}={v}", "fields=id"))) for v in (one, two)]
        assert both == apart[0] | apart[1], key


def test_different_filters_must_all_be_met(seeded: KnowledgeBase) -> None:
    filters = ("scale=complex", "targetGroup=statushouders", "startYearFrom=2015")

    together = set(keys_of(walk(seeded, "/v1/cases", *filters)))

    apart = [set(keys_of(walk(seeded, "/v1/cases", each))) for each in filters]
    assert together == set.intersection(*apart)
    assert together


def test_a_small_municipality_with_much_social_rent(seeded: KnowledgeBase) -> None:
    chosen = ("populationTo=110000", "socialRentFrom=30", "sort=population")

    places = [each["place"] for each in walk(seeded, "/v1/cases", *chosen)]

    assert len(places) > 3
    assert all(each["population"] <= 110_000 and each["socialRent"] >= 30 for each in places)
    assert places == sorted(places, key=lambda each: int(each["population"]))
    every = [each["place"] for each in walk(seeded, "/v1/cases")]
    assert sum(1 for each in every if (each["population"] or 10**9) <= 110_000) > len(places)


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("socialRentFrom=101", "socialRentFrom", "out-of-range"),
        ("populationFrom=-1", "populationFrom", "out-of-range"),
        ("populationTo=veel", "populationTo", "wrong-type"),
        ("populationFrom=5&populationTo=4", "populationFrom", "inconsistent"),
        ("urbanity=stedelijk", "urbanity", "not-in-vocabulary"),
    ],
)
def test_a_range_that_means_nothing_is_refused(
    query: str, name: str, code: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(f"/v1/cases?{query}")

    assert answer.status_code == 400
    assert [(each["name"], each["code"]) for each in answer.get_json()["errors"]] == [(name, code)]


def test_all_ingredients_or_one_of_them(seeded: KnowledgeBase) -> None:
    pair = ("ingredient=buddy-systeem", "ingredient=selectie-op-motivatie")

    all_ = walk(seeded, "/v1/cases", *pair, "ingredientMatch=all")
    any_ = walk(seeded, "/v1/cases", *pair, "ingredientMatch=any")

    wanted = {"buddy-systeem", "selectie-op-motivatie"}
    assert 0 < len(all_) < len(any_)
    assert all(wanted <= {each["id"] for each in item["ingredients"]} for item in all_)
    assert keys_of(any_) == keys_of(walk(seeded, "/v1/cases", *pair))


def test_years_are_those_of_the_start_both_included(seeded: KnowledgeBase) -> None:
    everything = walk(seeded, "/v1/cases")
    for first, last in ((2016, 2016), (2000, 2009), (1, 9999)):
        items = walk(seeded, "/v1/cases", f"startYearFrom={first}", f"startYearTo={last}")

        assert set(keys_of(items)) == {
            (item["type"], item["id"])
            for item in everything
            if item["startYear"] and first <= item["startYear"] <= last
        }


VALUES: dict[str, Callable[[dict[str, Any]], list[Any]]] = {  # of a filter, in an item
    "scale": lambda item: [item["scale"]["id"]],
    "kind": lambda item: [item["kind"]["id"]],
    "status": lambda item: [item["status"]["id"]],
    "strategy": lambda item: [each["id"] for each in item["strategies"]],
    "ingredient": lambda item: [each["id"] for each in item["ingredients"]],
    "targetGroup": lambda item: [each["id"] for each in item["targetGroups"]],
    "municipality": lambda item: [item["place"]["municipality"]],
    "province": lambda item: [item["place"]["province"]],
    "country": lambda item: [item["place"]["country"]],
    "outcome": lambda item: [item["outcome"]["id"]],
}


@pytest.mark.parametrize("key", VALUES)
def test_a_filter_finds_what_has_the_value(key: str, seeded: KnowledgeBase) -> None:
    everything = walk(seeded, "/v1/cases", size=100)
    values = {value for item in everything for value in VALUES[key](item) if value}

    for value in sorted(values)[:8]:
        matches = keys_of(walk(seeded, "/v1/cases", f"{key}={value}", "fields=id", size=100))
        wanted = {("case", item["id"]) for item in everything if value in VALUES[key](item)}
        assert set(matches) == wanted, value


def test_filters_of_a_list_of_owned_things_ask_about_the_owner(seeded: KnowledgeBase) -> None:
    for address in ("/v1/pitfalls", "/v1/findings"):
        cases = {id_ for _, id_ in keys_of(walk(seeded, "/v1/cases", "municipality=Utrecht"))}
        items = walk(seeded, address, "municipality=Utrecht")

        assert items
        assert {item["case"]["id"] for item in items} <= cases
