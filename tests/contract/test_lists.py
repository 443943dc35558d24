"""Every list is a search: filters, order, pages, facets and keys, on the first cases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from kb.vocabulary.terms import schemes
from tests.conftest import KnowledgeBase
from tests.contract.addresses import EVERY_LIST, local

CASE_FILTERS = {
    *("kind", "strategy", "ingredient", "targetGroup", "municipality", "province", "country"),
    *("scale", "status", "partyRole", "archetype", "outcome"),
}
YEARS = {"startYearFrom", "startYearTo"}
EFFECT_FILTERS = {"effectDomain", "effectLevel", "effectDirection", "lane", "evidence"}
PITFALL_FILTERS = {"pitfallCategory", "phase"}
OWN_FINDING_FILTERS = {"creditedIngredient", "ownerPitfallCategory"}
FILTERS = {  # as DESIGN section 4 gives them to each list
    "/v1/cases": CASE_FILTERS | EFFECT_FILTERS | PITFALL_FILTERS,
    "/v1/pitfalls": CASE_FILTERS | PITFALL_FILTERS,
    "/v1/findings": CASE_FILTERS | EFFECT_FILTERS | OWN_FINDING_FILTERS,
    "/v1/studies": EFFECT_FILTERS | PITFALL_FILTERS,
    "/v1/questions": {"theme"},
    "/v1/ingredients": set(),
    "/v1/search": CASE_FILTERS | EFFECT_FILTERS | PITFALL_FILTERS | {"theme", "type"},
}
TOTALS = {"/v1/cases": 157, "/v1/studies": 93, "/v1/questions": 14}
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


def ask(kb: KnowledgeBase, address: str, *queries: str) -> dict[str, Any]:
    """The answer of a list."""
    query = "&".join(filter(None, queries))
    answer = kb.client.get(f"{address}?{query}")
    assert answer.status_code == 200, (address, query, answer.text[:300])
    body: dict[str, Any] = answer.get_json()
    return body


def total(kb: KnowledgeBase, address: str, *queries: str) -> int:
    """How many things a list holds."""
    number: int = ask(kb, address, *queries, "pageSize=1", "fields=id")["page"]["totalItems"]
    return number


def walk(kb: KnowledgeBase, address: str, *queries: str, size: int = 37) -> list[dict[str, Any]]:
    """All items of a list, page after page."""
    items: list[dict[str, Any]] = []
    for number in range(1, 100):
        body = ask(kb, address, *queries, f"page={number}", f"pageSize={size}")
        items += body["items"]
        if number >= body["page"]["totalPages"]:
            return items
    raise AssertionError("a list without an end")


def keys_of(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What tells the items apart, also those of different types."""
    return [(item["type"], item["id"]) for item in items]


def parameters_of(kb: KnowledgeBase, address: str) -> dict[str, Any]:
    """The schemas of a list's parameters, by name."""
    operation = kb.app.extensions["kb"].api_document()["paths"][address.removeprefix("/v1")]["get"]
    return {each["name"]: each["schema"] for each in operation["parameters"]}


def choices(kb: KnowledgeBase, address: str, name: str) -> list[str]:
    """What a comma list of a list takes."""
    parameters = parameters_of(kb, address)
    choices: list[str] = parameters[name]["items"]["enum"] if name in parameters else []
    return choices


