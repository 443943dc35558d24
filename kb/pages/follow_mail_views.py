"""Following by e-mail: the request, its confirmation, and the end of it.

Nobody learns here whether an address follows anything. A page that is only read changes nothing,
since scanners of mail open every link; a button does. RFC 8058 presses that button too.
"""

from __future__ import annotations

import logging
import secrets
import threading
from urllib.parse import quote

from flask import Response, make_response, redirect, request
from marshmallow import ValidationError

from kb.database import now
from kb.pages.following import Following, case_to_follow, list_to_follow, render_following
from kb.pages.links import link
from kb.pages.rendering import render_page
from kb.problems import NotFound
from kb.services import services, session
from kb.sharing import letters, subscriptions
from kb.sharing.address_seal import AddressSeal
from kb.sharing.digest import heading_of
from kb.sharing.mail import AddressRefused, MailServer, NotSent, Uncertain, is_address, message
from kb.sharing.subscriptions import followed
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.policy import PagesBlueprint, Policy
from kb.web.rate_limits import limit_visitor
from kb.web.translation import gettext

blp = PagesBlueprint("follow_mail", __name__, Policy(), template_folder="templates")
MAX_CONNECTIONS = 2  # to the mail server, of one process: readers need the other threads
LIMIT = "20 per hour"  # requests of one visitor
HONEYPOT = "website"  # a field that no person sees
log = logging.getLogger("kb.pages")
_connections = threading.BoundedSemaphore(MAX_CONNECTIONS)


@blp.post("/volgen/<slug:name>")
def request_list(name: str) -> Response:
    """Ask to follow a list by e-mail."""
    return _request(list_to_follow(name))


@blp.post("/volgen/casussen/<slug:case_id>")
def request_case(case_id: str) -> Response:
    """Ask to follow one case by e-mail."""
    return _request(case_to_follow(case_id))


@blp.get("/volgen/verzonden")
def requested() -> str:
    """What to do now: read the e-mail."""
    _check_mail()
    return _page("requested")


@blp.get("/volgen/bevestigen/<string:token>")
def ask_to_confirm(token: str) -> str:
    """The button that confirms."""
    row = subscriptions.find_request(session(), token, now())
    return _page("confirm", _heading(followed(row))) if row else _page("expired")


@blp.post("/volgen/bevestigen/<string:token>")
def confirm(token: str) -> str:
    """Follow from now on."""
    seal = _seal()
    with services().database.transaction() as writing:
        row = subscriptions.confirm(writing, seal, token, now())
    if row is None:
        return _page("expired")
    stop = link(f"/volgen/stoppen/{row.token}")
    return _page("confirmed", _heading(followed(row)), stop=stop)


@blp.get("/volgen/stoppen/<string:token>")
def ask_to_stop(token: str) -> str:
    """The button that ends it."""
    row = subscriptions.find(session(), token)
    return _page("stop", _heading(followed(row))) if row else _page("stopped")


@blp.post("/volgen/stoppen/<string:token>")
def stop(token: str) -> str:
    """Follow no longer; the address is deleted. Mail programs ask for this too (RFC 8058)."""
    services().database.write(lambda writing: subscriptions.unsubscribe(writing, token))
    return _page("stopped")


def _request(following: Following) -> Response:
    """Send the e-mail that asks to confirm, or say what is wrong with the form."""
    _check_mail()
    limit_visitor("follow", LIMIT)
    address = request.form.get("email", "").strip()
    if request.form.get(HONEYPOT):
        return _sent()
    errors = []
    if not is_address(address):
        errors.append(gettext("Type an e-mail address, such as name@example.org."))
    if not request.form.get("consent"):
        errors.append(gettext("Tick that we may send you e-mail about this."))
    if errors or not following.feed:
        return _form(following, address, errors, 400)
    seal, at = _seal(), now()
    token = services().database.write(
        lambda writing: subscriptions.request(
            writing, seal, address, following.what, language(), at
        )
    )
    error = _send_confirmation(following.heading, address, token) if token else None
    if token and error:
        services().database.write(lambda writing: subscriptions.withdraw_request(writing, token))
        return _form(following, address, [error], 503)
    return _sent()


def _send_confirmation(heading: str, address: str, token: str) -> str | None:
    """Send it now, while the address is known; what went wrong, for who asked."""
    settings = services().settings
    code = "?lang=en" if language() == "en" else ""
    confirm_address = public_address(f"/volgen/bevestigen/{quote(token)}{code}")
    days = subscriptions.REQUEST_LIFETIME.days
    mail = message(
        settings,
        letters.confirmation(heading, confirm_address, days),
        to=address,
        id=secrets.token_hex(12),
        at=now(),
        name=gettext("Knowledge base on mixed neighbourhoods"),
    )
    later = gettext("The e-mail could not be sent now. Try again in a quarter of an hour.")
    if not _connections.acquire(timeout=1):
        return later
    try:
        with MailServer(settings) as server:
            server.send(mail)
    except AddressRefused:
        return gettext("Our mail server knows no such address. Is it written well?")
    except NotSent as error:
        log.warning("an e-mail that asks to confirm was not sent: %s", error)
        return later
    except Uncertain:
        return None
    finally:
        _connections.release()
    return None


def _form(following: Following, address: str, errors: list[str], status: int) -> Response:
    return make_response(render_following(following, email=address[:254], errors=errors), status)


def _sent() -> Response:
    response = redirect(link("/volgen/verzonden"), 303)
    return make_response(response)


def _page(state: str, heading: str = "", **content: str) -> str:
    return render_page("follow_mail.html", state=state, heading=heading, **content)


def _heading(what: subscriptions.Followed) -> str:
    """What the list is called; nothing when it is no more."""
    try:
        return heading_of(services().search, what)
    except ValidationError:
        return ""


def _seal() -> AddressSeal:
    return AddressSeal.of_file(services().settings.mail_key_path)


def _check_mail() -> None:
    if not services().settings.sends_mail:
        raise NotFound
