"""The map of the evidence in other websites: frame, fragment, oEmbed, and the line for a page."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from kb.app import create_app
from kb.database import now
from kb.settings import Settings
from kb.sharing import partners, releases
from tests.builders import a_case
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import local
from tests.sharing.test_embeds import EVIL, policy_of
from tests.sharing.test_insluiten import line_of
from tests.sharing.test_insluiten import policy_of as policy_to_add
from tests.sharing.test_oembed import Tags, frame_of, oembed

EMBED = "/embed/kaart-van-het-bewijs"
PAGE = "/kaart-van-het-bewijs"
CHOICE = "rows=strategy&columns=effectLevel&targetGroup=ouderen"


def findings_links(html: str) -> list[dict[str, str | None]]:
    """The attributes of each link to a list of findings."""
    anchors = [each for tag, each in Tags(html).links if tag == "a"]
    return [each for each in anchors if "/bevindingen?" in (each["href"] or "")]


@pytest.mark.parametrize("query", [CHOICE, "", "rows=pitfallCategory&order=gap&lang=en"])
def test_a_frame_shows_the_cells_of_the_map(query: str, seeded: KnowledgeBase) -> None:
    cells = seeded.client.get(f"/v1/evidence-map?{query}").json["cells"]
    page = seeded.client.get(f"{EMBED}?{query}").text

    shown = findings_links(page)
    lang = "&lang=en" if "lang" in query else ""
    wanted = {
        part["_links"]["findings"]["href"].replace("/v1/findings", "/bevindingen") + lang
        for cell in cells
        for part in (cell["together"], cell["credited"])
        if part
    }
    assert {each["href"] for each in shown} == wanted
    assert all(each["target"] == "_blank" and each["rel"] == "noopener" for each in shown)
    in_picture = [each for each in shown if each.get("tabindex") == "-1"]
    assert len(in_picture) == len(cells)
    assert "CC BY 4.0" in page
    whole_map = next(each for tag, each in Tags(page).links if tag == "a")
    assert (whole_map["href"] or "").startswith(f"{PUBLIC_URL}{PAGE}")
    assert parse_qs(urlsplit(whole_map["href"] or "").query) == {
        name: values
        for name, values in parse_qs(query).items()
        if values not in (["ingredient"], ["effectDomain"], ["vocabulary"])
    }


def test_a_link_of_a_frame_leads_to_as_many_findings_as_its_cell_has(
    seeded: KnowledgeBase,
) -> None:
    cells = seeded.client.get(f"/v1/evidence-map?{CHOICE}").json["cells"]
    page = seeded.client.get(f"{EMBED}?{CHOICE}").text

    for cell in cells[:3]:
        href = cell["together"]["_links"]["findings"]["href"]
        total = seeded.client.get(local(href)).json["page"]["totalItems"]
        there = href.replace("/v1/findings", "/bevindingen")
        assert f'href="{there.replace("&", "&amp;")}"' in page
        assert seeded.client.get(local(there)).status_code == 200
        assert total == cell["together"]["findings"]


def test_a_frame_says_what_the_map_is_about(seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"{EMBED}?{CHOICE}&startYearFrom=2010&look=dark").text

    assert '<html lang="nl" data-look="dark">' in page
    assert "Rijen: Strategie · Kolommen: Niveau van het effect" in page
    assert 'Doelgroep: <bdi dir="auto">Ouderen</bdi>' in page
    assert 'Begonnen in of na: <bdi dir="auto">2010</bdi>' in page
    assert '<html lang="en"' in seeded.client.get(f"{EMBED}?lang=en").text


def test_a_fragment_has_the_tables_as_bare_html(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"{EMBED}?{CHOICE}&fragment=1&headingLevel=2")
    again = seeded.client.get(
        f"{EMBED}?{CHOICE}&fragment=1&headingLevel=2",
        headers={"If-None-Match": answer.headers["ETag"]},
    )

    assert answer.text.startswith('<section lang="nl">\n<h2><a href=')
    assert answer.text.endswith("</section>")
    for not_bare in ("<html", "<script", "<style", "<link", " style=", " id=", "<form", "<svg"):
        assert not_bare not in answer.text
    assert findings_links(answer.text)
    assert not any("target" in each for each in findings_links(answer.text))
    assert "CC BY 4.0" in answer.text
    assert again.status_code == 304
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_a_picture_can_be_left_out_or_put_into_a_fragment(seeded: KnowledgeBase) -> None:
    pictures = {
        query: "map-scroll" in seeded.client.get(f"{EMBED}?{query}").text
        for query in ("picture=0", "picture=1", "", "fragment=1", "fragment=1&picture=1")
    }

    assert [query for query, has_picture in pictures.items() if has_picture] == [
        *("picture=1", "", "fragment=1&picture=1")
    ]


def test_a_frame_and_our_page_show_the_same_picture(seeded: KnowledgeBase) -> None:
    pages = [seeded.client.get(f"{path}?rows=targetGroup").text for path in (PAGE, EMBED)]

    bars = [re.findall(r'<rect class="[\w-]+" x="[^>]+>', page) for page in pages]
    assert bars[0] == bars[1] != []


def test_any_website_may_frame_and_cache_the_map(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"{EMBED}?{CHOICE}", headers={"Accept": "text/html"})
    cached = seeded.client.get(f"{EMBED}?{CHOICE}", headers={"Accept": "text/html"})

    assert "X-Frame-Options" not in answer.headers
    assert policy_of(seeded.client, EMBED)["frame-ancestors"] == "*"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"].startswith("public, max-age=60")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert dict(cached.headers) == dict(answer.headers)
    assert cached.text == answer.text


def test_a_partner_that_was_added_may_frame_the_map_at_once(kb: KnowledgeBase) -> None:
    settings = Settings(
        data_dir=kb.app.extensions["kb"].settings.data_dir,
        public_url=PUBLIC_URL,
        embed_ancestors="partners",
    )
    client = create_app(settings, serving=False).test_client()
    before = policy_of(client, EMBED)["frame-ancestors"]
    with kb.database.transaction() as session:
        partners.add(session, "Platform", ["https://www.platform.example"], now())

    assert before == "'self'"
    assert policy_of(client, EMBED)["frame-ancestors"] == "'self' https://www.platform.example"


@pytest.mark.parametrize("fragment", ["", "&fragment=1"])
@pytest.mark.parametrize(
    ("query", "name"),
    [
        *(("rows=dorp", "rows"), ("columns=rows", "columns"), ("order=x", "order")),
        *(("targetGroup=marsmannen", "targetGroup"), ("picture=2", "picture")),
        ("look=paars", "look"),
    ],
)
def test_a_wrong_value_is_reported_in_the_frame(
    query: str, name: str, fragment: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(f"{EMBED}?{query}{fragment}", headers={"Accept": "text/html"})

    assert answer.status_code == 400
    assert f"<li>{name}: “" in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert ("<html" in answer.text) is not bool(fragment)


def test_empty_and_unknown_parameters_are_passed_over(seeded: KnowledgeBase) -> None:
    bare = seeded.client.get(f"{EMBED}?rows=strategy").text
    busy = seeded.client.get(f"{EMBED}?rows=strategy&scale=&utm_source=nieuws&theme=x&look=").text

    assert busy == bare


@pytest.mark.parametrize("more", [{}, {"fragment": "1"}, {"fragment": "1", "picture": "1"}])
def test_hostile_filters_stay_texts(more: dict[str, str], kb: KnowledgeBase) -> None:
    kb.publish(a_case("boos", place={"country": "BE", "municipality": EVIL}))

    for name in ("municipality", "archetype"):
        page = kb.client.get(EMBED, query_string={name: EVIL, **more}).text

        assert "alert(1)" in page
        assert not re.search(r"<(script>|img)", page)
        attributes = [key for _, each in Tags(page).links for key in each]
        assert not [key for key in attributes if key.startswith("on")]
        assert all(parse_qs(urlsplit(each["href"] or "").query)[name] == [EVIL]
                   for each in findings_links(page))  # fmt: skip
        assert "{{7*7}}" in page


@pytest.mark.parametrize("address", [f"{PAGE}?{CHOICE}", f"{EMBED}?{CHOICE}", f"{PAGE}?lang=en"])
def test_oembed_gives_the_frame_of_the_map(address: str, seeded: KnowledgeBase) -> None:
    page = seeded.client.get(address, headers={"Accept": "text/html"})
    links = [each for tag, each in Tags(page.text).links if tag == "link"]
    [link] = [each for each in links if each.get("type") == "application/json+oembed"]

    body = seeded.client.get(local(link["href"] or "")).json

    attributes = frame_of(body["html"])
    assert body["type"] == "rich"
    assert [attributes["width"], attributes["height"]] == ["1240", "900"]
    source = urlsplit(attributes["src"] or "")
    assert (source.path, parse_qs(source.query)) == (EMBED, parse_qs(urlsplit(address).query))
    quotation = next(each for tag, each in Tags(body["html"]).links if tag == "a")
    assert (quotation["href"] or "").startswith(f"{PUBLIC_URL}{PAGE}?")
    assert seeded.client.get(local(attributes["src"] or "")).status_code == 200


def test_the_frame_of_oembed_is_no_larger_than_requested(seeded: KnowledgeBase) -> None:
    body = oembed(seeded, f"{PUBLIC_URL}{PAGE}", "&maxwidth=600&maxheight=5000&lang=en").json

    assert (body["width"], body["height"], body["title"]) == (600, 900, "Map of the evidence")


def test_the_page_writes_the_component(seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"/insluiten{PAGE}?{CHOICE}&look=dark&startYearFrom=2010").text

    [(script, src), (element, attributes), (_, link), (_, place)] = Tags(line_of(page)).links
    newest = releases.newest()
    assert (script, element) == ("script", "kennisbank-kaart")
    assert src["integrity"] == releases.hashes()[newest]
    assert attributes == {
        **{"rows": "strategy", "columns": "effectLevel", "target-group": "ouderen"},
        **{"look": "dark", "lang": "nl", "start-year-from": "2010"},
    }
    query = parse_qs(urlsplit(link["href"] or "").query)
    assert query == parse_qs(f"{CHOICE}&lang=nl&startYearFrom=2010")
    assert place == {"width": "1", "height": "900", "aria-hidden": "true"}
    assert policy_to_add(page) == f"script-src {PUBLIC_URL}; connect-src {PUBLIC_URL}"
    assert Tags(page).links.count((element, attributes)) == 1  # to see, beside the text


@pytest.mark.parametrize(("kind", "more"), [("iframe", ""), ("fragment", "&fragment=1")])
def test_the_page_writes_the_frame_and_the_fragment(
    kind: str, more: str, seeded: KnowledgeBase
) -> None:
    page = seeded.client.get(f"/insluiten{PAGE}?{CHOICE}&embed={kind}").text
    [source] = [each["src"] or "" for tag, each in Tags(page).links if tag == "iframe"]

    assert source.startswith(EMBED)
    assert source.endswith(more)
    assert seeded.client.get(source).status_code == 200
    assert f"{PUBLIC_URL}{source}" in unescape(line_of(page))


def test_the_page_remembers_what_was_chosen(seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"/insluiten{PAGE}?{CHOICE}&order=gap&picture=0").text

    assert re.findall(r'<option value="(\w+)" selected', page) == [
        *("strategy", "effectLevel", "gap")
    ]
    inputs = [each for tag, each in Tags(page).links if tag == "input"]
    assert {(each["name"], each["value"]) for each in inputs if "checked" in each} == {
        *(("embed", "component"), ("look", "light"), ("targetGroup", "ouderen"))
    }
    assert ("picture", "0") in {(each["name"], each.get("value")) for each in inputs}


def test_every_filter_of_the_map_can_be_chosen(seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"/insluiten{PAGE}").text
    names = {each.get("name") for tag, each in Tags(page).links if tag in {"input", "select"}}
    operation = seeded.app.extensions["kb"].api_document()["paths"]["/evidence-map"]["get"]

    filters = {each["name"] for each in operation["parameters"]}
    by_hand = {*("ingredientMatch", "country", "archetype"), "creditedIngredient"}
    by_hand |= {"ownerPitfallCategory", "lang", "format", "csvSeparator"}
    by_hand |= {"populationFrom", "populationTo", "socialRentFrom", "socialRentTo"}
    assert filters - by_hand <= names


def test_hostile_filters_stay_texts_in_the_line(seeded: KnowledgeBase) -> None:
    for kind in ("component", "iframe", "fragment"):
        query = {"municipality": EVIL, "embed": kind}
        page = seeded.client.get(f"/insluiten{PAGE}", query_string=query).text

        assert "<script>alert" not in page
        assert "<script>alert" not in line_of(page)


def test_the_two_pages_lead_to_each_other_and_the_map_to_its_own(seeded: KnowledgeBase) -> None:
    search, own = (seeded.client.get(f"/insluiten{path}?lang=en").text for path in ("", PAGE))
    our_map = seeded.client.get(f"{PAGE}?rows=strategy&scale=wijk").text

    for page, current in ((search, "/insluiten"), (own, f"/insluiten{PAGE}")):
        anchors = [each for tag, each in Tags(page).links if tag == "a"]
        addresses = {each["href"]: each.get("aria-current") for each in anchors}
        assert addresses[f"{current}?lang=en"] == "page"
        assert {"/insluiten?lang=en", f"/insluiten{PAGE}?lang=en"} <= set(addresses)
    assert f'href="/insluiten{PAGE}?rows=strategy&amp;scale=wijk"' in our_map


def test_the_style_of_the_map_is_served(seeded: KnowledgeBase) -> None:
    for page in (PAGE, EMBED):
        html = seeded.client.get(page).text
        [href] = re.findall(r'href="([^"]+kaart\.css)"', html)

        style = seeded.client.get(href, buffered=True).text
        patterns = set(re.findall(r'url\("#([\w-]+)"\)', style))
        assert patterns == set(re.findall(r'<pattern id="([\w-]+)"', html))
