"""Machines find every page: sitemap, robots and OpenSearch."""

from __future__ import annotations

from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as Xml

import pytest

from kb.sharing.discovery_views import render_sitemap
from kb.web.headers import PUBLIC_CACHE
from tests.builders import a_case, a_pitfall, a_question, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_the_sitemap_has_a_page_for_all_that_is_public(any_kb: KnowledgeBase) -> None:
    any_kb.take(
        studies=[a_study("rapport", pitfalls=[a_pitfall("rapport")])],
        questions=[a_question("waarom", studies=["rapport"])],
    )
    any_kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")]), a_case("weg"))
    any_kb.withdraw("weg")
    any_kb.draft(a_case("geheim"))

    urls = Xml.fromstring(any_kb.client.get("/sitemap.xml").data)

    places = [str(each.text) for each in urls.iter(f"{SITEMAP}loc")]
    assert len(set(places)) == len(places)
    paths = {place.removeprefix(PUBLIC_URL) for place in places}
    assert {
        *("/", "/casussen", "/casussen/tuin", "/valkuilen/tuin--korte-adem"),
        *("/valkuilen/rapport--korte-adem", "/onderzoeken/rapport", "/vragen/waarom"),
        "/bestanddelen/buddy-systeem",
    } <= paths
    assert not [place for place in paths if "weg" in place or "geheim" in place]
    days = [each.text for each in urls.iter(f"{SITEMAP}lastmod")]
    assert len(days) == 5


def test_more_pages_than_a_sitemap_may_have_are_listed_in_parts(kb: KnowledgeBase) -> None:
    pages = [(f"/{number}", None) for number in range(5)]

    with kb.app.app_context():
        index, *parts = (render_sitemap(pages, part, max_urls=2) for part in ("", "1", "2", "3"))
        assert [render_sitemap(pages, part, max_urls=2) for part in ("0", "4", "-1", "een")] == [
            None
        ] * 4

    listed = [each.text for each in Xml.fromstring(str(index)).iter(f"{SITEMAP}loc")]
    assert listed == [f"{PUBLIC_URL}/sitemap.xml?part={number}" for number in (1, 2, 3)]
    links = [
        each.text for part in parts for each in Xml.fromstring(str(part)).iter(f"{SITEMAP}loc")
    ]
    assert links == [f"{PUBLIC_URL}{path}" for path, _ in pages]
    assert kb.client.get("/sitemap.xml?part=1").data == kb.client.get("/sitemap.xml").data
    assert kb.client.get("/sitemap.xml?part=2").status_code == 404


def test_robots_may_read_pages_but_not_endless_searches(kb: KnowledgeBase) -> None:
    rules = RobotFileParser()
    rules.parse(kb.client.get("/robots.txt").text.splitlines())

    assert rules.can_fetch("Bot", f"{PUBLIC_URL}/casussen/tuin")
    assert rules.can_fetch("Bot", f"{PUBLIC_URL}/v1/cases/tuin")
    assert not rules.can_fetch("Bot", f"{PUBLIC_URL}/v1/search?q=x")
    assert rules.site_maps() == [f"{PUBLIC_URL}/sitemap.xml"]


def test_opensearch_tells_how_to_search(kb: KnowledgeBase) -> None:
    root = Xml.fromstring(kb.client.get("/opensearch.xml").data)

    templates = {each.get("type"): each.get("template") for each in root.iter(f"{SEARCH}Url")}
    assert templates["text/html"] == f"{PUBLIC_URL}/zoeken?q={{searchTerms}}"
    feed = str(templates["application/atom+xml"]).removeprefix(PUBLIC_URL)
    url = feed.replace("{searchTerms}", "wonen").replace("{startPage?}", "1")
    assert kb.client.get(url).mimetype == "application/atom+xml"
    assert len(str(root.findtext(f"{SEARCH}ShortName"))) <= 16


@pytest.mark.parametrize("address", ["/sitemap.xml", "/robots.txt", "/opensearch.xml"])
def test_what_machines_read_may_be_cached(address: str, kb: KnowledgeBase) -> None:
    answer = kb.client.get(address)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == PUBLIC_CACHE
    tag = answer.headers["ETag"]
    assert kb.client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_a_single_thing_says_what_it_is_and_how_to_cite_it(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")]))

    for path, page, kind in (
        ("cases/tuin", "/casussen/tuin", "Article"),
        ("pitfalls/tuin--korte-adem", "/valkuilen/tuin--korte-adem", "CreativeWork"),
    ):
        links = kb.client.get(f"/v1/{path}?lang=en").headers.getlist("Link")
        assert f'<{PUBLIC_URL}{page}>; rel="cite-as"' in links
        assert f'<https://schema.org/{kind}>; rel="type"' in links
        assert [link for link in links if 'rel="license"' in link]
    assert not kb.client.get("/v1/cases/nergens").headers.getlist("Link")


@pytest.mark.parametrize(
    ("page", "paths", "kind"),
    [
        ("/casussen/tuin", "/v1/cases/tuin", "Article"),
        ("/valkuilen/tuin--korte-adem", "/v1/pitfalls/tuin--korte-adem", "CreativeWork"),
        ("/bestanddelen/buddy-systeem", "/v1/ingredients/buddy-systeem", "DefinedTerm"),
    ],
)
def test_a_page_leads_machines_to_the_same_thing(
    page: str, paths: str, kind: str, kb: KnowledgeBase
) -> None:
    kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")]))

    answer = kb.client.get(f"{page}?lang=en", headers={"Accept": "text/html"})

    links = answer.headers.getlist("Link")
    assert f'<{PUBLIC_URL}{page}>; rel="cite-as"' in links
    assert f'<{PUBLIC_URL}{paths}>; rel="describedby"; type="application/json"' in links
    assert f'<https://schema.org/{kind}>; rel="type"' in links
    assert [link for link in links if 'rel="license"' in link]
    assert kb.client.get(paths).status_code == 200
    assert not kb.client.get("/zoeken").headers.getlist("Link")
