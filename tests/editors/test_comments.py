"""Comments of editors on places in a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from kb.database import now
from kb.editors import erasure
from kb.editors.model import Revision
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes

Live = Callable[..., None]
PATH = "/cases/tuin/draft/comments"


def say(person: Person, pointer: str, text: str = "Klopt dit?") -> dict[str, Any]:
    response = person.ask("POST", PATH, {"pointer": pointer, "text": text})
    assert response.status_code == 201, response.text
    comment: dict[str, Any] = response.get_json()
    return comment


def pointers(person: Person) -> list[str | None]:
    return [each["pointer"] for each in person.ask("GET", PATH).json["items"]]


def test_editors_speak_of_a_place_in_a_draft(anna: Person, piet: Person) -> None:
    created = anna.create(a_case("tuin"))

    comment = say(piet, "/summary", "Welke bron zegt dit?")

    assert (comment["author"], comment["pointer"]) == ("Piet", "/summary")
    assert (comment["resolvedAt"], comment["about"]["id"]) == (None, "tuin")
    assert anna.ask("GET", PATH).json["items"] == [comment]
    assert anna.tag("tuin") == created.headers["ETag"]  # it is not part of the text
    assert anna.ask("GET", "/cases/tuin/draft").json["_draft"]["openComments"] == 1


@pytest.mark.parametrize(
    "pointer", ["", "/summary", "/collaboration", "/place/municipality", "/pitfalls/0/title"]
)
def test_a_comment_may_be_on_any_place_also_an_empty_one(anna: Person, pointer: str) -> None:
    anna.create(a_case("tuin", collaboration=None, pitfalls=[a_pitfall("tuin")]))

    assert say(anna, pointer)["pointer"] == pointer


@pytest.mark.parametrize(
    ("pointer", "code"),
    [
        ("summary", "bad-format"),
        ("/niets", "unknown-reference"),
        ("/pitfalls/1", "unknown-reference"),
        ("/pitfalls/-", "unknown-reference"),
        ("/pitfalls/x", "unknown-reference"),
        ("/summary/0", "unknown-reference"),
        ("/_draft/state", "unknown-reference"),
        ("/a\x00", "bad-format"),
        ("/" + "a" * 300, "too-long"),
        (7, "wrong-type"),
        (None, "null"),
    ],
)
def test_a_place_that_is_not_in_the_draft_is_refused(anna: Person, pointer: Any, code: str) -> None:
    anna.create(a_case("tuin", pitfalls=[a_pitfall("tuin")]))

    response = anna.ask("POST", PATH, {"pointer": pointer, "text": "x"})

    assert codes(response) == {"/pointer": code}
    assert anna.ask("GET", PATH).json["items"] == []


def test_what_is_wrong_with_a_comment_is_reported(anna: Person) -> None:
    anna.create(a_case("tuin"))

    assert codes(anna.ask("POST", PATH, {})) == {"/pointer": "required", "/text": "required"}
    assert codes(anna.ask("POST", PATH, {"pointer": "", "text": " "})) == {"/text": "empty"}
    long = {"pointer": "", "text": "a" * 2001}
    assert codes(anna.ask("POST", PATH, long)) == {"/text": "too-long"}


def test_a_comment_follows_the_item_that_it_is_about(anna: Person) -> None:
    first, second = a_pitfall("tuin"), {**a_pitfall("tuin"), "id": "tuin--tweede", "title": "Twee"}
    anna.create(a_case("tuin", pitfalls=[first, second]))
    say(anna, "/pitfalls/1/title")

    anna.patch("tuin", {"pitfalls": [second, first]})
    assert pointers(anna) == ["/pitfalls/0/title"]

    anna.patch("tuin", {"pitfalls": [first]})
    assert pointers(anna) == [None]


def test_a_comment_follows_its_item_when_the_case_gets_another_id(
    anna: Person, piet: Person, life: Live
) -> None:
    life(a_case("tuin", pitfalls=[a_pitfall("tuin")]))
    anna.ask("POST", "/cases/tuin/draft", {})
    say(anna, "/pitfalls/0/title")

    renamed = piet.ask("POST", "/cases/tuin/renames", {"id": "hof"}, tag=anna.tag("tuin"))
    assert renamed.status_code in {200, 201}, renamed.text

    [comment] = anna.ask("GET", "/cases/hof/draft/comments").json["items"]
    assert (comment["pointer"], comment["about"]["id"]) == ("/pitfalls/0/title", "hof")


def test_a_comment_is_resolved_and_opened_again(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin"))
    path = f"{PATH}/{say(piet, '/summary')['id']}"

    resolved = anna.ask("PUT", path, {"resolved": True}).json
    assert (resolved["resolvedBy"], resolved["resolvedAt"][-1]) == ("Anna", "Z")
    assert anna.ask("GET", "/cases/tuin/draft").json["_draft"]["openComments"] == 0
    again = piet.ask("PUT", path, {"resolved": True}).json
    assert again["resolvedBy"] == "Anna"  # who was first

    assert anna.ask("PUT", path, {"resolved": False}).json["resolvedAt"] is None
    assert codes(anna.ask("PUT", path, {})) == {"/resolved": "required"}
    assert anna.ask("PUT", f"{PATH}/99", {"resolved": True}).status_code == 404


def test_who_wrote_a_comment_or_a_publisher_deletes_it(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin"))
    of_piet, of_anna = (f"{PATH}/{say(each, '')['id']}" for each in (piet, anna))

    refused = anna.ask("DELETE", of_piet)

    assert refused.status_code == 403
    assert "Piet" in refused.json["detail"]
    assert piet.ask("DELETE", of_anna).status_code == 204
    assert piet.ask("DELETE", of_piet).status_code == 204
    assert anna.ask("GET", PATH).json["items"] == []


def test_comments_stay_with_their_draft_and_can_be_read_after_it_is_public(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin"))
    say(piet, "/summary", "Zwartkijkerij.")
    anna.review("tuin", "submit")
    piet.publish("tuin")

    assert anna.ask("GET", PATH).status_code == 404
    anna.ask("POST", "/cases/tuin/draft", {})
    assert anna.ask("GET", PATH).json["items"] == []
    published = anna.ask("GET", "/cases/tuin/history").json["items"][1]
    path = f"/cases/tuin/revisions/{published['revision']}/comments"
    assert [each["text"] for each in anna.ask("GET", path).json["items"]] == ["Zwartkijkerij."]
    assert kb.client.get(f"/v1{path}").status_code == 401
    assert "Zwartkijkerij" not in kb.client.get("/v1/cases/tuin").text


def test_comments_go_with_an_erased_text(
    kb: KnowledgeBase, anna: Person, piet: Person, life: Live
) -> None:
    life(a_case("tuin"))
    life(a_case("tuin", summary="Anders."))
    anna.ask("POST", "/cases/tuin/draft", {})
    body = {"pointer": "", "text": "Jan Jansen woont hier."}
    anna.ask("POST", PATH, body, Idempotency_Key="een")

    erased = piet.ask("DELETE", "/cases/tuin/versions/1", {"reason": "Privacy.", "draft": "keep"})

    assert erased.status_code == 200
    assert anna.ask("GET", PATH).json["items"] == []
    assert anna.ask("POST", PATH, body, Idempotency_Key="een").status_code == 409
    assert "Jansen" not in everything(kb)


def test_comments_go_with_a_draft_that_was_discarded_long_ago(
    kb: KnowledgeBase, anna: Person
) -> None:
    anna.create(a_case("tuin"))
    say(anna, "", "Jan Jansen woont hier.")
    anna.ask("DELETE", "/cases/tuin/draft", tag=anna.tag("tuin"))
    assert "Jansen" in everything(kb)

    with kb.database.transaction() as session:
        session.execute(update(Revision).values(discarded_at=now() - timedelta(days=91)))
        erasure.sweep(session, now())

    assert "Jansen" not in everything(kb)


def everything(kb: KnowledgeBase) -> str:
    """All that the database has."""
    with kb.database.reading() as session:
        connection = session.connection().connection.dbapi_connection
        return "\n".join(connection.iterdump())
