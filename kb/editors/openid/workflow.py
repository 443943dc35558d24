"""A sign-in at an organisation, from the link on our page to the session."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kb.database import Database
from kb.editors import sessions
from kb.editors.access import digest_of
from kb.editors.model import PendingSignIn
from kb.editors.openid import accounts
from kb.editors.openid.errors import SignInRefused
from kb.editors.openid.people import needed_claims, person, role_of

if TYPE_CHECKING:
    from kb.editors.openid.provider import Provider

PATIENCE = timedelta(minutes=10)  # that somebody may take at the provider
MAX_CODE_LENGTH = 4096
ERRORS = {  # RFC 6749, 4.1.2.1, and OpenID Connect Core, 3.1.2.6
    *("access_denied", "invalid_request", "invalid_scope", "server_error", "unauthorized_client"),
    *("unsupported_response_type", "temporarily_unavailable", "interaction_required"),
    *("login_required", "account_selection_required", "consent_required"),
}
log = logging.getLogger("kb.openid")


class Departure(NamedTuple):
    """A browser that goes to the provider: where, what it has to bring back, until when."""

    address: str
    browser: str
    ends_at: datetime


class Arrival(NamedTuple):
    """A session that has begun, and the page that follows."""

    session_id: str
    ends_at: datetime
    target: str


def begin(
    database: Database,
    provider: Provider,
    *,
    browser: str | None,
    target: str,
    anew: bool,
    at: datetime,
) -> Departure:
    """Begin a sign-in; `browser` is what an earlier one gave this browser, which it keeps.

    Raises ProviderUnavailable.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    address = provider.authorization_address(state=state, nonce=nonce, verifier=verifier, anew=anew)
    browser = browser or secrets.token_urlsafe(32)
    row = PendingSignIn(
        hash=digest_of(state),
        browser=digest_of(browser),
        nonce=nonce,
        verifier=verifier,
        target=target,
        expires_at=at + PATIENCE,
    )

    def add(session: Session) -> None:
        session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at <= at))
        session.merge(row)

    database.write(add)
    return Departure(address, browser, row.expires_at)


def finish(
    database: Database,
    provider: Provider,
    *,
    browser: str | None,
    response: dict[str, str],
    at: datetime,
) -> Arrival:
    """Let somebody in who comes back; `response` has the parameters that the provider gave.

    A sign-in is used up by the first attempt. Raises ProviderUnavailable, SignInRefused.
    """
    pending = _take(database, response.get("state", ""), browser or "", at)
    provider.check_issuer(response.get("iss"))
    code = response.get("code", "")
    if "error" in response:
        error = response["error"]  # the visitor may have written it
        raise SignInRefused("declined", error if error in ERRORS else "an error of no standard")
    if not 0 < len(code) <= MAX_CODE_LENGTH:
        raise SignInRefused("not-right", "there is no code")
    settings = provider.settings
    claims = provider.claims(
        code=code,
        verifier=pending.verifier,
        nonce=pending.nonce,
        needed=needed_claims(settings),
    )
    role = role_of(claims, settings)
    ends_at = _end(claims, at, timedelta(hours=settings.oidc_session_hours))

    def let_in(session: Session) -> tuple[str, datetime]:
        account = accounts.sign_in(
            session,
            issuer=settings.oidc_issuer,
            subject=claims["sub"],
            name=person(claims),
            at=at,
        )
        return sessions.begin_for_account(session, account, role, at, ends_at)

    session_id, ends_at = database.write(let_in)
    return Arrival(session_id, ends_at, pending.target)


def _take(database: Database, state: str, browser: str, at: datetime) -> PendingSignIn:
    """The sign-in that this browser began, which nobody can use again. Raises SignInRefused."""

    def take(session: Session) -> PendingSignIn | None:
        pending = session.get(PendingSignIn, digest_of(state), with_for_update=True)
        is_own = pending is not None and secrets.compare_digest(pending.browser, digest_of(browser))
        if pending is None or not is_own:
            return None
        session.delete(pending)
        return pending

    pending = database.write(take)
    if pending is None or pending.expires_at <= at:
        raise SignInRefused("unknown")
    return pending


def _end(claims: dict[str, Any], at: datetime, lasts: timedelta) -> datetime:
    """When the session ends: no later than the provider says (`session_expiry`, IPSIE).

    Raises SignInRefused when that has passed.
    """
    left = claims.get("session_expiry")
    if not isinstance(left, int | float):
        return at + lasts
    seconds = min(left - at.timestamp(), lasts.total_seconds())
    if not seconds > 0:
        raise SignInRefused("not-right", "session_expiry has passed")
    return at + timedelta(seconds=seconds)
