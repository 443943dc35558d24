"""Overviews begin with counts, and every count is that of the list that it leads to."""

from __future__ import annotations

import re
from html import unescape

import pytest

from kb.vocabulary.terms import schemes
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase
from tests.pages.test_reading import number_of_hits, read
from tests.pages.test_what_was_found import text_of

TERM_PAGES = {
    "/bestanddelen": ("ingredients", "ingredient"),
    "/strategieen": ("strategies", "strategy"),
}


def rows_of(page: str) -> dict[str, str]:
    """What the rows of terms say, by the path of the term."""
    listed = page[page.index('class="term-rows') :]
    parts = re.split(r'<h[23]><a href="([^"?]+)"', listed)[1:]
    return {path: text_of(row) for path, row in zip(parts[::2], parts[1::2], strict=True)}


@pytest.mark.parametrize("path", TERM_PAGES)
def test_a_row_counts_the_cases_of_its_term_by_outcome(path: str, kb: KnowledgeBase) -> None:
    kb.publish(
        a_case("goed", findings=[a_finding("goed", direction="positief")]),
        a_case("slecht", findings=[a_finding("slecht", direction="negatief")]),
        a_case("niets"),
    )
    scheme, parameter = TERM_PAGES[path]
    facets = kb.client.get(f"/v1/cases?facets={parameter}").json["facets"][parameter]["values"]
    used = {each["value"]: each["count"] for each in facets if each["count"]}

    rows = rows_of(read(kb.client, path))

    assert set(rows) == {f"{path}/{each}" for each in schemes()[scheme].terms}
    assert set(used.values()) == {3}
    for term in schemes()[scheme].terms:
        text = rows[f"{path}/{term}"]
        assert ("3 casussen 1 positief, 1 negatief, 1 niet onderzocht" in text) == (term in used)
        assert ("0 casussen" in text) == (term not in used)


def test_the_rows_are_those_of_the_lists(seeded: KnowledgeBase) -> None:
    for path, (_, parameter) in TERM_PAGES.items():
        rows = rows_of(read(seeded.client, path))
        for term_path, text in list(rows.items())[::6]:
            term = term_path.rpartition("/")[2]
            facet = seeded.client.get(f"/v1/cases?{parameter}={term}&facets=outcome").json
            outcomes = facet["facets"]["outcome"]["values"]
            for each in outcomes:
                if each["count"]:
                    assert f"{each['count']} {each['label'].lower()}" in text


def test_pitfalls_begin_with_a_table_whose_numbers_lead_to_lists(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/valkuilen")
    [table] = re.findall(r'<table class="crosstab">.*?</table>', page, re.DOTALL)
    cells = re.findall(r'<a href="([^"]+)">(\d+)</a>', table)
    totals = [int(number) for address, number in cells if "phase=" not in address]

    assert sum(totals) == number_of_hits(page)
    assert sum(int(number) for address, number in cells if "phase=" in address) == sum(totals)
    assert totals == sorted(totals, reverse=True)
    for address, number in cells[::9]:
        assert number_of_hits(read(seeded.client, unescape(address))) == int(number)


@pytest.mark.parametrize("query", ["q=regie", "phase=beheer", "province=Utrecht"])
def test_a_list_that_was_narrowed_begins_with_its_results(
    query: str, seeded: KnowledgeBase
) -> None:
    assert "crosstab" not in read(seeded.client, f"/valkuilen?{query}")


def test_overviews_are_there_before_anything_is_published(kb: KnowledgeBase) -> None:
    for path in (*TERM_PAGES, "/valkuilen", "/"):
        read(kb.client, path)


def test_a_strategy_has_its_cases_by_outcome(seeded: KnowledgeBase) -> None:
    for strategy in list(schemes()["strategies"].terms)[::5]:
        page = read(seeded.client, f"/strategieen/{strategy}")
        listed = seeded.client.get(f"/v1/cases?strategy={strategy}&pageSize=100").json
        headings = re.findall(r'<h2 id="([a-z-]+)">[^<]* <span class="count">(\d+)</span>', page)

        assert sum(int(number) for _, number in headings) == listed["page"]["totalItems"]
        assert set(re.findall(r'<h3><a href="/casussen/([^"]+)"', page)) <= {
            item["id"] for item in listed["items"]
        }
    assert seeded.client.get("/strategieen/slopen").status_code == 404


def test_the_front_page_says_how_much_there_is(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/")
    numbers = re.findall(r'<a href="(/[a-z]+)"><strong>(\d+)</strong>', page)

    assert [path for path, _ in numbers] == [
        *("/casussen", "/onderzoeken", "/bevindingen", "/valkuilen"),
    ]
    for path, number in numbers:
        assert number_of_hits(read(seeded.client, path)) == int(number)


def test_the_cells_of_the_table_keep_the_language(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin", phase="beheer")]))

    page = read(kb.client, "/valkuilen?lang=en")

    addresses = re.findall(r'class="shade-4"><a href="([^"]+)"', page)
    assert addresses
    assert all("lang=en" in address for address in addresses)


def test_a_group_of_a_strategy_shows_cases_however_many_there_are(kb: KnowledgeBase) -> None:
    many = (a_case(f"casus-{n}", findings=[a_finding(f"casus-{n}")]) for n in range(30))
    kb.take(cases=[*many, a_case("niets")])
    strategy = a_case("niets")["strategies"][0]

    page = read(kb.client, f"/strategieen/{strategy}")

    assert '<h2 id="niet-onderzocht">' in page
    assert "/casussen/niets" in page
    assert len(set(re.findall(r'<h3><a href="/casussen/(casus-[^"]+)"', page))) == 24


@pytest.mark.parametrize(
    ("scheme", "path"),
    [
        ("ingredients", "/bestanddelen/publieke-familiariteit"),
        ("strategies", "/strategieen/sociaal-beheer"),
        ("effect-domains", "/effecten/leefbaarheid"),
    ],
)
def test_the_page_of_a_term_says_what_else_it_is_called(
    scheme: str, path: str, kb: KnowledgeBase
) -> None:
    kb.catch_up()
    names = ", ".join(schemes()[scheme].terms[path.rpartition("/")[2]].synonyms["nl"])

    assert f"Ook wel: {names}." in unescape(read(kb.client, path))
