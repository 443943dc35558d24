"""Our dialect of HTTP: problem+json, strict queries, languages, ETags, CORS and versions.

The rules come from the Dutch API Design Rules (Logius, 2.x); views hear nothing of them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, NoReturn
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from flask import Flask, Request, Response, current_app, g, request
from flask_babel import Babel, get_locale, gettext
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from kb import problems
from kb.header_room import fit_links
from kb.negotiation import best_of
from kb.problems import MOST_ERRORS, Misplaced, Mistake, Problem, nearest
from schemas.base import camel, made_once, mistakes, printable

API_VERSION = "1.1.0"
PUBLIC_CACHE = "public, max-age=60, stale-while-revalidate=600"
CACHED_PREFIXES = ("/v1/", "/embed/", "/sitemap.xml", "/robots.txt", "/opensearch.xml", "/dcat")
CACHED_ROOMS = {"docs", "pages", "lists_to_read", "texts", "insluiten"}  # pages for everybody
OPEN_PREFIXES = ("/v1/", "/embed/", "/dcat")  # any website may read what stands here
SHARED_PREFIXES = (*OPEN_PREFIXES, "/static/")  # and show, or be made with
FOR_EVER = "public, max-age=31536000, immutable"
EXPOSED = (
    "API-Version, ETag, Link, Retry-After, Content-Language, Location, Row-Count, WWW-Authenticate"
)
ASKED_WITH = (  # headers that a script on any website may send
    "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
)
ALSO_JSON = ("application/problem+json", "application/json-patch+json")
LARGEST_BODY = 2**20  # bytes
SECURITY = {  # of every answer, as the API Design Rules ask
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' {ours}; frame-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
MEDIA = {  # the forms that `format` may ask for: their media type, and that with its parameters
    "json": ("application/json",) * 2,
    "atom": ("application/atom+xml",) * 2,
    "csv": ("text/csv", "text/csv; charset=utf-8; header=present"),
    "ndjson": ("application/x-ndjson",) * 2,
    "jsonld": ("application/ld+json",) * 2,
    "turtle": ("text/turtle", "text/turtle; charset=utf-8"),
    "bibtex": ("application/x-bibtex", "application/x-bibtex; charset=utf-8"),
    "ris": ("application/x-research-info-systems", "application/x-research-info-systems"),
}
FORM_OF = {media: form for form, (media, _) in MEDIA.items()}
log = logging.getLogger("kb.web")


class QueryParser(FlaskParser):
    """Bad input is 400 with every mistake, unknown and repeated parameters among them."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {  # type: ignore[misc]
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def parse(self, argmap: Any, req: Request | None = None, **options: Any) -> Any:
        """Parse as webargs does, and refuse a single-valued parameter that was given twice."""
        parsed = super().parse(argmap, req, **options)
        if options.get("location") == "query":
            schema = self._get_schema(argmap, req or request)
            if repeated := list(_repeated(schema)):
                raise problems.InvalidInput(repeated)
        return parsed

    def _get_schema(self, argmap: Any, req: Request) -> Schema:
        is_schema = isinstance(argmap, type) and issubclass(argmap, Schema)
        return made_once(argmap) if is_schema else super()._get_schema(argmap, req)

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
            repeated = {each.where: each for each in _repeated(schema)}
            found = [each for each in found if each.where not in repeated]
            found += repeated.values()
        raise problems.InvalidInput(found) from error


def _placed(location: str, pointer: str, mistake: Mistake, schema: Schema) -> Misplaced:
    if location != "query":
        return Misplaced(mistake, "body" if location == "json" else location, pointer)
    name = pointer.split("/")[1] if pointer else ""
    name = name.replace("~1", "/").replace("~0", "~")
    if mistake.code == "unknown-key":
        near = partial(nearest, name, tuple(_parameters(schema)))
        mistake = Mistake("unknown-parameter", {"value": name[:80]}, near)
    return Misplaced(mistake, "query", name[:200])


def _parameters(schema: Schema) -> dict[str, fields.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.fields.items()}


def _repeated(schema: Schema) -> Iterator[Misplaced]:
    """Single-valued parameters that the query gives more than once."""
    for name, field in _parameters(schema).items():
        if not isinstance(field, fields.List) and len(request.args.getlist(name)) > 1:
            yield Misplaced(Mistake("repeated"), "query", name)


class LenientParser(QueryParser):
    """For people: empty fields and parameters that it does not know are passed over."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {  # type: ignore[misc]
        **QueryParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": EXCLUDE,
    }

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The parameters that say something."""
        given = [pair for pair in req.args.items(multi=True) if pair[1].strip()]
        return self._makeproxy(MultiDict(given), schema)


def strictly(schema: type[Schema]) -> Any:
    """The query of this request, parsed strictly; for views outside flask-smorest."""
    return QueryParser().parse(schema, request, location="query")


