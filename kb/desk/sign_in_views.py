"""/redactie/aanmelden and /afmelden: a session begins with a token, and ends."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.database import now
from kb.desk.blueprint import SIGN_IN, DeskBlueprint, own_path
from kb.desk.rendering import HOME
from kb.desk.sign_in_page import WRONG_TRIES, sign_in_page, wait
from kb.editors import sessions
from kb.editors.session_cookie import (
    check_forgery,
    current_session,
    delete_cookie,
    end_session,
    set_cookie,
)
from kb.pages.links import link
from kb.problems import TooManyRequests, Unauthorized
from kb.services import services
from kb.web.addresses import local_address
from kb.web.rate_limits import check_visitor, limit_visitor
from kb.web.translation import gettext

blp = DeskBlueprint("desk_sign_in", __name__, is_open=True)
SIGNED_OUT_HERE = "signed-out-here"  # and maybe not at the organisation


@blp.get("/aanmelden")
def form() -> str | Response:
    """The form; who has signed in already goes on to where they were going."""
    target = own_path(request.args.get("next", ""))
    if current_session():
        return redirect(_destination(target), 303)
    provider = services().identity_provider
    is_there_still = request.args.get("done") == SIGNED_OUT_HERE and provider is not None
    return sign_in_page(
        target, end_session=provider.end_session_address() if is_there_still and provider else None
    )


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
        sessions.note_refusal(services().database, "token", now())
        wrong = gettext(
            "No token that is in force reads like this. Paste all of it, or ask the operator "
            "for a new one."
        )
        return sign_in_page(target, mistake=wrong), problem.status, problem.headers
    except TooManyRequests as problem:
        page = sign_in_page(target, mistake=wait(problem.seconds))
        return page, problem.status, problem.headers
    end_session()
    response = redirect(_destination(target), 303)
    set_cookie(response, number, ends_at)
    return response


def _destination(target: str) -> str:
    """Where to go once signed in; the desk itself in the language of this page."""
    return link(HOME) if target == HOME else local_address(target)


@blp.post("/afmelden")
def sign_out() -> Response:
    """End the session of this browser."""
    opened = current_session()
    if opened is not None:
        check_forgery(opened)
        end_session()
    done = SIGNED_OUT_HERE if opened is not None and opened.is_account else "signed-out"
    response = redirect(link(SIGN_IN, {"done": done}), 303)
    delete_cookie(response)
    return response


def _typed_token() -> str:
    """The token of the form, also when it was pasted as the API takes it: `Bearer kb_…`."""
    head = "Authorization:"
    return request.form.get("token", "").strip().removeprefix(head).split("Bearer ")[-1].strip()
