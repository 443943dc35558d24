"""What a cookie alone cannot do: another page can have a browser send it, and not read answers."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk

UNSAFE = [
    ("POST", "/cases"),
    ("PUT", "/cases/tuin/draft"),
    ("PATCH", "/cases/tuin/draft"),
    ("DELETE", "/cases/tuin/draft"),
    ("POST", "/cases/tuin/draft/reviews"),
    ("POST", "/imports"),
]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_a_request_that_writes_needs_the_secret_of_the_session(
    anna: Desk, method: str, path: str
) -> None:
    wrong = [{}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x" * 43}, {"X-CSRF-Token": "é"}]

    for headers in wrong:
        answer = anna.client.open(f"/v1{path}", method=method, headers=headers, json={})
        assert answer.status_code == 403
        assert answer.json["type"].endswith("/problems/forbidden")
        assert "X-CSRF-Token" in answer.json["detail"]


def test_the_secret_of_another_session_is_not_that_of_this_one(anna: Desk, piet: Desk) -> None:
    answer = anna.client.post("/v1/cases", json=a_case(), headers={"X-CSRF-Token": piet.csrf})

    assert answer.status_code == 403


def test_the_api_takes_the_secret_in_its_header_alone(anna: Desk) -> None:
    answer = anna.client.post("/v1/imports", data={"csrf": anna.csrf})

    assert answer.status_code == 403


def test_with_a_token_in_the_header_no_secret_is_needed(kb: KnowledgeBase, anna: Desk) -> None:
    headers = {"Authorization": f"Bearer {anna.token}"}

    assert kb.client.post("/v1/cases", json=a_case("a"), headers=headers).status_code == 201
    assert anna.client.post("/v1/cases", json=a_case("b"), headers=headers).status_code == 201


def test_a_wrong_token_in_the_header_is_refused_beside_a_session(anna: Desk) -> None:
    answer = anna.call("GET", "/me", headers={"Authorization": "Bearer kb_wrong"})

    assert answer.status_code == 401


def test_reading_needs_no_secret(anna: Desk) -> None:
    assert anna.client.get("/v1/me").json["owner"] == "Anna"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_origin_writes_nothing_even_with_the_secret(anna: Desk, site: str) -> None:
    answer = anna.call("POST", "/cases", json=a_case(), headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403


def test_no_other_website_reads_what_a_cookie_is_answered(anna: Desk) -> None:
    elsewhere = {"Origin": "https://elders.test"}
    answers = [
        anna.client.get("/v1/me", headers=elsewhere),
        anna.client.get("/v1/drafts", headers=elsewhere),
        anna.client.get("/v1/cases/x/draft", headers=elsewhere),  # 404
        anna.client.get("/v1/me?x=1", headers=elsewhere),  # 400
        anna.client.get("/v1/practice-notes", headers=elsewhere),  # 403: not a publisher
        anna.client.post("/v1/cases", json={}, headers=elsewhere),  # 403
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 404, 400, 403, 403]
    for answer in answers:
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"


def test_who_sends_a_token_may_read_from_anywhere_and_never_with_cookies(
    client: FlaskClient, anna: Desk
) -> None:
    with_token = client.get("/v1/me", headers={"Authorization": f"Bearer {anna.token}"})
    public = anna.client.get("/v1/cases", headers={"Origin": "https://elders.test"})

    for answer in (with_token, public):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_preflight_lets_no_website_send_the_secret(anna: Desk) -> None:
    headers = {
        "Origin": "https://elders.test",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-csrf-token",
    }

    answer = anna.client.options("/v1/cases", headers=headers)

    assert "csrf" not in answer.headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_an_idempotency_key_is_of_who_signed_in(anna: Desk, piet: Desk) -> None:
    key = {"Idempotency-Key": "een-sleutel-van-ons"}

    first = anna.call("POST", "/cases", json=a_case("tuin"), headers=key)
    again = anna.call("POST", "/cases", json=a_case("tuin"), headers=key)
    other = piet.call("POST", "/cases", json=a_case("tuin"), headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert other.status_code == 409  # the id is taken; the key was of another


def test_a_form_without_the_secret_does_nothing(anna: Desk) -> None:
    answer = anna.client.post("/redactie/afmelden", data={"csrf": "x"})

    assert answer.status_code == 403
    assert "niet verstuurd vanaf een pagina van je huidige sessie" in answer.text