def leniently(schema: type[Schema]) -> Any:
    """The query of this request as a page for people reads it; a wrong value is still told."""
    return LenientParser().parse(schema, request, location="query")


def named(query: dict[str, Any]) -> dict[str, Any]:
    """Parsed parameters by the names of the outside world."""
    return {
        {"keys": "fields"}.get(key, camel(key)): tuple(value) if isinstance(value, list) else value
        for key, value in query.items()
    }


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


class CountConverter(BaseConverter):
    """A number in a path, counted from 1, as people write it and databases hold it."""

    regex = r"[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


def init_app(app: Flask) -> None:
    """Teach an app our dialect."""
    app.jinja_env.globals["local_address"] = local_address
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.converters |= {"slug": SlugConverter, "count": CountConverter}
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    Babel(app, default_locale="nl", locale_selector=_choose_language)
    log.setLevel(logging.INFO)  # who reports a problem by its number must find it in the log
    app.before_request(_check_text)
    app.before_request(_choose_form)
    app.after_request(_finish)
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, answer_accident)


def _check_text() -> None:
    """Programs send UTF-8 without NUL in the address. Raises InvalidInput with each place."""
    if not _is_for_programs():
        return
    wrong = []
    path = request.environ["PATH_INFO"].encode("latin-1")
    if not _is_text(path):
        wrong.append(Misplaced(_no_text(path), "path", printable(request.path)))
    for pair in request.query_string.split(b"&"):
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        if not _is_text(unquote_to_bytes(value)):
            shown = unquote_to_bytes(name).decode("utf-8", "replace")[:200]
            wrong.append(Misplaced(_no_text(unquote_to_bytes(value)), "query", shown))
    if wrong:
        raise problems.InvalidInput(wrong)


def _is_text(sent: bytes) -> bool:
    try:
        return "\0" not in sent.decode()
    except UnicodeDecodeError:
        return False


def _no_text(sent: bytes) -> Mistake:
    shown = printable(sent.decode("utf-8", "replace"))
    return Mistake("bad-format", {"value": shown, "expected": "characters"})


def _choose_language() -> str:
    asked = request.args.get("lang", "")
    if asked in {"nl", "en"}:
        return asked
    for accepted, quality in request.accept_languages:  # the dearest first
        spoken = accepted.partition("-")[0].lower()  # en-GB is English too
        if spoken in {"nl", "en"} and quality > 0:
            return spoken
    return "nl"


def _is_public_api() -> bool:
    """Whether this request is of the API, which any website may read."""
    return f"{request.path}/".startswith("/v1/")


def be_framed_by(ancestors: Iterable[str]) -> None:
    """Let these websites show the answer to this request in a frame: origins, or `*` for all."""
    g.frame_ancestors = " ".join(ancestors)


def _is_for_programs() -> bool:
    return _is_public_api() or request.path.startswith("/health/")


def wants_page() -> bool:
    """Whether this request is of a person in a browser rather than of a program."""
    best = best_of(("application/json", "text/html"), request.accept_mimetypes)
    return best == "text/html" and not _is_for_programs()


def forms_here() -> tuple[str, ...]:
    """The forms in which this address answers, the usual one first."""
    known: Mapping[str, tuple[str, ...]] = current_app.extensions.get("kb.forms", {})
    return known.get(request.endpoint or "", ("json",))


def _choose_form() -> None:
    """The form of the answer: `format` wins from Accept. 406 for who accepts nothing we have."""
    forms = forms_here()
    g.form = "json"
    asked = request.args.get("format")
    if asked in forms:
        g.form = asked
    elif _is_for_programs() and request.accept_mimetypes:
        offered = [MEDIA[form][0] for form in forms]
        best = best_of((*offered, *ALSO_JSON), request.accept_mimetypes)
        if best is None:
            raise problems.NotAcceptable(offered=", ".join(offered))
        g.form = FORM_OF.get(best, "json")


def in_form(kind: str, found: Any) -> Any:
    """A thing as it is, to tell in JSON; or what it is in the form that was chosen."""
    return found if g.form == "json" else current_app.extensions["kb.write_thing"](kind, found)


def tell_other_forms(response: Response) -> None:
    """Link to the same thing in its other forms."""
    forms = forms_here()
    if len(forms) == 1 or any(
        'rel="alternate"' in link for link in response.headers.getlist("Link")
    ):
        return
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] != "format"]
    for form in forms:
        if form != g.form:
            query = urlencode([*pairs, ("format", form)], quote_via=quote)
            href = f"{public_address(quote(request.path))}?{query}"
            response.headers.add("Link", f'<{href}>; rel="alternate"; type="{MEDIA[form][0]}"')


def keep_when_finished(keep: Callable[[Response], None]) -> None:
    """Let `keep` have the answer to this request with all its headers, if it is a good one."""
    g.keep = keep


