"""Lists say what their filters hold for, keep their question on paper, and help who is lost."""

from __future__ import annotations

import json
import re
from html import unescape
from importlib import resources

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from kb.pages.list_state import ListState
from tests.builders import a_case
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.pages.test_reading import READER, Links, number_of_hits, read
from tests.pages.test_what_was_found import text_of

TAB = re.compile(
    r'<li><a data-here href="([^"]+)"[^>]*>[^<]+<span class="count">(\d+)</span></a></li>'
)
BEYOND = re.compile(r'<a data-here href="([^"]+)" rel="nofollow">[^<]+ \(([\d.]+)\)</a>')


@pytest.mark.parametrize(
    "query",
    [
        *("province=Zeeland", "country=NL", "targetGroup=jongeren", "startYearFrom=2015"),
        *("effectDomain=leefbaarheid", "pitfallCategory=verdringing&q=sloop", "phase=beheer"),
        *("evidence=literatuurreview&scale=wijk", "missing=province&scale=wijk"),
    ],
)
def test_no_kind_is_counted_without_the_filters_as_if_it_had_them(
    query: str, seeded: KnowledgeBase
) -> None:
    page = read(seeded.client, f"/zoeken?{query}")
    names = {pair.partition("=")[0] for pair in query.split("&")} - {"q"}
    tabs, beyond = TAB.findall(page), BEYOND.findall(page)

    for link, count in tabs:
        assert all(f"{name}=" in link for name in names), link
        assert number_of_hits(read(seeded.client, unescape(link))) == int(count)
    for link, count in beyond:
        assert not all(f"{name}=" in link for name in names), link
        assert number_of_hits(read(seeded.client, unescape(link))) == int(count)
    assert beyond
    assert "Hiervoor gelden niet alle gekozen filters" in page


def test_what_must_be_missing_is_a_chip_that_can_be_removed(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/casussen?missing=province,onzin&missing=archetype")
    chips = re.findall(r'<a data-here class="chip chosen" href="([^"]+)">(.*?)</a>', page)
    facets = seeded.client.get("/v1/cases?missing=archetype&facets=province").json["facets"]

    assert [text_of(text).split(": ", 1)[1].strip() for _, text in chips] == [
        *("Zonder: Provincie", "Zonder: Type interventie"),
    ]
    assert number_of_hits(page) == facets["province"]["missing"] > 0
    left = read(seeded.client, unescape(chips[0][0]))
    assert "Zonder: Provincie" not in text_of(left)
    assert number_of_hits(left) > number_of_hits(page)


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/zoeken?type=study&province=Zeeland", ["Provincie"]),
        ("/onderzoeken?scale=wijk&startYearFrom=2010", ["Schaal", "Beginjaar"]),
        ("/vragen?evidence=praktijkervaring", ["Soort bewijs"]),
        ("/valkuilen?theme=proces", ["Thema"]),
        ("/bestanddelen?municipality=Utrecht&province=", ["Gemeente"]),
    ],
)
def test_a_filter_that_a_list_does_not_have_is_reported(
    address: str, names: list[str], seeded: KnowledgeBase
) -> None:
    text = text_of(read(seeded.client, address))

    assert "Dit soort resultaten heeft" in text
    assert all(name in text.partition("Dit soort resultaten heeft")[2][:120] for name in names)
    assert "Dit soort resultaten heeft" not in text_of(read(seeded.client, "/zoeken?scale=wijk"))


@pytest.mark.parametrize("name", ["casussen", "onderzoeken", "bevindingen"])
def test_every_kind_has_a_list_of_its_own(name: str, seeded: KnowledgeBase) -> None:
    kind = {"casussen": "case", "onderzoeken": "study", "bevindingen": "finding"}[name]
    every = seeded.client.get(f"/v1/search?type={kind}&pageSize=1").json["page"]["totalItems"]

    assert number_of_hits(read(seeded.client, f"/{name}")) == every
    assert f"{PUBLIC_URL}/{name}</loc>" in seeded.client.get("/sitemap.xml").text


