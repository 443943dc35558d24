"""Somebody signs in at their organisation, and is let in with the role that they have there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from kb.database import now
from kb.editors import access
from kb.editors.model import EditorAccount, EditorSession, PendingSignIn
from tests.builders import a_case
from tests.openid.conftest import PUBLIC_URL, SECRET, IdentityProvider, Office, Visitor

CSRF = re.compile(r'data-csrf="([^"]+)"')


def me(visitor: Visitor) -> Any:
    answer = visitor.client.get("/v1/me")
    assert answer.status_code == 200, answer.text
    return answer.json


def csrf_of(visitor: Visitor) -> str:
    match = CSRF.search(visitor.client.get("/redactie").text)
    assert match
    return match[1]


def test_the_page_offers_the_organisation_beside_the_token(office: Office) -> None:
    page = office.visitor().client.get("/redactie/aanmelden?next=/redactie/begrippen").text

    assert "Aanmelden met Gemeente Wijkdam" in page
    assert 'href="/redactie/aanmelden/organisatie?next=%2Fredactie%2Fbegrippen"' in page
    assert 'name="token"' in page


def test_the_way_to_the_provider_has_all_that_protects_it(
    office: Office, provider: IdentityProvider
) -> None:
    visitor = office.visitor()

    answer = visitor.client.get("/redactie/aanmelden/organisatie")

    address = urlsplit(answer.headers["Location"])
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}" == provider.issuer
    assert query.keys() == {
        *("response_type", "client_id", "redirect_uri", "scope"),
        *("state", "nonce", "code_challenge", "code_challenge_method"),
    }
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert query["redirect_uri"] == f"{PUBLIC_URL}/redactie/aanmelden/terug"
    assert min(len(query[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    cookie = answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie
    assert answer.headers["Cache-Control"] == "no-store"
    with office.database.reading() as session:
        [pending] = session.scalars(select(PendingSignIn))
    assert query["state"] not in repr(vars(pending))


def test_somebody_signs_in_and_the_next_page_is_of_who_they_are(office: Office) -> None:
    visitor = office.visitor()

    answer = visitor.sign_in("anna", "/redactie/aanmelden/organisatie?next=/redactie/begrippen")

    assert answer.status_code == 200  # a page of ours leads on, with the cookie
    assert '<meta http-equiv="refresh" content="0; url=/redactie/begrippen">' in answer.text
    session_cookie, sign_in_cookie = answer.headers.getlist("Set-Cookie")
    assert session_cookie.startswith("kb_session=")
    assert "SameSite=Strict" in session_cookie
    assert sign_in_cookie.startswith("kb_sign_in=;")
    assert me(visitor)["owner"] == "Anna de Wit"
    assert me(visitor)["role"] == "editor"
    assert "Anna de Wit" in visitor.client.get("/redactie").text


def test_who_has_both_roles_is_a_publisher(office: Office) -> None:
    visitor = office.visitor()
    visitor.sign_in("piet")

    assert me(visitor)["role"] == "publisher"


def test_a_role_may_stand_deeper_and_have_one_value_only(office: Office) -> None:
    deep = office.with_settings(oidc_role_claim="realm_access.roles")
    visitor, other = deep.visitor(), office.visitor()

    visitor.sign_in("piet")
    other.sign_in("naamloos")

    assert me(visitor)["role"] == "publisher"
    assert (me(other)["owner"], me(other)["role"]) == ("x@wijken.test", "editor")
    deep.close()


@pytest.mark.parametrize("account", ["niemand", "vreemd"])
def test_who_has_no_role_reads_whom_to_ask(office: Office, account: str) -> None:
    visitor = office.visitor()

    answer = visitor.sign_in(account)

    assert answer.status_code == 403
    assert "mag hier nog niet" in answer.text
    assert "<b>" not in answer.text
    assert "account=other" in answer.text
    assert 'name="token"' in answer.text
    assert "kb_session" not in answer.headers.get("Set-Cookie", "")
    assert "prompt=login" in visitor.depart("/redactie/aanmelden/organisatie?account=other")


@pytest.mark.parametrize(
    ("account", "status"), [("anna", 200), ("niemand", 403), ("valsmail", 403), ("kort", 403)]
)
def test_only_verified_addresses_of_these_domains_sign_in(
    office: Office, account: str, status: int
) -> None:
    strict = office.with_settings(
        oidc_email_domains="Wijken.test; wijkdam.test",
        oidc_editor_values="redacteur; publiceerder",
    )

    assert strict.visitor().sign_in(account).status_code == status
    strict.close()


def test_a_person_is_one_author_and_a_namesake_another(office: Office) -> None:
    first, again, namesake = (office.visitor() for _ in range(3))

    first.sign_in("anna")
    again.sign_in("anna")
    namesake.sign_in("naamgenoot")

    assert me(first)["owner"] == me(again)["owner"] == "Anna de Wit"
    assert me(namesake)["owner"] == "Anna de Wit (2)"
    with office.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EditorAccount)) == 2


def test_nobody_becomes_the_owner_of_a_token_by_their_name(office: Office) -> None:
    with office.database.transaction() as session:
        access.create_token(
            session, owner="anna de wit", role="editor", at=now(), lasts=timedelta(days=1)
        )
    visitor = office.visitor()

    visitor.sign_in("anna")

    assert me(visitor)["owner"] == "Anna de Wit (2)"


def test_four_eyes_sees_who_signed_in_there(office: Office) -> None:
    piet = office.visitor()
    piet.sign_in("piet")
    headers = {"X-CSRF-Token": csrf_of(piet)}
    written = piet.client.post("/v1/cases", json=a_case("tuin"), headers=headers)
    etag = written.headers["ETag"]
    address = "/v1/cases/tuin"
    sent = piet.client.post(
        f"{address}/draft/reviews",
        json={"decision": "submit"},
        headers={**headers, "If-Match": etag},
    )

    answer = piet.client.post(
        f"{address}/publications", headers={**headers, "If-Match": sent.headers["ETag"]}
    )

    assert written.json["_draft"]["author"] == "Piet Bakker"
    assert answer.status_code == 403


def test_the_session_lasts_as_long_as_the_settings_and_the_provider_say(office: Office) -> None:
    short = office.with_settings(oidc_session_hours=2.0)
    short.visitor().sign_in("anna")

    with office.database.reading() as session:
        [row] = session.scalars(select(EditorSession))
    assert timedelta(hours=1.9) < row.expires_at - row.created_at <= timedelta(hours=2)
    assert row.token_id is None
    assert office.visitor().sign_in("kort").status_code == 400  # its session_expiry has passed
    short.close()


def test_a_session_ends_with_the_provider_in_the_settings(office: Office) -> None:
    visitor = office.visitor()
    visitor.sign_in("anna")
    cookie = visitor.client.get_cookie("kb_session")
    assert cookie
    moved = office.with_settings(oidc_issuer="https://login.elders.test")
    there = moved.visitor()
    there.client.set_cookie("kb_session", cookie.value)

    assert there.client.get("/redactie").status_code == 303
    moved.close()


def test_signing_in_again_begins_a_new_session_and_ends_the_former(office: Office) -> None:
    visitor = office.visitor()
    visitor.sign_in("anna")
    before = visitor.client.get_cookie("kb_session")
    address = visitor.pass_provider(
        office.visitor().depart(), "anna"
    )  # of another browser: refused, and the session stays
    assert visitor.client.get(address).status_code == 400
    assert me(visitor)["owner"] == "Anna de Wit"
    assert visitor.client.get("/redactie/aanmelden/organisatie").headers["Location"] == "/redactie"

    other = office.visitor()
    other.client.set_cookie("kb_session", "chosen-by-another")
    other.sign_in("anna")

    after = other.client.get_cookie("kb_session")
    assert before
    assert after
    assert after.value not in {before.value, "chosen-by-another"}


def test_who_signs_out_is_led_to_the_provider_too(
    office: Office, provider: IdentityProvider
) -> None:
    visitor = office.visitor()
    visitor.sign_in("anna")

    answer = visitor.client.post("/redactie/afmelden", data={"csrf": csrf_of(visitor)})
    page = visitor.client.get(answer.headers["Location"]).text

    assert answer.headers["Location"] == "/redactie/aanmelden?done=signed-out-here"
    match = re.search(rf'href="({provider.issuer}/session/end[^"]+)"', page)
    assert match
    address = match[1].replace("&amp;", "&")
    there = visitor.elsewhere.get(address, timeout=30)
    assert there.status_code == 200
    assert "error" not in there.text.lower()
    assert visitor.client.get("/redactie").status_code == 303
    assert SECRET not in page


def test_without_a_provider_there_is_nothing_of_it(office: Office) -> None:
    without = office.with_settings(oidc_issuer="", oidc_name="")
    client = without.visitor().client

    assert "organisatie" not in client.get("/redactie/aanmelden").text
    for path in ("organisatie", "terug?state=x&code=y"):
        assert client.get(f"/redactie/aanmelden/{path}").status_code == 404
    without.close()
