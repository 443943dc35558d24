"""What holds for every page of the desk: who sees it, that nobody keeps it, and its problems."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from flask import Response, current_app, g, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from kb.desk.api import MOVED, ApiProblem
from kb.desk.rendering import HOME, render_problem
from kb.desk.resending import ended_page, send_again_page, sent_fields
from kb.editors.blueprint import authenticated_editor
from kb.editors.session_cookie import current_session
from kb.kinds import EDITABLE_KINDS
from kb.pages.links import link
from kb.problems import Forbidden
from kb.web.headers import keep_private
from kb.web.origins import check_origin
from kb.web.policy import PagesBlueprint, Policy

SIGN_IN = f"{HOME}/aanmelden"
MAX_FORM_BYTES = 2**21  # of the texts of a form together; a case may have 2**20 bytes of JSON


class DeskBlueprint(PagesBlueprint):
    """Pages for who has signed in; `is_open` ones are for everybody."""

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        is_open: bool = False,
        max_bytes: int = MAX_FORM_BYTES,
    ) -> None:
        super().__init__(name, import_name, Policy(), url_prefix=HOME, template_folder="templates")
        self.max_bytes = max_bytes  # of a form with its files
        self.before_request(prepare)
        if not is_open:
            self.before_request(require_session)
        self.after_request(seal)
        self.register_error_handler(ApiProblem, refuse)


def prepare() -> None:
    """Before a request: no other website has our forms sent, and problems look like the desk."""
    keep_private()
    g.render_problem = render_problem
    blueprint = current_app.blueprints[request.blueprint or ""]
    request.max_content_length = getattr(blueprint, "max_bytes", MAX_FORM_BYTES)
    request.max_form_memory_size = MAX_FORM_BYTES
    if request.method not in {"GET", "HEAD"}:
        check_origin()


def require_session() -> AnyResponse | None:
    """Before a request: lead who has not signed in to where that is done."""
    if current_session() is None:
        return sign_in_first()
    try:
        g.editor = authenticated_editor()
    except Forbidden:  # the page is of an earlier session of this browser
        if not sent_fields():
            raise
        return make_response(send_again_page())
    return None


def sign_in_first() -> AnyResponse:
    """Lead to where people sign in, and from there back; what was typed waits on the page."""
    if sent_fields():
        return make_response(ended_page())
    is_page = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    target = quote(request.path) if is_page else HOME  # what only takes a form shows nothing
    if request.method == "GET" and request.query_string:
        target += f"?{request.query_string.decode('ascii', 'replace')}"
    return redirect(link(SIGN_IN, {"next": target} if target != HOME else {}), 303)


def own_path(target: str) -> str:
    """The path at the desk that `next` names; that of the desk itself when it is no such path."""
    path = target.partition("?")[0]
    is_plain = target.isascii() and target.isprintable() and "\\" not in target
    if {".", ".."} & set(unquote(path).split("/")):  # browsers would go up by these
        return HOME
    if is_plain and (path == HOME or path.startswith(f"{HOME}/")):
        return target
    return HOME


def seal(response: Response) -> Response:
    """After a request: no cache and no search engine keeps it; our forms say where they are from.

    Browsers write `Origin: null` on a form of a page that has `no-referrer`.
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _path_of_new_id(location: str) -> str:
    """This page, of the thing that an address of the API leads to."""
    folder, former = request.path.removeprefix(f"{HOME}/").split("/")[:2]
    collection = next(
        kind.collection for kind in EDITABLE_KINDS if kind.page_path.strip("/") == folder
    )
    new_id = urlsplit(location).path.partition(f"/{collection}/")[2].split("/")[0]
    return request.path.replace(f"/{former}", f"/{new_id}", 1)


def refuse(problem: ApiProblem) -> AnyResponse | tuple[str, int, Any]:
    """What a page needed and the API refused, as a page; or sign in again when that is why.

    The page of a thing that has another id now leads to the same page there.
    """
    response = problem.response
    if response.status == HTTPStatus.UNAUTHORIZED:
        return sign_in_first()
    if response.status in MOVED:
        path = link(_path_of_new_id(response.headers["Location"]))
        return redirect(path, 301 if request.method == "GET" else 303)
    waits = {name: response.headers[name] for name in ("Retry-After",) if name in response.headers}
    return render_problem(response.json), response.status, waits
