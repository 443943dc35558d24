"""An empty list says what is near, with the numbers that its links give."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.pages.test_reading import number_of_hits, read

ITEM = re.compile(r'<li><a[^>]* href="([^"]+)"[^>]*>(.*?)</a> <span class="count">([\d.]+)</span>')


def near_of(page: str) -> str:
    """What stands where there are no results."""
    [near] = re.findall(r'<div class="nearby">.*?</div>', page, re.DOTALL)
    return unescape(near)


@pytest.mark.parametrize(
    "address",
    [
        "/zoeken?q=schuldhulpverlening&scale=wijk&province=Zeeland",
        "/casussen?q=buren&province=Zeeland&targetGroup=studenten&startYearFrom=2024",
        "/valkuilen?q=buurt&phase=evaluatie&province=Zeeland",
        "/zoeken?type=finding&province=Zeeland&q=werk&missing=municipality",
        "/onderzoeken?effectDomain=veiligheid&pitfallCategory=ingewikkelde-regeling",
    ],
)
def test_numbers_of_nearby_lists_are_right(address: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, address)

    assert number_of_hits(page) == 0
    lists = ITEM.findall(near_of(page))
    assert any("zonder" in label for _, label, _ in lists)
    for link, _, number in lists:
        assert number_of_hits(read(seeded.client, link)) == int(number) > 0, link
    if "q=" in address:
        assert any("type=" in link or "/zoeken?q=" in link for link, *_ in lists)


@pytest.mark.parametrize(
    ("words", "term"),
    [
        ("daklozn", "/zoeken?targetGroup=uitstromers-opvang"),
        ("schuldhulpverlning", "/strategieen/werk-en-inkomen"),
        ("statushouderskwestie", "/zoeken?targetGroup=statushouders"),
    ],
)
def test_terms_with_a_name_like_the_words_are_near(
    words: str, term: str, kb: KnowledgeBase
) -> None:
    kb.publish(a_case("tuin", targetGroups=["statushouders", "uitstromers-opvang"]))

    page = read(kb.client, f"/onderzoeken?q={words}")

    assert f'href="{term}"' in near_of(page)
    assert f'href="{term}' in near_of(read(kb.client, f"/onderzoeken?q={words}&lang=en"))


@pytest.mark.parametrize("words", ["ontgroening paard", "den", "qqqqqqq"])
def test_what_only_looks_like_the_words_is_not_near(words: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"/zoeken?q={words}&municipality=Nergens")

    assert number_of_hits(page) == 0
    assert "Zo noemen wij iets wat erop lijkt" not in page


@pytest.mark.parametrize(
    ("words", "place", "province"),
    [
        ("Den Helder", "Den Helder", "Noord-Holland"),
        ("in terneuzen", "Terneuzen", "Zeeland"),
        ("emmen", "Emmen", "Drenthe"),
    ],
)
def test_a_place_without_cases_leads_to_its_province(
    words: str, place: str, province: str, kb: KnowledgeBase
) -> None:
    kb.publish(
        *(
            a_case(f"c{n}", place={"country": "NL", "province": name, "municipality": None})
            for n, name in enumerate(["Noord-Holland", "Noord-Holland", "Drenthe"])
        )
    )

    near = near_of(read(kb.client, f"/zoeken?q={words}"))

    number = {"Noord-Holland": "2 casussen", "Drenthe": "1 casus"}.get(province)
    assert f"Er is nog geen casus uit {place}." in near
    assert (f"Bekijk {number} uit {province}" in near) == bool(number)
    assert (f'href="/zoeken?province={province}"' in near) == bool(number)
    assert "Zo noemen wij" not in near


def test_a_place_with_cases_is_not_called_empty(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/vragen?q=Zwolle")

    assert number_of_hits(page) == 0
    assert "Er is nog geen casus" not in page


def test_questions_come_near(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=wat+levert+een+gemengde+wijk+op&municipality=Nergens")

    assert 'href="/vragen/wat-levert-mengen-op"' in near_of(page)


def test_without_anything_near_other_words_are_advised(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=qqqqqqq")

    assert "Probeer andere woorden, of minder." in page
