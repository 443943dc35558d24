"""The page of a draft for one reader without an account."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest

from tests.builders import a_case, a_finding, a_pitfall, a_source
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, somebody
from tests.images.pictures import a_picture


@pytest.fixture
def anna(kb: KnowledgeBase) -> Person:
    """An editor."""
    return somebody(kb, "Anna", "editor")


def preview(anna: Person, document: dict[str, Any]) -> str:
    """The path of a preview of a new draft."""
    created = anna.create(document)
    assert created.status_code == 201, created.text
    made = anna.ask("POST", f"/cases/{created.json['id']}/draft/previews", {})
    url: str = made.get_json()["url"]
    return url.removeprefix("http://kennisbank.test")


def main_of(page: str) -> str:
    """What a page says of its case: without the banner, and what stands around the text."""
    article: str
    [article] = re.findall(r'<div class="case-parts">.*?\n    </div>\n  </div>', page, re.DOTALL)
    return article


def test_a_preview_is_the_public_page_marked_as_a_draft(kb: KnowledgeBase, anna: Person) -> None:
    document = a_case("tuin", title="Tuin", pitfalls=[a_pitfall("tuin")])
    path = preview(anna, document)

    response = kb.client.get(path)

    assert response.status_code == 200
    assert "<title>Concept: Tuin" in response.text
    assert "geef het niet door" in response.text
    piet = somebody(kb, "Piet", "publisher")
    anna.review("tuin", "submit")
    assert piet.publish("tuin").status_code == 201
    assert main_of(response.text) == main_of(kb.client.get("/casussen/tuin").text)
    assert kb.client.get(path).status_code == 404


def test_nobody_keeps_lists_or_passes_on_a_preview(kb: KnowledgeBase, anna: Person) -> None:
    response = kb.client.get(preview(anna, a_case("tuin")))

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert 'name="robots" content="noindex' in response.text
    for named in ("canonical", "og:", "ld+json", "oembed"):
        assert named not in response.text, named
    assert "Anna" not in response.text


@pytest.mark.parametrize(
    "document",
    [
        {"title": "Bijna niets"},
        {"id": "zonder-titel"},
        {"title": "Lijsten", "kind": "archetype", "pitfalls": [{"title": "Kuil"}]}
        | {"findings": [{"claim": "Zo."}], "sources": [{"title": "Bron"}]}
        | {"ingredients": [{"id": "buddy-systeem"}], "parties": [], "events": []},
        {"title": "Half", "findings": [{"claim": "Zo.", "direction": "positief"}]}
        | {"place": {"municipality": "Utrecht"}, "startYear": 2016},
        {"title": "Half", "findings": [{"claim": "Zo.", "evidence": "beschrijvend-onderzoek"}]},
        {"title": "Oud", "archetype": "bestaat-niet"},
    ],
)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_draft_with_hardly_anything_in_it_shows_what_is_missing(
    kb: KnowledgeBase, anna: Person, document: dict[str, Any], lang: str
) -> None:
    path = preview(anna, document)

    response = kb.client.get(f"{path}?lang={lang}")

    assert response.status_code == 200
    missing = "[ontbreekt nog]" if lang == "nl" else "[still missing]"
    assert response.text.count(missing) >= 5
    assert "None" not in main_of(response.text)


@pytest.mark.parametrize(
    "key",
    [
        *("kind", "summary", "context", "approach", "results", "status", "scale"),
        *("strategies", "targetGroups", "ingredients", "sources", "findings"),
    ],
)
def test_each_part_may_be_missing(kb: KnowledgeBase, anna: Person, key: str) -> None:
    document = a_case("tuin", findings=[a_finding("tuin")], sources=[a_source("bron-1")])
    del document[key]

    assert kb.client.get(preview(anna, document)).status_code == 200


@pytest.mark.parametrize("secret", ["niets", "a" * 3000, "%00", "é"])
def test_an_address_that_shows_nothing_says_what_to_do(kb: KnowledgeBase, secret: str) -> None:
    response = kb.client.get(f"/voorbeeld/{secret}", headers={"Accept": "text/html"})

    assert response.status_code == 404
    assert "Dit voorbeeld is verlopen" in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_a_preview_opens_the_images_of_its_draft_alone(kb: KnowledgeBase, anna: Person) -> None:
    paths = {slug: preview(anna, a_case(slug)) for slug in ("tuin", "hof")}
    etag = anna.ask("GET", "/cases/tuin/draft").headers["ETag"]
    uploaded = kb.client.post(
        "/v1/cases/tuin/draft/images",
        data={"file": (BytesIO(a_picture()), "foto.png"), "alt": "Buren in de tuin."},
        headers={"Authorization": f"Bearer {anna.token}", "If-Match": etag},
    )
    name = f"{uploaded.json['images'][0]['id']}.jpg"

    page = kb.client.get(paths["tuin"]).text
    [address] = re.findall(r'<img src="([^"]+)"[^>]* alt="Buren in de tuin."', page)
    shown = kb.client.get(address)

    assert address.startswith(f"{paths['tuin']}/beelden/")
    assert (shown.status_code, shown.content_type) == (200, "image/webp")
    assert shown.headers["Cache-Control"] == "no-store"
    assert kb.client.get(f"{paths['tuin']}/beelden/{name}").status_code == 200
    for other in (f"/beelden/{name}", f"{paths['hof']}/beelden/{name}"):
        assert kb.client.get(other).status_code == 404
    assert kb.client.get(f"{paths['tuin']}/beelden/..%2Fgeheim").status_code == 404
    for each in anna.ask("GET", "/cases/tuin/draft/previews").get_json()["items"]:
        anna.ask("DELETE", f"/cases/tuin/draft/previews/{each['id']}")
    assert kb.client.get(address).status_code == 404
