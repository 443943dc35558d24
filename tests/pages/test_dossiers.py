"""The page of a dossier, and the ways to save a thing in it; all of them without script."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.kinds import KINDS
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.pages.test_reading import READER, read
from tests.pages.test_what_was_found import text_of

EXAMPLES = [f"{kind.name}:{kind.example_id}" for kind in KINDS.values()]


def items_in(address: str) -> list[str]:
    """The things that the address of a dossier names."""
    return parse_qs(urlsplit(unescape(address)).query).get("item", [])


def choices(page: str) -> list[list[str]]:
    """The dossiers to which a page leads by a change."""
    return [items_in(each) for each in re.findall(r'data-edit href="([^"]*)"', page)]


def three(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een", pitfalls=[a_pitfall("een")]), a_case("twee"), a_case("drie"))


def test_every_kind_is_shown_with_what_it_says(seeded: KnowledgeBase) -> None:
    query = "&".join(f"item={item}" for item in EXAMPLES)
    answer = seeded.client.get(f"/v1/dossiers?{query}").json or {}
    page = read(seeded.client, f"/dossier?{query}")

    assert f'data-choice="{" ".join(EXAMPLES)}"' in page
    for thing in answer["items"]:
        assert text_of(thing.get("title") or thing["label"]) in text_of(page)
        assert f'data-note="{thing["type"]}:{thing["id"]}"' in page
    assert "<textarea" in page
    assert "name=" not in "".join(re.findall(r"<textarea[^>]*>", page))  # no form can send it


def test_order_and_removal_are_links(kb: KnowledgeBase) -> None:
    three(kb)
    page = read(kb.client, "/dossier?item=case:een&item=pitfall:een--korte-adem&item=case:drie")

    een, valkuil, drie = "case:een", "pitfall:een--korte-adem", "case:drie"
    assert choices(page) == [
        [valkuil, een, drie],
        [valkuil, drie],
        [valkuil, een, drie],
        [een, drie, valkuil],
        [een, drie],
        [een, drie, valkuil],
        [een, valkuil],
    ]
    assert '<input type="hidden" name="item" value="case:een">' in page
    assert "/vergelijken?case=een&amp;case=drie" in page


def test_a_search_adds_things_of_any_kind(kb: KnowledgeBase) -> None:
    three(kb)

    page = read(kb.client, "/dossier?lang=en&item=case:een&q=adem")

    assert ["case:een", "pitfall:een--korte-adem"] in choices(page)
    assert all("lang=en" in each for each in re.findall(r'data-edit href="([^"]*)"', page))


@pytest.mark.parametrize("query", ["", "?item=", "?item=,&lang=en", "?q="])
def test_without_a_choice_it_tells_how_to_make_one(query: str, kb: KnowledgeBase) -> None:
    page = read(kb.client, f"/dossier{query}")

    assert 'id="how"' in page
    assert "<textarea" not in page
    assert 'name="q"' in page


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("item=case:een&item=case:weg", 200, "Klopte niet."),
        ("item=case:weg", 410, "item=case:drie"),
        ("item=case:twe", 404, "item=case:twee"),
        ("item=case:een&item=case:twe&item=ingredient:nergens", 200, "nergens"),
        ("item=case:een&item=%3Cscript%3E", 200, "&lt;script&gt;"),
        ("item=case:een&item=case:a%00b", 200, "case:a\\u0000b"),
        ("item=case:een&item=kaas:een", 200, "kaas:een"),
        ("item=" + "a" * 3000, 200, "aaa"),
        ("&".join(f"item=case:x-{n}" for n in range(52)), 404, "2 zijn weggelaten"),
    ],
)
def test_what_is_not_there_stands_beside_the_rest(
    query: str, status: int, words: str, kb: KnowledgeBase
) -> None:
    three(kb)
    kb.publish(a_case("weg"))
    kb.withdraw("weg", reason="Klopte niet.", replaced_by="drie")

    answer = kb.client.get(f"/dossier?{query}", headers=READER)

    assert answer.status_code == status
    assert words in answer.text
    assert "<script>" not in answer.text


@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_query_gives_a_page(seeded: KnowledgeBase, items: list[str]) -> None:
    answer = seeded.client.get("/dossier", query_string={"item": items}, headers=READER)

    assert answer.status_code in {200, 404}
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize(
    ("address", "item"),
    [
        *((f"{kind.page_path}/{kind.example_id}", kind.name) for kind in KINDS.values()),
        *((path, "case") for path in ("/", "/casussen", "/zoeken?q=wonen")),
        *(("/valkuilen", "pitfall"), ("/bevindingen", "finding"), ("/onderzoeken", "study")),
        *(("/vragen?q=mengen", "question"), ("/bestanddelen?q=buddy", "ingredient")),
    ],
)
def test_everything_can_be_saved_where_it_is_seen(
    address: str, item: str, seeded: KnowledgeBase
) -> None:
    if address.startswith("/kleinhans"):  # a finding is on the page of its study
        address = "/onderzoeken/kleinhans-2004"
    page = read(seeded.client, address)

    saved = re.findall(r'href="(/dossier\?[^"]*)" data-item="([^"]*)"', page)
    assert saved
    assert all(items_in(href) == [named] for href, named in saved)
    assert any(named.startswith(f"{item}:") for _, named in saved)


def test_no_answer_of_a_dossier_sets_a_cookie(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"/dossier?item={EXAMPLES[0]}", headers=READER)

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"].startswith("public")


def test_every_page_has_a_place_that_says_that_a_dossier_is_full(seeded: KnowledgeBase) -> None:
    text = seeded.client.get("/casussen").get_data(as_text=True)

    assert 'data-full="Je dossier is vol (50 stukken)"' in text
    assert 'role="status" data-dossier-notice hidden' in text
