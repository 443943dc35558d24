"""Asking the same again with the same key gives the first answer again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from kb.database import now
from kb.editors.model import KeptAnswer, Revision
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes
from tests.editors.in_a_process import at_once
from tests.editors.test_lost_updates import request, two_people


def count(kb: KnowledgeBase, table: Any) -> int:
    with kb.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_request_is_answered_the_same_and_done_once(
    kb: KnowledgeBase, anna: Person
) -> None:
    first = anna.create({"title": "Tuin"}, Idempotency_Key="k-1")
    anna.patch("tuin", {"summary": "Intussen anders"})
    again = anna.create({"title": "Tuin"}, Idempotency_Key="k-1", Accept_Language="en")

    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    for name in ("Location", "ETag", "Content-Type", "Content-Language", "Cache-Control"):
        assert first.headers[name] == again.headers[name]
    assert count(kb, Revision) == 1


def test_without_a_key_or_with_another_it_is_done_again(kb: KnowledgeBase, anna: Person) -> None:
    for headers in ({}, {}, {"Idempotency_Key": "a"}, {"Idempotency_Key": "b"}):
        assert anna.create({"title": "Tuin"}, **headers).status_code == 201

    assert count(kb, Revision) == 4


def test_the_key_of_one_is_not_that_of_another(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    made = [each.create({"title": "Tuin"}, Idempotency_Key="a").json["id"] for each in (anna, piet)]

    assert made == ["tuin", "tuin-2"]


@pytest.mark.parametrize(
    ("path", "body"), [("/cases", {"title": "Plein"}), ("/cases?lang=en", None)]
)
def test_a_key_that_came_with_another_request_is_refused(
    kb: KnowledgeBase, anna: Person, path: str, body: Any
) -> None:
    anna.create({"title": "Tuin"}, Idempotency_Key="a")

    answer = anna.ask("POST", path, body or {"title": "Tuin"}, Idempotency_Key="a")

    assert codes(answer) == {"Idempotency-Key": "inconsistent"}
    assert answer.json["errors"][0]["in"] == "header"
    assert count(kb, Revision) == 1


def test_what_failed_can_be_tried_again(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin"))

    refused = [
        anna.create(body, Idempotency_Key="a").status_code
        for body in (a_case("tuin"), {"title": 7}, a_case("tuin"))
    ]

    assert refused == [409, 400, 409]
    assert anna.create(a_case("plein"), Idempotency_Key="a").status_code == 201


def test_an_answer_is_kept_for_a_day(kb: KnowledgeBase, anna: Person) -> None:
    anna.create({"title": "Tuin"}, Idempotency_Key="a")
    for age, expected in ((timedelta(hours=23, minutes=59), 1), (timedelta(hours=24), 2)):
        with kb.database.transaction() as session:
            session.execute(update(KeptAnswer).values(at=now() - age))
        anna.create({"title": "Tuin"}, Idempotency_Key="a")
        assert count(kb, Revision) == expected
    assert count(kb, KeptAnswer) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "empty"), ("a" * 201, "too-long"), ("a b", "bad-format"), ("é", "bad-format")],
)
def test_a_key_is_a_short_visible_text(anna: Person, key: str, code: str) -> None:
    assert codes(anna.create({"title": "Tuin"}, Idempotency_Key=key)) == {"Idempotency-Key": code}


def test_two_who_ask_the_same_at_once_in_two_processes_get_one_answer(
    any_kb: KnowledgeBase,
) -> None:
    anna, _ = two_people(any_kb)

    asked = request(anna, "POST", "/cases", {"title": "Tuin"}, Idempotency_Key="sleutel")

    one, other = at_once(any_kb, asked, asked)

    assert one["status"] == other["status"] == 201
    assert one["text"] == other["text"]
    assert one["headers"]["ETag"] == other["headers"]["ETag"]
    assert count(any_kb, Revision) == 1


@pytest.mark.long
def test_two_who_ask_something_else_with_one_key_at_once_cannot_both_be_right(
    any_kb: KnowledgeBase,
) -> None:
    anna, _ = two_people(any_kb)
    asked = [
        request(anna, "POST", "/cases", {"title": title}, Idempotency_Key="a")
        for title in ("Tuin", "Plein")
    ]

    answers = at_once(any_kb, *asked)

    assert sorted(each["status"] for each in answers) == [201, 400]
    [told] = [json.loads(each["text"]) for each in answers if each["status"] == 400]
    assert told["errors"][0]["name"] == "Idempotency-Key"
