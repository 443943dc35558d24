"""The page that writes the line of HTML for another website."""

from __future__ import annotations

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from kb.sharing import releases
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.sharing.test_oembed import Tags

ASKED = "q=jonge+%22bewoners%22&scale=wijk&scale=stad&pageSize=3&show=count&show=facts&look=dark"


def line_of(page: str) -> str:
    """The line that the page tells to take over."""
    return unescape(page.partition('<code id="line">')[2].partition("</code>")[0])


def policy_of(page: str) -> str:
    """The policy that it tells."""
    return unescape(page.partition('<code id="policy">')[2].partition("</code>")[0])


def test_it_writes_the_component(seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"/insluiten?{ASKED}").text

    [(script, src), (element, attributes), (_, link), (_, place)] = Tags(line_of(page)).links
    newest = releases.newest()
    assert (script, element) == ("script", "kennisbank-zoek")
    assert src["src"] == f"{PUBLIC_URL}/embed/{newest}/kennisbank.js"
    assert src["integrity"] == releases.hashes()[newest]
    assert attributes == {
        "q": 'jonge "bewoners"',
        "scale": "wijk|stad",
        "page-size": "3",
        "show": "count facts",
        "look": "dark",
        "lang": "nl",
    }
    chosen = "scale=wijk&scale=stad&q=jonge%20%22bewoners%22&lang=nl"
    assert link["href"] == f"{PUBLIC_URL}/zoeken?{chosen}"
    assert place == {"width": "1", "height": "870", "aria-hidden": "true"}
    assert policy_of(page) == f"script-src {PUBLIC_URL}; connect-src {PUBLIC_URL}"
    assert Tags(page).links.count((element, attributes)) == 1  # to see, beside the text


@pytest.mark.parametrize(("kind", "more"), [("iframe", ""), ("fragment", "&fragment=1")])
def test_it_writes_the_frame_and_the_fragment(kind: str, more: str, seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"/insluiten?{ASKED}&embed={kind}").text
    frames = [each for tag, each in Tags(page).links if tag == "iframe"]
    source = frames[0]["src"] or ""

    assert seeded.client.get(source).status_code == 200
    assert source.endswith(more)
    assert "scale=wijk&scale=stad" in source
    assert f"{PUBLIC_URL}{source}" in unescape(line_of(page))
    assert policy_of(page) == (f"frame-src {PUBLIC_URL}" if kind == "iframe" else "")


def test_it_remembers_what_was_chosen(seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"/insluiten?{ASKED}&startYearFrom=2010&municipality=&x=1").text
    inputs = [each for tag, each in Tags(page).links if tag == "input"]

    ticked = {(each["name"], each["value"]) for each in inputs if "checked" in each}
    assert ticked == {
        *(("embed", "component"), ("look", "dark"), ("scale", "wijk"), ("scale", "stad")),
        *(("show", "count"), ("show", "facts")),
    }
    filled = {each["name"]: each.get("value") for each in inputs if each.get("type") != "checkbox"}
    assert filled["q"] == 'jonge "bewoners"'
    assert filled["startYearFrom"] == "2010"
    assert filled["pageSize"] == "3"


def test_every_filter_of_cases_can_be_chosen(seeded: KnowledgeBase) -> None:
    page = seeded.client.get("/insluiten").text
    names = {each.get("name") for tag, each in Tags(page).links if tag == "input"}
    operation = seeded.app.extensions["kb"].api_document()["paths"]["/cases"]["get"]

    filters = {each["name"] for each in operation["parameters"]}
    not_chosen = {"lang", "page", "sort", "facets", "fields", "format", "csvSeparator", "missing"}
    by_hand = {"ingredientMatch", "country", "archetype"}  # docs/embedding.md tells of these
    by_hand |= {"populationFrom", "populationTo", "socialRentFrom", "socialRentTo"}
    assert filters - not_chosen - by_hand <= names


def test_hostile_words_stay_words(seeded: KnowledgeBase) -> None:
    words = "\"'><script>alert(1)</script>"
    for kind in ("component", "iframe", "fragment"):
        page = seeded.client.get("/insluiten", query_string={"q": words, "embed": kind}).text

        assert "<script>alert" not in page
    [_, (_, attributes), (_, link), _] = Tags(
        line_of(seeded.client.get("/insluiten", query_string={"q": words}).text)
    ).links
    assert attributes["q"] == words
    assert parse_qs(urlsplit(link["href"] or "").query)["q"] == [words]


def test_it_speaks_english_too(seeded: KnowledgeBase) -> None:
    page = seeded.client.get("/insluiten?lang=en").text

    assert "Our search results in your website" in page
    link = f'<a href="{PUBLIC_URL}/zoeken?lang=en">Search case studies</a>'
    assert f'lang="en">{link}' in page
