"""The page of a memo has all of its text, and a dossier leads to it."""

from __future__ import annotations

from itertools import chain

from tests.conftest import KnowledgeBase
from tests.pages.test_reading import read
from tests.pages.test_what_was_found import text_of

CHOICE = "item=case:place2bu-utrecht&item=question:leidt-mengen-tot-contact&question=Wat+nu%3F"


def test_the_page_has_all_that_the_api_says(seeded: KnowledgeBase) -> None:
    document = seeded.client.get(f"/v1/memos?{CHOICE}").json or {}
    page = read(seeded.client, f"/memo?{CHOICE}")
    text = text_of(page)

    for section in document["sections"]:
        assert f'id="{section["id"]}"' in page
        for block in [*section["blocks"], *section["annex"]]:
            for run in chain(block.get("text", ()), *block.get("items", ())):
                assert text_of(run["text"]) in text
    assert "format=docx" in page


def test_without_a_choice_it_leads_to_the_dossier(seeded: KnowledgeBase) -> None:
    for query in ("", "?item=", "?question=Wat&lang=en"):
        assert 'href="/dossier' in read(seeded.client, f"/memo{query}")


def test_a_dossier_leads_to_its_memo(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/dossier?item=case:place2bu-utrecht")

    assert 'action="/memo"' in page
    assert 'value="docx"' in page


def test_links_keep_the_language(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, f"/memo?{CHOICE}&lang=en")

    assert 'href="/casussen/place2bu-utrecht?lang=en"' in page
    assert '<span lang="nl" dir="auto">' in page


def test_a_question_that_is_too_long_is_refused_at_its_field(seeded: KnowledgeBase) -> None:
    long = "x" * 301
    answer = seeded.client.get(f"/memo?item=case:place2bu-utrecht&question={long}")

    assert answer.status_code == 400
    assert "Hoogstens 300 tekens; dit zijn er 301." in answer.text
    assert f'value="{long}"' in answer.text
    assert 'value="case:place2bu-utrecht"' in answer.text


def test_the_page_of_a_wrong_address_lists_what_is_wrong(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/memo?item=kast:a")

    assert answer.status_code == 400
    assert "kast" in text_of(answer.text)
