"""Every list is a search: filters, order, pages, facets and keys, on the first cases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from kb.vocabulary.terms import schemes
from tests.conftest import KnowledgeBase
from tests.contract.addresses import EVERY_LIST, local
from tests.contract.lists import ask, choices, keys_of, total, walk

TOTALS = {"/v1/cases": 157, "/v1/studies": 93, "/v1/questions": 14}


def as_sorted(text: str) -> str:
    """A title as people look it up: its words, without capitals, accents and signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+(?:['’‘`´][^\W_]+)*", letters))


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
        "outcome findingsByLane image updatedAt",
        "pitfall": "category phase description avoidance searchTerms case study",
        "finding": "claim domain level direction evidence lane conditions ingredients programme "
        "source case study",
        "study": "authors year publisher url sourceType findingsByLane",
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
    of_cases = {"startYear", "population", "socialRent", "lane"}
    more = {"/v1/cases": of_cases, "/v1/search": {*of_cases, "year"}}
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
        present = [
            value if isinstance(value, int) else as_sorted(value)
            for value in values
            if value is not None
        ]
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
    elif key in {"population", "socialRent"} and item["type"] == "case":
        yield item["place"][key]
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
