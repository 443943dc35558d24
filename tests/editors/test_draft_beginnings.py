"""Where a draft begins: from which version, and when there is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes


def test_an_unchanged_draft_of_a_public_case_leaves_the_public_text_alone(
    kb: KnowledgeBase, anna: Person
) -> None:
    kb.publish(a_case("tuin", title="Openbaar"))
    response = anna.ask("POST", "/cases/tuin/draft", {})
    assert (response.status_code, response.json["_draft"]["basedOn"]) == (201, 1)

    anna.patch("tuin", {"title": "Concept", "pitfalls": [a_pitfall("tuin")]})

    assert kb.client.get("/v1/cases/tuin").json["title"] == "Openbaar"
    assert kb.client.get("/v1/pitfalls/tuin--korte-adem").status_code == 404
    assert anna.ask("POST", "/cases/tuin/draft", {}).status_code == 409


def test_a_draft_can_begin_from_any_version(kb: KnowledgeBase, anna: Person) -> None:
    for title in ("Een", "Twee", "Drie"):
        kb.publish(a_case("tuin", title=title))

    wrong = anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 4})
    response = anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 1})

    assert codes(wrong) == {"/fromVersion": "unknown-reference"}
    assert wrong.json["errors"][0]["suggestion"] == "3"
    assert (response.json["title"], response.json["_draft"]["basedOn"]) == ("Een", 1)
    assert (response.json["version"], response.json["publishedAt"] is None) == (3, False)


@pytest.mark.parametrize("body", [None, {}])
def test_a_draft_begins_from_the_newest_version_by_default(
    kb: KnowledgeBase, anna: Person, body: Any
) -> None:
    kb.publish(a_case("tuin", title="Een"))
    kb.publish(a_case("tuin", title="Twee"))

    assert anna.ask("POST", "/cases/tuin/draft", body).json["title"] == "Twee"


@pytest.mark.parametrize("value", [0, -1, "1", 1.5, True, 2**40, []])
def test_a_version_is_a_number(kb: KnowledgeBase, anna: Person, value: Any) -> None:
    kb.publish(a_case("tuin"))

    answer = anna.ask("POST", "/cases/tuin/draft", {"fromVersion": value})

    assert set(codes(answer)) == {"/fromVersion"}


def test_a_case_that_nobody_knows_has_no_draft(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("openbaar"))
    anna.create(a_case("tuin-van-ede"))

    near = anna.ask("GET", "/cases/tuin-van-eede/draft")

    assert near.status_code == 404
    assert near.json["suggestions"] == ["tuin-van-ede"]
    assert anna.ask("POST", "/cases/niets/draft", {}).status_code == 404
    assert anna.ask("GET", "/cases/openbaar/draft").status_code == 404
    assert anna.ask("PUT", "/cases/openbaar/draft", {}, tag='"x"').status_code == 404


@pytest.mark.parametrize("body", [[], "", 0, False])
def test_what_is_no_object_begins_no_draft(kb: KnowledgeBase, anna: Person, body: object) -> None:
    kb.publish(a_case("tuin"))

    answer = anna.ask("POST", "/cases/tuin/draft", body)

    assert answer.status_code == 400, answer.text
    assert anna.ask("GET", "/cases/tuin/draft").status_code == 404
