"""Our dialect of HTTP: problem+json, strict queries, languages, ETags, CORS and versions.

The rules come from the Dutch API Design Rules (Logius, 2.x); views hear nothing of them.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Flask, Request, Response, current_app, g, request
from flask_babel import Babel, get_locale, gettext
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from kb import problems
from kb.problems import Misplaced, Mistake, Problem, nearest
from schemas.base import mistakes

API_VERSION = "1.0.0"
PUBLIC_CACHE = "public, max-age=60, stale-while-revalidate=600"
CACHED_PREFIXES = ("/v1/", "/problems/", "/docs")
EXPOSED = "API-Version, ETag, Link, Retry-After, Content-Language, Location"
log = logging.getLogger("kb")


class QueryParser(FlaskParser):
    """Bad input is 400 with every mistake, unknown and repeated parameters among them."""

    DEFAULT_VALIDATION_STATUS = 400

    def parse(self, argmap: Any, req: Request | None = None, **options: Any) -> Any:
        """Parse as webargs does, and refuse a single-valued parameter that was given twice."""
        parsed = super().parse(argmap, req, **options)
        if options.get("location") == "query":
            schema = self._get_schema(argmap, req or request)
            if repeated := list(_repeated(schema)):
                raise problems.InvalidInput(repeated)
        return parsed

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise InvalidInput with all mistakes, each in its place."""
        found = []
        trees: dict[str, Any] = error.messages_dict
        for location, tree in trees.items():
            for pointer, mistake in mistakes(tree, schema):
                found.append(_placed(location, pointer, mistake, schema))
        if "query" in trees:
            found += _repeated(schema)
        raise problems.InvalidInput(found) from error


def _placed(location: str, pointer: str, mistake: Mistake, schema: Schema) -> Misplaced:
    if location != "query":
        return Misplaced(mistake, "body" if location == "json" else location, pointer)
    name = pointer.split("/")[1] if pointer else ""
    name = name.replace("~1", "/").replace("~0", "~")
    if mistake.code == "unknown-key":
        near = nearest(name, _parameters(schema))
        mistake = Mistake("unknown-parameter", {"value": name[:80]}, near)
    return Misplaced(mistake, "query", name[:200])


def _parameters(schema: Schema) -> dict[str, fields.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.fields.items()}


def _repeated(schema: Schema) -> Iterator[Misplaced]:
    """Single-valued parameters that the query gives more than once."""
    for name, field in _parameters(schema).items():
        many = isinstance(field, fields.List) and not getattr(field, "choices", None)
        if not many and len(request.args.getlist(name)) > 1:
            yield Misplaced(Mistake("repeated"), "query", name)


def strictly(schema: type[Schema]) -> Any:
    """The query of this request, parsed strictly; for views outside flask-smorest."""
    return QueryParser().parse(schema, request, location="query")


class Blueprint(SmorestBlueprint):
    """A room's routes, parsed strictly."""

    ARGUMENTS_PARSER = QueryParser()


class Api(SmorestApi):
    """flask-smorest without its error handlers: ours answer everything."""

    def _register_error_handlers(self) -> None:
        """Leave errors to `kb.web`."""


class SlugConverter(BaseConverter):
    """An id in a path; neither `_validate` nor an empty one."""

    regex = r"[^/_][^/]*"


def init_app(app: Flask) -> None:
    """Teach an app our dialect."""
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.url_map.converters["slug"] = SlugConverter
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    Babel(app, default_locale="nl", locale_selector=_choose_language)
    app.before_request(_refuse_what_we_cannot_give)
    app.after_request(_finish)
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_accident)


def _choose_language() -> str:
    asked = request.args.get("lang", "")
    if asked in {"nl", "en"}:
        return asked
    return request.accept_languages.best_match(["nl", "en"], default="nl")


def wants_page() -> bool:
    """Whether this request is of a person in a browser rather than of a program."""
    best = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return best == "text/html" and not request.path.startswith(("/v1/", "/health/"))


def _refuse_what_we_cannot_give() -> None:
    """406 for who accepts neither JSON nor anything else that we have."""
    if request.path.startswith(("/v1/", "/health/")) and request.accept_mimetypes:
        offered = ["application/json", "application/problem+json"]
        if request.accept_mimetypes.best_match(offered) is None:
            raise problems.NotAcceptable(offered="application/json")


