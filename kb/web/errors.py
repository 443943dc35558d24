"""Problems as application/problem+json (RFC 9457), or as a page for a person."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, g, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from kb import input_errors, problems
from kb.input_errors import MAX_ERRORS, InputError, Mistake
from kb.problems import Problem
from kb.services import services
from kb.web.addresses import public_address
from kb.web.negotiation import wants_page
from kb.web.request_ids import request_id
from kb.web.wsgi import NO_ROUTE, PROBLEM, method_of

CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
log = logging.getLogger("kb.web")


def problem_response(problem: Problem) -> Response:
    """The problem as application/problem+json, or as a page for a person."""
    has_proxy = bool(services().settings.trusted_proxies)
    g.problem_id = f"urn:uuid:{request_id(request.environ, has_proxy=has_proxy)}"
    request.environ[PROBLEM] = problem.name
    body: dict[str, Any] = {
        "type": public_address(f"/problems/{problem.name}"),
        "title": gettext(problem.title),
        "status": problem.status,
        "detail": translated(problem.detail, problem.values),
        "instance": g.problem_id,
        **problem.extra,
    }
    if isinstance(problem, problems.InvalidInput):
        body["errors"] = [error_item(each) for each in problem.errors[:MAX_ERRORS]]
        body["errorCount"] = len(problem.errors)
    level = logging.ERROR if problem.status >= 500 else logging.INFO
    route = request.url_rule.rule if request.url_rule else NO_ROUTE
    fields = {"problem": problem.name, "status": problem.status}
    text = "%s %s %s %s"
    parts = (g.problem_id, problem.name, method_of(request.environ), route)
    log.log(level, text, *parts, extra={"fields": fields})
    if wants_page():
        render = g.get("render_problem") or services().render_problem
        page: str = render(body)
        response = Response(page, problem.status, mimetype="text/html")
    else:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        response = Response(text, problem.status, mimetype="application/problem+json")
    response.headers.extend(problem.headers)
    return response


def translated(text: str, values: Mapping[str, Any]) -> str:
    """A marked text in the language of the request, with its values in place.

    Control characters in them are escaped: what somebody sent may have any.
    """
    translation: str = gettext(text)
    shown = {name: _escaped(v) if isinstance(v, str) else v for name, v in values.items()}
    return translation % shown if shown else translation


def _escaped(text: str) -> str:
    return CONTROL_CHARACTER.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def mistake_text(mistake: Mistake) -> str:
    """What a mistake's text says, in the language of the request."""
    values = dict(mistake.values)
    for name, texts in (("expected", input_errors.EXPECTED), ("reason", input_errors.REASONS)):
        if values.get(name) in texts:
            values[name] = translated(texts[values[name]], values)
    return translated(input_errors.detail_of(mistake), values)


def error_item(error: InputError) -> dict[str, Any]:
    """One of `errors` in a problem, without the keys that have nothing to say."""
    mistake = error.mistake
    item = {
        "in": error.location,
        "pointer" if error.location == "body" else "name": error.where,
        "code": mistake.code,
        "detail": mistake_text(mistake),
        "suggestion": mistake.suggestion,
        "allowed": mistake.allowed and public_address(mistake.allowed),
    }
    return {key: value for key, value in item.items() if value is not None}


def http_error_response(error: HTTPException) -> Response:
    """Turn what Flask and Werkzeug raise into a problem of ours."""
    if error.code is not None and error.code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect
    problem_types: dict[int, type[Problem]] = {
        404: problems.NotFound,
        405: problems.MethodNotAllowed,
        406: problems.NotAcceptable,
        413: problems.TooLarge,
        415: problems.UnsupportedMediaType,
    }
    if error.code in problem_types:
        problem = problem_types[error.code]()
    elif error.code is not None and error.code < 500:
        problem = problems.InvalidInput(list(_unreadable_json(error)))
    else:
        return server_error_response(error)
    if error.code == 405:
        allowed = getattr(error, "valid_methods", None) or ()
        problem.headers["Allow"] = ", ".join(sorted(allowed))
    return problem_response(problem)


def _unreadable_json(error: HTTPException) -> Iterator[InputError]:
    """What is wrong with the JSON of the body, if that is what Flask could not read."""
    if isinstance(error.__context__, ValueError) and request.is_json:
        mistake = Mistake("invalid-json", {"reason": str(error.__context__)[:200]})
        yield InputError(mistake, "body", "")


def server_error_response(error: Exception) -> Response:
    """500 for what we did not foresee; the log has the details under the same number."""
    response = problem_response(Problem())
    log.error("%s", g.problem_id, exc_info=error)
    return response
