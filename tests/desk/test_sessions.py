"""Signing in and out, and what a session is good for."""

from __future__ import annotations

from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kb.app import create_app
from kb.database import now
from kb.editors import access, sessions
from kb.editors.model import EditorSession, Token
from kb.problems import Unauthorized
from kb.settings import Settings
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk, SignedIn, make_token

PATH = "/redactie/aanmelden"
A_YEAR = timedelta(days=365)


def cookie_of(header: str) -> dict[str, str]:
    """The attributes of a cookie as the browser gets it, with its `name` and `value`."""
    [(name, morsel)] = SimpleCookie(header).items()
    return {"name": name, "value": morsel.value, **{k: str(v) for k, v in morsel.items() if v}}


def count(kb: KnowledgeBase) -> int:
    with kb.database.reading() as session:
        return session.scalar(select(func.count()).select_from(EditorSession)) or 0


def test_who_has_not_signed_in_is_led_there_and_back(kb: KnowledgeBase) -> None:
    desk = Desk(kb.client, make_token(kb, "Anna", "editor", A_YEAR))

    away = desk.get("/redactie?state=returned")
    page = desk.get(away.headers["Location"])
    back = desk.sign_in(next="/redactie?state=returned")

    assert away.status_code == 303
    assert away.headers["Location"] == f"{PATH}?next=%2Fredactie%3Fstate%3Dreturned"
    assert 'value="/redactie?state=returned"' in page.text
    assert (back.status_code, back.headers["Location"]) == (303, "/redactie?state=returned")
    assert "Anna" in desk.get("/redactie").text


def test_who_sends_a_form_after_the_session_has_ended_comes_back_to_its_page(
    kb: KnowledgeBase,
) -> None:
    away = [
        kb.client.post(f"/redactie/casussen/tuin/{name}").headers["Location"]
        for name in ("weggooien", "beginnen")
    ]

    assert away == [f"{PATH}?next=%2Fredactie%2Fcasussen%2Ftuin%2Fweggooien", PATH]


def test_the_cookie_is_for_us_alone_and_ends(kb: KnowledgeBase) -> None:
    desk = Desk(kb.client, make_token(kb, "Anna", "editor", A_YEAR))

    cookie = cookie_of(desk.sign_in().headers["Set-Cookie"])

    assert (cookie["name"], cookie["path"]) == ("kb_session", "/")
    assert (cookie["httponly"], cookie["samesite"]) == ("True", "Strict")
    assert "domain" not in cookie
    assert "secure" not in cookie  # http, on this machine
    ends_at = datetime.strptime(cookie["expires"], "%a, %d %b %Y %H:%M:%S %Z")  # noqa: DTZ007
    assert timedelta(hours=11) < ends_at - now().replace(tzinfo=None) <= timedelta(hours=12)


@pytest.mark.parametrize(
    ("public_url", "name", "path"),
    [
        ("https://kennisbank.test", "__Host-kb_session", "/"),
        ("https://example.test/kennisbank", "__Secure-kb_session", "/kennisbank"),
    ],
)
def test_behind_https_the_cookie_is_secure(
    kb: KnowledgeBase, tmp_path: Path, public_url: str, name: str, path: str
) -> None:
    token = make_token(kb, "Anna", "editor", A_YEAR)
    app = create_app(Settings(data_dir=tmp_path, public_url=public_url), serving=False)

    answer = app.test_client().post(PATH, data={"token": token})

    cookie = cookie_of(answer.headers["Set-Cookie"])
    assert (cookie["name"], cookie["path"], cookie["secure"]) == (name, path, "True")
    assert answer.headers["Location"].startswith(f"{path.rstrip('/')}/redactie")


def test_a_session_never_outlives_its_token(kb: KnowledgeBase) -> None:
    token = make_token(kb, "Anna", "editor", timedelta(hours=1))
    at = now()

    with kb.database.transaction() as session:
        number, ends_at = sessions.begin(session, token, at)

    assert ends_at - at <= timedelta(hours=1)
    assert sessions.find(kb.database, number, at, "")
    assert sessions.find(kb.database, number, at + timedelta(hours=1), "") is None


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(kb: KnowledgeBase) -> None:
    at = now()
    token = make_token(kb, "Anna", "editor", A_YEAR)
    with kb.database.transaction() as session:
        number, _ = sessions.begin(session, token, at)

    in_force = [
        sessions.find(kb.database, number, at + timedelta(hours=hours), "") is not None
        for hours in (1, 6, 11, 12, 13)
    ]

    assert in_force == [True, True, True, False, False]