def _finish(response: Response) -> Response:
    """Headers that every answer carries, and 304 for who has this very answer already."""
    response.headers["API-Version"] = API_VERSION
    response.headers["X-Content-Type-Options"] = "nosniff"
    locale = get_locale()
    response.headers["Content-Language"] = locale.language if locale else "nl"
    response.vary.update(["Accept", "Accept-Language"])
    if request.path.startswith("/v1/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
            response.headers["Access-Control-Allow-Headers"] = (
                "Accept, Accept-Language, If-None-Match"
            )
            response.headers["Access-Control-Max-Age"] = "86400"
    if request.method in {"GET", "HEAD"} and response.status_code == 200:
        if request.path.startswith(CACHED_PREFIXES):
            response.headers["Cache-Control"] = PUBLIC_CACHE
            if not response.direct_passthrough:
                response.add_etag()
                response.make_conditional(request)
        else:
            response.headers.setdefault("Cache-Control", "no-store")
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def public_address(path: str = "") -> str:
    """The absolute address of a path of ours, as the outside world reaches it."""
    return f"{current_app.config['KB_PUBLIC_URL']}{path}"


def answer_problem(problem: Problem) -> Response:
    """The problem as application/problem+json, or as a page for a person."""
    g.problem_id = f"urn:uuid:{uuid.uuid4()}"
    body: dict[str, Any] = {
        "type": public_address(f"/problems/{problem.name}"),
        "title": gettext(problem.title),
        "status": problem.status,
        "detail": translated(problem.detail, problem.values),
        "instance": g.problem_id,
        **problem.extra,
    }
    if isinstance(problem, problems.InvalidInput):
        body["errors"] = [_told(misplaced) for misplaced in problem.mistakes]
    if problem.status >= 500:
        log.error("%s %s %s", g.problem_id, request.method, request.path)
    else:
        log.info("%s %s %s: %s", g.problem_id, request.method, request.path, problem)
    if wants_page():
        page: str = current_app.extensions["kb.problem_page"](body)
        response = Response(page, problem.status, mimetype="text/html")
    else:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        response = Response(text, problem.status, mimetype="application/problem+json")
    response.headers.extend(problem.headers)
    return response


def translated(text: str, values: Mapping[str, Any]) -> str:
    """A marked text in the language of the request, with its values in place."""
    translation: str = gettext(text)
    return translation % values if values else translation


def detail_of(mistake: Mistake) -> str:
    """What a mistake's text says, in the language of the request."""
    values = dict(mistake.values)
    for name, known in (("expected", problems.EXPECTED), ("reason", problems.REASONS)):
        if values.get(name) in known:
            values[name] = gettext(known[values[name]])
    return translated(problems.DETAILS[mistake.code], values)


def _told(misplaced: Misplaced) -> dict[str, Any]:
    """One of `errors`, without the keys that have nothing to say."""
    mistake = misplaced.mistake
    where = "pointer" if misplaced.location == "body" else "name"
    told = {
        "in": misplaced.location,
        where: misplaced.where,
        "code": mistake.code,
        "detail": detail_of(mistake),
        "suggestion": mistake.suggestion,
        "allowed": mistake.allowed and public_address(mistake.allowed),
    }
    return {key: value for key, value in told.items() if value is not None}


def _answer_http_error(error: HTTPException) -> Response:
    """Turn what Flask and Werkzeug raise into a problem of ours."""
    if error.code is not None and error.code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect
    known: dict[int, type[Problem]] = {
        404: problems.NotFound,
        405: problems.MethodNotAllowed,
        406: problems.NotAcceptable,
        413: problems.TooLarge,
        415: problems.UnsupportedMediaType,
    }
    if error.code in known:
        problem = known[error.code]()
    elif error.code is not None and error.code < 500:
        problem = problems.InvalidInput([], error.description)
    else:
        return _answer_accident(error)
    if error.code == 405:
        allowed = getattr(error, "valid_methods", None) or ()
        problem.headers["Allow"] = ", ".join(sorted(allowed))
    return answer_problem(problem)


def _answer_accident(error: Exception) -> Response:
    """500 for what we did not foresee; the log has the details under the same number."""
    response = answer_problem(Problem())
    log.error("%s", g.problem_id, exc_info=error)
    return response
