"""oEmbed as the standard says (oembed.com, section 2)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from markupsafe import escape

from kb.app import create_app
from kb.settings import Settings
from tests.builders import a_case
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import local

CASE = f"{PUBLIC_URL}/casussen/place2bu-utrecht"


class Tags(HTMLParser):
    """The tags of a piece of HTML with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.links.append((tag, dict(attrs)))


def frame_of(html: str) -> dict[str, str | None]:
    """The attributes of the one frame that an answer's HTML holds."""
    [attributes] = [each for tag, each in Tags(html).links if tag == "iframe"]
    return attributes


def oembed(kb: KnowledgeBase, url: str, more: str = "") -> Any:
    return kb.client.get(f"/v1/oembed?url={quote(url, safe='')}{more}")


def test_a_case_becomes_one_iframe(seeded: KnowledgeBase) -> None:
    answer = oembed(seeded, CASE)

    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    body = answer.json
    assert {key: body[key] for key in ("version", "type", "provider_url")} == {
        "version": "1.0",
        "type": "rich",
        "provider_url": f"{PUBLIC_URL}/",
    }
    attributes = frame_of(body["html"])
    assert attributes["src"] == f"{PUBLIC_URL}/embed/casus/place2bu-utrecht"
    assert attributes["title"] == body["title"]
    assert [attributes["width"], attributes["height"]] == [str(body["width"]), str(body["height"])]
    assert isinstance(body["width"], int)
    assert seeded.client.get(local(attributes["src"])).status_code == 200


@pytest.mark.parametrize("path", ["/", "/zoeken", "/embed/zoeken", "/casussen/place2bu-utrecht"])
@pytest.mark.parametrize("base", [PUBLIC_URL, PUBLIC_URL.replace("http:", "https:"), ""])
def test_every_page_with_an_embed_is_known(base: str, path: str, seeded: KnowledgeBase) -> None:
    answer = oembed(seeded, f"{base}{path}?q=a%26b&lang=en")

    attributes = frame_of(answer.json["html"])
    assert (attributes["src"] or "").endswith("?q=a%26b&lang=en")


def test_an_ingredient_is_embedded_as_the_cases_that_have_it(seeded: KnowledgeBase) -> None:
    body = oembed(seeded, f"{PUBLIC_URL}/bestanddelen/buddy-systeem").json

    attributes = frame_of(body["html"])
    assert attributes["src"] == f"{PUBLIC_URL}/embed/zoeken?ingredient=buddy-systeem"


PITFALL, QUESTION, STUDY = (
    "/valkuilen/bijlmermeer-vernieuwing-amsterdam--criminaliteit-verdwijnt-niet-vanzelf",
    "/vragen/nadelen-concentratie-kwetsbare-groepen",
    "/onderzoeken/kleinhans-2004",
)


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/zoeken", "/zoeken?q=buren&scale=wijk&page=2&sort=title", "/zoeken?lang=en"),
        *(
            "/zoeken?type=study&sort=-year&q=wonen",
            "/zoeken?type=finding&effectDomain=leefbaarheid",
        ),
        *(
            "/valkuilen",
            "/valkuilen?phase=uitvoering",
            "/bestanddelen",
            "/vragen?theme=effecten&q=wijk",
        ),
        *("/casussen/place2bu-utrecht", "/bestanddelen/buddy-systeem", PITFALL, QUESTION, STUDY),
    ],
)
def test_where_a_page_says_to_ask_there_is_a_frame(address: str, seeded: KnowledgeBase) -> None:
    page = seeded.client.get(address, headers={"Accept": "text/html"})
    links = [each for tag, each in Tags(page.text).links if tag == "link"]
    [link] = [each for each in links if each.get("type") == "application/json+oembed"]

    body = seeded.client.get(local(link["href"] or ""))

    assert (page.status_code, body.status_code) == (200, 200)
    attributes = frame_of(body.json["html"])
    framed = seeded.client.get(local(attributes["src"] or ""), headers={"Accept": "text/html"})
    assert framed.status_code == 200
    assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
    links = [each for tag, each in Tags(framed.text).links if tag == "link"]
    [link] = [each for each in links if each.get("type") == "application/json+oembed"]
    again = seeded.client.get(local(link["href"] or "")).json["html"]  # the frame can be pasted too
    of_frame = frame_of(again)
    there = urlsplit(of_frame["src"] or "")
    assert there[:3] == urlsplit(attributes["src"] or "")[:3]