def test_revoking_a_token_ends_its_sessions_at_once(kb: KnowledgeBase, anna: Desk) -> None:
    with kb.database.transaction() as session:
        [token] = access.list_tokens(session)
        access.revoke_token(session, token.id, now())

    assert anna.get("/redactie").headers["Location"] == PATH
    answer = anna.call("GET", "/me")
    assert (answer.status_code, answer.json["detail"]) == (
        401,
        "Je sessie is afgelopen; meld je opnieuw aan.",
    )


def test_only_hashes_are_stored(kb: KnowledgeBase) -> None:
    token = make_token(kb, "Anna", "editor", A_YEAR)
    with kb.database.transaction() as session:
        number, _ = sessions.begin(session, token, now())

    with kb.database.reading() as session:
        [row] = session.scalars(select(EditorSession))
    assert row.hash == access.digest_of(number)
    assert number not in repr(vars(row))


def test_signing_in_deletes_sessions_that_have_ended(kb: KnowledgeBase) -> None:
    token = make_token(kb, "Anna", "editor", A_YEAR)
    for at in (now() - timedelta(hours=13), now() - timedelta(hours=12), now()):
        with kb.database.transaction() as session:
            sessions.begin(session, token, at)

    assert count(kb) == 1


def test_a_token_that_is_deleted_takes_its_sessions_along(kb: KnowledgeBase, anna: Desk) -> None:
    with kb.database.transaction() as session:
        [token] = session.scalars(select(Token))
        session.delete(token)

    assert count(kb) == 0
    assert anna.get("/redactie").status_code == 303


def test_signing_out_ends_the_session_and_not_the_cookie_alone(
    kb: KnowledgeBase, anna: Desk
) -> None:
    cookie = anna.client.get_cookie("kb_session")
    assert cookie

    answer = anna.post("/redactie/afmelden")
    anna.client.set_cookie("kb_session", cookie.value)

    assert answer.headers["Location"] == f"{PATH}?done=signed-out"
    assert cookie_of(answer.headers["Set-Cookie"])["max-age"] == "0" or "expires" in cookie_of(
        answer.headers["Set-Cookie"]
    )
    assert count(kb) == 0
    assert anna.get("/redactie").status_code == 303
    assert "Je bent afgemeld." in anna.get(f"{PATH}?done=signed-out").text


def test_another_page_cannot_sign_somebody_out(kb: KnowledgeBase, anna: Desk) -> None:
    assert anna.client.post("/redactie/afmelden").status_code == 403
    assert count(kb) == 1


def test_an_id_that_somebody_else_chose_becomes_no_session(kb: KnowledgeBase) -> None:
    desk = Desk(kb.client, make_token(kb, "Anna", "editor", A_YEAR))
    desk.client.set_cookie("kb_session", "chosen-by-another")

    desk.sign_in()

    cookie = desk.client.get_cookie("kb_session")
    assert cookie
    assert cookie.value != "chosen-by-another"
    assert sessions.find(kb.database, "chosen-by-another", now(), "") is None


def test_signing_in_again_ends_the_former_session_of_the_browser(
    kb: KnowledgeBase, anna: Desk
) -> None:
    before = anna.client.get_cookie("kb_session")
    csrf = anna.csrf

    anna.sign_in()

    after = anna.client.get_cookie("kb_session")
    assert before
    assert after
    assert before.value != after.value
    assert csrf != anna.csrf
    assert count(kb) == 1


