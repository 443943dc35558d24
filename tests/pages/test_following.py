"""Following: every list, case, ingredient and effect leads to a page that tells how."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import feedparser
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.pages.test_reading import READER, Links, read


def feed_on(page: str) -> str:
    """The address to copy; empty when there is none."""
    match = re.search(r'<input id="feed-address"[^>]* value="([^"]*)"', page)
    return unescape(match[1]) if match else ""


@pytest.mark.parametrize(
    ("path", "feed", "heading"),
    [
        (
            "/zoeken?q=wonen&scale=wijk&sort=title",
            "/v1/cases?q=wonen&scale=wijk&format=atom",
            "Casussen: “wonen”, Schaal Wijk",
        ),
        ("/zoeken?type=study&lang=en", "/v1/studies?format=atom&lang=en", "Studies"),
        (
            "/casussen?targetGroup=jongeren&targetGroup=ouderen",
            "/v1/cases?targetGroup=jongeren&targetGroup=ouderen&format=atom",
            "Casussen: Doelgroep Jongeren / Ouderen",
        ),
        ("/valkuilen", "/v1/pitfalls?format=atom", "Valkuilen"),
        ("/vragen", "/v1/questions?format=atom", "Vragen"),
        ("/bestanddelen", "/v1/ingredients?format=atom", "Werkzame bestanddelen"),
        (
            "/bevindingen?clusterDirection=positief",
            "/v1/findings?clusterDirection=positief&format=atom",
            "Bevindingen",
        ),
        (
            "/casussen/place2bu-utrecht",
            "/v1/cases/place2bu-utrecht?format=atom",
            "Place2BU: 490 studio's voor jongeren, statushouders en mensen uit de opvang",
        ),
        (
            "/bestanddelen/buddy-systeem",
            "/v1/cases?ingredient=buddy-systeem&format=atom",
            "Casussen: Werkzaam bestanddeel Buddy's en maatjes",
        ),
        (
            "/strategieen/sloop-nieuwbouw",
            "/v1/cases?strategy=sloop-nieuwbouw&format=atom",
            "Casussen: Strategie Herstructurering door sloop en nieuwbouw",
        ),
        (
            "/effecten/leefbaarheid?targetGroup=ouderen",
            "/v1/findings?targetGroup=ouderen&effectDomain=leefbaarheid&format=atom",
            "Bevindingen: Doelgroep Ouderen, Effectgebied Leefbaarheid",
        ),
    ],
)
def test_a_page_is_followed_by_a_feed_of_what_it_shows(
    path: str, feed: str, heading: str, seeded: KnowledgeBase
) -> None:
    [follow] = Links(read(seeded.client, path)).with_(**{"class": "follow"})
    page = read(seeded.client, follow)

    assert feed_on(page) == f"{PUBLIC_URL}{feed}"
    assert unescape(page).count(f'<h1 dir="auto">{heading}</h1>') == 1
    assert 'name="robots" content="noindex' in page
    answer = seeded.client.get(feed, buffered=True)
    assert answer.status_code == 200
    assert not feedparser.parse(answer.data).bozo
    [back] = re.findall(r'href="([^"]*)" rel="nofollow">←', page)
    assert seeded.client.get(unescape(back), headers=READER).status_code == 200


def test_what_is_not_understood_is_not_followed_as_everything(client: FlaskClient) -> None:
    page = read(client, "/volgen/casussen?ingredient=buddy-system")

    assert not feed_on(page)
    assert "buddy-systeem" in page  # what was meant
    assert client.get("/volgen/niets", headers=READER).status_code == 404
    assert client.get("/volgen/casussen/niets", headers=READER).status_code == 404


def test_what_is_misspelt_leads_to_a_page_with_a_feed(client: FlaskClient) -> None:
    page = read(client, "/volgen/casussen?ingredient=buddy-systeem&ingredient=bestaat-niet")

    assert feed_on(page) == f"{PUBLIC_URL}/v1/cases?ingredient=buddy-systeem&format=atom"


@given(st.text(max_size=300))
def test_no_word_breaks_the_page(seeded: KnowledgeBase, words: str) -> None:
    encoded = quote(words.encode("utf-8", "replace"))

    answer = seeded.client.get(f"/volgen/casussen?q={encoded}", headers=READER)

    assert answer.status_code == 200
    if feed := feed_on(answer.text):
        answer = seeded.client.get(feed.removeprefix(PUBLIC_URL), buffered=True)
        assert answer.status_code == 200


def test_figures_are_written_as_people_write_them(seeded: KnowledgeBase) -> None:
    for path in ("/volgen/casussen", "/zoeken"):
        text = seeded.client.get(f"{path}?populationTo=100000").get_data(as_text=True)
        assert "hoogstens 100.000" in text or "hoogstens <strong>100.000" in text
