"""The page that shows cases side by side, and the ways to it; all of them without script."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase
from tests.pages.test_reading import read
from tests.pages.test_what_was_found import text_of


def cases_in(address: str) -> list[str]:
    """The cases that an address compares."""
    return parse_qs(urlsplit(unescape(address)).query).get("case", [])


def links_of(page: str) -> list[list[str]]:
    """The choices to which a page leads."""
    return [cases_in(each) for each in re.findall(r'href="(/vergelijken\?[^"]*)"', page)]


def three(kb: KnowledgeBase) -> None:
    kb.publish(
        a_case("een", findings=[a_finding("een")], pitfalls=[a_pitfall("een")], dwellings=1500),
        a_case("twee", dwellings=20),
        a_case("drie"),
    )


def test_two_cases_stand_side_by_side(kb: KnowledgeBase) -> None:
    three(kb)

    page = read(kb.client, "/vergelijken?case=een&case=twee")
    text = text_of(page)

    assert "1.500" in text
    assert "niet onderzocht" in text
    assert "niet vastgelegd" in text
    assert "Spreek vooraf af" in text
    assert "Gelijk in alle" in text
    assert "Wat deze vergelijking niet kan zeggen" in text
    assert "1.500 woningen" in text  # among its limits
    assert ["twee"] in links_of(page)  # without the first
    assert ["een", "twee", "drie"] in links_of(page)  # with one that is like it
    assert "format=csv" in page


def test_what_it_shows_is_what_the_api_says(seeded: KnowledgeBase) -> None:
    query = "case=place2bu-utrecht&case=stek-oost-amsterdam&case=katendrecht-rotterdam"
    answer = seeded.client.get(f"/v1/comparisons?{query}").json or {}
    text = text_of(read(seeded.client, f"/vergelijken?{query}"))

    for limit in answer["limits"]:
        assert text_of(limit["detail"]) in text
    for row in answer["rows"]:
        assert row["label"] in text
        for cell in row["cells"] if not row["isEqual"] else row["cells"][:1]:
            for value in cell["values"]:
                assert text_of(value.get("how") or value["label"]) in text
    assert seeded.client.get(urlsplit(answer["_links"]["html"]["href"]).path).status_code == 200


@pytest.mark.parametrize("query", ["", "?case=", "?case=%20&lang=en", "?q=&case=,"])
def test_without_a_choice_there_is_a_way_to_make_one(query: str, kb: KnowledgeBase) -> None:
    three(kb)

    page = read(kb.client, f"/vergelijken{query}")

    assert "<table" not in page
    assert 'name="q"' in page


def test_one_case_leads_on_to_those_like_it(kb: KnowledgeBase) -> None:
    three(kb)

    page = read(kb.client, "/vergelijken?case=een")

    assert "<table" not in page
    assert ["een", "twee"] in links_of(page)
    assert '<input type="hidden" name="case" value="een">' in page


def test_a_search_adds_to_the_choice(kb: KnowledgeBase) -> None:
    three(kb)

    page = read(kb.client, "/vergelijken?case=een&case=twee&q=Drie&lang=nl")

    assert ["een", "twee", "drie"] in links_of(page)
    assert all("lang=nl" in each for each in re.findall(r'href="(/vergelijken\?[^"]*)"', page)[1:])


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("case=een&case=twe", 404, "twee"),
        ("case=een&case=weg", 410, "Klopte niet."),
        ("case=een&case=twee&case=weg&case=nergens", 410, "nergens"),
        ("case=een&case=%3Cscript%3E", 404, "&lt;script&gt;"),
        ("case=een&case=a%00b", 404, "a\\u0000b"),
        ("case=" + "a" * 3000, 404, "met het kenmerk"),
    ],
)
def test_what_is_not_there_stands_beside_the_rest(
    query: str, status: int, words: str, kb: KnowledgeBase
) -> None:
    three(kb)
    kb.publish(a_case("weg"))
    kb.withdraw("weg", reason="Klopte niet.", replaced_by="drie")

    answer = kb.client.get(f"/vergelijken?{query}", headers={"Accept": "text/html"})

    assert answer.status_code == status
    assert words in answer.text
    assert "<script>" not in answer.text
    if "case=een" in query:
        assert ">Een<" in answer.text.replace("</a>", "<")
    if "weg" in query:
        assert any("drie" in each for each in links_of(answer.text))


def test_there_is_room_for_five(kb: KnowledgeBase) -> None:
    names = ["een", "twee", "drie", "vier", "vijf", "zes", "zeven"]
    kb.publish(*(a_case(name) for name in names))

    page = read(kb.client, "/vergelijken?" + "&".join(f"case={name}" for name in names))

    assert page.count('scope="col"') == 5
    assert "2 zijn weggelaten" in page
    assert 'name="q"' not in page


def test_a_case_that_is_named_twice_has_one_column(kb: KnowledgeBase) -> None:
    three(kb)

    assert read(kb.client, "/vergelijken?case=een,een&case=twee&case=een").count('scope="col"') == 2


@pytest.mark.parametrize("address", ["/zoeken", "/casussen", "/zoeken?q=jongeren"])
def test_cases_are_ticked_in_a_list(address: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, address)
    boxes = re.findall(r'<input type="checkbox" name="case" value="([^"]+)" form="compare">', page)

    assert len(boxes) == page.count('<article class="result">')
    assert re.search(r'<form class="compare-bar" id="compare" action="/vergelijken"', page)
    assert read(seeded.client, f"/vergelijken?case={boxes[0]}&case={boxes[1]}")


def test_other_lists_have_nothing_to_tick(seeded: KnowledgeBase) -> None:
    for address in ("/bevindingen", "/onderzoeken", "/zoeken?type=study", "/zoeken?q=xqzxqz"):
        assert 'id="compare"' not in read(seeded.client, address)


def choices_on(client: FlaskClient, address: str) -> list[list[str]]:
    return links_of(read(client, address))


def test_a_card_leads_to_a_comparison(seeded: KnowledgeBase) -> None:
    on_case = choices_on(seeded.client, "/casussen/place2bu-utrecht")

    assert ["place2bu-utrecht"] in on_case
    pairs = [each for each in on_case if len(each) == 2]
    assert len(pairs) == 3
    assert all(each[0] == "place2bu-utrecht" for each in pairs)
    assert all(len(each) == 1 for each in choices_on(seeded.client, "/"))
    assert choices_on(seeded.client, "/bestanddelen/buddy-systeem")
