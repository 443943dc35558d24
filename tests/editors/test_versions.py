"""Versions: what was published stays as it was, can be read, and compared as JSON Patch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from sqlalchemy import update

from kb.database import now
from kb.editors import workflow
from kb.editors.model import Revision
from kb.web.headers import PUBLIC_CACHE
from schemas.cases import CaseDocument, as_document
from tests import strategies
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes
from tests.strategies import examples

Live = Callable[..., None]
NOT_TEXT = ("version", "publishedAt", "updatedAt", "_links", "practiceNotes")


def text_of(document: Any) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in NOT_TEXT}


def test_versions_are_listed_with_their_notes(kb: KnowledgeBase, life: Live) -> None:
    life(a_case("tuin"), note="De eerste keer.")
    life(a_case("tuin", title="Anders"))

    response = kb.client.get("/v1/cases/tuin/versions")

    assert [(each["version"], each["note"]) for each in response.json["items"]] == [
        (2, None),
        (1, "De eerste keer."),
    ]
    assert response.headers["Cache-Control"] == PUBLIC_CACHE
    href = response.json["items"][1]["_links"]["self"]["href"]
    assert href == "http://kennisbank.test/v1/cases/tuin/versions/1"


def test_a_version_is_the_text_as_it_was_published(kb: KnowledgeBase, life: Live) -> None:
    kb.publish(a_case("type", kind="archetype", title="Een type"))
    life(a_case("tuin", archetype="type", pitfalls=[a_pitfall("tuin")]))
    public: Any = kb.client.get("/v1/cases/tuin").json
    before = kb.client.get("/v1/cases/tuin/versions/1")
    life(a_case("tuin", title="Heel anders"))
    kb.publish(a_case("type", kind="archetype", title="Een type"))

    after = kb.client.get("/v1/cases/tuin/versions/1")

    assert text_of(before.json) == text_of(public)
    assert {key: before.json[key] for key in NOT_TEXT[:3]} == {
        key: public[key] for key in NOT_TEXT[:3]
    }
    assert after.data == before.data
    assert after.headers["ETag"] == before.headers["ETag"]
    assert kb.client.get("/v1/cases/tuin/versions/2").json["title"] == "Heel anders"


@pytest.mark.parametrize("number", ["0", "-1", "1.0", "01", "een", "3", "999999999", "9" * 30, "²"])
def test_a_version_that_is_not_there_is_a_404(kb: KnowledgeBase, life: Live, number: str) -> None:
    life(a_case("tuin"))

    assert kb.client.get(f"/v1/cases/tuin/versions/{number}").status_code == 404
    assert kb.client.get(f"/v1/cases/tuin/versions/{number}/changes?from=1").status_code == 404


def test_two_versions_are_compared(kb: KnowledgeBase, life: Live) -> None:
    life(a_case("tuin"))
    life(a_case("tuin", title="Nieuwe titel", strategies=["sociaal-beheer", "sloop-nieuwbouw"]))

    response = kb.client.get("/v1/cases/tuin/versions/2/changes?from=1")

    assert response.mimetype == "application/json-patch+json"
    assert {each["path"] for each in response.json} == {"/title", "/strategies/1"}
    assert kb.client.get("/v1/cases/tuin/versions/1/changes?from=1").json == []
    back: Any = kb.client.get("/v1/cases/tuin/versions/1/changes?from=2").json
    assert {"op": "replace", "path": "/title", "value": "Tuin"} in back


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "required"),
        ("?from=", "empty"),
        ("?from=een", "wrong-type"),
        ("?from=0", "out-of-range"),
        ("?from=7", "unknown-reference"),
        ("?from=1&from=2", "repeated"),
    ],
)
def test_with_what_to_compare_must_be_right(
    kb: KnowledgeBase, life: Live, query: str, code: str
) -> None:
    life(a_case("tuin"))

    assert codes(kb.client.get(f"/v1/cases/tuin/versions/1/changes{query}")) == {"from": code}


@examples(15)
@given(old=strategies.cases("tuin"), new=strategies.cases("tuin"))
def test_the_changes_make_one_version_the_other(
    kb: KnowledgeBase, old: dict[str, Any], new: dict[str, Any]
) -> None:
    with kb.database.transaction() as session:  # Whoosh's names are not for who fixes chance
        for document in (old, new):
            case = CaseDocument().load(document)
            draft = workflow.save_draft(session, case, author="redactie", at=now())
            workflow.publish(session, draft, at=now())
    first = kb.client.get("/v1/cases/tuin").json["version"] - 1
    texts = {
        number: text_of(kb.client.get(f"/v1/cases/tuin/versions/{number}").json)
        for number in (first, first + 1)
    }

    for since, number in ((first, first + 1), (first + 1, first)):
        address = f"/v1/cases/tuin/versions/{number}/changes?from={since}"
        patch: Any = kb.client.get(address).json
        assert jsonpatch.apply_patch(texts[since], patch) == texts[number]


def test_a_version_keeps_the_labels_of_terms_that_are_no_more(
    kb: KnowledgeBase, anna: Person, life: Live
) -> None:
    life(a_case("tuin"))
    life(a_case("tuin", title="Anders"))
    old = kb.client.get("/v1/cases/tuin/versions/1").json
    with kb.database.transaction() as session:
        query = update(Revision).where(Revision.version == 1)
        session.execute(query.values(document=a_stored_case() | {"strategies": ["oud-woord"]}))

    response = kb.client.get("/v1/cases/tuin/versions/1")

    assert response.status_code == 200
    assert response.json["strategies"] == [{"id": "oud-woord", "label": "oud-woord"}]
    assert text_of(response.json) | {"strategies": None} == text_of(old) | {"strategies": None}
    begun = anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 1})
    assert [each["code"] for each in begun.json["_draft"]["problems"]] == ["not-in-vocabulary"]


def a_stored_case() -> dict[str, Any]:
    return as_document(CaseDocument().load(a_case("tuin")))