def send_again(body: bytes, headers: Iterable[tuple[str, str]]) -> Response:
    """An answer that was finished before."""
    g.is_finished = True
    return Response(body, headers=list(headers))


def is_finished() -> bool:
    """Whether the answer to this request has all its headers already."""
    return "is_finished" in g


def _finish(response: Response) -> Response:
    """Headers that every answer carries, and 304 for who has this very answer already."""
    if is_finished():
        return response.make_conditional(request)  # type: ignore[return-value]
    response.headers["API-Version"] = API_VERSION
    response.headers.setdefault("Content-Language", _language())
    response.vary.update(["Accept", "Accept-Language"])
    _secure(response)
    if request.path.startswith(OPEN_PREFIXES) or _is_public_api():
        _open_to_all(response)
    asked = request.method in {"GET", "HEAD"} and response.status_code in {200, 304}
    asked = asked and "Cache-Control" not in response.headers  # what is for editors alone
    public = request.path.startswith(CACHED_PREFIXES) or request.blueprint in CACHED_ROOMS
    if asked and public:
        tell_other_forms(response)
    fit_links(response.headers)
    if asked and public:
        response.headers["Cache-Control"] = PUBLIC_CACHE
        if not (response.direct_passthrough or response.is_streamed):
            add_etag(response)
            if "keep" in g and response.status_code == 200:
                g.keep(response)
        if response.get_etag()[0]:
            response.make_conditional(request)
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else "nl"


def _secure(response: Response) -> None:
    """What a browser may do with this answer: for data nothing, for pages what is our own."""
    ours = urlsplit(current_app.config["KB_PUBLIC_URL"])
    policy = PAGE if response.mimetype == "text/html" else NOTHING
    headers = {**SECURITY, "Content-Security-Policy": policy.format(ours=f"{ours[0]}://{ours[1]}")}
    if ancestors := g.get("frame_ancestors"):
        headers["Content-Security-Policy"] = headers["Content-Security-Policy"].replace(
            "frame-ancestors 'none'", f"frame-ancestors {ancestors}"
        )
        del headers["X-Frame-Options"]  # it knows no list, and would forbid what this allows
    if response.mimetype == "text/html":  # who opened this page learns nothing of it
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.path.startswith(SHARED_PREFIXES):  # cross-origin isolated pages may use it too
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if ancestors and response.mimetype == "text/html":
            headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    if ours.scheme == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    for name, value in headers.items():
        response.headers.setdefault(name, value)


def _open_to_all(response: Response) -> None:
    """Any website may read this, also before it asks."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
        response.headers["Access-Control-Allow-Headers"] = ASKED_WITH
        response.headers["Access-Control-Max-Age"] = "86400"


def add_etag(response: Response) -> None:
    """A strong ETag, if it has none; the same text in another language is another answer."""
    if response.get_etag()[0]:
        return
    told_in = response.headers.get("Content-Language") or _language()
    seen = hashlib.sha256(f"{told_in} {response.mimetype}".encode())
    seen.update(response.get_data())
    response.set_etag(seen.hexdigest()[:40])


def local_address(path: str) -> str:
    """A path of ours as a page links to it: below the path of KB_PUBLIC_URL, if that has one."""
    below: str = urlsplit(current_app.config["KB_PUBLIC_URL"]).path
    return f"{below}{path}"


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
        body["errors"] = [told_mistake(each) for each in problem.mistakes[:MOST_ERRORS]]
        body["errorCount"] = len(problem.mistakes)
    level = logging.ERROR if problem.status >= 500 else logging.INFO
    place = quote(request.path)[:500]  # nobody forges lines of the log
    whence = f" from {request.remote_addr}" if problem.status == 401 else ""
    log.log(level, "%s %s %r %s%s", g.problem_id, problem.name, request.method, place, whence)
    if wants_page():
        show = g.get("problem_page") or current_app.extensions["kb.problem_page"]
        page: str = show(body)
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


def told_mistake(misplaced: Misplaced) -> dict[str, Any]:
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
        problem = problems.InvalidInput(list(_what_could_not_be_read(error)))
    else:
        return answer_accident(error)
    if error.code == 405:
        allowed = getattr(error, "valid_methods", None) or ()
        problem.headers["Allow"] = ", ".join(sorted(allowed))
    return answer_problem(problem)


def _what_could_not_be_read(error: HTTPException) -> Iterator[Misplaced]:
    """JSON that is none, or a request that is not one."""
    if isinstance(error.__context__, ValueError) and request.is_json:
        mistake = Mistake("invalid-json", {"reason": str(error.__context__)[:200]})
        yield Misplaced(mistake, "body", "")


def answer_accident(error: Exception) -> Response:
    """500 for what we did not foresee; the log has the details under the same number."""
    response = answer_problem(Problem())
    log.error("%s", g.problem_id, exc_info=error)
    return response
