"""Nobody overwrites what they have not seen, also when two write in the same moment."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.conftest import MERGE_PATCH, Person, somebody
from tests.editors.in_a_process import Request, at_once

WRITES = [
    ("PUT", "/cases/tuin/draft", {"title": "Anders"}),
    ("PATCH", "/cases/tuin/draft", {"title": "Anders"}),
    ("DELETE", "/cases/tuin/draft", None),
    ("POST", "/cases/tuin/draft/reviews", {"decision": "submit"}),
    ("POST", "/cases/tuin/publications", {}),
]


def write(who: Person, method: str, path: str, body: Any, tag: str | None) -> Any:
    media = {"Content_Type": MERGE_PATCH} if method == "PATCH" else {}
    return who.ask(method, path, body, tag=tag, **media)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
@pytest.mark.parametrize(
    ("tag", "status"),
    [
        (None, 428),
        ("*", 428),
        ('"oud-nl"', 412),
        ('"oud-nl", "ouder-nl"', 412),
        ("onzin", 412),
        ('""', 412),
        ('"", W/"x", ,', 412),
        ("", 412),
    ],
)
def test_every_write_says_which_text_it_is_based_on(
    piet: Person, method: str, path: str, body: Any, tag: str | None, status: int
) -> None:
    mark = piet.create(a_case("tuin")).headers["ETag"].strip('"')

    answer = write(piet, method, path, body, tag and tag.format(mark=mark))

    assert answer.status_code == status
    assert piet.tag("tuin") == f'"{mark}"'


@pytest.mark.parametrize(("method", "path", "body"), WRITES[:4])
def test_one_of_several_tags_is_enough(piet: Person, method: str, path: str, body: Any) -> None:
    tag = piet.create(a_case("tuin")).headers["ETag"]

    answer = write(piet, method, path, body, f'"oud-nl", {tag}')

    assert answer.status_code in {200, 204}


@pytest.mark.parametrize("form", ['W/"{}"', '"{}-gzip"', 'W/"{}-gzip"', '"oud-nl", W/"{}"'])
@pytest.mark.parametrize(("method", "path", "body"), WRITES[:4])
def test_a_tag_that_a_proxy_changed_still_names_the_text(
    piet: Person, method: str, path: str, body: Any, form: str
) -> None:
    tag = piet.create(a_case("tuin")).headers["ETag"].strip('"')

    assert write(piet, method, path, body, form.format(tag)).status_code in {200, 204}


def test_a_stale_edit_hears_which_keys_changed_since_it_was_read(
    anna: Person, piet: Person
) -> None:
    first = anna.create(a_case("tuin")).headers["ETag"]
    second = piet.patch("tuin", {"title": "Een", "place": {"municipality": "Ede"}}, first)
    third = piet.patch("tuin", {"title": "Twee"}, second.headers["ETag"])
    fourth = piet.patch("tuin", {"title": "Tuin"}, third.headers["ETag"])

    def changed(tag: str) -> list[str]:
        answer = anna.patch("tuin", {"summary": "Van Anna"}, tag)
        assert answer.status_code == 412
        assert answer.json["type"] == "http://kennisbank.test/problems/stale-edit"
        keys: list[str] = answer.json["changed"]
        return keys

    assert changed(first) == ["place"]  # the title is again what it was
    assert changed(second.headers["ETag"]) == ["title"]
    submitted = piet.review("tuin", "submit")
    assert changed(fourth.headers["ETag"]) == ["_draft"]
    assert changed(third.headers["ETag"]) == ["title", "_draft"]
    assert set(changed('"iets-anders"')) >= {"title", "place", "findings"}
    assert anna.patch("tuin", {"summary": "x"}, submitted.headers["ETag"]).status_code == 200


def test_what_was_read_of_an_earlier_draft_is_stale_for_the_next(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin"))
    old = anna.review("tuin", "submit").headers["ETag"]
    piet.publish("tuin")
    anna.ask("POST", "/cases/tuin/draft", {})
    piet.patch("tuin", {"title": "Van Piet"})

    answer = anna.patch("tuin", {"summary": "x"}, old)

    assert answer.status_code == 412
    assert answer.json["changed"] == ["title", "_draft"]


def request(who: Person, method: str, path: str, body: Any, **headers: str) -> Request:
    sent = {"Authorization": f"Bearer {who.token}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent.setdefault("Content-Type", "application/json")
    data = json.dumps(body)
    return {"path": f"/v1{path}", "method": method, "data": data, "headers": sent}


def two_people(kb: KnowledgeBase) -> tuple[Person, Person]:
    return somebody(kb, "Anna", "editor"), somebody(kb, "Piet", "publisher")


def test_of_two_who_save_at_once_in_two_processes_exactly_one_wins(any_kb: KnowledgeBase) -> None:
    race_to_save(any_kb, times=1)


@pytest.mark.long
def test_of_two_who_save_at_once_exactly_one_wins_each_time(any_kb: KnowledgeBase) -> None:
    race_to_save(any_kb, times=10)


def race_to_save(kb: KnowledgeBase, *, times: int) -> None:
    """Two people save over the same text at the same moment."""
    anna, piet = two_people(kb)
    anna.create(a_case("tuin"))

    for attempt in range(times):
        tag = anna.tag("tuin")
        titles = [f"{who} {attempt}" for who in ("Anna", "Piet")]
        answers = at_once(
            kb,
            *(
                request(who, "PUT", "/cases/tuin/draft", a_case("tuin", title=title), If_Match=tag)
                for who, title in zip((anna, piet), titles, strict=True)
            ),
        )

        assert Counter(each["status"] for each in answers) == {200: 1, 412: 1}, answers
        [won] = [n for n, each in enumerate(answers) if each["status"] == 200]
        lost = json.loads(answers[1 - won]["text"])
        assert lost["changed"] == ["title"]
        assert anna.ask("GET", "/cases/tuin/draft").json["title"] == titles[won]


@pytest.mark.long
def test_of_two_who_publish_and_edit_at_once_exactly_one_wins(any_kb: KnowledgeBase) -> None:
    anna, piet = two_people(any_kb)
    anna.create(a_case("tuin"))
    tag = anna.review("tuin", "submit").headers["ETag"]

    edit = request(anna, "PUT", "/cases/tuin/draft", a_case("tuin", title="Te laat"), If_Match=tag)
    publish = request(piet, "POST", "/cases/tuin/publications", {}, If_Match=tag)
    edited, published = at_once(any_kb, edit, publish)

    assert (edited["status"], published["status"]) in {(200, 412), (404, 201)}
    public = any_kb.client.get("/v1/cases/tuin")
    assert (public.status_code, public.json.get("title")) in {(404, "Niet gevonden"), (200, "Tuin")}


@pytest.mark.parametrize("path", ["/cases", "/cases/tuin/draft"])
def test_of_two_who_begin_the_same_draft_at_once_one_hears_of_a_conflict(
    any_kb: KnowledgeBase, path: str
) -> None:
    people = two_people(any_kb)
    body = a_case("tuin") if path == "/cases" else {}
    if path != "/cases":
        any_kb.publish(a_case("tuin"))

    answers = at_once(any_kb, *(request(who, "POST", path, body) for who in people))

    assert Counter(each["status"] for each in answers) == {201: 1, 409: 1}


@pytest.mark.long
def test_of_two_who_take_the_same_title_at_once_both_get_an_id(any_kb: KnowledgeBase) -> None:
    people = two_people(any_kb)

    answers = at_once(
        any_kb, *(request(who, "POST", "/cases", {"title": "Tuin"}) for who in people)
    )

    assert {json.loads(each["text"])["id"] for each in answers} == {"tuin", "tuin-2"}


@pytest.mark.long
def test_of_two_who_withdraw_and_publish_at_once_nobody_meets_an_accident(
    any_kb: KnowledgeBase,
) -> None:
    anna, piet = two_people(any_kb)
    any_kb.publish(a_case("tuin"))
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"title": "Nieuw"})
    tag = anna.review("tuin", "submit").headers["ETag"]

    publish = request(piet, "POST", "/cases/tuin/publications", {}, If_Match=tag)
    withdraw = request(piet, "POST", "/cases/tuin/withdrawals", {"reason": "Weg."})
    published, withdrawn = at_once(any_kb, publish, withdraw)

    assert (published["status"], withdrawn["status"]) in {(201, 201), (409, 201)}
    assert any_kb.client.get("/v1/cases/tuin").status_code == 410  # it does not come back unseen
