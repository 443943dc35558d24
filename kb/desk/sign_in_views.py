"""/redactie/aanmelden and /afmelden: a session begins with a token, and ends."""

from __future__ import annotations

import math

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.database import now
from kb.desk.blueprint import SIGN_IN, DeskBlueprint, own_path
from kb.desk.rendering import HOME, render_desk
from kb.editors import sessions
from kb.editors.session_cookie import (
    check_forgery,
    current_session,
    delete_cookie,
    session_id,
    set_cookie,
)
from kb.pages.links import link
from kb.problems import TooManyRequests, Unauthorized
from kb.services import services
from kb.web.addresses import local_address
from kb.web.rate_limits import check_visitor, limit_visitor
from kb.web.translation import gettext

blp = DeskBlueprint("desk_sign_in", __name__, is_open=True)
WRONG_TRIES = "20 per hour"  # of one address; offices share one


@blp.get("/aanmelden")
def form() -> str | Response:
    """The form; who has signed in already goes on to where they were going."""
    target = own_path(request.args.get("next", ""))
    return redirect(local_address(target), 303) if current_session() else _form_page(target)


@blp.post("/aanmelden")
def sign_in() -> Response | tuple[str, int, dict[str, str]]:
    """Begin a session with a token; the session that the browser had ends."""
    target = own_path(request.form.get("next", ""))
    try:
        check_visitor("sign-in", WRONG_TRIES)
        number, ends_at = services().database.write(
            lambda session: sessions.begin(session, _typed_token(), now())
        )
    except Unauthorized as problem:
        limit_visitor("sign-in", WRONG_TRIES)
        wrong = gettext(
            "No token that is in force reads like this. Paste all of it, or ask the operator "
            "for a new one."
        )
        return _form_page(target, wrong), problem.status, problem.headers
    except TooManyRequests as problem:
        return _form_page(target, _wait(problem.seconds)), problem.status, problem.headers
    _end_session()
    response = redirect(local_address(target), 303)
    set_cookie(response, number, ends_at)
    return response


@blp.post("/afmelden")
def sign_out() -> Response:
    """End the session of this browser."""
    opened = current_session()
    if opened is not None:
        check_forgery(opened)
        _end_session()
    response = redirect(link(SIGN_IN, {"done": "signed-out"}), 303)
    delete_cookie(response)
    return response


def _typed_token() -> str:
    """The token of the form, also when it was pasted as the API takes it: `Bearer kb_…`."""
    head = "Authorization:"
    return request.form.get("token", "").strip().removeprefix(head).split("Bearer ")[-1].strip()


def _end_session() -> None:
    """Delete the session that the cookie of this request names."""
    number = session_id()
    if number is not None:
        services().database.write(lambda session: sessions.end(session, number))


def _form_page(target: str, mistake: str = "") -> str:
    return render_desk("desk/sign_in.html", target=target, is_home=target == HOME, mistake=mistake)


def _wait(seconds: int) -> str:
    return gettext(
        "Too many wrong tokens came from your address. Try again in %(minutes)s minutes.",
        minutes=math.ceil(seconds / 60),
    )