@pytest.mark.parametrize("page", [PITFALL, QUESTION, STUDY])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_frame_shows_what_its_page_does(page: str, language: str, seeded: KnowledgeBase) -> None:
    body = oembed(seeded, f"{PUBLIC_URL}{page}?lang={language}").json
    attributes = frame_of(body["html"])

    framed = seeded.client.get(local(attributes["src"] or "")).text

    assert f'<html lang="{language}"' in framed
    thing = seeded.client.get(
        page.replace("/valkuilen", "/v1/pitfalls")
        .replace("/vragen", "/v1/questions")
        .replace("/onderzoeken", "/v1/studies")
    ).json
    description = thing.get("description") or thing.get("answer") or thing["summary"]
    assert body["title"] == thing["title"]
    assert escape(description.splitlines()[0]) in framed
    assert f'href="{PUBLIC_URL}{page}' in framed


def test_who_asks_in_english_gets_a_frame_in_english(seeded: KnowledgeBase) -> None:
    asks = [oembed(seeded, CASE, "&lang=en"), oembed(seeded, f"{CASE}?lang=nl", "&lang=en")]

    sources = [frame_of(each.json["html"])["src"] for each in asks]
    address = f"{PUBLIC_URL}/embed/casus/place2bu-utrecht"
    assert sources == [f"{address}?lang=en", f"{address}?lang=nl"]


def test_an_embed_is_no_larger_than_requested(seeded: KnowledgeBase) -> None:
    small = oembed(seeded, CASE, "&maxwidth=300&maxheight=200").json
    large = oembed(seeded, CASE, "&maxwidth=10000&maxheight=10000").json

    assert [small["width"], small["height"]] == [300, 200]
    assert 'width="300" height="200"' in small["html"]
    assert [large["width"], large["height"]] == [640, 480]


@pytest.mark.parametrize(
    "more",
    [
        *("&dnt=1", "&dnt=1&dnt=1", "&maxwidth=660&maxheight=990&dnt=1&format=json"),
        *("&omit_script=true&theme=dark", "&utm_source=", "&iframe=1&autoplay&_=1732800000"),
        *("&callback=x", "&maxwidth=20000", "&fields=title&q=&page=0"),
    ],
)
def test_parameters_of_other_consumers_are_ignored(more: str, seeded: KnowledgeBase) -> None:
    answer = oembed(seeded, CASE, more)

    assert answer.status_code == 200
    assert answer.json["title"] == oembed(seeded, CASE).json["title"]


@pytest.mark.parametrize(
    ("more", "name"),
    [
        *(
            ("&maxwidth=breed", "maxwidth"),
            ("&maxheight=0", "maxheight"),
            ("&maxwidth=", "maxwidth"),
        ),
        *(("&format=yaml", "format"), ("&maxwidth=1&maxwidth=2", "maxwidth"), ("&url=/", "url")),
        ("&dnt=1&lang=de", "lang"),
    ],
)
def test_the_parameters_of_the_standard_are_checked(
    more: str, name: str, seeded: KnowledgeBase
) -> None:
    answer = oembed(seeded, CASE, more)

    assert answer.status_code == 400
    assert [error["name"] for error in answer.json["errors"]] == [name]


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/casussen/place2bu-utrecht", "/casussen/place2bu-utrecht"),
        ("/embed/casus/place2bu-utrecht?lang=en", "/casussen/place2bu-utrecht?lang=en"),
        ("/embed/zoeken?q=a%26b", "/zoeken?q=a%26b"),
        ("/bestanddelen/buddy-systeem", "/bestanddelen/buddy-systeem"),
        ("/zoeken?q=wijk&scale=wijk", "/zoeken?q=wijk&scale=wijk"),
    ],
)
def test_who_shows_no_frame_has_a_link_to_the_page(
    address: str, page: str, seeded: KnowledgeBase
) -> None:
    body = oembed(seeded, f"{PUBLIC_URL}{address}").json

    [quotation, link, frame] = Tags(body["html"]).links
    assert quotation == ("blockquote", {"hidden": None})
    assert link == ("a", {"href": f"{PUBLIC_URL}{page}"})
    assert frame[0] == "iframe"
    assert f">{escape(body['title'])}</a></blockquote><iframe " in body["html"]