def test_a_printed_list_keeps_its_question_its_filters_and_the_day(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=buren&scale=wijk&country=NL&startYearFrom=2001")
    paper = page[page.index('<div class="on-paper">') :]
    text = text_of(paper[: paper.index("</div>")])

    for part in ("Gezocht naar buren", "Schaal: Wijk", "Land: Nederland", "Begonnen in of na 2001"):
        assert part in text
    assert "Stand van de kennisbank: " in text


@pytest.mark.parametrize("address", ["/zoeken?q=buren&scale=wijk", "/casussen/place2bu-utrecht"])
def test_paper_keeps_the_address_the_day_and_the_licence(
    address: str, seeded: KnowledgeBase
) -> None:
    page = read(seeded.client, address)
    [paper] = re.findall(r'<p class="on-paper">(.*?)</p>', page)

    assert f"{PUBLIC_URL}{address}" in unescape(paper)
    assert 'data-printed="Afgedrukt op {day}."' in paper
    assert "CC BY 4.0" in paper


def test_cases_of_one_day_stand_by_their_year(kb: KnowledgeBase) -> None:
    kb.take(
        cases=[
            a_case("aarde", startYear=1999),
            a_case("bos", startYear=None),
            a_case("zee", startYear=2021),
        ]
    )

    for page in ("/casussen", "/"):
        shown = re.findall(r'<h3><a href="/casussen/([^"]+)"', read(kb.client, page))
        assert shown == ["zee", "aarde", "bos"]


def test_the_first_cases_have_the_day_of_their_last_revision(seeded: KnowledgeBase) -> None:
    file = resources.files("seed_data") / "cases" / "place2bu-utrecht.json"
    revised_at = json.loads(file.read_text("utf-8"))["updatedAt"]
    for path in ("/v1/cases/place2bu-utrecht", "/v1/cases/place2bu-utrecht/versions/1"):
        assert revised_at in seeded.client.get(path).text
    newest = seeded.client.get("/v1/changes?pageSize=1").json["items"][0]
    assert newest["changedAt"] > revised_at  # followers need when it came here


def test_a_type_of_intervention_lists_its_projects(seeded: KnowledgeBase) -> None:
    for archetype in ("gemengd-wonen-in-een-complex", "studenten-wonen-bij-ouderen", "klushuizen"):
        page = read(seeded.client, f"/casussen/{archetype}")
        answer = seeded.client.get(f"/v1/cases?archetype={archetype}&pageSize=12").json
        part = page[page.find('aria-labelledby="projects"') :] if answer["items"] else ""
        shown = re.findall(r'<h3><a href="/casussen/([^"]+)"', part.partition("</section>")[0])

        assert sorted(shown) == sorted(item["id"] for item in answer["items"])
        assert ("Projecten van dit type" in page) == bool(answer["items"])


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", ["NL", "DE", "BE", "SG", "GB", "UA", "ZZ", "QX"])
def test_a_country_has_its_name(code: str, language: str, kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", place={"country": code}))
    name = Locale(language).territories.get(code, code)

    facet = kb.client.get(f"/v1/cases?facets=country&lang={language}").json["facets"]["country"]
    page = unescape(read(kb.client, f"/casussen?country={code}&lang={language}"))

    assert [(each["value"], each["label"]) for each in facet["values"]] == [(code, name)]
    assert f'<span class="name" dir="auto">{name}</span>' in page
    assert name in unescape(read(kb.client, f"/casussen/tuin?lang={language}"))


@pytest.mark.parametrize(
    ("name", "role", "text"),
    [
        ("COA", "coa", "COA · opvang asielzoekers"),
        ("Centraal Orgaan", "coa", "Centraal Orgaan · COA, opvang asielzoekers"),
        ("Gemeente Utrecht", "gemeente", "Gemeente Utrecht · Gemeente"),
    ],
)
def test_a_party_is_not_named_twice(name: str, role: str, text: str, kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", parties=[{"name": name, "role": role}]))

    page = text_of(read(kb.client, "/casussen/tuin"))

    assert text in page
    assert "((" not in page.replace(") (", "")


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/casusen", "/casussen"),
        ("/bestandelen", "/bestanddelen"),
        ("/privcy", "/privacy"),
        ("/casussen/place2bu-utrech", "/casussen/place2bu-utrecht"),
        ("/bestanddelen/budy-systeem", "/bestanddelen/buddy-systeem"),
        ("/onderzoeken/kleinhans-2005", "/onderzoeken/kleinhans-2004"),
        ("/project/startblok-riekerhaven.html", "/casussen/startblok-riekerhaven-amsterdam"),
    ],
)
def test_who_is_lost_is_helped_on_in_their_own_words(
    address: str, near: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(address, headers=READER)
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]

    assert answer.status_code == 404
    assert near in [link["href"] for link in Links(main).links]
    assert 'role="search"' in main
    assert not re.search(r"urn:uuid|/docs|API|\bid\b", text_of(main))
    as_data = seeded.client.get(address, headers={"Accept": "application/json"})
    assert as_data.json["instance"].startswith("urn:uuid:")


@pytest.mark.parametrize(
    "address", ["/" + "x" * 3000, "/%00", "/a/" + "b-" * 500, "/%22%3E%3Cscript%3E"]
)
def test_no_lost_address_is_too_strange(address: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(address, headers=READER)

    assert answer.status_code == 404
    assert "<script>" not in answer.text


@given(
    parameters=st.dictionaries(
        st.sampled_from(("q", "scale", "municipality", "sort")),
        st.text(max_size=6) | st.lists(st.text(max_size=6), min_size=1, max_size=2).map(tuple),
    ),
    values=st.lists(st.text(max_size=8), max_size=3),
    lang=st.sampled_from(("", "?lang=en")),
)
def test_many_addresses_at_once_are_those_one_by_one(
    parameters: dict[str, str | tuple[str, ...]], values: list[str], lang: str, kb: KnowledgeBase
) -> None:
    is_single = isinstance(parameters.get("scale", ()), str)
    state = ListState("/zoeken", {**parameters, **({"scale": ("wijk",)} if is_single else {})})

    with kb.app.test_request_context(f"/zoeken{lang}"):
        addresses = state.addresses_with("scale", values)

        assert addresses == [state.with_value("scale", each).address for each in values]


def test_in_templates_a_dot_finds_keys_and_methods_of_a_document(kb: KnowledgeBase) -> None:
    template = kb.app.jinja_env.from_string("{{ it.title }} {{ it.items()|length }} {{ it.away }}.")

    assert template.render(it={"title": "Tuin", "items": 3}) == "Tuin 2 ."


def test_the_largest_municipality_and_most_social_rent_are_orders(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/casussen?sort=-socialRent")

    assert '<strong aria-current="true">Meeste corporatiewoningen</strong>' in page
    assert "Grootste gemeente</a>" in page


@pytest.mark.parametrize("chosen", ["populationTo=100000", "socialRentFrom=30&populationFrom=1"])
def test_a_list_with_figures_counts_those_without(chosen: str, seeded: KnowledgeBase) -> None:
    every = seeded.client.get("/v1/cases?pageSize=1").get_json()["page"]["totalItems"]
    known = seeded.client.get("/v1/cases?populationFrom=0&pageSize=1").get_json()["page"]
    number = every - known["totalItems"]

    assert f"{number} resultaten hebben zulke cijfers niet" in read(
        seeded.client, f"/casussen?{chosen}"
    )
    assert "zulke cijfers niet" not in read(seeded.client, "/casussen")