def as_sorted(text: str) -> str:
    """A title as people look it up: its words, without capitals, accents and signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+(?:['’‘`´][^\W_]+)*", letters))


@pytest.mark.parametrize("address", EVERY_LIST)
def test_a_list_takes_the_filters_of_its_things_and_no_others(
    address: str, seeded: KnowledgeBase
) -> None:
    own = {"q", "lang", "page", "pageSize", "sort", "facets", "fields", "ingredientMatch"}
    own |= {"format", "csvSeparator", "clusterDirection", "missing"}

    filters = set(parameters_of(seeded, address)) - own - YEARS

    assert filters == FILTERS[address]
    assert set(choices(seeded, address, "facets")) == FILTERS[address]
    assert (set(parameters_of(seeded, address)) >= YEARS) == (filters >= CASE_FILTERS)


@pytest.mark.parametrize("address", EVERY_LIST)
def test_pages_give_everything_once_and_the_total_is_exact(
    address: str, seeded: KnowledgeBase
) -> None:
    for query in ("", "q=toewijzing", "sort=-updatedAt,title", "q=sloop&sort=title"):
        small = keys_of(walk(seeded, address, query, size=19))
        large = keys_of(walk(seeded, address, query, size=100))

        assert small == large
        assert len(set(small)) == len(small) == total(seeded, address, query)
    assert total(seeded, address) == TOTALS.get(address, total(seeded, address))


def test_search_holds_what_the_other_lists_hold(seeded: KnowledgeBase) -> None:
    apart = {key for each in EVERY_LIST[:-1] for key in keys_of(walk(seeded, each, size=100))}

    assert set(keys_of(walk(seeded, "/v1/search", size=100))) == apart


@pytest.mark.parametrize("address", EVERY_LIST)
def test_beyond_the_last_page_is_nothing(address: str, seeded: KnowledgeBase) -> None:
    body = ask(seeded, address, "pageSize=100", "page=1000000")

    assert body["items"] == []
    assert body["page"]["number"] == 1_000_000
    assert body["page"]["totalItems"] == total(seeded, address)
    assert "next" not in body["_links"]


@pytest.mark.parametrize("address", EVERY_LIST)
def test_next_and_prev_walk_the_whole_list_and_back(address: str, seeded: KnowledgeBase) -> None:
    query = "q=sociale%20huur&lang=en&fields=title&sort=title,-updatedAt&pageSize=11"
    start = f"{address}?{query}"
    forth: list[list[tuple[str, str]]] = []
    back: list[list[tuple[str, str]]] = []
    here = start
    for rel, pages in (("next", forth), ("prev", back)):
        while True:
            answer = seeded.client.get(here)
            pages.append(keys_of(answer.json["items"]))
            links = {name: link["href"] for name, link in answer.json["_links"].items()}
            assert local(links.pop("self")).startswith(f"{address}?")
            near = [link for link in answer.headers.getlist("Link") if "alternate" not in link]
            assert near == [
                f'<{links[name]}>; rel="{name}"' for name in ("next", "prev") if name in links
            ]
            if rel not in links:
                break
            here = local(links[rel])

    assert forth == back[::-1]
    assert [key for page in forth for key in page] == keys_of(
        walk(seeded, address, query.replace("&pageSize=11", ""))
    )


@pytest.mark.parametrize("address", EVERY_LIST)
def test_the_link_to_itself_gives_the_same_page(address: str, seeded: KnowledgeBase) -> None:
    first = ask(seeded, address, "q=a%26b%20OR%20%22wonen%22%20%2B%25", "page=2", "pageSize=4")

    again = seeded.client.get(local(first["_links"]["self"]["href"])).json

    assert again == first


@pytest.mark.parametrize("address", EVERY_LIST)
def test_an_item_is_the_thing_that_its_link_leads_to(address: str, seeded: KnowledgeBase) -> None:
    step = 1 if address != "/v1/search" else 9
    for item in walk(seeded, address)[::step]:
        answer = seeded.client.get(local(item["_links"]["self"]["href"]))

        assert answer.status_code == 200, item
        thing = answer.json
        assert item["summary"]
        for key in item.keys() & thing.keys() - {"ingredients"}:
            assert thing[key] == item[key], (item["id"], key)
        assert {"id", "type", "title"} <= item.keys() & thing.keys()


@pytest.mark.parametrize("address", EVERY_LIST)
def test_items_have_the_keys_of_their_kind(address: str, seeded: KnowledgeBase) -> None:
    keys = {
        "case": "kind place startYear endYear status scale strategies targetGroups ingredients "
        "outcome updatedAt",
        "pitfall": "category phase description avoidance case study",
        "finding": "claim domain level direction evidence lane conditions ingredients programme "
        "source case study",
        "study": "authors year publisher url sourceType",
        "question": "theme",
        "ingredient": "broader caseCount",
    }
    for item in walk(seeded, address):
        wanted = {"id", "type", "title", "summary", "_links", *keys[item["type"]].split()}
        assert item.keys() == wanted
        if item["type"] in {"pitfall", "finding"}:
            assert (item["case"] is None) != (item["study"] is None)


@pytest.mark.parametrize("address", EVERY_LIST)
def test_fields_gives_those_keys_and_no_others(address: str, seeded: KnowledgeBase) -> None:
    for key in choices(seeded, address, "fields"):
        query = "q=wonen" if key == "match" else "pageSize=100"
        items = ask(seeded, address, query, f"fields={key}", "sort=title")["items"]

        assert items
        assert all({"id", "type"} <= item.keys() <= {"id", "type", key} for item in items)
        assert address == "/v1/search" or any(key in item for item in items)

    (first, *_) = ask(seeded, address, "fields=title,summary,_links")["items"]
    assert first.keys() == {"id", "type", "title", "summary", "_links"}


@pytest.mark.parametrize("address", EVERY_LIST)
def test_every_order_is_followed(address: str, seeded: KnowledgeBase) -> None:
    orders = choices(seeded, address, "sort")
    more = {"/v1/cases": {"startYear", "lane"}, "/v1/search": {"startYear", "year", "lane"}}
    more |= {each: {"year", "lane"} for each in ("/v1/studies", "/v1/findings")}
    ranks = lane_ranks(walk(seeded, "/v1/findings", size=100))

    keys = {order.removeprefix("-") for order in orders}
    assert keys == {"relevance", "updatedAt", "title"} | more.get(address, set())
    for order in orders:
        key, descending = order.removeprefix("-"), order.startswith("-")
        if key == "relevance":
            continue
        items = walk(seeded, address, f"sort={order}", size=100)
        values = [each for item in items for each in sorted_values(item, key, ranks)]
        present = [as_sorted(str(value)) for value in values if value is not None]
        assert present == sorted(present, reverse=descending), order
        assert values[len(present) :] == [None] * (len(values) - len(present)), order


def lane_ranks(findings: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """The place of the strongest lane of each finding, case and study, by what it is."""
    lanes = list(schemes()["evidence-lanes"].terms)
    ranks: dict[tuple[str, str], int] = {}
    for finding in findings:
        owner = "case" if finding["case"] else "study"
        for key in (("finding", finding["id"]), (owner, finding[owner]["id"])):
            ranks[key] = min(ranks.get(key, len(lanes)), lanes.index(finding["lane"]["id"]))
    return ranks


def sorted_values(
    item: dict[str, Any], key: str, ranks: dict[tuple[str, str], int]
) -> Iterator[Any]:
    """What an item is sorted by, unless things of its type come last; None: it comes last too."""
    if key == "lane":
        yield ranks.get((item["type"], item["id"]))
    elif key == "year" and item["type"] == "finding":
        yield item["source"]["year"]
    elif key in item:
        yield item[key]


def test_equal_ones_stand_by_id_whichever_way(seeded: KnowledgeBase) -> None:
    for order in ("startYear", "-startYear"):
        items = walk(seeded, "/v1/cases", f"sort={order}", "fields=startYear")
        for one, other in pairwise(items):
            if one["startYear"] == other["startYear"]:
                assert one["id"] < other["id"]


def test_a_second_key_orders_what_is_equal_by_the_first(seeded: KnowledgeBase) -> None:
    items = walk(seeded, "/v1/cases", "sort=-startYear,title")
    pairs = [(-(item["startYear"] or 0), as_sorted(item["title"])) for item in items]

    assert pairs == sorted(pairs)


@pytest.mark.parametrize(
    ("address", "sort"),
    [
        ("/v1/cases", ["-updatedAt"]),
        ("/v1/pitfalls", ["-updatedAt"]),
        ("/v1/findings", ["lane", "-year"]),
        ("/v1/studies", ["-year"]),
        ("/v1/search", ["-updatedAt"]),
    ],
)
def test_without_an_order_a_list_has_its_own(
    address: str, sort: list[str], seeded: KnowledgeBase
) -> None:
    plain = ask(seeded, address)

    assert plain["query"]["sort"] == sort
    chosen = ask(seeded, address, f"sort={','.join(sort)}")
    assert keys_of(plain["items"]) == keys_of(chosen["items"])
    assert ask(seeded, address, "q=wonen")["query"]["sort"] == ["relevance"]


def test_the_query_is_reported_as_it_was_understood(seeded: KnowledgeBase) -> None:
    body = ask(
        seeded,
        "/v1/cases",
        *("q=sloop-nieuwbouw", "scale=wijk", "scale=buurt", "startYearFrom=1990"),
        *("ingredient=buddy-systeem", "ingredientMatch=all", "sort=title,-startYear"),
    )

    assert body["query"] | {"interpretation": None} == {
        "q": "sloop-nieuwbouw",
        "filters": {
            "ingredient": ["buddy-systeem"],
            "ingredientMatch": "all",
            "scale": ["wijk", "buurt"],
            "startYearFrom": 1990,
        },
        "sort": ["title", "-startYear"],
        "degraded": False,
        "interpretation": None,
    }
    assert body["query"]["interpretation"]["terms"][0]["input"] == "sloop-nieuwbouw"
    assert ask(seeded, "/v1/cases")["query"] == {
        "q": None,
        "filters": {},
        "sort": ["-updatedAt"],
        "degraded": False,
        "interpretation": None,
    }


@pytest.mark.parametrize("address", EVERY_LIST)
def test_match_comes_with_words_only(address: str, seeded: KnowledgeBase) -> None:
    assert all("match" not in item for item in ask(seeded, address)["items"])
    assert all("match" in item for item in ask(seeded, address, "q=wonen")["items"])


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
    facets = ask(seeded, "/v1/cases", "facets=ingredient,phase", "q=housing%20first")["facets"]

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