@pytest.mark.parametrize(
    "url",
    [
        *("https://elders.nl/casussen/place2bu-utrecht", f"{PUBLIC_URL}/casussen/nergens"),
        *(f"{PUBLIC_URL}/bestanddelen/nergens", f"{PUBLIC_URL}/embed/vraag/nergens"),
        *(f"{PUBLIC_URL}/docs", f"{PUBLIC_URL}/v1/cases", f"{PUBLIC_URL}/casussen/a/b", "zoeken"),
        *(
            "javascript:alert(1)",
            "//elders.nl/zoeken",
            "http://[::1",
            f"ftp{PUBLIC_URL[4:]}/zoeken",
        ),
        *(f"{PUBLIC_URL}.elders.nl/zoeken", f"http://elders.nl@{PUBLIC_URL[7:]}/zoeken", "https:/"),
    ],
)
def test_an_address_without_an_embed_is_404(url: str, seeded: KnowledgeBase) -> None:
    assert oembed(seeded, url).status_code == 404


@pytest.mark.parametrize(
    ("page", "frame", "query"),
    [
        ("/kaart-van-het-bewijs", "/embed/kaart-van-het-bewijs", "rows=fout"),
        ("/kaart-van-het-bewijs", "/embed/kaart-van-het-bewijs", "rows=strategy&rows=strategy"),
        ("/kaart-van-het-bewijs", "/embed/kaart-van-het-bewijs", "order=%00"),
        ("/zoeken", "/embed/zoeken", "startYearFrom=x"),
        ("/embed/zoeken", "/embed/zoeken", "pageSize=0"),
        ("/bestanddelen/buddy-systeem", "/embed/zoeken", "look=fel"),
        ("/casussen/place2bu-utrecht", "/embed/casus/place2bu-utrecht", "look=fel"),
    ],
)
def test_what_a_frame_cannot_read_is_404(
    page: str, frame: str, query: str, seeded: KnowledgeBase
) -> None:
    assert seeded.client.get(f"{frame}?{query}").status_code == 400
    assert oembed(seeded, f"{PUBLIC_URL}{page}?{query}").status_code == 404


def test_a_withdrawn_case_is_404_as_the_standard_says(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    assert oembed(kb, f"{PUBLIC_URL}/casussen/tuin").status_code == 200
    kb.withdraw("tuin")

    assert oembed(kb, f"{PUBLIC_URL}/casussen/tuin").status_code == 404


def test_xml_is_501_and_other_formats_are_slips(seeded: KnowledgeBase) -> None:
    answers = [oembed(seeded, CASE, f"&format={name}") for name in ("json", "xml", "yaml")]

    assert [answer.status_code for answer in answers] == [200, 501, 400]
    assert answers[1].mimetype == "application/problem+json"
    assert answers[1].get_json(force=True)["type"].endswith("/problems/unsupported-format")


def test_titles_cannot_break_out_of_the_iframe(kb: KnowledgeBase) -> None:
    title = "\"><script>alert('1')</script>"
    kb.publish(a_case("boos", title=title))

    body = oembed(kb, f"{PUBLIC_URL}/casussen/boos").json

    attributes = frame_of(body["html"])
    assert attributes["title"] == body["title"] == title


@pytest.mark.parametrize(
    "address", ["/embed/casus/place2bu-utrecht", "/embed/zoeken?q=a%26b&scale=wijk"]
)
def test_pages_tell_where_to_ask(address: str, seeded: KnowledgeBase) -> None:
    page = seeded.client.get(address).text
    links = [each for tag, each in Tags(page).links if tag == "link"]
    [link] = [each for each in links if each.get("type") == "application/json+oembed"]

    body = seeded.client.get(local(link["href"] or "")).json

    attributes = frame_of(body["html"])
    source, wanted = urlsplit(attributes["src"] or ""), urlsplit(f"{PUBLIC_URL}{address}")
    assert source[:3] == wanted[:3]
    assert parse_qs(source.query) == parse_qs(wanted.query)


def test_our_address_may_have_a_path(tmp_path: Any) -> None:
    base = "https://gemeente.example/kennis"
    client = create_app(Settings(data_dir=tmp_path, public_url=base), serving=False).test_client()

    body = client.get(f"/v1/oembed?url={quote(base + '/zoeken?q=wijk', safe='')}").json

    assert re.search(r'src="https://gemeente.example/kennis/embed/zoeken\?q=wijk"', body["html"])
