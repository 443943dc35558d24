"""Asking the same again with the same key gives the first answer again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import request as flask_request
from sqlalchemy import func, select, update

from kb.cases.changes import Change
from kb.database import now
from kb.editors.idempotency import requests
from kb.editors.idempotency.lock import locked
from kb.editors.idempotency.responses import KeyedRequest, erase_responses
from kb.editors.model import IdempotentResponse, Revision
from tests.builders import a_case
from tests.conftest import KnowledgeBase, until
from tests.editors.conftest import Person, codes, somebody
from tests.editors.in_a_process import at_once, hold_key
from tests.editors.test_lost_updates import request, two_people
from tests.processes import beside


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


def test_an_answer_is_stored_for_a_day(kb: KnowledgeBase, anna: Person) -> None:
    anna.create({"title": "Tuin"}, Idempotency_Key="a")
    for age, expected in ((timedelta(hours=23, minutes=59), 1), (timedelta(hours=24), 2)):
        with kb.database.transaction() as session:
            session.execute(update(IdempotentResponse).values(at=now() - age))
        anna.create({"title": "Tuin"}, Idempotency_Key="a")
        assert count(kb, Revision) == expected
    assert count(kb, IdempotentResponse) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "empty"), ("a" * 201, "too-long"), ("a b", "bad-format"), ("é", "bad-format")],
)
def test_a_key_is_a_short_visible_text(anna: Person, key: str, code: str) -> None:
    assert codes(anna.create({"title": "Tuin"}, Idempotency_Key=key)) == {"Idempotency-Key": code}


def refused_for_now(answer: dict[str, Any]) -> bool:
    """Whether this is a 409 that says when to come again."""
    return (answer["status"], answer["headers"].get("Retry-After")) == (409, "1")


def test_two_who_ask_the_same_at_once_in_two_processes_do_it_once(any_kb: KnowledgeBase) -> None:
    anna, _ = two_people(any_kb)
    query = request(anna, "POST", "/cases", {"title": "Tuin"}, Idempotency_Key="sleutel")

    answers = at_once(any_kb, query, query)

    assert all(each["status"] == 201 or refused_for_now(each) for each in answers)
    [text] = {each["text"] for each in answers if each["status"] == 201}
    again = anna.create({"title": "Tuin"}, Idempotency_Key="sleutel")
    assert (again.status_code, again.text) == (201, text)
    assert count(any_kb, Revision) == 1


@pytest.mark.long
def test_two_who_ask_something_else_with_one_key_at_once_cannot_both_be_right(
    any_kb: KnowledgeBase,
) -> None:
    anna, _ = two_people(any_kb)
    calls = [
        request(anna, "POST", "/cases", {"title": title}, Idempotency_Key="a")
        for title in ("Tuin", "Plein")
    ]

    answers = at_once(any_kb, *calls)

    [other] = [each for each in answers if each["status"] != 201]
    assert refused_for_now(other) or "Idempotency-Key" in other["text"]
    assert count(any_kb, Revision) == 1


def keyed(owner: str, key: str = "k") -> KeyedRequest:
    return KeyedRequest(owner, key, "")


def test_a_key_in_use_is_refused_at_once_and_is_free_again(any_kb: KnowledgeBase) -> None:
    anna, piet = two_people(any_kb)

    with locked(any_kb.database, keyed("Anna")):  # who waited for the key would wait for ever
        busy = anna.create({"title": "Tuin"}, Idempotency_Key="k")
        others = [piet.create({"title": "Tuin"}, Idempotency_Key="k")]
        others.append(anna.create({"title": "Tuin"}, Idempotency_Key="l"))
    free = anna.create({"title": "Tuin"}, Idempotency_Key="k")

    assert (busy.status_code, busy.json["type"][-8:]) == (409, "conflict")
    assert busy.headers["Retry-After"] == "1"
    assert [each.status_code for each in [*others, free]] == [201, 201, 201]


def test_a_key_whose_process_died_is_free_at_once(any_kb: KnowledgeBase) -> None:
    anna, _ = two_people(any_kb)
    with beside(hold_key, any_kb.app.extensions["kb"].settings.database_url) as child:
        assert child.receive() == "holds"
        busy = anna.create({"title": "Tuin"}, Idempotency_Key="k")
        child.kill()

    def is_free() -> bool:  # PostgreSQL notices within milliseconds
        return anna.create({"title": "Tuin"}, Idempotency_Key="k").status_code == 201

    assert busy.status_code == 409
    until(is_free)
    assert count(any_kb, Revision) == 1


def test_what_an_older_release_began_and_never_ended_is_free(
    kb: KnowledgeBase, anna: Person
) -> None:
    with kb.database.transaction() as session:
        row = IdempotentResponse(owner="Anna", key="k", fingerprint="x", headers={}, body="")
        row.at, row.status = now(), None
        session.add(row)

    assert anna.create({"title": "Tuin"}, Idempotency_Key="k").status_code == 201
    assert anna.create({"title": "Tuin"}, Idempotency_Key="k").json["id"] == "tuin"


def steps(kb: KnowledgeBase, piet: Person, anna: Person) -> Iterator[tuple[Person, str, Any, str]]:
    """The POSTs that lead a case from its first words until it is gone, each when it is due."""
    yield anna, "/cases", a_case("tuin"), ""
    yield anna, "/cases/tuin/draft/reviews", {"decision": "submit"}, anna.tag("tuin")
    yield (
        piet,
        "/cases/tuin/draft/reviews",
        {"decision": "return", "note": "Nog iets."},
        piet.tag("tuin"),
    )
    anna.review("tuin", "submit")
    yield piet, "/cases/tuin/publications", {"note": "Klaar."}, piet.tag("tuin")
    yield anna, "/cases/tuin/draft", {"fromVersion": 1}, ""
    yield anna, "/imports", [a_case("plein")], ""
    yield piet, "/cases/tuin/withdrawals", {"reason": "Verouderd."}, ""


def test_every_step_of_a_case_that_is_repeated_is_answered_the_same(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    for number, (who, path, body, tag) in enumerate(steps(kb, piet, anna)):
        key = {"Idempotency_Key": f"k-{number}"}
        first, again = (who.ask("POST", path, body, tag=tag or None, **key) for _ in range(2))

        assert first.status_code in {200, 201}, first.text
        assert again.status_code == first.status_code, path
        assert again.data == first.data
        for name in ("Location", "ETag", "Content-Type"):
            assert again.headers.get(name) == first.headers.get(name)
    with kb.database.reading() as session:
        events = session.scalars(select(Change.event).where(Change.slug == "tuin")).all()
    assert events == ["created", "withdrawn"]


def test_a_publication_tells_again_that_it_is_searchable(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin"))
    anna.review("tuin", "submit")
    tag = piet.tag("tuin")

    response = [
        piet.ask("POST", "/cases/tuin/publications", {}, tag=tag, Idempotency_Key="p")
        for _ in range(2)
    ]

    assert response[0].data == response[1].data
    assert (response[0].json["version"], response[0].json["searchable"]) == (1, True)


def test_a_key_for_another_text_of_the_draft_is_refused(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin"))
    for status in (200, 400):
        tag = anna.tag("tuin")
        body = {"decision": "submit"}
        path = "/cases/tuin/draft/reviews"
        answer = anna.ask("POST", path, body, tag=tag, Idempotency_Key="vast")
        assert answer.status_code == status


def test_a_response_is_for_the_role_that_got_it(kb: KnowledgeBase, piet: Person) -> None:
    piet.create(a_case("tuin"), Idempotency_Key="k")
    lesser = somebody(kb, "Piet", "editor")

    response = lesser.create(a_case("tuin"), Idempotency_Key="k")

    assert codes(response) == {"Idempotency-Key": "inconsistent"}


def test_a_process_that_dies_after_its_transaction_leaves_the_response(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin"))
    anna.review("tuin", "submit")
    tag = piet.tag("tuin")
    parts = kb.app.extensions["kb"]

    def fail(_number: int) -> bool:
        raise RuntimeError("the end")

    # what publishing calls after its transaction
    kb.app.extensions["kb"] = replace(parts, after_publication=fail)
    path = "/cases/tuin/publications"
    lost = piet.ask("POST", path, {}, tag=tag, Idempotency_Key="p")
    kb.app.extensions["kb"] = parts
    again = piet.ask("POST", path, {}, tag=tag, Idempotency_Key="p")

    assert (lost.status_code, again.status_code) == (500, 201)
    assert (again.json["version"], again.json["searchable"]) == (1, False)
    assert again.headers["Location"].endswith("/v1/cases/tuin/versions/1")


def posts(kb: KnowledgeBase) -> Iterator[tuple[str, bool]]:
    """Every POST of the API with something for its places, and whether it ignores keys."""
    adapter = kb.app.url_map.bind("localhost")
    for rule in kb.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.rule.startswith("/v1/"):
            is_number = {
                name: getattr(converter, "regex", "").startswith(("[1-9]", "\\d"))
                for name, converter in rule._converters.items()
            }
            arguments = {name: 1 if number else "tuin" for name, number in is_number.items()}
            view = kb.app.view_functions[rule.endpoint]
            harmless = getattr(getattr(view, "view_class", None), "ignores_keys", False)
            yield adapter.build(rule.endpoint, arguments, method="POST"), harmless


def test_every_post_of_the_api_honours_a_key(kb: KnowledgeBase, piet: Person) -> None:
    piet.create({"title": "Tuin"}, Idempotency_Key="k")
    by_path = dict(posts(kb))

    for path, harmless in by_path.items():
        response = piet.ask("POST", path.removeprefix("/v1"), {"iets": 1}, Idempotency_Key="k")
        assert harmless or codes(response) == {"Idempotency-Key": "inconsistent"}, path
    assert len(by_path) >= 7
    assert {path for path, harmless in by_path.items() if harmless} == {
        *("/v1/cases/_validate", "/v1/memos", "/v1/plan-checks"),
        *(f"/v1/{each}/tuin/draft/previews" for each in ("cases", "studies", "questions")),
        # each preview has a secret, which is stored nowhere
    }


def test_who_asks_is_looked_at_before_the_key(kb: KnowledgeBase, anna: Person) -> None:
    anna.create({"title": "Tuin"}, Idempotency_Key="k")
    body = {"title": "Tuin"}
    for token, key in (("", "k"), ("kb_onzin", "k"), ("", "a b")):
        response = Person(kb, token).create(body, Idempotency_Key=key)
        assert response.status_code == 401
    response = anna.ask("POST", "/cases/tuin/withdrawals", {"reason": "x"}, Idempotency_Key="k")
    assert response.status_code == 403


def test_a_large_import_keeps_its_own_limit_with_a_key(kb: KnowledgeBase, anna: Person) -> None:
    rows = [{"title": "Tuin", "context": "x" * 1000} for _ in range(1100)]

    response = anna.ask("POST", "/imports", rows, Idempotency_Key="k")
    one = anna.create({"title": "Tuin", "context": "x" * 2**20}, Idempotency_Key="l")

    assert response.status_code == 413  # for its number of documents: it was read
    assert "kb import" in response.json["detail"]
    assert one.status_code == 413


def test_what_is_erased_is_not_shown_and_not_done_again(kb: KnowledgeBase, anna: Person) -> None:
    for name in ("tuin", "tuin-2", "plein"):
        anna.create(a_case(name), Idempotency_Key=name)
    with kb.database.transaction() as session:
        erased = erase_responses(session, "tuin")

    response = {
        name: anna.create(a_case(name), Idempotency_Key=name)
        for name in ("tuin", "tuin-2", "plein")
    }

    assert erased == 1
    assert [each.status_code for each in response.values()] == [409, 201, 201]
    with kb.database.reading() as session:
        row = session.get(IdempotentResponse, ("Anna", "tuin"))
        assert row is not None
        assert (row.body, row.headers) == ("", {})


def test_a_form_is_the_same_whatever_its_boundary_is(kb: KnowledgeBase) -> None:
    def fingerprint(boundary: str, text: str) -> str:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
            f"Content-Type: image/png\r\n\r\n{text}\r\n--{boundary}--\r\n"
        )
        media = f"multipart/form-data; boundary={boundary}"
        with kb.app.test_request_context(
            "/v1/x", method="POST", data=body, content_type=media, headers={"Idempotency-Key": "k"}
        ):
            match = requests._keyed_request().fingerprint
            assert flask_request.files["file"].read() == text.encode()
            flask_request.close()
            return match

    assert fingerprint("aaa", "beeld") == fingerprint("bbb", "beeld")
    assert fingerprint("aaa", "beeld") != fingerprint("aaa", "ander beeld")


def test_an_empty_tag_beside_a_key_is_a_tag_that_fits_nothing(
    kb: KnowledgeBase, anna: Person
) -> None:
    kb.draft(a_case("tuin"))
    tags = '"", W/"4kh"'

    answer = anna.ask(
        "POST",
        "/cases/tuin/draft/reviews",
        {"decision": "submit"},
        If_Match=tags,
        Idempotency_Key="k1",
    )

    assert answer.status_code == 412
