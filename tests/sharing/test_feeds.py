"""Feeds: the newest first, of what they say, leading to our pages."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as Xml

import feedparser
import pytest

from tests.builders import a_case
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import EVERY_LIST
from tests.sharing.representations import text_of


@pytest.mark.parametrize("address", EVERY_LIST)
def test_a_feed_has_the_items_newest_first(address: str, seeded: KnowledgeBase) -> None:
    feed = feedparser.parse(text_of(seeded, f"{address}?pageSize=7&lang=en", "atom"))

    page: Any = seeded.client.get(f"{address}?pageSize=7&lang=en&sort=-updatedAt").json
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    assert [each.title for each in feed.entries] == [each["title"] for each in page["items"]]
    assert [each.id for each in feed.entries] == [
        each["_links"]["self"]["href"] for each in page["items"]
    ]
    assert all(each.updated_parsed and each.links for each in feed.entries)
    links = {link["rel"]: link["href"] for link in feed.feed.links}
    assert ("next" in links) == ("next" in page["_links"])
    assert feed.feed.author
    assert links["license"] == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("address", "title", "page"),
    [
        ("/v1/cases", "Casussen", "/zoeken"),
        ("/v1/cases?q=wonen", "Casussen: “wonen”", "/zoeken?q=wonen"),
        (
            "/v1/cases?targetGroup=jongeren&targetGroup=ouderen&municipality=Utrecht",
            "Casussen: Doelgroep Jongeren / Ouderen, Gemeente Utrecht",
            "/zoeken?targetGroup=jongeren&targetGroup=ouderen&municipality=Utrecht",
        ),
        (
            "/v1/cases?startYearFrom=2015&lang=en",
            "Cases: Started in or after 2015",
            "/zoeken?startYearFrom=2015&lang=en",
        ),
        (
            "/v1/cases?archetype=gemengd-wonen-in-een-complex",
            "Casussen: Type interventie Gemengd wonen",
            "/zoeken?archetype=gemengd-wonen-in-een-complex",
        ),
        (
            "/v1/pitfalls?phase=uitvoering",
            "Valkuilen: Fase Uitvoering",
            "/valkuilen?phase=uitvoering",
        ),
        (
            "/v1/pitfalls?scale=wijk&missing=province",
            "Valkuilen: Schaal Wijk, zonder: Provincie",
            "/valkuilen?scale=wijk&missing=province",
        ),
        ("/v1/studies?page=2", "Onderzoeken", "/zoeken?type=study"),
        ("/v1/findings", "Bevindingen", "/zoeken?type=finding"),
        ("/v1/questions?theme=proces", "Vragen: Thema Proces", "/vragen?theme=proces"),
        ("/v1/ingredients", "Werkzame bestanddelen", "/bestanddelen"),
        ("/v1/search?q=a%26b", "Zoeken: “a&b”", "/zoeken?q=a%26b"),
        ("/v1/search?type=pitfall&q=tuin", "Valkuilen: “tuin”", "/valkuilen?q=tuin"),
    ],
)
def test_a_feed_says_what_it_is_of_and_leads_to_our_page(
    address: str, title: str, page: str, seeded: KnowledgeBase
) -> None:
    text = text_of(seeded, address, "atom")
    feed = feedparser.parse(text)

    assert feed.feed.title.startswith(title)
    assert feed.feed.title.endswith(
        "· Knowledge base on mixed neighbourhoods"
        if "lang=en" in address
        else "· Kennisbank gemengde wijken"
    )
    assert feed.feed.link == f"{PUBLIC_URL}{page}"
    assert seeded.client.get(page).status_code == 200
    [first, *others] = feed.feed.links  # for readers that look no further than the first
    assert (first["rel"], first["href"]) == ("alternate", f"{PUBLIC_URL}{page}")
    assert [each["href"] for each in others if each["rel"] == "alternate"] == []
    for entry in feed.entries:
        assert entry.link == entry.links[0]["href"]
        assert entry.link.startswith(f"{PUBLIC_URL}/")
        assert "/v1/" not in entry.link


def test_a_feed_says_what_is_ours_and_in_which_language(seeded: KnowledgeBase) -> None:
    xml = "{http://www.w3.org/XML/1998/namespace}"
    atom = "{http://www.w3.org/2005/Atom}"
    parsed = {
        kind: Xml.fromstring(text_of(seeded, f"/v1/{kind}?lang=en&pageSize=2", "atom"))
        for kind in ("cases", "studies", "ingredients")
    }

    titles: Any = {kind: root.find(f"{atom}entry/{atom}title") for kind, root in parsed.items()}
    assert titles["cases"].get(f"{xml}lang") == "nl"
    assert titles["studies"].get(f"{xml}lang") == ""
    assert titles["ingredients"].get(f"{xml}lang") is None  # as the feed, English
    for root in parsed.values():
        assert root.get(f"{xml}lang") == "en"
        summary: Any = root.find(f"{atom}entry/{atom}summary")
        assert summary.get(f"{xml}lang") == "nl"
        assert "Publications have rights of their own" in str(root.findtext(f"{atom}rights"))


def test_a_case_is_followed_by_its_publications(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", title="De tuin"))
    kb.publish(a_case("tuin", title="De grote tuin"), a_case("weg"))

    feed = feedparser.parse(text_of(kb, "/v1/cases/tuin", "atom"))

    assert not feed.bozo, feed.get("bozo_exception")
    assert [each.title for each in feed.entries] == [
        "De grote tuin (versie 2)",
        "De grote tuin (versie 1)",
    ]
    assert [each.summary for each in feed.entries] == ["Gewijzigd.", "Gepubliceerd."]
    assert {each.link for each in feed.entries} == {f"{PUBLIC_URL}/casussen/tuin"}
    assert [each.id for each in feed.entries] == [
        f"{PUBLIC_URL}/v1/cases/tuin/versions/{number}" for number in (2, 1)
    ]
    kb.withdraw("tuin")
    assert kb.client.get("/v1/cases/tuin?format=atom").status_code == 410
