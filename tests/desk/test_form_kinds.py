"""Studies and questions are written in the same form as cases, made from their own schemas."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_finding, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk
from tests.desk.forms import Fields, opened, send

FINDING = {key: value for key, value in a_finding("onderzoek").items() if key != "source"}
KINDS = [
    pytest.param(
        "onderzoeken",
        "studies",
        a_study(findings=[FINDING], covers=["ander"]),
        id="study",
    ),
    pytest.param("vragen", "questions", a_question(studies=["ander"]), id="question"),
]


def saved(desk: Desk, collection: str, slug: str) -> Any:
    draft = desk.call("GET", f"/{collection}/{slug}/draft").json
    return {key: value for key, value in draft.items() if key[:1] != "_"}


@pytest.mark.parametrize(("pages", "collection", "document"), KINDS)
def test_a_form_that_nobody_changed_changes_nothing(
    kb: KnowledgeBase, anna: Desk, pages: str, collection: str, document: dict[str, Any]
) -> None:
    kb.take(studies=[a_study("ander")])
    anna.call("POST", f"/{collection}", json=document)
    before = saved(anna, collection, document["id"])
    path = f"/redactie/{pages}/{document['id']}/bewerken"

    answer = send(anna, opened(anna, path), path, do="save")

    assert answer.status_code == 303
    assert saved(anna, collection, document["id"]) == before


@pytest.mark.parametrize(("pages", "collection", "document"), KINDS)
def test_what_is_named_and_no_longer_public_is_not_lost(
    kb: KnowledgeBase, anna: Desk, pages: str, collection: str, document: dict[str, Any]
) -> None:
    anna.call("POST", f"/{collection}", json=document)  # the study “ander” is not there
    path = f"/redactie/{pages}/{document['id']}/bewerken"

    answer = send(anna, opened(anna, path), path, do="save", title="Een andere titel")

    assert answer.status_code == 303
    after = saved(anna, collection, document["id"])
    assert after["title"] == "Een andere titel"
    named = after["covers" if collection == "studies" else "studies"]
    assert [each["id"] for each in named] == ["ander"]


@pytest.mark.parametrize(("pages", "first"), [("onderzoeken", "rapport"), ("vragen", "proces")])
def test_something_new_begins_with_a_title(
    kb: KnowledgeBase, anna: Desk, pages: str, first: str
) -> None:
    page = anna.get(f"/redactie/{pages}/nieuw").text
    key = "sourceType" if pages == "onderzoeken" else "theme"
    path = f"/redactie/{pages}/nieuw"

    answer = send(anna, Fields(page).pairs, path, title="Samen wonen", **{key: first})

    assert answer.status_code == 303, answer.text
    assert answer.location.endswith(f"/redactie/{pages}/samen-wonen/bewerken")
    assert "Samen wonen" in anna.get(answer.location).text
