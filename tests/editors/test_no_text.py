"""Half characters and NUL are told with their place; long lists of mistakes are told in part."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person
from tests.work import calls_of

HALF = [
    ('{"title": "a\\ud800"}', "/title"),
    ('{"title": "Tuin", "strategies": ["\\udc00"]}', "/strategies/0"),
    ('{"title": "Tuin", "\\ud83d": 1}', "/\\ud83d"),
    ('{"title": "Tuin", "place": {"municipality": "\\u0000"}}', "/place/municipality"),
    ('{"title": "Tuin", "_wat": [{"a/b": "\\uDFFF"}]}', "/_wat/0/a~1b"),
]
JSON = "application/json"
ADDRESSES = ("/v1/cases", "/v1/cases/_validate", "/v1/imports")


def sent(person: Person, address: str, body: str, media: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {person.token}"}
    return person.kb.client.post(address, data=body, content_type=media, headers=headers)


@pytest.mark.parametrize(("body", "pointer"), HALF)
@pytest.mark.parametrize("address", ADDRESSES)
def test_half_a_character_is_reported_with_its_place(
    body: str, pointer: str, address: str, anna: Person
) -> None:
    listed = address == "/v1/imports"
    answer = sent(anna, address, f"[{{}}, {body}]" if listed else body, JSON)

    assert answer.status_code == 400
    place = f"/1{pointer}" if listed else pointer
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [
        (place, "bad-format")
    ]


def test_a_row_with_half_a_character_harms_no_other(anna: Person) -> None:
    lines = '{"title": "Goed"}\n{"title": "\\ud800"}\n'

    answer = sent(anna, "/v1/imports", lines, "application/x-ndjson")

    assert answer.status_code == 201
    assert [row["outcome"] for row in answer.json["rows"]] == ["created", "rejected"]
    assert answer.json["rows"][1]["errors"][0]["pointer"] == "/title"


@pytest.mark.parametrize("odd", ["%ed%a0%80", "%00", "%ff", "a%c0%80b"])
def test_an_address_that_is_no_text_is_reported(odd: str, kb: KnowledgeBase) -> None:
    for address, place in (
        (f"/v1/cases?q={odd}", ("query", "q")),
        (f"/v1/cases?municipality={odd}", ("query", "municipality")),
        (f"/v1/cases/{odd}", ("path", None)),
    ):
        path = unquote_to_bytes(address.partition("?")[0]).decode("latin-1")  # as servers give it
        answer = kb.client.get(address, environ_overrides={"PATH_INFO": path})

        assert answer.status_code == 400
        error = answer.json["errors"][0]
        assert (error["in"], error["code"]) == (place[0], "bad-format")
        assert place[1] in {None, error["name"]}


def test_many_mistakes_are_reported_in_part_and_counted(anna: Person) -> None:
    keys = {f"sleutel{number}": 1 for number in range(20_000)}
    answers = []

    calls = calls_of(lambda: answers.append(anna.create({"title": "Tuin", **keys})))

    [answer] = answers
    assert (len(answer.json["errors"]), answer.json["errorCount"]) == (100, 20_000)
    assert calls < 100 * len(keys)


def test_an_import_of_many_mistakes_is_reported_in_part_and_counted(anna: Person) -> None:
    wrong: dict[str, Any] = {"title": "Tuin", "strategies": [f"fout-{n}" for n in range(50)]}

    answer = anna.ask("POST", "/imports", [{**wrong, "id": f"tuin-{n}"} for n in range(200)])

    rows = answer.json["rows"]
    assert {row["errorCount"] for row in rows} == {50}
    assert len(rows[0]["errors"]) == 50
    assert all(row["errors"] for row in rows)
    assert sum(len(row["errors"]) for row in rows) < 1200


def test_who_shows_no_token_is_logged_without_an_address(
    kb: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="kb.web"):
        kb.client.get("/v1/me", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})

    assert "unauthorized" in caplog.text
    assert "192.0.2.7" not in caplog.text


def test_a_failing_statement_tells_no_text(any_kb: KnowledgeBase) -> None:
    with pytest.raises(DBAPIError) as failed, any_kb.database.transaction() as session:
        session.execute(
            text("INSERT INTO tombstone (slug, reason) VALUES (:slug, :reason)"),
            {"slug": "geheim-plan", "reason": "Geheim van Anna"},
        )

    assert "eheim" not in str(failed.value)
    assert "eheim" not in str(failed.value.orig)


@pytest.mark.parametrize(
    "url",
    [
        *("https://user:geheim@example.nl/", "https://geheim@example.nl", "http://[::1"),
        *("https://ex\u202eample.nl", "javascript:alert(1)", "http://[::1]:99999/", "http://"),
        *("https://www.example.nl/a b", "https://good.nl\\@geheim.nl", "https://x:0/"),
    ],
)
def test_an_address_that_is_not_for_everybody_is_refused(url: str, anna: Person) -> None:
    answer = anna.create({"title": "Tuin", "sources": [{"title": "Rapport", "url": url}]})

    assert answer.status_code == 400
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [
        ("/sources/0/url", "bad-format")
    ]
    assert "user:geheim" not in answer.text


@pytest.mark.parametrize(
    "name", ["Idempotency-Key", "If-Match", "Accept-Language", "Authorization"]
)
@pytest.mark.parametrize(
    "value", ["caf\xe9", "\xff\xfe", "\xed\xa0\x80", '"\xe9"', "\x7f", "q=\xe9"]
)
def test_odd_bytes_in_a_header_are_no_accident(anna: Person, name: str, value: str) -> None:
    headers = {"Authorization": f"Bearer {anna.token}"} | {name: value}

    made = anna.kb.client.post("/v1/cases", json={"id": "tuin", "title": "Tuin"}, headers=headers)
    patched = anna.kb.client.delete("/v1/cases/tuin/draft", headers=headers)

    assert {made.status_code, patched.status_code} <= {201, 204, 400, 401, 404, 412, 428}
