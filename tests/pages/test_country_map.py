"""The map of the Netherlands shows the very numbers of two facets, and each leads to its list."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kb.pages.netherlands import drawing, municipality
from schemas.provinces import PROVINCES
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.pages.test_reading import read

AREA = re.compile(r'<a href="([^"]+)"[^>]*><title>([^<]+): (\d+)</title><(path|circle)')


def on_map(page: str) -> list[tuple[str, str, int, str]]:
    """What can be chosen on a page's map: address, name, number, and whether an area or a dot."""
    return [
        (unescape(address), unescape(name), int(number), shape)
        for address, name, number, shape in AREA.findall(page)
    ]


def a_place(**keys: Any) -> dict[str, Any]:
    return {"country": "NL", "province": "Utrecht", "municipality": "Utrecht"} | keys


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("den bosch", ("'s-Hertogenbosch", "Noord-Brabant")),
        ("Almere", ("Almere", "Flevoland")),
        ("in Bergen", None),  # there are two
        ("", None),
        ("wonen in Almere", None),
    ],
)
def test_words_may_name_a_municipality(words: str, place: tuple[str, str] | None) -> None:
    assert municipality(words) == place


def test_the_drawing_has_every_province_and_nearly_every_municipality() -> None:
    width, height = drawing().width, drawing().height

    assert sorted(drawing().provinces) == sorted(PROVINCES)
    assert len(drawing().municipalities) > 330
    members = [name for each in drawing().provinces.values() for name in each["municipalities"]]
    assert len(members) == len(set(members))
    assert set(drawing().municipalities) <= set(members)
    for x, y in drawing().municipalities.values():
        assert 0 < x < width
        assert 0 < y < height


@pytest.mark.parametrize("address", ["/", "/zoeken", "/casussen", "/zoeken?q=jongeren"])
def test_the_numbers_are_those_of_the_facets_and_lead_to_as_many_cases(
    address: str, seeded: KnowledgeBase
) -> None:
    words = parse_qs(urlsplit(address).query).get("q", [""])[0]
    query = f"q={words}&" if words else ""
    facets = seeded.client.get(f"/v1/cases?{query}facets=province,municipality").json["facets"]
    counts = {
        name: {each["value"]: each["count"] for each in facet["values"]}
        for name, facet in facets.items()
    }

    shown = on_map(read(seeded.client, address))

    areas = {name: number for _, name, number, shape in shown if shape == "path"}
    assert areas == {name: counts["province"][name] for name in PROVINCES if name in areas}
    assert sum(areas.values()) == sum(counts["province"].get(name, 0) for name in PROVINCES)
    for target, name, number, shape in shown[:: 1 if words else 5]:
        assert number == counts["province" if shape == "path" else "municipality"][name]
        listed = seeded.client.get(
            target.replace("/zoeken", "/v1/cases").replace("/casussen", "/v1/cases")
        )
        assert listed.json["page"]["totalItems"] == number


def test_the_front_page_names_the_same_provinces_beside_the_map(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/")
    section = page[page.index('class="places"') : page.index('class="wrap page"')]
    beside = re.findall(
        r'<li><a href="([^"]+)"><span>([^<]+)</span> <span class="count">(\d+)<', section
    )

    areas = [each[:3] for each in on_map(section) if each[3] == "path"]
    assert [(unescape(a), name, int(number)) for a, name, number in beside] == areas


def test_a_municipality_that_is_on_no_map_stands_in_the_list(kb: KnowledgeBase) -> None:
    kb.publish(
        a_case("hier"),
        a_case("nieuw", place=a_place(municipality="Nieuwstad & Co")),
        a_case("ver", place=a_place(country="BE", province="Vlaanderen", municipality="Gent")),
        a_case("nergens", place={"country": None, "province": None, "municipality": None}),
    )

    page = read(kb.client, "/casussen")

    assert {name for _, name, _, _ in on_map(page)} == {"Utrecht"}
    assert "Nieuwstad &amp; Co" in page
    assert "Vlaanderen" in page


def test_what_is_chosen_is_taken_away_by_choosing_it_again(kb: KnowledgeBase) -> None:
    kb.publish(a_case("hier"), a_case("daar", place=a_place(province="Zeeland")))

    shown = on_map(read(kb.client, "/zoeken?province=Utrecht&lang=en"))

    addresses = {name: address for address, name, _, shape in shown if shape == "path"}
    assert addresses == {
        "Utrecht": "/zoeken?lang=en",
        "Zeeland": "/zoeken?province=Utrecht&province=Zeeland&lang=en",
    }


def test_without_cases_in_the_country_there_is_no_map(kb: KnowledgeBase) -> None:
    assert "country-map" not in read(kb.client, "/")

    kb.publish(a_case("elders", place=a_place(country="BE", province=None, municipality="Gent")))

    assert "country-map" not in read(kb.client, "/")
    assert "country-map" not in read(kb.client, "/zoeken")


def test_a_list_without_places_has_no_map(seeded: KnowledgeBase) -> None:
    for address in ("/vragen", "/bestanddelen", "/onderzoeken", "/zoeken?type=study"):
        assert "country-map" not in read(seeded.client, address)
