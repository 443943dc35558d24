"""Whoever says how they would like an answer gets the form that fits best."""

from __future__ import annotations

import pytest

from tests.conftest import KnowledgeBase


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/json; charset=utf-8", "application/json"),
        ("application/json;charset=UTF-8;q=0.9", "application/json"),
        ("APPLICATION/JSON", "application/json"),
        (
            'application/ld+json; profile="http://www.w3.org/ns/json-ld#expanded"',
            "application/ld+json",
        ),
        ('application/ld+json;profile="https://schema.org"', "application/ld+json"),
        ("application/problem+json", "application/json"),
        ("application/problem+json, application/json;q=0.5", "application/json"),
        ("text/turtle;q=0.9, application/json;q=0.8", "text/turtle"),
        ("text/turtle;q=0.5, */*;q=0.1", "text/turtle"),
        ("text/csv; header=present", "text/csv"),
        ("text/html, application/xhtml+xml, */*;q=0.1", "application/json"),
        ("*/*;q=0.1", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/csv"),
        ("application/json;q=0, */*", "application/atom+xml"),
        ("application/atom+xml;type=feed", "application/atom+xml"),
        ("", "application/json"),
    ],
)
def test_parameters_and_qualities_are_understood(
    kb: KnowledgeBase, accept: str, media: str
) -> None:
    answer = kb.client.get("/v1/cases", headers={"Accept": accept}, buffered=True)

    assert (answer.status_code, answer.mimetype) == (200, media)


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "*/*;q=0", "image/*"])
def test_what_nobody_here_has_is_406(kb: KnowledgeBase, accept: str) -> None:
    assert kb.client.get("/v1/cases", headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/html; charset=utf-8, */*;q=0.1", "text/html"),
        ("text/html;level=1, application/json;q=0.9", "text/html"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("*/*", "application/problem+json"),
    ],
)
def test_a_problem_is_a_page_for_who_reads_pages(
    kb: KnowledgeBase, accept: str, media: str
) -> None:
    assert kb.client.get("/nergens", headers={"Accept": accept}).mimetype == media


def test_lang_wins_from_the_header(seeded: KnowledgeBase) -> None:
    answers = [
        seeded.client.get(f"/v1/cases/nergens{query}", headers={"Accept-Language": header})
        for query, header in (("?lang=en", "nl"), ("?lang=nl", "en"))
    ]

    assert [answer.headers["Content-Language"] for answer in answers] == ["en", "nl"]
    assert answers[0].get_json(force=True)["title"] == "Not found"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en", "en"),
        ("en-GB, nl;q=0.5", "en"),
        ("nl-BE, en;q=0.9", "nl"),
        ("fr, EN-us;q=0.3, nl;q=0.2", "en"),
        ("de", "nl"),
        ("en;q=0", "nl"),
        ("*", "nl"),
        ("", "nl"),
        ("?!;q=x,,", "nl"),
    ],
)
def test_the_dearest_language_that_we_speak_is_spoken(
    accepted: str, language: str, seeded: KnowledgeBase
) -> None:
    for path in ("/v1/vocabularies", "/v1/nergens", "/docs"):
        answer = seeded.client.get(path, headers={"Accept-Language": accepted})

        assert answer.headers["Content-Language"] == language
