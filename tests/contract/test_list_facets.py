"""What a facet counts is what choosing its values gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import KnowledgeBase
from tests.contract.addresses import EVERY_LIST
from tests.contract.lists import FILTERS, ask, choices, total

FROM_CONTENT = {"municipality", "province", "country", "archetype"}
CONTEXTS = {  # what else is asked while facets are counted
    "/v1/cases": (
        *("", "q=corporatie", "scale=wijk", "effectDomain=leefbaarheid&effectDirection=positief"),
        *("startYearFrom=2010&startYearTo=2018", "pitfallCategory=verdringing&phase=uitvoering"),
        "ingredient=buddy-systeem&ingredient=selectie-op-motivatie",
        "ingredient=selectie-op-motivatie&ingredientMatch=all",
    ),
    "/v1/pitfalls": ("", "q=bewoners", "pitfallCategory=korte-adem&scale=complex"),
    "/v1/findings": ("", "q=contact", "effectDirection=geen-effect&country=NL"),
    "/v1/studies": ("", "q=segregatie", "effectDirection=gemengd&evidence=literatuurreview"),
    "/v1/questions": ("", "q=mengen", "theme=effecten"),
    "/v1/search": ("", "q=statushouders", "type=case&type=study&evidence=quasi-experimenteel"),
}
CHOICES = [(address, context) for address, contexts in CONTEXTS.items() for context in contexts]


@pytest.mark.parametrize("address", EVERY_LIST)
def test_a_name_that_nothing_has_is_an_empty_list(address: str, seeded: KnowledgeBase) -> None:
    for name in FROM_CONTENT & FILTERS[address]:
        body = ask(seeded, address, f"{name}=Nergens", f"facets={name}")

        assert body["items"] == []
        assert body["page"] == {"number": 1, "size": 20, "totalItems": 0, "totalPages": 0}
        (chosen,) = [each for each in body["facets"][name]["values"] if each["selected"]]
        assert chosen == {"value": "Nergens", "label": "Nergens", "count": 0, "selected": True}


@pytest.mark.parametrize(("address", "parameters"), CHOICES)
def test_choosing_a_value_gives_the_count_that_was_shown(
    address: str, parameters: str, seeded: KnowledgeBase
) -> None:
    keys = choices(seeded, address, "facets")
    whole = ask(seeded, address, parameters, f"facets={','.join(keys)}", "pageSize=1")

    assert list(whole["facets"]) == keys
    for key in keys:
        alone = ask(seeded, address, parameters, f"facets={key}", "pageSize=1")["facets"]
        assert alone == {key: whole["facets"][key]}
        values = whole["facets"][key]["values"]
        counts = [value["count"] for value in values]
        assert counts == sorted(counts, reverse=True)
        assert len({value["value"] for value in values}) == len(values)
        assert all(value["label"] for value in values)
        adding = key == "ingredient" and "ingredientMatch=all" in parameters
        others = parameters if adding else without(parameters, key)
        for value in sample(values):
            chosen = f"{key}={value['value']}"
            assert total(seeded, address, others, chosen) == value["count"], chosen


@pytest.mark.parametrize(("address", "parameters"), CHOICES)
def test_what_a_facet_misses_can_be_chosen_too(
    address: str, parameters: str, seeded: KnowledgeBase
) -> None:
    keys = choices(seeded, address, "missing")
    assert address == "/v1/questions" or keys == choices(seeded, address, "facets")
    for key in keys:
        adding = key == "ingredient" and "ingredientMatch=all" in parameters
        others = parameters if adding else without(parameters, key)
        count = ask(seeded, address, others, f"facets={key}", "pageSize=1")["facets"][key]

        chosen = ask(seeded, address, others, f"missing={key}", f"facets={key}", "pageSize=1")

        assert chosen["page"]["totalItems"] == count["missing"], key
        assert adding or chosen["facets"][key] == count, key


def without(parameters: str, key: str) -> str:
    """A query without the values of one filter."""
    return "&".join(each for each in parameters.split("&") if not each.startswith(f"{key}="))


def sample(values: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The most and the least frequent values, what was chosen, and some between."""
    chosen = [value for value in values if value["selected"]]
    by_value = {}
    for value in (*values[:2], *values[2:-1:5], *values[-1:], *chosen):
        by_value[value["value"]] = value
    yield from by_value.values()


@pytest.mark.parametrize("address", CONTEXTS)
def test_what_a_facet_misses_makes_its_total_whole(address: str, seeded: KnowledgeBase) -> None:
    single = {
        "outcome",
        "kind",
        "scale",
        "status",
        "type",
        "theme",
        "municipality",
        "province",
        "country",
    }
    everything = total(seeded, address)
    for key in single & FILTERS[address]:
        facet = ask(seeded, address, f"facets={key}", "pageSize=1")["facets"][key]

        assert sum(value["count"] for value in facet["values"]) + facet["missing"] == everything


def test_all_terms_of_a_scheme_are_there_also_those_that_nothing_has(
    seeded: KnowledgeBase,
) -> None:
    facets = ask(seeded, "/v1/cases", "facets=ingredient,phase", "q=%22housing%20first%22")[
        "facets"
    ]

    for key, scheme in (("ingredient", "ingredients"), ("phase", "phases")):
        terms = seeded.client.get(f"/v1/vocabularies/{scheme}").json["terms"]
        assert {each["value"] for each in facets[key]["values"]} == {each["id"] for each in terms}
    assert facets["ingredient"]["values"][-1]["count"] == 0


def test_labels_of_facets_follow_the_language(seeded: KnowledgeBase) -> None:
    for address in CONTEXTS:
        keys = choices(seeded, address, "facets")
        dutch, english = (
            ask(seeded, address, f"facets={','.join(keys)}", f"lang={lang}", "pageSize=1")["facets"]
            for lang in ("nl", "en")
        )
        same = [key for key in keys if dutch[key]["label"] == english[key]["label"]]
        assert set(same) <= {"archetype", "status"}, address
