"""Drafts of studies and questions look as their pages will, also with hardly anything in them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kb.kinds import KINDS
from tests.builders import a_question, a_study
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, somebody
from tests.editors.test_studies_and_questions import QUESTION, STUDY, approve, of_each_kind

LANGUAGES = {"nl": "[ontbreekt nog]", "en": "[still missing]"}
A_FINDING = {"id": "onderzoek--a", "claim": "Zo."}
BEHIND = a_study("behind", findings=[{**STUDY["findings"][0], "id": "behind--a"}])


@pytest.fixture
def anna(kb: KnowledgeBase) -> Person:
    """An editor."""
    return somebody(kb, "Anna", "editor")


@pytest.fixture
def piet(kb: KnowledgeBase) -> Person:
    """A publisher."""
    return somebody(kb, "Piet", "publisher")


def preview(anna: Person, collection: str, document: dict[str, Any]) -> str:
    """The path of a preview of a new draft."""
    created = anna.ask("POST", f"/{collection}", document)
    assert created.status_code == 201, created.text
    path = f"/{collection}/{created.get_json()['id']}/draft/previews"
    made = anna.ask("POST", path, {})
    assert made.status_code == 201, made.text
    url: str = made.get_json()["url"]
    return url.removeprefix("http://kennisbank.test")


def text_of(page: str) -> str:
    """What a page says of its thing, but for what is offered to do with it."""
    article = re.search(r'<article class="wrap page">(.*)</article>\s*</main>', page, re.DOTALL)
    assert article, page
    text = re.sub(r'<p class="compare">.*?</p>', "", article[1], flags=re.DOTALL)
    text = text.partition('<section class="section reference"')[0]
    return re.sub(r"\s+", " ", text).strip()


@of_each_kind
def test_a_preview_is_the_public_page_marked_as_a_draft(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    kb.take(studies=[BEHIND])
    document = document | ({"studies": ["behind"]} if kind == "question" else {})
    path = preview(anna, collection, document)

    response = kb.client.get(path)

    assert response.status_code == 200
    assert f"<title>Concept: {document['title']}" in response.text
    assert "geef het niet door" in response.text
    for named in ("canonical", "og:", "ld+json", "oembed", "citation_", "Anna"):
        assert named not in response.text, named
    approve(anna, piet, f"/{collection}/{document['id']}")
    kb.catch_up()
    public = kb.client.get(f"{KINDS[kind].page_path}/{document['id']}")
    assert text_of(response.text) == text_of(public.text)
    assert kb.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("collection", "document", "number"),
    [
        ("studies", {"title": "Bijna niets"}, 2),
        ("studies", {"id": "zonder-titel"}, 3),
        (
            "studies",
            {"id": "onderzoek", "findings": [A_FINDING], "pitfalls": [{"title": "Kuil"}]},
            9,
        ),
        (
            "studies",
            {"id": "onderzoek", "findings": [A_FINDING | {"evidence": "praktijkervaring"}]},
            5,
        ),
        ("studies", {"title": "Leeg", "authors": [], "findings": [], "pitfalls": []}, 2),
        ("studies", {"title": "Overzicht", "covers": ["bestaat-niet"], "url": None}, 2),
        ("questions", {"title": "Bijna niets?"}, 2),
        ("questions", {"id": "zonder-titel"}, 3),
        ("questions", {"title": "Leeg?", "studies": [], "effectDomains": ["leefbaarheid"]}, 2),
        ("questions", {"title": "Onbekend?", "studies": ["bestaat-niet"]}, 2),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_draft_with_hardly_anything_in_it_shows_what_is_missing(
    kb: KnowledgeBase,
    anna: Person,
    collection: str,
    document: dict[str, Any],
    number: int,
    lang: str,
) -> None:
    response = kb.client.get(f"{preview(anna, collection, document)}?lang={lang}")

    assert response.status_code == 200
    assert text_of(response.text).count(LANGUAGES[lang]) >= number
    assert "None" not in text_of(response.text)


@pytest.mark.parametrize(
    ("collection", "document", "key"),
    [
        *(
            pytest.param("studies", STUDY, key, id=f"study-{key}")
            for key in ("title", "summary", "year", "sourceType", "findings", "pitfalls")
        ),
        *(
            pytest.param("questions", QUESTION, key, id=f"question-{key}")
            for key in ("title", "answer", "theme", "strategies", "effectDomains")
        ),
    ],
)
def test_each_part_may_be_missing(
    kb: KnowledgeBase, anna: Person, collection: str, document: dict[str, Any], key: str
) -> None:
    rest = {name: value for name, value in document.items() if name != key}

    assert kb.client.get(preview(anna, collection, rest)).status_code == 200


def test_a_finding_of_a_draft_is_referred_to_on_the_page_of_its_study(
    kb: KnowledgeBase, anna: Person
) -> None:
    page = kb.client.get(preview(anna, "studies", STUDY)).text

    [finding] = STUDY["findings"]
    assert f"http://kennisbank.test/onderzoeken/onderzoek#{finding['id']}" in page
    assert "/casussen/onderzoek" not in page


def test_what_a_question_rests_on_is_what_readers_can_see(kb: KnowledgeBase, anna: Person) -> None:
    kb.take(studies=[a_study("zichtbaar", title="Te lezen")])
    anna.ask("POST", "/studies", a_study("verborgen", title="Nog geheim"))
    document = a_question(studies=["verborgen", "zichtbaar"])

    page = kb.client.get(preview(anna, "questions", document)).text

    assert "Te lezen" in page
    assert "Nog geheim" not in page
