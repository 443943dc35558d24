"""What people type in the field of a page: a long text, and what cannot be searched for."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import KnowledgeBase
from tests.pages.test_reading import Links, number_of_hits, read
from tests.strategies import examples

QUESTION = """
Wij zijn een gemeente in het oosten van het land en willen samen met de corporatie de instroom
van kwetsbare huurders in een wijk uit de jaren zeventig beter spreiden. In de flats wonen nu
veel mensen met psychische problemen, statushouders en jongeren uit de maatschappelijke opvang,
en de zittende bewoners klagen over overlast en vervuiling in het trappenhuis. Welke ervaringen
zijn er elders met het matchen van nieuwe bewoners, met buddy's of met een huismeester, en
levert gemengd wonen wel meer contact op tussen de groepen? En wat ging er mis bij projecten
waarin men dat geprobeerd heeft, vooral in de eerste maanden na de oplevering? Graag horen we
ook wat het kostte, en qwertyuiop.
"""
LISTS = ["/zoeken", "/casussen", "/valkuilen", "/bestanddelen", "/vragen", "/onderzoeken"]


def field_of(page: str) -> str:
    """What stands in the field for words."""
    [value] = re.findall(r'<input id="q"[^>]* value="([^"]*)"', page)
    return unescape(value)


@pytest.mark.parametrize("path", [*LISTS, "/bevindingen"])
def test_a_long_question_is_read_by_its_best_words(path: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"{path}?{urlencode({'q': QUESTION})}")

    assert "We zochten op de woorden die het meest zeggen" in page
    words = field_of(page).split()
    assert {"statushouders", "jongeren", "huismeester"} <= set(words)
    assert not {"qwertyuiop", "Graag", "het"} & set(words)
    places = [QUESTION.index(word) for word in words if QUESTION.count(word) == 1]
    assert places == sorted(places)
    left_out = re.search(r"Weggelaten: \d+ woorden</summary><p[^>]*>(.*?)</p>", page)
    assert left_out
    assert {"flats", "qwertyuiop"} <= set(left_out[1].split(", "))
    assert number_of_hits(page) == number_of_hits(
        read(seeded.client, f"{path}?{urlencode({'q': field_of(page)})}")
    )


def test_many_short_words_are_too_long_as_well(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"/zoeken?{urlencode({'q': 'de jongeren en ' * 34})}")

    assert field_of(page) == "jongeren"


@pytest.mark.parametrize("path", LISTS)
def test_a_long_text_without_a_known_word_lists_nothing(path: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"{path}?{urlencode({'q': 'qwertyuiop zxcvbnmlk ' * 30})}")

    assert "geen van de woorden komt hier voor" in page
    assert "<article" not in page


@pytest.mark.parametrize("query", ["q=%00", "scale=onzin", "startYearFrom=oud", "missing=onzin"])
def test_what_is_refused_never_lists_everything(query: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"/zoeken?{query}")

    assert "Dit begrepen we niet" in page
    assert "Daarom staan hier geen resultaten" in page
    assert "<article" not in page
    assert "format=csv" not in page


def test_beside_what_is_refused_stand_the_rest_and_what_was_meant(seeded: KnowledgeBase) -> None:
    links = Links(read(seeded.client, "/zoeken?q=buren&scale=wijkk"))

    rest, meant = "/zoeken?q=buren", "/zoeken?q=buren&scale=wijk"
    addresses = [link["href"] for link in links.links]
    assert rest in addresses
    assert meant in addresses
    page = read(seeded.client, "/zoeken?q=buren&scale=wijkk")
    assert f"Toon {number_of_hits(read(seeded.client, rest))} resultaten zonder dit" in page


def test_a_misspelt_filter_is_reported_with_the_one_that_was_meant(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?targetgroup=ouderen&utm_source=nieuwsbrief")

    assert "Dit adres heeft geen parameter “targetgroup”." in page
    assert "utm_source" not in re.sub(
        r'"[^"]*"', "", page[page.index("<main") :].split("</main")[0]
    )
    assert "/zoeken?targetGroup=ouderen" in [link["href"] for link in Links(page).links]


def test_of_the_best_words_none_is_left_out(seeded: KnowledgeBase) -> None:
    text = f"{QUESTION} Mensen met een laag inkomen en Riekerhaven."
    page = read(seeded.client, f"/zoeken?{urlencode({'q': text})}")

    assert "laag inkomen" in field_of(page)
    assert "Geen resultaat heeft al je woorden" not in page
    assert page.count("Weggelaten:") == 1


@pytest.mark.parametrize("typed", ["😀", "?!.,", '"', "OR", "-", "( )"])
@pytest.mark.parametrize("path", ["/zoeken", "/vragen"])
def test_signs_alone_are_no_word(path: str, typed: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"{path}?{urlencode({'q': typed})}")

    assert "bevat geen woord" in page
    assert "<article" not in page
    assert field_of(page) == typed


def test_without_signs_the_filters_remain(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=%3F!&scale=wijk")

    number = number_of_hits(read(seeded.client, "/zoeken?scale=wijk"))
    assert f"Toon {number} resultaten zonder dit" in page
    assert "/zoeken?scale=wijk" in [link["href"] for link in Links(page).links]


def test_words_that_were_read_otherwise_are_all_in_the_notice(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=sociaal+beheeer+rotterdm")

    assert re.search("zijn je woorden gelezen als <strong[^>]*>sociaal beheer rotterdam<", page)


def test_words_to_compare_with_may_be_a_long_text_too(seeded: KnowledgeBase) -> None:
    long = read(seeded.client, f"/vergelijken?{urlencode({'q': QUESTION})}")
    refused = read(seeded.client, "/vergelijken?q=%00")

    assert "We zochten op de woorden die het meest zeggen" in long
    assert "kunnen we niets zoeken" in refused


@examples(20)
@given(q=st.text(st.characters(exclude_categories=["Cs"]), min_size=400, max_size=900))
def test_no_text_is_too_strange(q: str, seeded: KnowledgeBase) -> None:
    assert seeded.client.get("/zoeken", query_string={"q": q}).status_code == 200


@pytest.mark.parametrize("number", ["100.000", "100 000", "100%C2%A0000", "100000"])
def test_a_number_may_have_its_thousands_apart(number: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"/zoeken?populationTo={number}&socialRentFrom=30")

    assert 'name="populationTo" inputmode="numeric" pattern="[0-9. ]{1,11}" value="100000"' in page
    assert 'href="/v1/cases?populationTo=100000&amp;socialRentFrom=30"' in page


@pytest.mark.parametrize("number", ["10.00", "1.0000", "100.000 000", "1,5", ".000", "veel"])
def test_a_wrong_number_keeps_the_other_filters(number: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"/zoeken?populationTo={number}&socialRentFrom=30&scale=wijk")

    assert "Inwoners van de gemeente, hoogstens: Dit heeft" in page
    assert re.search(r'name="socialRentFrom"[^>]* value="30"', page)
    assert '<input type="hidden" name="scale" value="wijk">' in page


def test_a_wrong_figure_of_ones_own_place_has_a_name(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/past-het-hier?case=place2bu-utrecht&population=veel&scale=wijk")

    assert "Inwoners: Dit heeft" in page
    assert '<option value="wijk" selected>' in page