def test_who_is_unknown_revoked_or_expired_hears_the_same(kb: KnowledgeBase) -> None:
    tokens = [make_token(kb, "Anna", "editor", lasts) for lasts in (timedelta(0), A_YEAR)]
    with kb.database.transaction() as session:
        access.revoke_token(session, 2, now())

    answers = [
        kb.client.post(PATH, data={"token": token})
        for token in (*tokens, "kb_no-such-token", "", "two words", "é" * 100)
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert "Set-Cookie" not in answers[0].headers
    assert tokens[0] not in answers[0].text


def test_wrong_tries_are_limited_and_right_ones_are_not(kb: KnowledgeBase) -> None:
    token = make_token(kb, "Anna", "editor", A_YEAR)
    for _ in range(25):
        assert kb.client.post(PATH, data={"token": token}).status_code == 303

    statuses = [kb.client.post(PATH, data={"token": "kb_wrong"}).status_code for _ in range(22)]
    locked_out = kb.client.post(PATH, data={"token": token})

    assert statuses == [401] * 20 + [429] * 2
    assert locked_out.status_code == 429
    assert int(locked_out.headers["Retry-After"]) > 0
    assert "minuten" in locked_out.text


@pytest.mark.parametrize(
    "target",
    [
        "https://elders.test/redactie",
        "//elders.test/redactie",
        "///elders.test",
        "/\\elders.test",
        "/redactie\\..\\x",
        "\\\\elders.test",
        "javascript:alert(1)",
        "/casussen",
        "/redactieX",
        "redactie",
        "/redactie\r\nSet-Cookie: a=b",
        " /redactie/x",
        "http:///redactie",
        "http://[",
        "",
    ],
)
def test_signing_in_leads_to_the_desk_alone(kb: KnowledgeBase, target: str) -> None:
    desk = Desk(kb.client, make_token(kb, "Anna", "editor", A_YEAR))

    assert desk.sign_in(next=target).headers["Location"] == "/redactie"
    assert desk.get(PATH, query_string={"next": target}).headers["Location"] == "/redactie"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elders.test"},
        {"Origin": "null"},
    ],
)
def test_another_website_cannot_sign_its_visitors_in(
    kb: KnowledgeBase, headers: dict[str, str]
) -> None:
    token = make_token(kb, "Anna", "editor", A_YEAR)

    answer = kb.client.post(PATH, data={"token": token}, headers=headers)

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://kennisbank.test"},
        {"Origin": "http://localhost"},  # as the request calls us
    ],
)
def test_our_own_page_signs_in(kb: KnowledgeBase, headers: dict[str, str]) -> None:
    token = make_token(kb, "Anna", "editor", A_YEAR)

    assert kb.client.post(PATH, data={"token": token}, headers=headers).status_code == 303


def test_the_session_of_a_token_that_has_no_such_text_is_refused(kb: KnowledgeBase) -> None:
    with kb.database.transaction() as session, pytest.raises(Unauthorized):
        sessions.begin(session, "kb_no-such-token", now())

    assert count(kb) == 0


def test_nobody_keeps_frames_or_lists_a_page_of_the_desk(kb: KnowledgeBase, anna: Desk) -> None:
    for answer in (anna.get("/redactie"), kb.client.get(PATH), kb.client.get("/redactie")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers
    policy = anna.get("/redactie").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "Disallow: /redactie" in kb.client.get("/robots.txt").text
    assert "redactie" not in kb.client.get("/sitemap.xml").text


def test_files_of_the_desk_are_cached_by_everybody(kb: KnowledgeBase) -> None:
    for name in ("desk.css", "desk.js"):
        with kb.client.get(f"/redactie/static/{name}") as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"].startswith("public")


def test_the_desk_speaks_english_too(kb: KnowledgeBase) -> None:
    assert "Sign in at the desk" in kb.client.get(f"{PATH}?lang=en").text
    desk = Desk(kb.client, make_token(kb, "Anna", "editor", A_YEAR))
    page = f"{PATH}?lang=en"
    answer = kb.client.post(page, data={"token": desk.token})
    assert answer.headers["Location"] == "/redactie?lang=en"
    desk.sign_in()
    assert desk.get(page).headers["Location"] == "/redactie?lang=en"
    assert "Sign out" in desk.get("/redactie?lang=en").text
    assert 'action="/redactie/afmelden?lang=en"' in desk.get("/redactie?lang=en").text


def test_a_draft_written_with_the_session_is_of_who_signed_in(signed_in: SignedIn) -> None:
    desk = signed_in("editor", "Sanne")

    answer = desk.call("POST", "/cases", json=a_case("tuin"))

    assert answer.status_code == 201
    assert answer.json["_draft"]["author"] == "Sanne"


@pytest.mark.parametrize("path", ["/", "/casussen", "/over", "/niets"])
def test_the_foot_of_public_pages_leads_editors_to_the_desk(kb: KnowledgeBase, path: str) -> None:
    page = kb.client.get(path, headers={"Accept": "text/html"}).text

    foot = page.partition("<footer")[2]
    assert '<a rel="nofollow" href="/redactie">Redactie</a>' in foot


def test_a_token_may_be_pasted_as_the_api_takes_it(kb: KnowledgeBase) -> None:
    token = make_token(kb, "Anna", "editor", A_YEAR)

    for head in ("Bearer ", "Authorization: Bearer "):
        assert Desk(kb.client, head + token).sign_in().status_code == 303


@pytest.mark.parametrize("path", ["/redactie/../x", "/redactie/%2e%2e/x", "/redactie/.%2E/x"])
def test_nobody_is_led_out_of_the_desk_by_dots(kb: KnowledgeBase, path: str) -> None:
    desk = Desk(kb.client, make_token(kb, "Anna", "editor", A_YEAR))

    assert desk.sign_in(next=path).headers["Location"] == "/redactie"
