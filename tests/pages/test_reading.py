"""Pages for people: they lead on, count truly, take what they can and tell what they left out."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from kb.app import create_app
from kb.pages.labels import is_web_address
from kb.web.response_cache import ResponseCache
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import PUBLIC_URL, KnowledgeBase, make

READER = {"Accept": "text/html,application/xhtml+xml"}
KINDS = ["case", "finding", "pitfall", "study", "question", "ingredient"]


class Links(HTMLParser):
    """The links of a page: their address and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a link says."""
        if tag in {"a", "link"}:
            self.links.append(dict(attrs))

    def with_(self, **wanted: str) -> list[str]:
        """The addresses of the links that have these attributes."""
        return [
            link["href"] or ""
            for link in self.links
            if all(link.get(name) == value for name, value in wanted.items())
        ]


def read(client: FlaskClient, address: str) -> str:
    """The page at an address."""
    answer = client.get(address, headers=READER)
    assert answer.status_code == 200, address
    assert answer.mimetype == "text/html"
    return answer.text


def number_of_hits(page: str) -> int:
    match = re.search(r'<h2 id="found" tabindex="-1">(\d+) ', page)
    assert match
    return int(match[1])


@pytest.mark.parametrize(
    ("language", "day"), [("", r"\d [a-z]+ 20\d\d"), ("?lang=en", r"\d [A-Z][a-z]+ 20\d\d")]
)
def test_a_day_stands_before_its_month_in_both_languages(
    kb: KnowledgeBase, language: str, day: str
) -> None:
    kb.publish(a_case("tuin"))

    assert re.search(day, read(kb.client, f"/casussen/tuin{language}"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_item_of_a_list_leads_to_its_page(kind: str, seeded: KnowledgeBase) -> None:
    address = f"/v1/search?type={kind}&pageSize=100"
    items = seeded.client.get(address).json["items"]
    links = {}
    for item in items:
        path, _, place = item["_links"]["html"]["href"].removeprefix(PUBLIC_URL).partition("#")
        if path not in links:
            links[path] = read(seeded.client, path)
        assert not place or f'id="{place}"' in links[path]

    assert items


def test_a_single_thing_and_a_suggestion_lead_to_the_page_too(seeded: KnowledgeBase) -> None:
    case = seeded.client.get("/v1/cases/place2bu-utrecht").json
    offered = seeded.client.get("/v1/suggestions?q=utr").json["items"]

    assert case["_links"]["html"]["href"] == f"{PUBLIC_URL}/casussen/place2bu-utrecht"
    assert {item["type"] for item in offered} >= {"case", "place"}
    for item in offered:
        read(seeded.client, item["_links"]["html"]["href"].removeprefix(PUBLIC_URL))


@pytest.mark.parametrize(
    "address",
    ["/zoeken?q=buren", "/zoeken?type=finding", "/valkuilen", "/casussen", "/bevindingen"],
)
def test_choosing_a_value_gives_the_count_that_was_shown(
    address: str, seeded: KnowledgeBase
) -> None:
    page = read(seeded.client, address)
    shown = re.findall(
        r'<a href="([^"]+)" rel="nofollow" data-here id="[^"]+">'
        r'<span class="name" dir="auto">[^<]+</span> <span class="count">(\d+)</span>',
        page,
    )

    assert len(shown) > 20
    for link, count in shown[::9]:
        assert number_of_hits(read(seeded.client, link.replace("&amp;", "&"))) == int(count), link


@pytest.mark.parametrize("query", ["q=buren", "q=statushouders+onvindbaarwoord", "scale=wijk"])
def test_another_kind_of_results_has_the_count_of_its_tab(
    query: str, seeded: KnowledgeBase
) -> None:
    page = read(seeded.client, f"/zoeken?{query}")
    tabs = re.findall(
        r'<li><a data-here href="([^"]+)"[^>]*>[^<]+<span class="count">(\d+)</span></a></li>', page
    )

    assert len(tabs) > 2
    for link, count in tabs:
        assert number_of_hits(read(seeded.client, link.replace("&amp;", "&"))) == int(count), link


def test_a_chosen_filter_can_be_taken_away(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=buren&scale=wijk&scale=buurt&startYearFrom=2000")
    chosen = Links(page).with_(**{"class": "chip chosen"})

    assert chosen == [
        "/zoeken?q=buren&scale=buurt&startYearFrom=2000",
        "/zoeken?q=buren&scale=wijk&startYearFrom=2000",
        "/zoeken?q=buren&scale=wijk&scale=buurt",
    ]


def test_empty_and_unknown_parameters_are_nothing(seeded: KnowledgeBase) -> None:
    plain = read(seeded.client, "/zoeken?q=buren")

    assert number_of_hits(plain) == number_of_hits(
        read(seeded.client, "/zoeken?q=buren&scale=&strategy=&onbekend=1&page=&q=anders")
    )


@pytest.mark.parametrize(
    "wrong",
    [
        *("scale=onzin", "page=veel", "pageSize=1000", "sort=onzin", "startYearFrom=oud"),
        *("scale=onzin&scale=wijk&scale=zinloos", "startYearFrom=2020&startYearTo=2010"),
        *("q=%00", "sort=title,title", "lang=xx&scale=onzin"),
    ],
)
def test_what_is_wrong_is_left_out_and_reported(wrong: str, seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"/zoeken?{wrong}")

    assert "Dit begrepen we niet" in page
    if "scale=wijk" in wrong:
        assert number_of_hits(page) == number_of_hits(read(seeded.client, "/zoeken?scale=wijk"))


def test_words_that_were_left_out_or_meant_otherwise_are_reported(seeded: KnowledgeBase) -> None:
    dropped = read(seeded.client, "/zoeken?q=statushouders+onvindbaarwoord")
    meant = read(seeded.client, "/zoeken?q=statushuoders")

    assert '<s dir="auto">onvindbaarwoord</s>' in dropped
    assert re.search(r"gelezen als <strong[^>]*>statushouders</strong>", meant)


def test_why_a_case_matches_is_shown(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=vergunninghouders")

    assert "Gaat over <strong>statushouders</strong> (je zocht: vergunninghouders)." in page
    assert re.search(r"<mark>\w+</mark>", page)


def test_pages_of_a_list_do_not_overlap(seeded: KnowledgeBase) -> None:
    titles: list[str] = []
    address = "/zoeken?sort=title"
    while address:
        page = read(seeded.client, address)
        titles += re.findall(r'<h3><a href="(/casussen/[^"]+)"', page)
        address = next(iter(Links(page).with_(rel="next")), "")

    assert len(titles) == len(set(titles)) == number_of_hits(read(seeded.client, "/zoeken"))


def test_who_asks_for_english_keeps_it(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=buren&lang=en")
    links = [urlsplit(link["href"] or "") for link in Links(page).links]
    ours = [link for link in links if not link.scheme and link.path.startswith("/casussen/")]

    assert '<html lang="en">' in page
    assert ours
    assert {link.query for link in ours} == {"lang=en"}
    assert '<input type="hidden" name="lang" value="en">' in page
    assert Links(page).with_(hreflang="nl") == ["/zoeken?q=buren&lang=nl"]


def test_a_page_tells_programs_where_its_feed_and_embed_are(seeded: KnowledgeBase) -> None:
    links = Links(read(seeded.client, "/zoeken?q=buren&scale=wijk"))

    assert links.with_(type="application/atom+xml") == ["/v1/cases?q=buren&scale=wijk&format=atom"]
    assert links.with_(type="application/json+oembed") == [
        f"{PUBLIC_URL}/v1/oembed?url=http%3A%2F%2Fkennisbank.test%2Fzoeken%3Fq%3Dburen%26scale%3Dwijk"
    ]
    case = Links(read(seeded.client, "/casussen/place2bu-utrecht?lang=en"))
    assert case.with_(rel="canonical") == [f"{PUBLIC_URL}/casussen/place2bu-utrecht"]


def test_a_withdrawn_case_says_why_and_what_takes_its_place(kb: KnowledgeBase) -> None:
    kb.publish(a_case("oud"), a_case("nieuw"))
    kb.withdraw("oud", reason="Dit klopt niet meer.", replaced_by="nieuw")

    answer = kb.client.get("/casussen/oud", headers=READER)

    assert answer.status_code == 410
    assert "Dit klopt niet meer." in answer.text
    assert "/casussen/nieuw" in [link["href"] for link in Links(answer.text).links]


@pytest.mark.parametrize(
    "address", ["casussen", "valkuilen", "bestanddelen", "vragen", "onderzoeken"]
)
def test_an_unknown_id_is_a_page_that_helps_on(address: str, seeded: KnowledgeBase) -> None:
    known = {"casussen": "place2bu-utrecht", "bestanddelen": "buddy-systeem"}.get(address, "")

    answer = seeded.client.get(f"/{address}/{known[:-1]}x-x", headers=READER)

    assert answer.status_code == 404
    assert 'role="search"' in answer.text
    hrefs = [link["href"] for link in Links(answer.text).links]
    assert not known or f"/{address}/{known}" in hrefs


def test_a_draft_has_no_page(kb: KnowledgeBase) -> None:
    kb.draft(a_case("concept"))

    assert kb.client.get("/casussen/concept", headers=READER).status_code == 404
    assert "concept" not in read(kb.client, "/zoeken")


def test_findings_that_contradict_stand_side_by_side(kb: KnowledgeBase) -> None:
    claims = [
        a_finding("tuin", "eerst", direction="negatief", claim="Het werd slechter."),
        a_finding("tuin", "dan", direction="positief", claim="Het werd beter."),
    ]
    kb.publish(a_case("tuin", findings=claims, unverified=["findings.claim"]))

    page = read(kb.client, "/casussen/tuin")

    sides = page[page.index('<ul class="sides">') :]
    assert sides.index("Het werd slechter.") < sides.index("Het werd beter.")  # as the case has it
    assert "De bevindingen wijzen niet allemaal dezelfde kant op." in page
    assert "Nog niet nagekeken" in page
    assert "Dit heeft nog niemand in een bron nagekeken: de bewering." in page


def test_a_case_with_dated_events_has_a_timeline(kb: KnowledgeBase) -> None:
    events = [
        {"year": 2016, "what": "De tuin gaat open."},
        {"year": 2014, "month": 3, "what": "Bewoners <b>vragen</b> om een tuin."},
    ]
    kb.publish(a_case("tuin", events=events), a_case("straat"))

    page = read(kb.client, "/casussen/tuin")
    other = read(kb.client, "/casussen/straat")

    assert re.findall(r'<time datetime="([^"]+)">([^<]+)</time>', page) == [
        ("2014-03", "maart 2014"),
        ("2016", "2016"),
    ]
    assert '<ol class="timeline">' in page
    assert "Bewoners &lt;b&gt;vragen&lt;/b&gt; om een tuin." in page
    assert '<a href="#timeline">Tijdlijn</a>' in page
    assert '<h2 id="timeline">Timeline</h2>' in read(kb.client, "/casussen/tuin?lang=en")
    assert "imeline" not in other


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://voorbeeld.nl/verslag", True),
        ("HTTP://voorbeeld.nl", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("http://", False),
        (" https://voorbeeld.nl", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, followed: bool) -> None:
    assert is_web_address(url) == followed


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/zoeken", "/casussen", "/valkuilen", "/vragen", "/bestanddelen", "/onderzoeken"),
        *("/bevindingen", "/over", "/werkwijze", "/contact", "/privacy", "/toegankelijkheid"),
    ],
)
def test_an_empty_knowledge_base_has_pages_too(address: str, client: FlaskClient) -> None:
    assert "<h1" in read(client, address)


def test_a_case_shows_cases_that_are_like_it(seeded: KnowledgeBase) -> None:
    page: Any = read(seeded.client, "/casussen/place2bu-utrecht")
    like = seeded.client.get("/v1/cases/place2bu-utrecht/similar-cases?pageSize=3").json["items"]

    shown = page[page.index('<h2 id="similar">') :]
    assert [item["id"] for item in like] == re.findall(r'href="/casussen/([^"#]+)"', shown)


def test_a_cached_page_is_the_same_until_something_changes(kb: KnowledgeBase) -> None:
    parts = kb.app.extensions["kb"]
    kb.app.extensions["kb"] = replace(parts, response_cache=ResponseCache(kb.engine.snapshot_id))
    kb.publish(a_case("tuin", title="De oude tuin"))
    first, again = (kb.client.get("/casussen/tuin", headers=READER) for _ in range(2))
    tag = first.headers["ETag"]
    not_changed = kb.client.get("/casussen/tuin", headers={**READER, "If-None-Match": tag})
    english = kb.client.get("/casussen/tuin?lang=en", headers=READER)
    kb.publish(a_case("tuin", title="De nieuwe tuin"))
    after = kb.client.get("/casussen/tuin", headers=READER)

    assert first.data == again.data
    assert sorted(first.headers) == sorted(again.headers)
    assert not_changed.status_code == 304
    assert english.data != first.data
    assert "De oude tuin" in first.text
    assert "De nieuwe tuin" in after.text
    assert "De nieuwe tuin" in read(kb.client, "/zoeken")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/casussen/tuin", 200),
        ("/valkuilen/tuin--korte-adem", 200),
        ("/bestanddelen/buddy-systeem", 200),
        ("/zoeken", 503),
    ],
)
def test_single_things_are_read_while_the_index_is_made(
    address: str, status: int, tmp_path: Path
) -> None:
    made = make(tmp_path)
    made.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")]))
    made.engine.close()
    index = made.app.extensions["kb"].settings.index_dir
    shutil.rmtree(index)
    index.write_text("not a folder")
    again = create_app(made.app.extensions["kb"].settings, serving=False)

    answer = again.test_client().get(address, headers=READER)

    assert answer.status_code == status
    again.extensions["kb"].search.close()
    again.extensions["kb"].database.dispose()
    made.close()
