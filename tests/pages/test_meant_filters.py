"""What somebody says of a municipality in words is offered as filters on its figures."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.conftest import KnowledgeBase
from tests.pages.test_reading import read

SMALL, MUCH = ("populationTo", "100000"), ("socialRentFrom", "30")


def offered(kb: KnowledgeBase, typed: str, **parameters: str) -> list[tuple[dict[str, str], int]]:
    """The parameters of each list that is offered, and how many are in it."""
    page = read(kb.client, f"/zoeken?{urlencode({'q': typed, **parameters})}")
    [box] = re.findall(r'<section class="notice meant-filters.*?</section>', page, re.S) or [""]
    links = re.findall(r'href="([^"]+)".*?class="count">([\d.]+)', box)
    return [
        (
            {name: "|".join(some) for name, some in _parameters(address).items()},
            int(count.replace(".", "")),
        )
        for address, count in links
    ]


def _parameters(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(unescape(address)).query)


def test_the_filters_that_words_say_are_offered_together_and_each(seeded: KnowledgeBase) -> None:
    lists = offered(seeded, "kleine gemeente met veel sociale huur")

    assert [parameters for parameters, _ in lists] == [
        dict([SMALL, MUCH]),
        dict([SMALL]),
        dict([MUCH]),
    ]
    for parameters, count in lists:
        listed = seeded.client.get(f"/v1/cases?{urlencode(parameters)}").json
        assert listed["page"]["totalItems"] == count > 0


@pytest.mark.parametrize(
    ("typed", "parameters"),
    [
        ("statushouders in een kleine gemeente", {"q": "statushouders", "populationTo": "100000"}),
        ("corporatie in grote steden?", {"q": "corporatie", "populationFrom": "100000"}),
        ("small municipalities", {"populationTo": "100000"}),
        ("Gemeente met een hoog aandeel sociale huurwoningen", {"q": "gemeente", **dict([MUCH])}),
        (
            "bewoners op het platteland",
            {"q": "bewoners", "urbanity": "weinig-stedelijk|niet-stedelijk"},
        ),
    ],
)
def test_what_else_was_typed_stays(
    typed: str, parameters: dict[str, str], seeded: KnowledgeBase
) -> None:
    assert [each for each, _ in offered(seeded, typed)] == [parameters]


@pytest.mark.parametrize("typed", ["gemeente", "sociale huur", "kleine stappen", "gemengde stad"])
def test_other_words_offer_no_filter(typed: str, seeded: KnowledgeBase) -> None:
    assert offered(seeded, typed) == []


def test_a_filter_that_is_chosen_is_not_offered(seeded: KnowledgeBase) -> None:
    assert offered(seeded, "kleine gemeente", populationTo="50000") == []
    assert offered(seeded, "kleine gemeente", type="study") == []
