"""/redactie/aanmelden/organisatie and /terug: a session begins at an identity provider."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import make_response, redirect, request
from werkzeug.wrappers import Response

from kb.database import now
from kb.desk.blueprint import SIGN_IN, DeskBlueprint, own_path
from kb.desk.rendering import HOME, render_desk
from kb.desk.sign_in_page import (
    BEGIN,
    WRONG_TRIES,
    own_addresses,
    provider_is_away,
    sign_in_page,
    wait,
)
from kb.editors import sessions
from kb.editors.openid import workflow
from kb.editors.openid.errors import RETRY_AFTER, ProviderUnavailable, SignInRefused
from kb.editors.session_cookie import (
    SIGN_IN as SIGN_IN_COOKIE,
)
from kb.editors.session_cookie import (
    browser_secret,
    current_session,
    delete_cookie,
    end_session,
    set_browser_secret,
    set_cookie,
)
from kb.problems import NotFound, TooManyRequests
from kb.services import services
from kb.translation import N_
from kb.web.addresses import local_address
from kb.web.rate_limits import check_visitor, limit_visitor
from kb.web.translation import gettext

blp = DeskBlueprint("desk_openid", __name__, is_open=True)
DEPARTURES = "200 per hour"  # of one address; offices share one
STATUSES = {
    "unknown": HTTPStatus.BAD_REQUEST,
    "declined": HTTPStatus.BAD_REQUEST,
    "not-right": HTTPStatus.BAD_REQUEST,
    "no-role": HTTPStatus.FORBIDDEN,
    "other-domain": HTTPStatus.FORBIDDEN,
}
REFUSALS = {
    "unknown": N_(
        "This sign-in has ended, or was begun in another browser. Begin again from here."
    ),
    "declined": N_("Signing in at %(organisation)s was broken off. Begin again from here."),
    "not-right": N_(
        "What %(organisation)s answered does not hold, so you are not signed in. Begin again from "
        "here; tell the operator when it happens again."
    ),
    "no-role": N_(
        "You are %(person)s at %(organisation)s, and that account may not edit here yet. Ask the "
        "operator of this knowledge base for it, or sign in with another account."
    ),
    "other-domain": N_(
        "You are %(person)s at %(organisation)s, and only verified addresses of certain "
        "organisations may sign in here. Ask the operator, or sign in with another account."
    ),
}
OF_PEOPLE = {"no-role", "other-domain"}  # who came in well, and is not somebody to let in
log = logging.getLogger("kb.openid")


@blp.get(BEGIN.removeprefix(HOME))
def begin() -> Response:
    """Lead to the identity provider; who has signed in already goes on to where they were going."""
    provider = services().identity_provider
    if provider is None:
        raise NotFound
    target = own_path(request.args.get("next", ""))
    if current_session():
        return redirect(local_address(target), 303)
    try:
        limit_visitor("sign-in-departures", DEPARTURES)
        departure = workflow.begin(
            services().database,
            provider,
            browser=browser_secret(),
            target=target,
            anew=request.args.get("account") == "other",
            at=now(),
        )
    except TooManyRequests as problem:
        return _refused(target, wait(problem.seconds), problem.status, problem.headers)
    except ProviderUnavailable as error:
        return _away(target, error)
    response = redirect(departure.address, 303)
    set_browser_secret(response, departure.browser, departure.ends_at)
    return response


@blp.get(f"{SIGN_IN.removeprefix(HOME)}/terug")
def callback() -> Response:
    """Let somebody in who comes back from the identity provider.

    The browser comes from another website, and would hold back the cookie of the session on a
    redirect (`SameSite=Strict`): so a page of ours leads on.
    """
    provider = services().identity_provider
    if provider is None:
        raise NotFound
    try:
        check_visitor("sign-in", WRONG_TRIES)
        arrival = workflow.finish(
            services().database,
            provider,
            browser=browser_secret(),
            response=request.args.to_dict(),
            at=now(),
        )
    except TooManyRequests as problem:
        return _refused(HOME, wait(problem.seconds), problem.status, problem.headers)
    except ProviderUnavailable as error:
        return _away(HOME, error)
    except SignInRefused as error:
        return _explain(error)
    end_session()
    target = own_path(arrival.target)
    response = make_response(
        render_desk("desk/signed_in.html", target=target, **own_addresses(target))
    )
    set_cookie(response, arrival.session_id, arrival.ends_at)
    delete_cookie(response, SIGN_IN_COOKIE)
    return response


def _explain(error: SignInRefused) -> Response:
    """Why somebody is not let in; wrong tries count as wrong tokens do."""
    if error.reason not in OF_PEOPLE:
        log.warning("sign-in refused: %s", error)
    if error.reason in {"unknown", "not-right"}:
        try:
            limit_visitor("sign-in", WRONG_TRIES)
        except TooManyRequests as problem:
            return _refused(HOME, wait(problem.seconds), problem.status, problem.headers)
    sessions.note_refusal(services().database, "account", now())
    text = gettext(
        REFUSALS[error.reason],
        person=error.person,
        organisation=services().settings.oidc_name,
    )
    return _refused(HOME, text, STATUSES[error.reason], is_other_person=error.reason in OF_PEOPLE)


def _away(target: str, error: ProviderUnavailable) -> Response:
    log.error("identity provider unavailable: %s", error)
    headers = {"Retry-After": str(RETRY_AFTER)}
    return _refused(target, provider_is_away(), HTTPStatus.SERVICE_UNAVAILABLE, headers)


def _refused(
    target: str,
    text: str,
    status: int,
    headers: dict[str, str] | None = None,
    *,
    is_other_person: bool = False,
) -> Response:
    page = sign_in_page(target, refusal=text, is_other_person=is_other_person)
    return make_response(page, status, headers or {})
