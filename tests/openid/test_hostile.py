"""What does not hold lets nobody in: tampered tokens, used codes, other browsers, outages."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import func, select, update

from kb.database import now
from kb.editors import access
from kb.editors.model import EditorAccount, EditorSession, PendingSignIn
from tests.openid.conftest import SECRET, IdentityProvider, Office, identity_provider

BACK = "/redactie/aanmelden/terug"
BEGIN = "/redactie/aanmelden/organisatie"


def nobody_is_in(office: Office) -> bool:
    with office.database.reading() as session:
        tables = (EditorSession, EditorAccount)
        return not any(session.scalar(select(func.count()).select_from(each)) for each in tables)


@pytest.mark.parametrize(
    "how",
    [
        *("nonce", "no-nonce", "aud", "many-aud", "azp", "iss", "exp", "no-exp", "at_hash"),
        *("sub", "sub-number", "signature", "none", "hs256", "no-token", "userinfo"),
    ],
)
def test_an_id_token_that_does_not_hold_lets_nobody_in(
    office: Office, provider: IdentityProvider, how: str
) -> None:
    provider.tamper(how)
    visitor = office.visitor()

    answer = visitor.sign_in("anna")

    assert answer.status_code == 400
    assert "klopt niet" in answer.text
    assert "kb_session" not in answer.headers.get("Set-Cookie", "")
    assert visitor.client.get("/redactie").status_code == 303
    assert nobody_is_in(office)
    assert SECRET not in answer.text


def test_clocks_may_differ_a_little(office: Office, provider: IdentityProvider) -> None:
    provider.tamper("clock-behind")

    assert office.visitor().sign_in("anna").status_code == 200


def test_a_response_is_good_once(office: Office) -> None:
    visitor = office.visitor()
    address = visitor.pass_provider(visitor.depart(), "anna")

    first, again = visitor.client.get(address), visitor.client.get(address)

    assert (first.status_code, again.status_code) == (200, 400)
    assert "Begin hier opnieuw" in again.text


def test_a_code_with_another_state_of_the_same_browser_is_refused(office: Office) -> None:
    visitor = office.visitor()
    first = parse_qs(urlsplit(visitor.pass_provider(visitor.depart(), "anna")).query)
    second = parse_qs(urlsplit(visitor.depart()).query)
    query = {"code": first["code"][0], "iss": first["iss"][0], "state": second["state"][0]}

    answer = visitor.client.get(f"{BACK}?{urlencode(query)}")

    assert answer.status_code == 400
    assert nobody_is_in(office)


def test_the_response_of_somebody_else_signs_nobody_in(office: Office) -> None:
    attacker, victim = office.visitor(), office.visitor()
    address = attacker.pass_provider(attacker.depart(), "piet")
    victim.depart()

    with_cookie = victim.client.get(address)
    without_cookie = office.visitor().client.get(address)

    assert (with_cookie.status_code, without_cookie.status_code) == (400, 400)
    assert nobody_is_in(office)
    assert attacker.client.get(address).status_code == 200  # it was not used up by another


def test_two_windows_of_one_browser_do_not_hinder_each_other(office: Office) -> None:
    visitor = office.visitor()
    first = visitor.pass_provider(visitor.depart(f"{BEGIN}?next=/redactie/begrippen"), "anna")
    visitor.depart()

    answer = visitor.client.get(first)

    assert answer.status_code == 200
    assert "url=/redactie/begrippen" in answer.text


def test_who_takes_too_long_begins_again(office: Office) -> None:
    visitor = office.visitor()
    address = visitor.pass_provider(visitor.depart(), "anna")
    with office.database.transaction() as session:
        session.execute(update(PendingSignIn).values(expires_at=now() - timedelta(seconds=1)))

    assert visitor.client.get(address).status_code == 400
    assert nobody_is_in(office)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=&code=",
        "state=x&code=y",
        "state=x&state=y&code=z",
        f"code={'x' * 5000}",
        "state=%00&code=%ff",
        "error=access_denied&error_description=%3Cscript%3E",
        "error=<script>alert(1)</script>",
    ],
)
def test_what_was_never_begun_is_refused(office: Office, query: str) -> None:
    answer = office.visitor().client.get(f"{BACK}?{query}")

    assert answer.status_code == 400
    assert "<script>alert" not in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"error": "access_denied"}, "afgebroken"),
        ({"iss": "https://login.elders.test"}, "klopt niet"),
        ({"iss": None}, "klopt niet"),
        ({"code": None}, "klopt niet"),
        ({"code": "x" * 5000}, "klopt niet"),
        ({"code": "een-andere-code"}, "klopt niet"),
    ],
)
def test_a_response_that_was_changed_is_refused(
    office: Office, changes: dict[str, str | None], part: str
) -> None:
    visitor = office.visitor()
    query = parse_qs(urlsplit(visitor.pass_provider(visitor.depart(), "anna")).query)
    changed = {**{name: values[0] for name, values in query.items()}, **changes}

    answer = visitor.client.get(
        f"{BACK}?{urlencode({name: text for name, text in changed.items() if text is not None})}"
    )

    assert answer.status_code == 400
    assert part in answer.text
    assert nobody_is_in(office)


@pytest.mark.parametrize(
    "target",
    [
        "https://elders.test/redactie",
        "//elders.test",
        "/\\elders.test",
        "/casussen",
        "/redactie/../x",
        "/redactie/%2e%2e/x",
        "javascript:alert(1)",
        "/redactie\r\nSet-Cookie: a=b",
    ],
)
def test_nobody_is_led_elsewhere(office: Office, target: str) -> None:
    visitor = office.visitor()

    answer = visitor.sign_in("anna", f"{BEGIN}?{urlencode({'next': target})}")

    assert 'content="0; url=/redactie">' in answer.text
    assert "elders.test" not in answer.text


def test_new_keys_of_the_provider_are_taken_over(office: Office) -> None:
    with identity_provider() as own:
        there = office.with_settings(oidc_issuer=own.issuer)
        assert there.visitor().sign_in("anna").status_code == 200
        own.stop()
        own.start()  # with another key

        assert there.visitor().sign_in("anna").status_code == 200
        there.close()


def test_without_the_provider_a_token_still_signs_in(office: Office) -> None:
    with identity_provider() as own:
        away = office.with_settings(oidc_issuer=own.issuer)
        visitor = away.visitor()
        address = visitor.pass_provider(visitor.depart(), "anna")
    with office.database.transaction() as session:
        token = access.create_token(
            session, owner="Piet", role="publisher", at=now(), lasts=timedelta(days=1)
        )
    fresh = away.with_settings()

    answers = [visitor.client.get(address), fresh.visitor().client.get(f"{BEGIN}?next=/redactie/x")]

    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "lukt nu niet" in answer.text
        assert 'name="token"' in answer.text
    assert 'value="/redactie/x"' in answers[1].text
    assert fresh.visitor().client.get("/redactie/aanmelden").status_code == 200
    signed_in = visitor.client.post("/redactie/aanmelden", data={"token": token})
    assert signed_in.status_code == 303
    away.close()
    fresh.close()


@pytest.mark.parametrize("name", ["oidc_client_id", "oidc_client_secret_file"])
def test_wrong_settings_are_for_the_log_alone(
    office: Office, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong: dict[str, object] = {"oidc_client_id": "iemand-anders"}
    if name == "oidc_client_secret_file":
        file = office.settings.data_dir / "wrong-secret"
        file.write_text("een-ander-geheim", "utf-8")
        wrong = {name: file}
    visitor = office.visitor()
    address = visitor.pass_provider(visitor.depart(), "anna")
    misled = office.with_settings(**wrong)
    there = misled.visitor()
    cookie = visitor.client.get_cookie("kb_sign_in")
    assert cookie
    there.client.set_cookie("kb_sign_in", cookie.value)

    answer = there.client.get(address)

    assert answer.status_code == 503
    assert "invalid_client" in caplog.text
    for secret in (SECRET, "een-ander-geheim", parse_qs(urlsplit(address).query)["code"][0]):
        assert secret not in caplog.text + answer.text
    misled.close()


def test_another_issuer_than_that_of_the_settings_is_no_provider(
    office: Office, provider: IdentityProvider
) -> None:
    other = office.with_settings(oidc_issuer=f"http://localhost:{provider.port}")

    assert other.visitor().client.get(BEGIN).status_code == 503
    other.close()


def test_a_page_instead_of_tokens_is_an_outage(office: Office, provider: IdentityProvider) -> None:
    provider.tamper("html")

    assert office.visitor().sign_in("anna").status_code == 503


def test_wrong_tries_count_with_those_of_tokens(office: Office) -> None:
    client = office.visitor().client
    statuses = [client.get(f"{BACK}?state=x&code=y").status_code for _ in range(15)]
    statuses += [
        client.post("/redactie/aanmelden", data={"token": "kb_wrong"}).status_code for _ in range(6)
    ]
    locked_out = client.get(f"{BACK}?state=x&code=y")

    assert statuses == [400] * 15 + [401] * 5 + [429]
    assert locked_out.status_code == 429
    assert int(locked_out.headers["Retry-After"]) > 0
