"""The page on which editors sign in: with a token, and where it is set up at their organisation."""

from __future__ import annotations

import math
from typing import Any

from kb.desk.blueprint import SIGN_IN
from kb.desk.rendering import HOME, render_desk
from kb.pages.links import link, with_query
from kb.services import services
from kb.vocabulary.terms import language
from kb.web.addresses import local_address, public_address
from kb.web.translation import gettext, ngettext

WRONG_TRIES = "20 per hour"  # of one address; offices share one
BEGIN = f"{SIGN_IN}/organisatie"


def sign_in_page(
    target: str,
    *,
    mistake: str = "",  # of the token that was typed
    refusal: str = "",  # why signing in at the organisation did not work
    is_other_person: bool = False,  # another account may work
    end_session: str | None = None,  # where to sign out at the organisation too
) -> str:
    """The page; `target` is the page of the desk that follows."""
    own: dict[str, Any] = {"next": target} if target != HOME else {}
    organisation = services().settings.oidc_name
    return render_desk(
        "desk/sign_in.html",
        target=target,
        is_home=target == HOME,
        mistake=mistake,
        refusal=refusal,
        organisation=organisation,
        organisation_address=organisation and link(BEGIN, own),
        other_person_address=link(BEGIN, {**own, "account": "other"}) if is_other_person else "",
        end_session=end_session,
        **(own_addresses(target) if refusal else {}),
    )


def own_addresses(target: str) -> dict[str, str]:
    """For a page at the address of a response: what it says instead of that, which has secrets."""
    own = {"next": target} if target != HOME else {}
    other = {**own, "lang": "nl" if language() == "en" else "en"}
    return {
        "language_address": with_query(local_address(SIGN_IN), other),
        "page_address": public_address(SIGN_IN),
    }


def wait(seconds: int) -> str:
    """What is said of too many wrong tries, and when it goes on."""
    return ngettext(
        "Too many wrong tries came from your address. Try again in %(num)s minute.",
        "Too many wrong tries came from your address. Try again in %(num)s minutes.",
        math.ceil(seconds / 60),
    )


def provider_is_away() -> str:
    """What is said of an identity provider that does not answer."""
    return gettext(
        "Signing in at %(organisation)s does not work at this moment. Try again in a minute, or "
        "sign in with a token.",
        organisation=services().settings.oidc_name,
    )
