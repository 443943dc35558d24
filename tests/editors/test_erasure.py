"""A text that is erased is nowhere any more; its reason stays."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from kb.database import Base
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody
from tests.editors.in_a_process import at_once
from tests.editors.test_lost_updates import request, two_people
from tests.editors.test_nothing_leaks import full_of

NAME = "jansenius"
Live = Callable[..., None]


def erase(who: Person, number: int = 1, slug: str = "tuin", **body: Any) -> Any:
    whole = {"reason": "Privacy.", **body}
    return who.ask("DELETE", f"/cases/{slug}/versions/{number}", whole)


def everything(kb: KnowledgeBase) -> str:
    """All that the database holds."""
    with kb.database.reading() as session:
        rows = [
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
        ]
    assert set(inspect(kb.database.engine).get_table_names()) - {"alembic_version"} <= set(
        Base.metadata.tables
    )
    return "\n".join(rows).lower()


def withdrawn_for_privacy(kb: KnowledgeBase, anna: Person, piet: Person) -> None:
    """A case with a name in it, written in many ways, published, and withdrawn."""
    named = full_of(NAME, "tuin")
    assert anna.create(named, Idempotency_Key="een").status_code == 201
    anna.patch("tuin", {"summary": f"Bewoner {NAME} vertelt."})
    anna.review("tuin", "submit", note=f"Let op {NAME}.")
    piet.publish("tuin", note=f"Met {NAME}.")
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"title": f"Over {NAME}"})
    anna.ask("DELETE", "/cases/tuin/draft", tag=anna.tag("tuin"))
    wrong = {**named, "scale": NAME}
    report = anna.ask("POST", "/imports", [wrong], Idempotency_Key="twee")
    assert report.json["rows"][0]["outcome"] == "rejected"
    assert piet.ask("POST", "/cases/tuin/withdrawals", {"reason": "Privacy."}).status_code == 201
    kb.catch_up()


def brought_back(anna: Person, piet: Person) -> None:
    """The same case with another text."""
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.put("tuin", a_case("tuin"))
    anna.review("tuin", "submit")
    assert piet.publish("tuin", reinstate=True).json["version"] == 2


@pytest.mark.parametrize("first", ["erase", "bring back"])
def test_an_erased_text_is_nowhere_any_more(
    kb: KnowledgeBase, anna: Person, piet: Person, first: str
) -> None:
    withdrawn_for_privacy(kb, anna, piet)
    assert NAME in everything(kb)
    if first == "bring back":
        brought_back(anna, piet)
        assert NAME in kb.client.get("/v1/cases/tuin/versions/1").text

    response = erase(piet)

    assert response.status_code == 200, response.text
    assert (response.json["version"], response.json["reason"]) == (1, "Privacy.")
    assert (response.json["change"] is None) == (first == "erase")
    assert NAME not in everything(kb)
    if first == "erase":
        assert kb.client.get("/v1/cases/tuin/versions/1").status_code == 410
        brought_back(anna, piet)
    gone = kb.client.get("/v1/cases/tuin/versions/1")
    assert (gone.status_code, gone.json["reason"]) == (410, "Privacy.")
    assert gone.json["type"] == "http://kennisbank.test/problems/erased"
    assert gone.json["erasedAt"].endswith("Z")
    assert kb.client.get("/v1/cases/tuin/versions/1/changes?from=2").status_code == 410
    assert kb.client.get("/v1/cases/tuin/versions/2/changes?from=1").status_code == 410
    [second, erased] = kb.client.get("/v1/cases/tuin/versions").json["items"]
    assert (erased["note"], erased["reason"], second["reason"]) == (None, "Privacy.", None)
    assert erased["erasedAt"]
    assert second["erasedAt"] is None
    assert NAME not in everything(kb)


def test_the_steps_and_the_reason_stay(kb: KnowledgeBase, anna: Person, piet: Person) -> None:
    withdrawn_for_privacy(kb, anna, piet)
    erase(piet)

    items = anna.ask("GET", "/cases/tuin/history?pageSize=100").json["items"]

    assert (items[0]["what"], items[0]["who"], items[0]["note"]) == ("erased", "Piet", "Privacy.")
    assert Counter(each["what"] for each in items)["saved"] == 4
    for each in items:
        answer = anna.ask("GET", f"/cases/tuin/revisions/{each['revision']}")
        assert (answer.status_code, answer.json["reason"]) == (410, "Privacy.")
        body = {"fromRevision": each["revision"]}
        assert anna.ask("POST", "/cases/tuin/draft", body).status_code == 410
    assert anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 1}).status_code == 410
    assert anna.ask("GET", "/drafts?state=discarded").json["items"] == []


def test_a_case_without_any_text_begins_with_an_empty_one(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    withdrawn_for_privacy(kb, anna, piet)
    erase(piet)

    begun = anna.ask("POST", "/cases/tuin/draft", {})

    assert (begun.status_code, begun.json["title"], begun.json["pitfalls"]) == (201, None, [])


def test_the_answer_to_a_repeated_request_has_the_text_no_more(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    withdrawn_for_privacy(kb, anna, piet)
    erase(piet)

    again = anna.create(full_of(NAME, "tuin"), Idempotency_Key="een")

    assert again.status_code == 409
    assert "gewist" in again.json["detail"]


def test_texts_under_a_former_id_go_too(kb: KnowledgeBase, anna: Person, piet: Person) -> None:
    names = ("tuin", "eerste", "hof", "plein")  # the second one before it was public
    named = full_of(NAME, "tuin")
    anna.create(named, Idempotency_Key="een")
    anna.ask("POST", "/imports", [{**named, "scale": NAME}])
    for before, after in pairwise(names):
        assert piet.ask("POST", f"/cases/{before}/renames", {"id": after}).status_code == 201
        if after == "eerste":
            anna.review(after, "submit", note=NAME)
            tag = anna.tag(after)
            headers = {"Idempotency_Key": "twee"}
            piet.ask("POST", f"/cases/{after}/publications", {"note": NAME}, tag=tag, **headers)
        else:
            row = {**full_of(NAME, after), "scale": NAME}
            anna.ask("POST", "/imports", [row], Idempotency_Key=after)
    piet.ask("POST", "/cases/plein/withdrawals", {"reason": "Privacy."})
    kb.catch_up()

    assert erase(piet, slug="plein").status_code == 200

    assert NAME not in everything(kb)
    assert anna.create(named, Idempotency_Key="een").status_code == 409


def test_the_public_text_is_not_erased(kb: KnowledgeBase, piet: Person, life: Live) -> None:
    life(a_case("tuin"))
    life(a_case("tuin", title="Anders"))

    refused = erase(piet, 2)

    assert refused.status_code == 409
    assert kb.client.get("/v1/cases/tuin").json["title"] == "Anders"
    assert erase(piet, 1).status_code == 200
    assert kb.client.get("/v1/cases/tuin").json["title"] == "Anders"
    assert kb.client.get("/v1/cases/tuin/versions/2").status_code == 200


def test_an_open_draft_goes_or_stays_as_requested(
    kb: KnowledgeBase, anna: Person, piet: Person, life: Live
) -> None:
    life(full_of(NAME, "tuin"))
    life(a_case("tuin"))
    anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 1})

    refused = erase(piet, 1)
    assert refused.status_code == 409
    assert "“draft”" in refused.json["detail"]
    assert NAME in everything(kb)
    assert erase(piet, 1, draft="erase").status_code == 200
    assert anna.ask("GET", "/cases/tuin/draft").status_code == 404
    assert NAME not in everything(kb)


def test_an_open_draft_that_is_clean_may_stay(
    kb: KnowledgeBase, anna: Person, piet: Person, life: Live
) -> None:
    life(full_of(NAME, "tuin"))
    life(a_case("tuin"))
    anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 1})
    anna.put("tuin", a_case("tuin", summary="Schoon."))

    assert erase(piet, 1, draft="keep").status_code == 200
    assert anna.ask("GET", "/cases/tuin/draft").json["summary"] == "Schoon."
    assert NAME not in everything(kb)


def test_only_a_publisher_erases_and_says_why(
    kb: KnowledgeBase, anna: Person, piet: Person, life: Live
) -> None:
    life(a_case("tuin"))
    life(a_case("tuin", title="Anders"))

    assert erase(anna).status_code == 403
    assert codes(piet.ask("DELETE", "/cases/tuin/versions/1", {})) == {"/reason": "required"}
    assert codes(erase(piet, reason=" ")) == {"/reason": "empty"}
    assert codes(erase(piet, draft="weg")) == {"/draft": "not-in-vocabulary"}
    assert erase(piet, 7).status_code == 404
    assert erase(piet, 1, "niets").status_code == 404
    assert kb.client.delete("/v1/cases/tuin/versions/1").status_code == 401
    assert kb.client.get("/v1/cases/tuin/versions/1").status_code == 200
    assert erase(piet).status_code == 200
    again = erase(piet, reason="Nog eens.")
    assert (again.status_code, again.json["reason"]) == (410, "Privacy.")


def test_answers_about_another_case_keep_their_text(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    withdrawn_for_privacy(kb, anna, piet)
    named = a_case("plein", summary="Naast de “tuin”.")
    response = anna.create(named, Idempotency_Key="drie")
    erase(piet)

    assert anna.create(named, Idempotency_Key="drie").json == response.json


def test_of_two_who_erase_and_bring_back_at_once_no_text_is_left(any_kb: KnowledgeBase) -> None:
    anna, piet = two_people(any_kb)
    els = somebody(any_kb, "Els", "publisher")
    any_kb.publish(full_of(NAME, "tuin"))
    any_kb.withdraw("tuin")

    begun, erased = at_once(
        any_kb,
        request(anna, "POST", "/cases/tuin/draft", {"fromVersion": 1}),
        request(piet, "DELETE", "/cases/tuin/versions/1", {"reason": "Privacy."}),
    )

    assert (begun["status"], erased["status"]) in {(201, 409), (410, 200)}, (begun, erased)
    if erased["status"] == 409:
        assert "draft" in json.loads(erased["text"])["detail"]
        assert erase(els, 1, draft="erase").status_code == 200
    assert NAME not in everything(any_kb)


def test_nothing_of_it_is_left_in_the_file_either(kb: KnowledgeBase, life: Live) -> None:
    """SQLite writes zeros over what it deletes."""
    with kb.database.reading() as session:
        assert session.execute(text("PRAGMA secure_delete")).scalar() == 1
