"""submit → return with a note, or publish; four eyes; withdraw and bring back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kb.app import create_app
from kb.search.catch_up import catch_up
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody

Live = Callable[..., None]


def steps(document: Any) -> list[tuple[str, str, str | None]]:
    return [
        (each["what"], each["who"], each["note"]) for each in document.json["_draft"]["history"]
    ]


def test_a_case_becomes_public_when_another_approves_it(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin", pitfalls=[a_pitfall("tuin")]))
    assert anna.review("tuin", "submit").json["_draft"]["state"] == "submitted"
    assert kb.client.get("/v1/cases/tuin").status_code == 404

    response = piet.publish("tuin")

    assert response.status_code == 201
    assert (response.json["version"], response.json["searchable"]) == (1, True)
    assert response.headers["Location"] == "http://kennisbank.test/v1/cases/tuin/versions/1"
    assert kb.client.get("/v1/cases/tuin").json["version"] == 1
    assert [each["id"] for each in kb.client.get("/v1/cases?q=tuin").json["items"]] == ["tuin"]
    assert anna.ask("GET", "/cases/tuin/draft").status_code == 404


def test_a_returned_draft_tells_its_author_why(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin"))
    anna.review("tuin", "submit", note="Graag je blik op de bronnen.")

    returned = piet.review("tuin", "return", note="De bron ontbreekt.")

    assert returned.json["_draft"]["state"] == "returned"
    assert steps(anna.ask("GET", "/cases/tuin/draft")) == [
        ("saved", "Anna", None),
        ("submitted", "Anna", "Graag je blik op de bronnen."),
        ("returned", "Piet", "De bron ontbreekt."),
    ]
    assert anna.patch("tuin", {"title": "Beter"}).json["_draft"]["state"] == "draft"
    assert anna.review("tuin", "submit").status_code == 200


def test_a_returned_draft_can_be_submitted_as_it_is(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin"))
    anna.review("tuin", "submit")
    piet.review("tuin", "return", note="Toch niet?")

    assert anna.review("tuin", "submit").json["_draft"]["state"] == "submitted"


@pytest.mark.parametrize("send", ["put", "patch"])
def test_editing_a_submitted_draft_makes_it_a_draft_again(
    anna: Person, piet: Person, send: str
) -> None:
    anna.create(a_case("tuin"))
    previous = anna.review("tuin", "submit").headers["ETag"]

    edited = getattr(anna, send)("tuin", a_case("tuin", title="Anders"))

    assert edited.json["_draft"]["state"] == "draft"
    assert (
        piet.publish("tuin", previous).status_code == 412
    )  # nobody approves what they have not seen
    assert piet.publish("tuin").status_code == 409


@pytest.mark.parametrize("state", ["draft", "returned"])
def test_only_a_submitted_draft_can_be_published_or_returned(
    kb: KnowledgeBase, anna: Person, piet: Person, state: str
) -> None:
    anna.create(a_case("tuin"))
    if state == "returned":
        anna.review("tuin", "submit")
        piet.review("tuin", "return", note="Nee.")

    assert piet.publish("tuin").status_code == 409
    assert piet.review("tuin", "return", note="Nee.").status_code == 409
    assert kb.client.get("/v1/cases/tuin").status_code == 404


def test_a_draft_is_submitted_once(anna: Person) -> None:
    anna.create(a_case("tuin"))
    anna.review("tuin", "submit")

    assert anna.review("tuin", "submit").status_code == 409


def test_an_editor_neither_returns_nor_publishes(anna: Person) -> None:
    anna.create(a_case("tuin"))
    anna.review("tuin", "submit")

    for answer in (anna.review("tuin", "return", note="x"), anna.publish("tuin")):
        assert answer.status_code == 403
        assert "“publisher”" in answer.json["detail"]


def test_nobody_publishes_what_they_wrote_in(kb: KnowledgeBase, anna: Person, piet: Person) -> None:
    els = somebody(kb, "Els", "publisher")
    piet.create(a_case("tuin"))
    anna.patch("tuin", {"title": "Van Anna"})  # Piet is no longer the last, but did write
    piet.review("tuin", "submit")

    response = piet.publish("tuin")

    assert response.status_code == 403
    assert kb.client.get("/v1/cases/tuin").status_code == 404
    assert els.publish("tuin").status_code == 201


def test_a_second_token_is_no_second_pair_of_eyes(kb: KnowledgeBase, piet: Person) -> None:
    piet.create(a_case("tuin"))
    piet.review("tuin", "submit")

    assert somebody(kb, "Piet", "publisher").publish("tuin").status_code == 403


@pytest.fixture
def alone(kb: KnowledgeBase, tmp_path: Path) -> Iterator[Person]:
    """A publisher where one pair of eyes is enough."""
    settings = replace(kb.app.extensions["kb"].settings, four_eyes=False)
    app = create_app(settings, serving=False)
    small = KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)
    yield somebody(small, "Piet", "publisher")
    small.close()


def test_without_four_eyes_one_person_does_it_all(alone: Person) -> None:
    alone.create(a_case("tuin"))

    assert alone.publish("tuin").status_code == 201
    assert alone.kb.client.get("/v1/cases/tuin").status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/decision": "required"}),
        ({"decision": "goedkeuren"}, {"/decision": "not-in-vocabulary"}),
        ({"decision": None, "nota": 1}, {"/decision": "null", "/nota": "unknown-key"}),
        ({"decision": "submit", "note": 7}, {"/note": "wrong-type"}),
        ({"decision": "submit", "note": "a" * 2001}, {"/note": "too-long"}),
        ({"decision": "return"}, {"/note": "required"}),
        ({"decision": "return", "note": " "}, {"/note": "empty"}),
    ],
)
def test_what_is_wrong_with_a_review_is_reported(
    piet: Person, body: dict[str, Any], expected: dict[str, str]
) -> None:
    tag = piet.create(a_case("tuin")).headers["ETag"]

    assert codes(piet.ask("POST", "/cases/tuin/draft/reviews", body, tag=tag)) == expected


def test_publishing_tells_everything_that_is_missing_and_changes_nothing(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("tuin"))
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch(
        "tuin",
        {
            "title": None,
            "endYear": 1999,
            "findings": [a_finding("tuin", source="bron-9", evidence=None)],
        },
    )
    anna.review("tuin", "submit")

    response = piet.publish("tuin")

    assert codes(response) == {
        "/title": "required",
        "/endYear": "inconsistent",
        "/findings/0/evidence": "required",
        "/findings/0/source": "unknown-reference",
    }
    assert kb.client.get("/v1/cases/tuin").json["version"] == 1
    assert anna.ask("GET", "/cases/tuin/draft").json["_draft"]["state"] == "submitted"


def test_a_withdrawn_case_answers_gone_until_a_next_draft_is_published(
    kb: KnowledgeBase, anna: Person, piet: Person, life: Live
) -> None:
    life(a_case("tuin"))
    kb.publish(a_case("plein"))

    gone = piet.ask(
        "POST", "/cases/tuin/withdrawals", {"reason": "Opgegaan in plein.", "replacedBy": "plein"}
    )

    assert (gone.status_code, gone.json["searchable"]) == (201, True)
    tombstone = kb.client.get("/v1/cases/tuin")
    assert tombstone.status_code == 410
    assert tombstone.json["reason"] == "Opgegaan in plein."
    assert tombstone.json["replacedBy"] == "plein"
    assert kb.client.get("/v1/cases?q=tuin").json["items"] == []
    assert kb.client.get("/v1/cases/tuin/versions").status_code == 410
    assert piet.ask("POST", "/cases/tuin/withdrawals", {"reason": "Nog eens."}).status_code == 409

    begun = anna.ask("POST", "/cases/tuin/draft", {})
    assert (begun.status_code, begun.json["_draft"]["basedOn"]) == (201, 1)
    anna.patch("tuin", {"summary": "Weer terug."})
    anna.review("tuin", "submit")
    refused = piet.publish("tuin")
    assert refused.status_code == 409
    assert "“reinstate”" in refused.json["detail"]
    assert (refused.json["reason"], refused.json["replacedBy"]) == ("Opgegaan in plein.", "plein")
    assert kb.client.get("/v1/cases/tuin").status_code == 410
    assert piet.publish("tuin", reinstate=True).json["version"] == 2

    assert kb.client.get("/v1/cases/tuin").json["summary"] == "Weer terug."
    assert [each["id"] for each in kb.client.get("/v1/cases?q=tuin").json["items"]] == ["tuin"]
    assert kb.client.get("/v1/cases/tuin/versions/1").status_code == 200


def test_the_draft_of_a_withdrawn_case_says_so(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("tuin"), a_case("plein"))
    anna.ask("POST", "/cases/tuin/draft", {})
    assert anna.ask("GET", "/cases/tuin/draft").json["_draft"]["withdrawn"] is None

    piet.ask("POST", "/cases/tuin/withdrawals", {"reason": "Weg.", "replacedBy": "plein"})

    value = anna.ask("GET", "/cases/tuin/draft").json["_draft"]["withdrawn"]
    assert (value["reason"], value["replacedBy"]) == ("Weg.", "plein")
    assert value["withdrawnAt"].endswith("Z")


@pytest.mark.parametrize("value", [1, "true", None, []])
def test_bringing_back_has_to_be_explicit(piet: Person, value: Any) -> None:
    piet.create(a_case("tuin"))

    code = "null" if value is None else "wrong-type"
    assert codes(piet.publish("tuin", reinstate=value)) == {"/reinstate": code}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/reason": "required"}),
        ({"reason": None}, {"/reason": "null"}),
        ({"reason": ""}, {"/reason": "too-short"}),
        ({"reason": "x", "replacedBy": "niets"}, {"/replacedBy": "unknown-reference"}),
        ({"reason": "x", "replacedBy": "tuin"}, {"/replacedBy": "inconsistent"}),
        ({"reason": "x", "replacedBy": "Geen Id"}, {"/replacedBy": "bad-format"}),
    ],
)
def test_what_is_wrong_with_a_withdrawal_is_reported(
    kb: KnowledgeBase, piet: Person, body: dict[str, Any], expected: dict[str, str]
) -> None:
    kb.publish(a_case("tuin"))

    response = codes(piet.ask("POST", "/cases/tuin/withdrawals", body))

    assert response == expected or (response, body["reason"]) == ({"/reason": "empty"}, "")
    assert kb.client.get("/v1/cases/tuin").status_code == 200


def test_what_never_was_public_cannot_be_withdrawn(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin"))

    assert piet.ask("POST", "/cases/tuin/withdrawals", {"reason": "x"}).status_code == 409
    assert piet.ask("POST", "/cases/niets/withdrawals", {"reason": "x"}).status_code == 404


def test_when_the_index_is_busy_the_answer_says_that_search_does_not_know_yet(
    anna: Person, tmp_path: Path, kb: KnowledgeBase
) -> None:
    settings = replace(kb.app.extensions["kb"].settings, index_wait=0.2)
    app = create_app(settings, serving=False)
    hurried = KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)
    anna.create(a_case("tuin"))
    anna.review("tuin", "submit")
    piet = somebody(hurried, "Piet", "publisher")

    with kb.engine.writing():
        response = piet.publish("tuin")

    assert (response.status_code, response.json["searchable"]) == (201, False)
    catch_up(kb.database, kb.engine)  # as the follower does each second
    assert [each["id"] for each in kb.client.get("/v1/cases").json["items"]] == ["tuin"]
    hurried.close()


def test_who_submitted_a_draft_takes_that_back_and_goes_on(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin"))
    anna.review("tuin", "submit")

    taken_back = anna.review("tuin", "retract", note="Nog een bron.")

    assert taken_back.status_code == 200
    assert taken_back.json["_draft"]["state"] == "draft"
    step = taken_back.json["_draft"]["history"][-1]
    assert (step["what"], step["who"], step["note"]) == ("retracted", "Anna", "Nog een bron.")
    assert piet.publish("tuin").status_code == 409
    assert anna.review("tuin", "submit").status_code == 200
    assert piet.publish("tuin").status_code == 201


def test_only_who_submitted_it_or_a_publisher_takes_a_submission_back(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin"))
    assert anna.review("tuin", "retract").status_code == 409
    anna.review("tuin", "submit")

    refused = somebody(kb, "Bo", "editor").review("tuin", "retract")

    assert refused.status_code == 403
    assert "Anna" in refused.json["detail"]
    assert piet.review("tuin", "retract").json["_draft"]["state"] == "draft"


def test_who_read_a_submission_that_was_taken_back_hears_that_it_changed(
    anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin"))
    submitted = anna.review("tuin", "submit").headers["ETag"]
    anna.review("tuin", "retract")

    stale = piet.publish("tuin", submitted)

    assert stale.status_code == 412
    assert stale.json["changed"] == ["_draft"]


def test_a_draft_tells_who_may_not_publish_it(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin"))
    piet.patch("tuin", {"summary": "Iets anders."})

    draft = anna.ask("GET", "/cases/tuin/draft").json["_draft"]

    assert draft["writers"] == ["Anna", "Piet"]
    assert draft["fourEyes"] is True
    piet.review("tuin", "submit")
    assert piet.publish("tuin").status_code == 403
